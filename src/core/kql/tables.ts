/**
 * The ten tables of Application Insights: the name in its own scope, by which people know them, and the workspace's.
 * Source: https://learn.microsoft.com/azure/azure-monitor/app/convert-classic-resource#workspace-based-resource-changes
 */
export const TABLES: Readonly<Record<string, string>> = {
  requests: 'AppRequests',
  dependencies: 'AppDependencies',
  exceptions: 'AppExceptions',
  traces: 'AppTraces',
  pageViews: 'AppPageViews',
  customEvents: 'AppEvents',
  customMetrics: 'AppMetrics',
  availabilityResults: 'AppAvailabilityResults',
  browserTimings: 'AppBrowserTimings',
  performanceCounters: 'AppPerformanceCounters',
};

/** Columns whose names in a workspace are others; the rest lose their underscores and begin with a capital. */
const COLUMNS: Readonly<Record<string, string>> = {
  timestamp: 'TimeGenerated',
  customDimensions: 'Properties',
  customMeasurements: 'Measurements',
  duration: 'DurationMs',
  itemType: 'Type',
  iKey: 'IKey',
  sdkVersion: 'SDKVersion',
  application_Version: 'AppVersion',
  cloud_RoleName: 'AppRoleName',
  cloud_RoleInstance: 'AppRoleInstance',
  operation_ParentId: 'ParentId',
  operation_SyntheticSource: 'SyntheticSource',
};
const OTHER_COLUMNS =
  /^(success|name|message|severityLevel|resultCode|item(Id|Count)|(client|user|session|operation)_\w+|target|url|id)$/;

/** What a workspace calls a column of Application Insights' own scope; `undefined` for a name that is none of these. */
export function workspaceColumn(name: string): string | undefined {
  if (Object.hasOwn(COLUMNS, name)) return COLUMNS[name];
  if (!OTHER_COLUMNS.test(name)) return undefined;
  return name.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
