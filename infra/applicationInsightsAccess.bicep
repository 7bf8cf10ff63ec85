metadata description = 'An existing Application Insights resource for the exporter\'s own telemetry, and the role to send to it.'

import { roles } from 'types.bicep'

@description('Name of the Application Insights resource in this module\'s resource group.')
param name string

@description('Principal id of the exporter\'s identity.')
param principalId string

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: name
}

resource role 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
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
