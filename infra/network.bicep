metadata description = 'Private networking: a virtual network or given subnets, and private endpoints for all that the app talks to.'

import { networkSettings } from 'types.bicep'

@description('Name of the virtual network; the endpoints\' names begin with it.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('What is used in place of what would be made.')
param network networkSettings

@description('Resource id of the lake.')
param lakeId string

@description('Resource id of the host\'s storage account.')
param hostStorageId string

var blobZone = 'privatelink.blob.${environment().suffixes.storage}'
var dfsZone = 'privatelink.dfs.${environment().suffixes.storage}'
var appSubnetId = network.?appSubnetId ?? ''
var hasNewNetwork = empty(appSubnetId)
var hasLakeEndpoints = network.?lakeEndpoints ?? true
var monitorPrivateLinkScopeId = network.?monitorPrivateLinkScopeId ?? ''
var hasScope = !empty(monitorPrivateLinkScopeId)
var monitorZones = network.?monitorDnsZones ?? [
  'privatelink.monitor.azure.com'
  'privatelink.oms.opinsights.azure.com'
  'privatelink.ods.opinsights.azure.com'
  'privatelink.agentsvc.azure-automation.net'
]
var dnsZones = network.?dnsZones ?? 'new'
var zoneNames = concat([blobZone], hasLakeEndpoints ? [dfsZone] : [], hasScope ? monitorZones : [])
var zonesGroupId = dnsZones == 'existing' ? network.?dnsZonesResourceGroupId ?? '' : resourceGroup().id

// The lake needs both: files are written through `dfs` and read through `blob`.
var lakeEndpoints = [
  { name: 'lake-blob', targetId: lakeId, groupId: 'blob', zoneNames: [blobZone] }
  { name: 'lake-dfs', targetId: lakeId, groupId: 'dfs', zoneNames: [dfsZone] }
]
var hostEndpoints = [
  { name: 'host-blob', targetId: hostStorageId, groupId: 'blob', zoneNames: [blobZone] }
]
// Azure Monitor keeps its solution packs in blobs, so its endpoint wants the blob zone too.
var monitorEndpoints = [
  {
    name: 'monitor'
    targetId: monitorPrivateLinkScopeId
    groupId: 'azuremonitor'
    zoneNames: concat(monitorZones, [blobZone])
  }
]
var endpoints = concat(hasLakeEndpoints ? lakeEndpoints : [], hostEndpoints, hasScope ? monitorEndpoints : [])

// With a private link scope nothing that the exporter asks has a public address.
module virtualNetwork 'virtualNetwork.bicep' = if (hasNewNetwork) {
  name: '${name}-virtualNetwork'
  params: {
    name: name
    location: location
    tags: tags
    addressPrefix: network.?addressPrefix ?? '10.71.0.0/24'
    hasOutbound: !hasScope
  }
}

module zones 'privateDnsZones.bicep' = if (dnsZones == 'new') {
  name: '${name}-privateDnsZones'
  params: {
    names: zoneNames
    tags: tags
    linkName: name
    virtualNetworkId: hasNewNetwork ? virtualNetwork!.outputs.id : split(appSubnetId, '/subnets/')[0]
  }
}

// One after the other: an account takes one change of its endpoints at a time.
@batchSize(1)
resource privateEndpoints 'Microsoft.Network/privateEndpoints@2025-01-01' = [
  for endpoint in endpoints: {
    name: '${name}-${endpoint.name}'
    location: location
    tags: tags
    properties: {
      customNetworkInterfaceName: '${name}-${endpoint.name}'
      subnet: { id: hasNewNetwork ? virtualNetwork!.outputs.endpointSubnetId : network.?endpointSubnetId ?? '' }
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
  for (endpoint, index) in endpoints: if (dnsZones != 'none') {
    parent: privateEndpoints[index]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: map(endpoint.zoneNames, zoneName => {
        name: replace(zoneName, '.', '-')
        properties: { privateDnsZoneId: '${zonesGroupId}/providers/Microsoft.Network/privateDnsZones/${zoneName}' }
      })
    }
    dependsOn: [zones]
  }
]

@description('Resource id of the subnet for the function app. Known once all endpoints and names are there.')
output appSubnetId string = hasNewNetwork ? virtualNetwork!.outputs.appSubnetId : appSubnetId
