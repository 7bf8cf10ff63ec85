metadata description = 'Says when an export falls behind, fails again and again, falls silent, or is not what Logs has.'

@description('Beginning of the rules\' names.')
param namePrefix string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Resource id of the workspace that the exporter\'s own telemetry goes to.')
param workspaceId string

@description('The KQL that finds the run records.')
param runs string

@description('The names of all exports.')
param exportNames string[]

@description('E-mail address that alerts go to. Empty: none.')
param email string

@description('Resource ids of existing action groups that alerts go to as well.')
param actionGroupIds string[]

@description('An export that is further behind than this is reported.')
param lagMinutes int

@description('The minutes that each evaluation looks at.')
param windowMinutes int

var expected = 'let expected = datatable (Export: string) [\'${join(exportNames, '\', \'')}\'];\n'

var rules = [
  {
    name: 'lag'
    description: 'An export is more than ${lagMinutes} minutes behind.'
    severity: 2
    query: '${runs}${loadTextContent('kql/lag.kql')}'
    column: 'LagSeconds'
    aggregation: 'Maximum'
    threshold: lagMinutes * 60
  }
  {
    name: 'failures'
    description: 'Three or more runs of an export failed, or were cut off, within ${windowMinutes} minutes.'
    severity: 2
    query: '${runs}${loadTextContent('kql/failures.kql')}'
    column: 'Failures'
    aggregation: 'Total'
    threshold: 2
  }
  {
    name: 'silence'
    description: 'No run of an export was reported for ${windowMinutes} minutes: the exporter is down, its runs are cut off, or its settings are wrong.'
    severity: 1
    query: '${expected}${runs}${loadTextContent('kql/silence.kql')}'
    column: 'Silent'
    aggregation: 'Total'
    threshold: 0
  }
  {
    name: 'hours'
    description: 'A recounted hour of an export is not what Logs has: Logs has lost rows since, or a reader has taken parts away.'
    severity: 3
    query: '${runs}${loadTextContent('kql/hours.kql')}'
    column: 'Hours'
    aggregation: 'Total'
    threshold: 0
  }
]

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: namePrefix
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: take(namePrefix, 12)
    emailReceivers: [
      { name: 'email', emailAddress: email, useCommonAlertSchema: true }
    ]
  }
}

resource alertRules 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for rule in rules: {
    name: '${namePrefix}-${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: '${namePrefix}: ${rule.name}'
      description: rule.description
      enabled: true
      severity: rule.severity
      scopes: [workspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT${windowMinutes}M'
      autoMitigate: true
      // A new workspace has no rows yet for a query to be tried on.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: rule.query
            metricMeasureColumn: rule.column
            timeAggregation: rule.aggregation
            operator: 'GreaterThan'
            threshold: rule.threshold
            dimensions: [
              { name: 'Export', operator: 'Include', values: ['*'] }
            ]
            failingPeriods: {
              minFailingPeriodsToAlert: 1
              numberOfEvaluationPeriods: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: concat(actionGroupIds, empty(email) ? [] : [actionGroup.id])
      }
    }
  }
]
