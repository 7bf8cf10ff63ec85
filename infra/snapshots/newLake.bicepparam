using '../main.bicep'

// What a first deployment gives: the one required parameter, a new lake, a workspace in the same resource group.
param workspaceResourceId = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/exporter/providers/Microsoft.OperationalInsights/workspaces/telemetry'
