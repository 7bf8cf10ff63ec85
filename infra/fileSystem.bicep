metadata description = 'The file system that parts and watermarks go to, and the exporter\'s access to it.'

@description('Name of the storage account in this module\'s resource group.')
param lakeName string

@description('Name of the file system.')
param name string

@description('Principal id of the exporter\'s identity.')
param principalId string

// Storage Blob Data Contributor
var roleId = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: lakeName

  resource blobs 'blobServices' existing = {
    name: 'default'
  }
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = {
  parent: account::blobs
  name: name
}

resource role 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(container.id, principalId, roleId)
  scope: container
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
  }
}
