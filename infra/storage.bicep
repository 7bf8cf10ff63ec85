metadata description = 'The storage accounts: the host\'s, and a new lake; and the file system in the lake, new or not.'

@description('Beginning of the names of nested deployments.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Name of the host\'s account.')
param hostStorageName string

@description('Replication of the host\'s account.')
param hostStorageSku string

@description('Resource id of the lake.')
param lakeId string

@description('The lake is made here.')
param hasNewLake bool

@description('Replication of a new lake.')
param lakeSku string

@description('Removes the parts of a new lake after so many days. 0: never.')
param partRetentionDays int

@description('How many days a removed file of a new lake can be brought back. 0: not at all.')
param softDeleteDays int

@description('Locks a new lake against deletion.')
param hasLakeLock bool

@description('Name of the file system.')
param fileSystemName string

@description('Folder in the file system that all exports go below. Empty: the root.')
param sinkPrefix string

@description('The names of all exports.')
param exportNames string[]

@description('Accounts that are made here are reached through private endpoints only.')
param isPrivate bool

@description('Principal id of the exporter\'s identity. Empty: it gets no role here.')
param principalId string

@description('Workspace for resource logs. Empty: none are kept.')
param diagnosticsWorkspaceId string

var lakeName = last(split(lakeId, '/'))
var sinkPath = empty(sinkPrefix) ? fileSystemName : '${fileSystemName}/${sinkPrefix}'

module host 'hostStorage.bicep' = {
  name: '${name}-hostStorage'
  params: {
    name: hostStorageName
    location: location
    tags: tags
    sku: hostStorageSku
    isPrivate: isPrivate
    principalId: principalId
    diagnosticsWorkspaceId: diagnosticsWorkspaceId
  }
}

module lake 'lake.bicep' = if (hasNewLake) {
  name: '${name}-lake'
  params: {
    name: lakeName
    location: location
    tags: tags
    sku: lakeSku
    isPrivate: isPrivate
    partRetentionDays: partRetentionDays
    softDeleteDays: softDeleteDays
    hasLock: hasLakeLock
    diagnosticsWorkspaceId: diagnosticsWorkspaceId
    exportPaths: map(exportNames, each => '${sinkPath}/${each}')
  }
}

// In an existing lake where nothing may be granted a command makes it: main.bicep, grants.
module fileSystem 'fileSystem.bicep' = if (hasNewLake || !empty(principalId)) {
  name: '${name}-fileSystem'
  scope: resourceGroup(split(lakeId, '/')[2], split(lakeId, '/')[4])
  params: {
    lakeName: lakeName
    name: fileSystemName
    principalId: principalId
  }
  dependsOn: [lake]
}

@description('Where the parts appear.')
output sinkUrl string = 'https://${lakeName}.dfs.${environment().suffixes.storage}/${sinkPath}'

@description('Resource id of the host\'s account.')
output hostStorageId string = host.outputs.id

@description('Blob endpoint of the host\'s account, without a slash at its end.')
output hostBlobEndpoint string = host.outputs.blobEndpoint

@description('Container of the deployed package.')
output packageContainerName string = host.outputs.packageContainerName
