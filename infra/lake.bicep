metadata description = 'A new data lake: a storage account with a hierarchical namespace.'

@description('Name of the storage account.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Replication.')
param sku string

@description('Reached through private endpoints only.')
param isPrivate bool

@description('Removes parts this many days after they were published. 0: never.')
param partRetentionDays int

@description('The exports\' folders, `<file system>[/<prefix>]/<export>`.')
param exportPaths string[]

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    isHnsEnabled: true
    minimumTlsVersion: 'TLS1_2'
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: isPrivate ? 'Deny' : 'Allow'
    }
    supportsHttpsTrafficOnly: true
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      containerDeleteRetentionPolicy: { enabled: true, days: 7 }
    }
  }

  // One rule for each export: a rule takes ten prefixes at most. All parts are below `y=`; watermark and staging are not.
  resource lifecycle 'managementPolicies' = if (partRetentionDays > 0) {
    name: 'default'
    properties: {
      policy: {
        rules: [
          for path in exportPaths: {
            name: 'parts-${last(split(path, '/'))}'
            type: 'Lifecycle'
            definition: {
              filters: {
                blobTypes: ['blockBlob']
                prefixMatch: ['${path}/y=']
              }
              actions: {
                baseBlob: {
                  delete: { daysAfterModificationGreaterThan: partRetentionDays }
                }
              }
            }
          }
        ]
      }
    }
  }
}
