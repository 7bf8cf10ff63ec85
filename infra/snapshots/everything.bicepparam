using '../main.bicep'

// Every parameter away from its default, but for what is there already: brought.bicepparam.
param workspaceResourceId = '/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/monitoring/providers/Microsoft.OperationalInsights/workspaces/shared'
param fileSystemName = 'raw'
param sinkPrefix = 'telemetry/app'
param lakeSku = 'Standard_ZRS'
param partRetentionDays = 400
param softDeleteDays = 0
param lakeLock = true

param exports = ['requests', 'pageViews']
param exportQueries = {
  requests: {
    kql: 'AppRequests | where Success == false'
    schedule: '30 */10 * * * *'
  }
  pageViews: {
    schedule: '45 */10 * * * *'
    source: '00000000-0000-0000-0000-000000000003'
  }
  // Not among the exports, so it adds one.
  slowRequests: {
    kql: 'AppRequests | where DurationMs > 1000'
  }
}
param settings = {
  EXPORT_SCHEDULE: '0 */10 * * * *'
  EXPORT_LAG_MINUTES: 10
  EXPORT_LOOKBACK_HOURS: 24
  EXPORT_WINDOW_MINUTES: 30
  EXPORT_BUDGET_SECONDS: 300
  EXPORT_QUERIES: 3
  EXPORT_AUDIT_HOURS: 12
  EXPORT_FORMAT: 'jsonl'
  EXPORT_COMPRESSION: 'zstd'
  REST_URL: 'https://rows.contoso.example/v1/rows'
  // An app has one of these two.
  REST_AUDIENCE: 'api://rows'
  REST_AUTHORIZATION: '@Microsoft.KeyVault(SecretUri=https://contoso.vault.azure.net/secrets/rows)'
  LOGS_ENDPOINT: 'https://api.loganalytics.us/v1'
}
param additionalSettings = {
  'AzureWebJobs.exportPageViews.Disabled': 'true'
  HTTPS_PROXY: 'http://proxy.contoso.example:8080'
}

param location = 'usgovvirginia'
param namePrefix = 'contoso-lift'
param tags = { owner: 'platform' }
param packageUri = 'https://contoso.example/monitorlift.zip'
param hosting = {
  nodeVersion: '22'
  instanceMemoryMb: 512
  maximumInstanceCount: 3
  alwaysReady: { requests: 1, PageViews: 2 }
  zoneRedundant: true
}
param diagnosticsWorkspaceResourceId = '/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/monitoring/providers/Microsoft.OperationalInsights/workspaces/audit'

param privateNetworking = true
param network = {
  addressPrefix: '10.20.30.0/25'
  monitorPrivateLinkScopeId: '/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/monitoring/providers/Microsoft.Insights/privateLinkScopes/shared'
  monitorDnsZones: [
    'privatelink.monitor.azure.us'
    'privatelink.adx.monitor.azure.us'
    'privatelink.oms.opinsights.azure.us'
    'privatelink.ods.opinsights.azure.us'
    'privatelink.agentsvc.azure-automation.us'
  ]
}

param alertEmail = 'platform@contoso.example'
param alerts = {
  actionGroupIds: [
    '/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/monitoring/providers/Microsoft.Insights/actionGroups/oncall'
  ]
  lagMinutes: 45
  windowMinutes: 60
}
