using '../main.bicep'

// Storage through private endpoints only, Logs through its public address. A second exporter in the resource group of newLake.
param workspaceResourceId = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/exporter/providers/Microsoft.OperationalInsights/workspaces/telemetry'
param namePrefix = 'monitorlift-private'
param privateNetworking = true
