metadata description = 'The exporter\'s own Application Insights, in a workspace of its own: what it logs never enters what it exports.'

@description('Name of both resources.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('How long telemetry is kept, in days.')
param retentionDays int

@description('Takes telemetry through an Azure Monitor Private Link Scope only.')
param isPrivate bool

@description('Principal id of the exporter\'s identity.')
param principalId string

// Monitoring Metrics Publisher
var roleId = '3913510d-42f4-4e42-8a64-420c390055eb'

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    features: { disableLocalAuth: true }
    publicNetworkAccessForIngestion: isPrivate ? 'Disabled' : 'Enabled'
    publicNetworkAccessForQuery: 'Enabled'
    retentionInDays: retentionDays
    sku: { name: 'PerGB2018' }
  }
}

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' = {
  name: name
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    DisableLocalAuth: true
    IngestionMode: 'LogAnalytics'
    WorkspaceResourceId: workspace.id
    publicNetworkAccessForIngestion: isPrivate ? 'Disabled' : 'Enabled'
    publicNetworkAccessForQuery: 'Enabled'
  }
}

resource role 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(applicationInsights.id, principalId, roleId)
  scope: applicationInsights
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
  }
}

@description('Resource id of the workspace that alerts and workbook read.')
output workspaceId string = workspace.id

@description('Resource id of the Application Insights resource.')
output applicationInsightsId string = applicationInsights.id

@description('Says where telemetry goes. Sending takes the identity\'s role as well: local authentication is off.')
output applicationInsightsConnectionString string = applicationInsights.properties.ConnectionString
