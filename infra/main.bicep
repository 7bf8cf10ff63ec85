metadata description = 'MonitorLift: exports Application Insights telemetry from a Log Analytics workspace into a data lake.'

type exportQuery = {
  @description('The KQL query of this export, `<table> | <rest>`.')
  kql: string?
  @description('The NCRONTAB schedule of this export.')
  schedule: string?
}

// Where rows come from and go to

@description('Resource id of the Log Analytics workspace to export from. It may be in another resource group or subscription.')
param workspaceResourceId string

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

// The exporter's settings. What is not given stays unset: the exporter has the defaults.

@description('EXPORTS: the names of the exports. Empty: the ten Application Insights tables.')
param exports string[] = []

@description('<NAME>_KQL and <NAME>_SCHEDULE by export, for example { requests: { kql: \'AppRequests | where Success == false\' } }. A query whose name is not in EXPORTS adds an export.')
param exportQueries { *: exportQuery } = {}

@description('EXPORT_SCHEDULE: the NCRONTAB schedule of every export without one of its own.')
param exportSchedule string?

@description('EXPORT_LAG_MINUTES: how long rows are left to settle before they are read.')
param exportLagMinutes int?

@description('EXPORT_LOOKBACK_HOURS: how far back the first run starts.')
param exportLookbackHours int?

@description('EXPORT_WINDOW_MINUTES: the largest window.')
param exportWindowMinutes int?

@description('EXPORT_BUDGET_SECONDS: how long a run may keep starting windows.')
param exportBudgetSeconds int?

@description('EXPORT_QUERIES: how many queries one process sends at once.')
param exportQueriesAtOnce int?

@description('EXPORT_COMPRESSION: of the parts.')
param exportCompression ('gzip' | 'none' | 'zstd')?

@description('LOGS_ENDPOINT: the query API, for clouds other than the public one.')
param logsEndpoint string?

// How it runs

@description('Region of everything that is made here.')
param location string = resourceGroup().location

@description('Beginning of the names of all resources: letters, digits and hyphens.')
@minLength(2)
@maxLength(20)
param namePrefix string = 'monitorlift'

@description('Tags of all resources.')
param tags object = {}

@description('Memory of an instance in MB. Each export runs on an instance of its own.')
@allowed([512, 2048, 4096])
param instanceMemoryMb int = 2048

@description('The most instances at once; at least one for each export.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('How long the exporter\'s own telemetry is kept, in days.')
@minValue(30)
@maxValue(730)
param ownTelemetryRetentionDays int = 30

// Private networking

@description('Puts the function app into a virtual network and both storage accounts behind private endpoints only.')
param privateNetworking bool = false

@description('Address range of the virtual network, /26 or larger. Its first half is the function app\'s, the second the private endpoints\'.')
param virtualNetworkAddressPrefix string = '10.71.0.0/24'

@description('Resource id of an existing Azure Monitor Private Link Scope that has the workspace in it. With private networking, Logs is then reached through it alone. Empty: through its public address.')
param monitorPrivateLinkScopeResourceId string = ''

@description('Private DNS zones of Azure Monitor; others than these in other clouds.')
param monitorPrivateDnsZones string[] = [
  'privatelink.monitor.azure.com'
  'privatelink.oms.opinsights.azure.com'
  'privatelink.ods.opinsights.azure.com'
  'privatelink.agentsvc.azure-automation.net'
]

// Alerts

@description('E-mail address that alerts go to. Empty: none.')
param alertEmail string = ''

@description('Resource ids of existing action groups that alerts go to as well.')
param alertActionGroupIds string[] = []

@description('An export that is further behind than this raises an alert, in minutes. The lag and one schedule interval are normal.')
@minValue(10)
param alertLagMinutes int = 30

@description('An export without a run, or with three failed runs, within this many minutes raises an alert. Longer than two schedule intervals.')
@allowed([30, 60, 120, 180, 240, 300, 360, 1440])
param alertWindowMinutes int = 30

var suffix = uniqueString(resourceGroup().id)
var storagePrefix = take(toLower(replace(namePrefix, '-', '')), 7)
var hasNewLake = empty(lakeResourceId)
var hasPrivateLinkScope = privateNetworking && !empty(monitorPrivateLinkScopeResourceId)
var newLakeName = '${storagePrefix}lake${suffix}'
var lakeId = hasNewLake ? resourceId('Microsoft.Storage/storageAccounts', newLakeName) : lakeResourceId
var lakeIdSegments = split(lakeId, '/')
var lakeName = last(lakeIdSegments)
var sinkPath = empty(sinkPrefix) ? fileSystemName : '${fileSystemName}/${sinkPrefix}'
var sinkAddress = 'https://${lakeName}.dfs.${environment().suffixes.storage}/${sinkPath}'

// The default of EXPORTS, known here because silence and old parts are looked for by name.
var defaultExports = [
  'requests'
  'dependencies'
  'exceptions'
  'traces'
  'pageViews'
  'customEvents'
  'customMetrics'
  'availabilityResults'
  'browserTimings'
  'performanceCounters'
]
var listedExports = empty(exports) ? defaultExports : exports
var listedNames = map(listedExports, name => toLower(name))
var addedExports = map(
  filter(items(exportQueries), query => query.value.?kql != null && !contains(listedNames, toLower(query.key))),
  query => toLower(query.key)
)
var exportNames = concat(listedExports, addedExports)

var settingsOrNull = {
  EXPORTS: empty(exports) ? null : join(exports, ',')
  EXPORT_SCHEDULE: exportSchedule
  EXPORT_LAG_MINUTES: exportLagMinutes
  EXPORT_LOOKBACK_HOURS: exportLookbackHours
  EXPORT_WINDOW_MINUTES: exportWindowMinutes
  EXPORT_BUDGET_SECONDS: exportBudgetSeconds
  EXPORT_QUERIES: exportQueriesAtOnce
  EXPORT_COMPRESSION: exportCompression
  LOGS_ENDPOINT: logsEndpoint
}
var querySettingsOrNull = flatten(map(items(exportQueries), query => [
  { key: '${toUpper(query.key)}_KQL', value: query.value.?kql }
  { key: '${toUpper(query.key)}_SCHEDULE', value: query.value.?schedule }
]))
var givenSettings = toObject(
  filter(concat(items(settingsOrNull), querySettingsOrNull), setting => setting.value != null),
  setting => setting.key,
  setting => string(setting.value)
)

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${namePrefix}-${suffix}'
  location: location
  tags: tags
}

module workspaceAccess 'workspaceAccess.bicep' = {
  name: 'workspaceAccess'
  scope: resourceGroup(split(workspaceResourceId, '/')[2], split(workspaceResourceId, '/')[4])
  params: {
    workspaceName: last(split(workspaceResourceId, '/'))
    principalId: identity.properties.principalId
  }
}

module hostStorage 'hostStorage.bicep' = {
  name: 'hostStorage'
  params: {
    name: '${storagePrefix}host${suffix}'
    location: location
    tags: tags
    isPrivate: privateNetworking
    principalId: identity.properties.principalId
  }
}

module lake 'lake.bicep' = if (hasNewLake) {
  name: 'lake'
  params: {
    name: newLakeName
    location: location
    tags: tags
    sku: lakeSku
    isPrivate: privateNetworking
    partRetentionDays: partRetentionDays
    exportPaths: map(exportNames, name => '${sinkPath}/${name}')
  }
}

module fileSystem 'fileSystem.bicep' = {
  name: 'fileSystem'
  scope: resourceGroup(lakeIdSegments[2], lakeIdSegments[4])
  params: {
    lakeName: lakeName
    name: fileSystemName
    principalId: identity.properties.principalId
  }
  dependsOn: [lake]
}

module monitoring 'monitoring.bicep' = {
  name: 'monitoring'
  params: {
    name: '${namePrefix}-${suffix}'
    location: location
    tags: tags
    retentionDays: ownTelemetryRetentionDays
    isPrivate: hasPrivateLinkScope
    principalId: identity.properties.principalId
  }
}

module alerts 'alerts.bicep' = {
  name: 'alerts'
  params: {
    namePrefix: namePrefix
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    exportNames: exportNames
    email: alertEmail
    actionGroupIds: alertActionGroupIds
    lagMinutes: alertLagMinutes
    windowMinutes: alertWindowMinutes
  }
}

module workbook 'workbook.bicep' = {
  name: 'workbook'
  params: {
    displayName: namePrefix
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
  }
}

module network 'network.bicep' = if (privateNetworking) {
  name: 'network'
  params: {
    name: '${namePrefix}-${suffix}'
    location: location
    tags: tags
    addressPrefix: virtualNetworkAddressPrefix
    lakeId: lakeId
    hostStorageId: hostStorage.outputs.id
    monitorPrivateLinkScopeId: monitorPrivateLinkScopeResourceId
    monitorPrivateDnsZones: monitorPrivateDnsZones
  }
  dependsOn: [fileSystem]
}

module privateLinkScope 'privateLinkScope.bicep' = if (hasPrivateLinkScope) {
  name: 'privateLinkScope'
  scope: resourceGroup(
    split(monitorPrivateLinkScopeResourceId, '/')[2],
    split(monitorPrivateLinkScopeResourceId, '/')[4]
  )
  params: {
    name: last(split(monitorPrivateLinkScopeResourceId, '/'))
    linkedResourceIds: [monitoring.outputs.workspaceId, monitoring.outputs.applicationInsightsId]
  }
  dependsOn: [network]
}

module functionApp 'functionApp.bicep' = {
  name: 'functionApp'
  params: {
    name: '${namePrefix}-${suffix}'
    location: location
    tags: tags
    identityId: identity.id
    identityClientId: identity.properties.clientId
    hostStorageBlobEndpoint: hostStorage.outputs.blobEndpoint
    packageContainerName: hostStorage.outputs.packageContainerName
    applicationInsightsConnectionString: monitoring.outputs.applicationInsightsConnectionString
    subnetId: privateNetworking ? network!.outputs.appSubnetId : ''
    instanceMemoryMb: instanceMemoryMb
    maximumInstanceCount: maximumInstanceCount
    settings: union(givenSettings, {
      APPINSIGHTS_WORKSPACE_ID: workspaceAccess.outputs.workspaceCustomerId
      SINK_URL: sinkAddress
    })
  }
  dependsOn: [fileSystem]
}

@description('Name of the function app, for `func azure functionapp publish`.')
output functionAppName string = functionApp.outputs.name

@description('Where the parts appear.')
output sinkUrl string = sinkAddress

@description('Principal id of the exporter\'s identity, for roles granted by hand.')
output principalId string = identity.properties.principalId
