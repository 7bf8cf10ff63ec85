metadata description = 'Private DNS zones, linked to a virtual network.'

@description('Names of the zones.')
param names string[]

@description('Tags.')
param tags object

@description('Name of the links.')
param linkName string

@description('Resource id of the virtual network.')
param virtualNetworkId string

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zoneName in names: {
    name: zoneName
    location: 'global'
    tags: tags
  }
]

resource zoneLinks 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zoneName, index) in names: {
    parent: zones[index]
    name: linkName
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: { id: virtualNetworkId }
    }
  }
]
