metadata description = 'The exporter\'s own Application Insights, in a workspace of its own: what it logs never enters what it exports.'

import { roles } from 'types.bicep'

@description('Name of both resources.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Resource id of an existing workspace to use. Empty: a new one is made here.')
param existingWorkspaceId string

@description('Takes telemetry through an Azure Monitor Private Link Scope only.')
param isPrivate bool

@description('Principal id of the exporter\'s identity. Empty: it gets no role here.')
param principalId string

var hasNewWorkspace = empty(existingWorkspaceId)

// No retention: its default of 30 days has no effect on the tables of Application Insights, which keep 90 days at no charge.
resource newWorkspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = if (hasNewWorkspace) {
  name: name
  location: location
  tags: tags
  properties: {
    features: { disableLocalAuth: true }
    publicNetworkAccessForIngestion: isPrivate ? 'Disabled' : 'Enabled'
    publicNetworkAccessForQuery: 'Enabled'
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
    WorkspaceResourceId: hasNewWorkspace ? newWorkspace.id : existingWorkspaceId
    publicNetworkAccessForIngestion: isPrivate ? 'Disabled' : 'Enabled'
    publicNetworkAccessForQuery: 'Enabled'
  }
}

resource role 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(principalId)) {
  name: guid(applicationInsights.id, principalId, roles.monitoringMetricsPublisher)
  scope: applicationInsights
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.monitoringMetricsPublisher
    )
  }
}

@description('Resource id of the workspace that alerts and workbook read.')
output workspaceId string = hasNewWorkspace ? newWorkspace.id : existingWorkspaceId

@description('Resource id of the Application Insights resource.')
output applicationInsightsId string = applicationInsights.id

@description('Says where telemetry goes. Sending takes the identity\'s role as well: local authentication is off.')
output applicationInsightsConnectionString string = applicationInsights.properties.ConnectionString
