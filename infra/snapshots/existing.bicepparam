using '../main.bicep'

// Lake, workspaces and a workspace for the exporter's own telemetry are there already, in subscriptions of their own.
param workspaceResourceId = '/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/monitoring/providers/Microsoft.OperationalInsights/workspaces/shared'
param moreWorkspaceResourceIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000004/resourceGroups/factory/providers/Microsoft.OperationalInsights/workspaces/factory'
]
param lakeResourceId = '/subscriptions/00000000-0000-0000-0000-000000000003/resourceGroups/data/providers/Microsoft.Storage/storageAccounts/contosolake'
param fileSystemName = 'raw'
param sinkPrefix = 'telemetry/app'
param ownWorkspaceResourceId = '/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/monitoring/providers/Microsoft.OperationalInsights/workspaces/platform'

// Must change nothing: an account has one lifecycle policy, and this account's is not ours.
param partRetentionDays = 30
param lakeLock = true

// Spelt in another way than the table's export.
param exports = ['requests', 'pageviews']
