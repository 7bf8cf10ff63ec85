using '../main.bicep'

// Everything that can be there already is: three workspaces, lake, identity, network, DNS zones, Application Insights. Whoever
// deploys may not grant roles.
param workspaceResourceId = '/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/monitoring/providers/Microsoft.OperationalInsights/workspaces/shared'
param moreWorkspaceResourceIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/monitoring/providers/Microsoft.OperationalInsights/workspaces/shop'
  '/subscriptions/00000000-0000-0000-0000-000000000004/resourceGroups/factory/providers/Microsoft.OperationalInsights/workspaces/factory'
]
param exportQueries = {
  shopRequests: {
    kql: 'AppRequests'
    source: '00000000-0000-0000-0000-00000000000a'
  }
}
param lakeResourceId = '/subscriptions/00000000-0000-0000-0000-000000000003/resourceGroups/data/providers/Microsoft.Storage/storageAccounts/contosolake'
param identityResourceId = '/subscriptions/00000000-0000-0000-0000-000000000003/resourceGroups/identities/providers/Microsoft.ManagedIdentity/userAssignedIdentities/exporter'
param applicationInsightsResourceId = '/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/monitoring/providers/Microsoft.Insights/components/platform'
param assignRoles = false

param privateNetworking = true
param network = {
  appSubnetId: '/subscriptions/00000000-0000-0000-0000-000000000005/resourceGroups/network/providers/Microsoft.Network/virtualNetworks/spoke/subnets/functions'
  endpointSubnetId: '/subscriptions/00000000-0000-0000-0000-000000000005/resourceGroups/network/providers/Microsoft.Network/virtualNetworks/spoke/subnets/endpoints'
  dnsZones: 'existing'
  dnsZonesResourceGroupId: '/subscriptions/00000000-0000-0000-0000-000000000006/resourceGroups/dns'
  lakeEndpoints: false
}
