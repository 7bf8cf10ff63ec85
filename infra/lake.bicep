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

@description('How many days a removed file can be brought back. 0: not at all.')
param softDeleteDays int

@description('Keeps the account from being deleted, by whatever way.')
param hasLock bool

@description('Workspace that the account\'s resource logs go to. Empty: none.')
param diagnosticsWorkspaceId string

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
    isLocalUserEnabled: false
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
      deleteRetentionPolicy: softDeleteDays > 0 ? { enabled: true, days: softDeleteDays } : { enabled: false }
    }
  }

  // Also at 0, disabled: a deployment takes away nothing that it does not name, and a rule of before would go on deleting.
  // One for each export: a rule takes ten prefixes at most. All parts are below `y=`; watermark and staging are not.
  resource lifecycle 'managementPolicies' = {
    name: 'default'
    properties: {
      policy: {
        rules: [
          for path in exportPaths: {
            name: 'parts-${replace(last(split(path, '/')), '_', '-')}'
            enabled: partRetentionDays > 0
            type: 'Lifecycle'
            definition: {
              filters: {
                blobTypes: ['blockBlob']
                prefixMatch: ['${path}/y=']
              }
              actions: {
                baseBlob: {
                  delete: { daysAfterModificationGreaterThan: max(partRetentionDays, 1) }
                }
              }
            }
          }
        ]
      }
    }
    // An account takes one change at a time.
    dependsOn: [blobs]
  }
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (hasLock) {
  name: 'monitorlift'
  scope: account
  properties: {
    level: 'CanNotDelete'
    notes: 'Telemetry that MonitorLift has exported. Logs may no longer have it.'
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (!empty(diagnosticsWorkspaceId)) {
  name: 'monitorlift'
  scope: account::blobs
  properties: {
    workspaceId: diagnosticsWorkspaceId
    logs: map(['StorageRead', 'StorageWrite', 'StorageDelete'], category => { category: category, enabled: true })
  }
}
