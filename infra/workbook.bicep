metadata description = 'A workbook: lag, rows, bytes, failures and recounts of each export.'

@description('Name that the portal shows.')
param displayName string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Resource id of the workspace that the exporter\'s own telemetry goes to.')
param workspaceId string

@description('The KQL that finds the run records.')
param runs string

var charts = [
  { name: 'Now', query: loadTextContent('kql/workbookNow.kql'), visualization: 'table' }
  { name: 'Lag in minutes', query: loadTextContent('kql/workbookLag.kql'), visualization: 'timechart' }
  { name: 'Rows', query: loadTextContent('kql/workbookRows.kql'), visualization: 'barchart' }
  { name: 'Bytes of parts', query: loadTextContent('kql/workbookBytes.kql'), visualization: 'barchart' }
  { name: 'Late rows, found and exported', query: loadTextContent('kql/workbookLate.kql'), visualization: 'barchart' }
  { name: 'Hours that are not what Logs has', query: loadTextContent('kql/workbookHours.kql'), visualization: 'table' }
  { name: 'Backfills', query: loadTextContent('kql/workbookBackfills.kql'), visualization: 'table' }
  { name: 'Failures', query: loadTextContent('kql/workbookFailures.kql'), visualization: 'barchart' }
  { name: 'Failed runs', query: loadTextContent('kql/workbookFailedRuns.kql'), visualization: 'table' }
  { name: 'Runs that began and did not end', query: loadTextContent('kql/workbookCutOff.kql'), visualization: 'table' }
]

// Item types of a workbook: 9 is a list of parameters, 3 a query; parameter type 4 is a time range.
var timeRange = {
  type: 9
  name: 'parameters'
  content: {
    version: 'KqlParameterItem/1.0'
    style: 'pills'
    parameters: [
      {
        version: 'KqlParameterItem/1.0'
        name: 'TimeRange'
        label: 'Time range'
        type: 4
        isRequired: true
        value: { durationMs: 86400000 }
        typeSettings: {
          selectableValues: [
            { durationMs: 3600000 }
            { durationMs: 14400000 }
            { durationMs: 86400000 }
            { durationMs: 604800000 }
            { durationMs: 2592000000 }
          ]
          allowCustom: true
        }
      }
    ]
  }
}
// A run that ended behind the time range has no record in it.
var runsInRange = replace(runs, 'let end = now();', 'let end = {TimeRange:end};')
var chartItems = map(charts, chart => {
  type: 3
  name: chart.name
  content: {
    version: 'KqlItem/1.0'
    title: chart.name
    query: '${runsInRange}${chart.query}'
    size: 0
    timeContextFromParameter: 'TimeRange'
    queryType: 0
    resourceType: 'microsoft.operationalinsights/workspaces'
    crossComponentResources: [workspaceId]
    visualization: chart.visualization
  }
})

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, displayName)
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    category: 'workbook'
    displayName: displayName
    // Where the portal lists it: in Azure Monitor's own gallery. With the workspace's id it is in that workspace's.
    sourceId: 'Azure Monitor'
    version: '1.0'
    serializedData: string({
      version: 'Notebook/1.0'
      items: concat([timeRange], chartItems)
      fallbackResourceIds: [workspaceId]
    })
  }
}
