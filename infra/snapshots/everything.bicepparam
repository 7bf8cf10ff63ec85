using '../main.bicep'

// Every parameter away from its default, but for an existing lake.
param workspaceResourceId = '/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/monitoring/providers/Microsoft.OperationalInsights/workspaces/shared'
param fileSystemName = 'raw'
param sinkPrefix = 'telemetry/app'
param lakeSku = 'Standard_ZRS'
param partRetentionDays = 400

param exports = ['requests', 'pageViews']
param exportQueries = {
  requests: {
    kql: 'AppRequests | where Success == false'
    schedule: '30 */10 * * * *'
  }
  pageViews: {
    schedule: '45 */10 * * * *'
  }
  // Not among the exports, so it adds one.
  slowRequests: {
    kql: 'AppRequests | where DurationMs > 1000'
  }
}
param exportSchedule = '0 */10 * * * *'
param exportLagMinutes = 10
param exportLookbackHours = 24
param exportWindowMinutes = 30
param exportBudgetSeconds = 300
param exportQueriesAtOnce = 3
param exportCompression = 'zstd'
param logsEndpoint = 'https://api.loganalytics.us/v1'

param location = 'usgovvirginia'
param namePrefix = 'contoso-lift'
param tags = { owner: 'platform' }
param instanceMemoryMb = 512
param maximumInstanceCount = 100
param ownTelemetryRetentionDays = 90

param privateNetworking = true
param virtualNetworkAddressPrefix = '10.20.30.0/25'
param monitorPrivateLinkScopeResourceId = '/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/monitoring/providers/Microsoft.Insights/privateLinkScopes/shared'
param monitorPrivateDnsZones = [
  'privatelink.monitor.azure.us'
  'privatelink.adx.monitor.azure.us'
  'privatelink.oms.opinsights.azure.us'
  'privatelink.ods.opinsights.azure.us'
  'privatelink.agentsvc.azure-automation.us'
]

param alertEmail = 'platform@contoso.example'
param alertActionGroupIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/monitoring/providers/Microsoft.Insights/actionGroups/oncall'
]
param alertLagMinutes = 45
param alertWindowMinutes = 60
