metadata description = 'Where the exporter\'s own telemetry goes, and what looks at it: alerts and a workbook.'

import { alertSettings } from 'types.bicep'

@description('Name of what is made here; names of nested deployments begin with it.')
param name string

@description('Beginning of the alert rules\' names, and the workbook\'s name.')
param namePrefix string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Resource id of an existing Application Insights resource to use. Empty: a new one is made here.')
param applicationInsightsId string

@description('Resource id of an existing workspace for a new Application Insights resource. Empty: a new one is made here.')
param workspaceId string

@description('Resource id of an Azure Monitor Private Link Scope that new resources are put into. Empty: none.')
param privateLinkScopeId string

@description('Principal id of the exporter\'s identity. Empty: it gets no role here.')
param principalId string

@description('The names of all exports.')
param exportNames string[]

@description('E-mail address that alerts go to. Empty: none.')
param alertEmail string

@description('What raises an alert.')
param alerting alertSettings

var isNew = empty(applicationInsightsId)
var segments = split(applicationInsightsId, '/')
var subscriptionId = segments[?2] ?? subscription().subscriptionId
var groupName = segments[?4] ?? resourceGroup().name
var hasScope = isNew && !empty(privateLinkScopeId)
var scopeSegments = split(privateLinkScopeId, '/')

resource given 'Microsoft.Insights/components@2020-02-02' existing = if (!isNew) {
  name: last(segments)
  scope: resourceGroup(subscriptionId, groupName)
}

module access 'applicationInsightsAccess.bicep' = if (!isNew && !empty(principalId)) {
  name: '${name}-applicationInsights'
  scope: resourceGroup(subscriptionId, groupName)
  params: {
    name: last(segments)
    principalId: principalId
  }
}

module monitoring 'monitoring.bicep' = if (isNew) {
  name: '${name}-monitoring'
  params: {
    name: name
    location: location
    tags: tags
    existingWorkspaceId: workspaceId
    isPrivate: hasScope
    principalId: principalId
  }
}

var ownInsightsId = isNew ? monitoring!.outputs.applicationInsightsId : applicationInsightsId
var ownWorkspaceId = isNew ? monitoring!.outputs.workspaceId : given!.properties.WorkspaceResourceId

// A workspace that others use too may have the runs of another exporter.
var isShared = !isNew || !empty(workspaceId)
var allRuns = loadTextContent('kql/runs.kql')
var runs = isShared
  ? replace(allRuns, '| where Message', '| where _ResourceId =~ \'${ownInsightsId}\'\n    | where Message')
  : allRuns

module alerts 'alerts.bicep' = {
  name: '${name}-alerts'
  params: {
    namePrefix: namePrefix
    location: location
    tags: tags
    workspaceId: ownWorkspaceId
    runs: runs
    exportNames: exportNames
    email: alertEmail
    actionGroupIds: alerting.?actionGroupIds ?? []
    lagMinutes: alerting.?lagMinutes ?? 30
    windowMinutes: alerting.?windowMinutes ?? 30
  }
}

module workbook 'workbook.bicep' = {
  name: '${name}-workbook'
  params: {
    displayName: namePrefix
    location: location
    tags: tags
    workspaceId: ownWorkspaceId
    runs: runs
  }
}

module privateLinkScope 'privateLinkScope.bicep' = if (hasScope) {
  name: '${name}-privateLinkScope'
  scope: resourceGroup(scopeSegments[?2] ?? subscription().subscriptionId, scopeSegments[?4] ?? resourceGroup().name)
  params: {
    name: last(scopeSegments)
    linkedResourceIds: concat(empty(workspaceId) ? [monitoring!.outputs.workspaceId] : [], [ownInsightsId])
  }
}

@description('Resource id of the workspace that alerts and workbook read.')
output workspaceId string = ownWorkspaceId

@description('Resource id of the Application Insights resource.')
output applicationInsightsId string = ownInsightsId

@description('Says where telemetry goes. Sending takes the identity\'s role as well.')
output connectionString string = isNew
  ? monitoring!.outputs.applicationInsightsConnectionString
  : given!.properties.ConnectionString
