metadata description = 'A virtual network for the function app, and what it reaches public addresses through.'

@description('Name of the virtual network; other names begin with it.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Address range of the virtual network.')
param addressPrefix string

@description('Gives the app a NAT gateway with a public address of its own. Without one, public addresses are out of reach.')
param hasOutbound bool

var halfLength = int(split(addressPrefix, '/')[1]) + 1

resource publicAddress 'Microsoft.Network/publicIPAddresses@2025-01-01' = if (hasOutbound) {
  name: '${name}-outbound'
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: { publicIPAllocationMethod: 'Static' }
}

resource natGateway 'Microsoft.Network/natGateways@2025-01-01' = if (hasOutbound) {
  name: name
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: {
    publicIpAddresses: [{ id: publicAddress.id }]
  }
}

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
          defaultOutboundAccess: false
          natGateway: hasOutbound ? { id: natGateway.id } : null
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

@description('Resource id of the network.')
output id string = virtualNetwork.id

@description('Resource id of the subnet for the function app.')
output appSubnetId string = virtualNetwork::appSubnet.id

@description('Resource id of the subnet for private endpoints.')
output endpointSubnetId string = virtualNetwork::endpointSubnet.id
