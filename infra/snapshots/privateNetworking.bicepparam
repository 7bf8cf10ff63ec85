using '../main.bicep'

// Storage through private endpoints only, Logs through its public address.
param workspaceResourceId = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/exporter/providers/Microsoft.OperationalInsights/workspaces/telemetry'
param privateNetworking = true
