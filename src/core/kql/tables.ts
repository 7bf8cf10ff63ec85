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

export const TABLE_NAMES: ReadonlySet<string> = new Set(Object.values(TABLES));
