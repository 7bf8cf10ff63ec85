metadata description = 'Lets the exporter query a workspace.'

@description('Name of the Log Analytics workspace in this module\'s resource group.')
param workspaceName string

@description('Principal id of the exporter\'s identity.')
param principalId string

// Log Analytics Data Reader
var roleId = '3b03c2da-16b3-4a49-8834-0f8130efdd3b'

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

resource role 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(workspace.id, principalId, roleId)
  scope: workspace
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
  }
}

@description('The workspace id (GUID) that queries go to.')
output workspaceCustomerId string = workspace.properties.customerId
