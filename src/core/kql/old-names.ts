/**
 * Columns of Application Insights in its own scope, and what they are called in a workspace. Names that are not here
 * differ in their first letter and their underscores only. What has no successor (`appName`) is left out.
 * Source: https://learn.microsoft.com/azure/azure-monitor/app/convert-classic-resource
 */
const COLUMNS: Readonly<Record<string, string>> = {
  application_Version: 'AppVersion',
  cloud_RoleInstance: 'AppRoleInstance',
  cloud_RoleName: 'AppRoleName',
  customDimensions: 'Properties',
  customMeasurements: 'Measurements',
  duration: 'DurationMs',
  itemType: 'Type',
  networkDuration: 'NetworkDurationMs',
  operation_ParentId: 'ParentId',
  operation_SyntheticSource: 'SyntheticSource',
  processingDuration: 'ProcessingDurationMs',
  receiveDuration: 'ReceiveDurationMs',
  sdkVersion: 'SDKVersion',
  sendDuration: 'SendDurationMs',
  timestamp: 'TimeGenerated',
  totalDuration: 'TotalDurationMs',
  valueCount: 'ItemCount',
  valueMax: 'Max',
  valueMin: 'Min',
  valueSum: 'Sum',
};

const SAME = new Set(
  (
    'assembly category client_Browser client_City client_CountryOrRegion client_IP client_Model client_OS ' +
    'client_StateOrProvince client_Type counter data details handledAt iKey id innermostAssembly innermostMessage ' +
    'innermostMethod innermostType instance itemCount itemId location message method name operation_Id ' +
    'operation_Name outerAssembly outerMessage outerMethod outerType problemId resultCode session_Id severityLevel ' +
    'source success target url user_AccountId user_AuthenticatedId user_Id'
  ).split(' '),
);

/**
 * What a workspace calls a column of Application Insights' own scope; `undefined` for a name that is none of these.
 * @param table the workspace's; some names differ by it.
 */
export function workspaceColumn(column: string, table?: string): string | undefined {
  if (Object.hasOwn(COLUMNS, column)) return COLUMNS[column];
  if (column === 'type' && table === 'AppDependencies') return 'DependencyType';
  if (column === 'type' && table === 'AppExceptions') return 'ExceptionType';
  if (column === 'value' && table === 'AppPerformanceCounters') return 'Value';
  if (column === 'value' && table === 'AppMetrics') return 'Sum';
  if (!SAME.has(column)) return undefined;
  const joined = column.replace('_', '');
  return joined.charAt(0).toUpperCase() + joined.slice(1);
}
