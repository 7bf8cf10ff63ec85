using '../main.bicep'

// Lake and workspace are there already, each in a subscription of its own.
param workspaceResourceId = '/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/monitoring/providers/Microsoft.OperationalInsights/workspaces/shared'
param lakeResourceId = '/subscriptions/00000000-0000-0000-0000-000000000003/resourceGroups/data/providers/Microsoft.Storage/storageAccounts/contosolake'
param fileSystemName = 'raw'
param sinkPrefix = 'telemetry/app'

// Must change nothing: an account has one lifecycle policy, and this account's is not ours.
param partRetentionDays = 30
