metadata description = 'The file system that parts and watermarks go to, and the exporter\'s access to it.'

import { roles } from 'types.bicep'

@description('Name of the storage account in this module\'s resource group.')
param lakeName string

@description('Name of the file system.')
param name string

@description('Principal id of the exporter\'s identity. Empty: it gets no role here.')
param principalId string

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

resource role 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(principalId)) {
  name: guid(container.id, principalId, roles.storageBlobDataContributor)
  scope: container
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.storageBlobDataContributor
    )
  }
}
