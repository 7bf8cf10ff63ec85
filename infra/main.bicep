metadata description = 'MonitorLift: exports Application Insights telemetry from Log Analytics workspaces into a data lake.'

import * as types from 'types.bicep'

// Where rows come from and go to

@description('Resource id of the Log Analytics workspace to export from. It may be in another resource group or subscription.')
@minLength(1)
param workspaceResourceId string

@description('Resource ids of further workspaces that the exporter may query: for exports with a source of their own.')
param moreWorkspaceResourceIds string[] = []

@description('Resource id of an existing storage account with a hierarchical namespace, anywhere. Empty: a new one is made here.')
param lakeResourceId string = ''

@description('File system (container) in the lake. It is made if it is not there.')
@minLength(3)
@maxLength(63)
param fileSystemName string = 'telemetry'

@description('Folder in the file system that all exports go below, without slashes at its ends. Empty: the root.')
param sinkPrefix string = ''

@description('Replication of a new lake, for example Standard_ZRS where the region has zones.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS', 'Standard_RAGRS', 'Standard_RAGZRS'])
param lakeSku string = 'Standard_LRS'

@description('Removes the parts of a new lake this many days after they were published. 0: parts stay for ever.')
@minValue(0)
param partRetentionDays int = 0

@description('How many days a file that was removed from a new lake can be brought back. 0: not at all.')
@minValue(0)
@maxValue(365)
param softDeleteDays int = 7

@description('Locks a new lake against deletion, that of its resource group too.')
param lakeLock bool = false

@description('EXPORTS: the names of the exports. Empty: the ten Application Insights tables.')
param exports string[] = []

@description('Query, schedule and source by export, for example { requests: { kql: \'AppRequests | where Success == false\' } }. A query whose name is not in EXPORTS adds an export.')
param exportQueries { *: types.exportQuery } = {}

@description('The exporter\'s settings, for example { EXPORT_LAG_MINUTES: 10 }.')
param settings types.exporterSettings = {}

@description('Any other app settings; they win over all that this template sets. No secrets: Key Vault references.')
param additionalSettings { *: string } = {}

// How it runs

@description('Region of everything that is made here. Empty: that of the resource group.')
param location string = ''

@description('Beginning of the names of all resources: letters, digits and hyphens. Another one makes another exporter.')
@minLength(2)
@maxLength(20)
param namePrefix string = 'monitorlift'

@description('Tags of all resources.')
param tags object = {}

@description('Resource id of an existing user-assigned identity. Empty: a new one is made here.')
param identityResourceId string = ''

@description('Grants the identity its roles. false: the output grants has the commands for somebody who may.')
param assignRoles bool = true

@description('Address of a package to deploy, for example of a release; it may carry a token. Empty: it is published afterwards.')
@secure()
param packageUri string = ''

@description('Version, memory, instances, zones.')
param hosting types.hostingSettings = {}

@description('Resource id of an existing Application Insights resource for the exporter\'s own telemetry. Empty: a new one is made here.')
param applicationInsightsResourceId string = ''

@description('Resource id of an existing workspace for a new Application Insights resource. Empty: a new one is made here.')
param ownWorkspaceResourceId string = ''

@description('Resource id of a workspace for the resource logs of the storage accounts that are made here. Empty: none are kept.')
param diagnosticsWorkspaceResourceId string = ''

// Private networking

@description('Puts the function app into a virtual network and both storage accounts behind private endpoints only.')
param privateNetworking bool = false

@description('What private networking uses in place of what it makes: subnets, DNS zones, a private link scope.')
param network types.networkSettings = {}

// Alerts

@description('E-mail address that alerts go to. Empty: none.')
param alertEmail string = ''

@description('Limits, and action groups.')
param alerts types.alertSettings = {}

var suffix = uniqueString(resourceGroup().id, namePrefix)
var name = '${namePrefix}-${suffix}'
var storagePrefix = take(toLower(replace(namePrefix, '-', '')), 7)
var region = empty(location) ? resourceGroup().location : location
var hasNewLake = empty(lakeResourceId)
var lakeId = hasNewLake
  ? resourceId('Microsoft.Storage/storageAccounts', '${storagePrefix}lake${suffix}')
  : lakeResourceId
var exportNames = types.namesOf(empty(exports) ? types.tableExports : exports, exportQueries, types.tableExports)
var workspaceIds = union([workspaceResourceId], moreWorkspaceResourceIds)
var workspaceSegments = split(workspaceResourceId, '/')

module identity 'identity.bicep' = {
  name: '${name}-identity'
  params: {
    name: name
    location: region
    tags: tags
    existingId: identityResourceId
  }
}

// Whom modules give a role to.
var granteeId = assignRoles ? identity.outputs.principalId : ''

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: last(workspaceSegments)
  scope: resourceGroup(workspaceSegments[2], workspaceSegments[4])
}

module workspaceAccess 'workspaceAccess.bicep' = [
  for (id, index) in workspaceIds: if (assignRoles) {
    name: '${name}-workspace${index}'
    scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
    params: {
      workspaceName: last(split(id, '/'))
      principalId: granteeId
    }
  }
]

module storage 'storage.bicep' = {
  name: '${name}-storage'
  params: {
    name: name
    location: region
    tags: tags
    hostStorageName: '${storagePrefix}host${suffix}'
    hostStorageSku: hosting.?zoneRedundant ?? false ? 'Standard_ZRS' : 'Standard_LRS'
    lakeId: lakeId
    hasNewLake: hasNewLake
    lakeSku: lakeSku
    partRetentionDays: partRetentionDays
    softDeleteDays: softDeleteDays
    hasLakeLock: lakeLock
    fileSystemName: fileSystemName
    sinkPrefix: sinkPrefix
    exportNames: exportNames
    isPrivate: privateNetworking
    principalId: granteeId
    diagnosticsWorkspaceId: diagnosticsWorkspaceResourceId
  }
}

module observability 'observability.bicep' = {
  name: '${name}-observability'
  params: {
    name: name
    namePrefix: namePrefix
    location: region
    tags: tags
    applicationInsightsId: applicationInsightsResourceId
    workspaceId: ownWorkspaceResourceId
    privateLinkScopeId: privateNetworking ? network.?monitorPrivateLinkScopeId ?? '' : ''
    principalId: granteeId
    exportNames: exportNames
    alertEmail: alertEmail
    alerting: alerts
  }
}

module networking 'network.bicep' = if (privateNetworking) {
  name: '${name}-network'
  params: {
    name: name
    location: region
    tags: tags
    network: network
    lakeId: lakeId
    hostStorageId: storage.outputs.hostStorageId
  }
  // A private link scope takes one change at a time.
  dependsOn: [observability]
}

module functionApp 'functionApp.bicep' = {
  name: '${name}-functionApp'
  params: {
    name: name
    location: region
    tags: tags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    hostStorageBlobEndpoint: storage.outputs.hostBlobEndpoint
    packageContainerName: storage.outputs.packageContainerName
    applicationInsightsConnectionString: observability.outputs.connectionString
    subnetId: privateNetworking ? networking!.outputs.appSubnetId : ''
    hosting: hosting
    exportNames: exportNames
    packageUri: packageUri
    settings: union(types.settingsOf(settings, exportQueries, exports), {
      APPINSIGHTS_WORKSPACE_ID: workspace.properties.customerId
      SINK_URL: storage.outputs.sinkUrl
    })
    additionalSettings: additionalSettings
  }
  dependsOn: [workspaceAccess]
}

@description('Name of the function app.')
output functionAppName string = functionApp.outputs.name

@description('Where the parts appear.')
output sinkUrl string = storage.outputs.sinkUrl

@description('Resource id of the lake.')
output lakeId string = lakeId

@description('Resource id of the workspace that the exporter\'s own telemetry goes to.')
output ownWorkspaceId string = observability.outputs.workspaceId

@description('Principal id of the exporter\'s identity.')
output principalId string = identity.outputs.principalId

@description('With assignRoles=false: the commands that grant what the exporter needs.')
output grants string[] = assignRoles
  ? []
  : concat(
      hasNewLake ? [] : ['az storage container-rm create --storage-account ${lakeId} --name ${fileSystemName}'],
      types.grantsOf(
        identity.outputs.principalId,
        workspaceIds,
        '${lakeId}/blobServices/default/containers/${fileSystemName}',
        storage.outputs.hostStorageId,
        observability.outputs.applicationInsightsId
      )
    )
