metadata description = 'A virtual network for the function app, and private endpoints for all that it talks to.'

@description('Name of the virtual network; the endpoints\' names begin with it.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Address range of the virtual network.')
param addressPrefix string

@description('Resource id of the lake.')
param lakeId string

@description('Resource id of the host\'s storage account.')
param hostStorageId string

@description('Resource id of an existing Azure Monitor Private Link Scope. Empty: none.')
param monitorPrivateLinkScopeId string

@description('Private DNS zones of Azure Monitor.')
param monitorPrivateDnsZones string[]

var blobZone = 'privatelink.blob.${environment().suffixes.storage}'
var dfsZone = 'privatelink.dfs.${environment().suffixes.storage}'
var hasScope = !empty(monitorPrivateLinkScopeId)
var zoneNames = concat([blobZone, dfsZone], hasScope ? monitorPrivateDnsZones : [])
var halfLength = int(split(addressPrefix, '/')[1]) + 1

// The lake needs both: files are written through `dfs` and read through `blob`.
var storageEndpoints = [
  { name: 'lake-blob', targetId: lakeId, groupId: 'blob', zoneNames: [blobZone] }
  { name: 'lake-dfs', targetId: lakeId, groupId: 'dfs', zoneNames: [dfsZone] }
  { name: 'host-blob', targetId: hostStorageId, groupId: 'blob', zoneNames: [blobZone] }
]
// Azure Monitor keeps its solution packs in blobs, so its endpoint wants the blob zone too.
var monitorEndpoints = [
  {
    name: 'monitor'
    targetId: monitorPrivateLinkScopeId
    groupId: 'azuremonitor'
    zoneNames: concat(monitorPrivateDnsZones, [blobZone])
  }
]
var endpoints = concat(storageEndpoints, hasScope ? monitorEndpoints : [])

resource virtualNetwork 'Microsoft.Network/virtualNetworks@2025-01-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [addressPrefix] }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, halfLength, 0)
          // Without a private link scope, Logs is reached through its public address.
          defaultOutboundAccess: true
          delegations: [
            {
              name: 'functions'
              properties: { serviceName: 'Microsoft.App/environments' }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, halfLength, 1)
          defaultOutboundAccess: false
        }
      }
    ]
  }

  resource appSubnet 'subnets' existing = {
    name: 'app'
  }

  resource endpointSubnet 'subnets' existing = {
    name: 'endpoints'
  }
}

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zoneName in zoneNames: {
    name: zoneName
    location: 'global'
    tags: tags
  }
]

resource zoneLinks 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zoneName, index) in zoneNames: {
    parent: zones[index]
    name: name
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: { id: virtualNetwork.id }
    }
  }
]

// One after the other: an account takes one change of its endpoints at a time.
@batchSize(1)
resource privateEndpoints 'Microsoft.Network/privateEndpoints@2025-01-01' = [
  for endpoint in endpoints: {
    name: '${name}-${endpoint.name}'
    location: location
    tags: tags
    properties: {
      customNetworkInterfaceName: '${name}-${endpoint.name}'
      subnet: { id: virtualNetwork::endpointSubnet.id }
      privateLinkServiceConnections: [
        {
          name: endpoint.name
          properties: {
            privateLinkServiceId: endpoint.targetId
            groupIds: [endpoint.groupId]
          }
        }
      ]
    }
  }
]

resource zoneGroups 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-01-01' = [
  for (endpoint, index) in endpoints: {
    parent: privateEndpoints[index]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: map(endpoint.zoneNames, zoneName => {
        name: replace(zoneName, '.', '-')
        properties: { privateDnsZoneId: resourceId('Microsoft.Network/privateDnsZones', zoneName) }
      })
    }
    dependsOn: [zones]
  }
]

@description('Resource id of the subnet for the function app. Known once all endpoints and names are there.')
output appSubnetId string = virtualNetwork::appSubnet.id
