metadata description = 'Puts the exporter\'s own telemetry into an existing Azure Monitor Private Link Scope.'

@description('Name of the scope in this module\'s resource group.')
param name string

@description('Resource ids of the workspace and the Application Insights resource to add.')
param linkedResourceIds string[]

resource scope 'Microsoft.Insights/privateLinkScopes@2021-09-01' existing = {
  name: name
}

// One after the other: a scope takes one change at a time.
@batchSize(1)
resource scopedResources 'Microsoft.Insights/privateLinkScopes/scopedResources@2021-09-01' = [
  for linkedResourceId in linkedResourceIds: {
    parent: scope
    name: guid(scope.id, linkedResourceId)
    properties: { linkedResourceId: linkedResourceId }
  }
]
