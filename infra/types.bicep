metadata description = 'Types and pure functions of the templates.'

@export()
@description('One export, by its name.')
type exportQuery = {
  @description('<NAME>_KQL: the query, `<table> | <rest>`.')
  kql: string?
  @description('<NAME>_SCHEDULE: NCRONTAB with six fields.')
  schedule: string?
  @description('<NAME>_SOURCE: another workspace (GUID), or an Azure resource id. The identity needs a role there: moreWorkspaceResourceIds.')
  source: string?
}

@export()
@description('The exporter\'s settings by their names. What is not given stays unset: the exporter has the defaults.')
type exporterSettings = {
  EXPORT_SCHEDULE: string?
  EXPORT_LAG_MINUTES: int?
  EXPORT_LOOKBACK_HOURS: int?
  EXPORT_WINDOW_MINUTES: int?
  EXPORT_BUDGET_SECONDS: int?
  EXPORT_QUERIES: int?
  EXPORT_AUDIT_HOURS: int?
  EXPORT_FORMAT: string?
  EXPORT_COMPRESSION: string?
  REST_URL: string?
  REST_AUDIENCE: string?
  @description('A secret: a Key Vault reference, @Microsoft.KeyVault(SecretUri=...).')
  REST_AUTHORIZATION: string?
  LOGS_ENDPOINT: string?
}

@export()
@description('How the function app runs.')
type hostingSettings = {
  @description('Major version of Node. 24 when not given.')
  nodeVersion: ('22' | '24')?
  @description('Memory of an instance; each export runs on an instance of its own. 2048 when not given.')
  instanceMemoryMb: (512 | 2048 | 4096)?
  @description('The most instances at once; with fewer than exports, some wait. 40 when not given.')
  @minValue(1)
  @maxValue(1000)
  maximumInstanceCount: int?
  @description('Instances that are kept waiting, by export, for example { requests: 1 }. They cost all day.')
  alwaysReady: { *: int }?
  @description('Spreads app and host storage over the zones of the region, where it has them.')
  zoneRedundant: bool?
}

@export()
@description('What private networking uses in place of what it makes.')
type networkSettings = {
  @description('Address range of a new virtual network, /26 or larger: first half app, second half private endpoints. 10.71.0.0/24 when not given.')
  addressPrefix: string?
  @description('Resource id of an existing subnet for the app, delegated to Microsoft.App/environments. With it no network is made.')
  appSubnetId: string?
  @description('Resource id of an existing subnet for private endpoints; goes with appSubnetId.')
  endpointSubnetId: string?
  @description('Private DNS zones: made here (new, the default), those of a resource group (existing), or none: somebody else registers the endpoints.')
  dnsZones: ('new' | 'existing' | 'none')?
  @description('Resource id of the resource group of existing zones.')
  dnsZonesResourceGroupId: string?
  @description('Private endpoints of the lake. false: the network reaches it already.')
  lakeEndpoints: bool?
  @description('Resource id of an existing Azure Monitor Private Link Scope that has the workspaces in it. Logs is then reached through it alone.')
  monitorPrivateLinkScopeId: string?
  @description('Private DNS zones of Azure Monitor; others in other clouds.')
  monitorDnsZones: string[]?
}

@export()
@description('What raises an alert, and who else hears of it.')
type alertSettings = {
  @description('Resource ids of existing action groups.')
  actionGroupIds: string[]?
  @description('An export further behind than this, in minutes. The lag and one schedule interval are normal. 30 when not given.')
  @minValue(10)
  lagMinutes: int?
  @description('An export without a run, or with three failed runs, within so many minutes: longer than two schedule intervals. 30 when not given.')
  windowMinutes: (30 | 60 | 120 | 180 | 240 | 300 | 360 | 1440)?
}

@export()
@description('The built-in roles that the exporter\'s identity needs.')
var roles = {
  monitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb'
  logAnalyticsDataReader: '3b03c2da-16b3-4a49-8834-0f8130efdd3b'
  storageBlobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  storageBlobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
}

@export()
@description('The default of EXPORTS, known here because silence and old parts are looked for by name.')
var tableExports = [
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

@export()
@description('The name as the exporter spells it: one of the ten tables however it was written, any other as it is.')
func spell(name string, tables string[]) string =>
  [...filter(tables, table => toLower(table) == toLower(name)), name][0]

@export()
@description('The names of all exports: the listed ones, and one for each further query.')
func namesOf(listed string[], queries { *: exportQuery }, tables string[]) string[] =>
  concat(
    map(listed, name => spell(name, tables)),
    map(
      filter(
        items(queries),
        query => query.value.?kql != null && !contains(map(listed, name => toLower(name)), toLower(query.key))
      ),
      query => spell(toLower(query.key), tables)
    )
  )

@export()
@description('The exporter\'s app settings, but for where rows come from and go to. What is null stays unset.')
func settingsOf(settings exporterSettings, queries { *: exportQuery }, exports string[]) { *: string } =>
  toObject(
    filter(
      concat(
        items(settings),
        flatten(map(items(queries), query => [
          { key: '${toUpper(query.key)}_KQL', value: query.value.?kql }
          { key: '${toUpper(query.key)}_SCHEDULE', value: query.value.?schedule }
          { key: '${toUpper(query.key)}_SOURCE', value: query.value.?source }
        ])),
        empty(exports) ? [] : [{ key: 'EXPORTS', value: join(exports, ',') }]
      ),
      setting => setting.value != null
    ),
    setting => setting.key,
    setting => string(setting.value)
  )

@export()
@description('The name of an export\'s function.')
func functionOf(name string) string => 'export${toUpper(substring(name, 0, 1))}${substring(name, 1)}'

@description('The command that grants a role.')
func grantOf(principalId string, role string, scope string) string =>
  'az role assignment create --assignee-object-id ${principalId} --assignee-principal-type ServicePrincipal --role ${role} --scope ${scope}'

@export()
@description('The commands that grant by hand what the modules grant.')
func grantsOf(principalId string, workspaceIds string[], fileSystemId string, hostStorageId string, insightsId string) string[] =>
  concat(map(workspaceIds, id => grantOf(principalId, roles.logAnalyticsDataReader, id)), [
    grantOf(principalId, roles.storageBlobDataContributor, fileSystemId)
    grantOf(principalId, roles.storageBlobDataOwner, hostStorageId)
    grantOf(principalId, roles.monitoringMetricsPublisher, insightsId)
  ])
