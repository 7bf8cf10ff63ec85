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

/** The name in a workspace of a column in old terms; `undefined` when it is none. */
export function newColumn(table: string, column: string): string | undefined {
  if (Object.hasOwn(COLUMNS, column)) return COLUMNS[column];
  if (column === 'type' && table === 'AppDependencies') return 'DependencyType';
  if (column === 'type' && table === 'AppExceptions') return 'ExceptionType';
  if (column === 'value')
    return table === 'AppPerformanceCounters' ? 'Value' : table === 'AppMetrics' ? 'Sum' : undefined;
  if (!SAME.has(column)) return undefined;
  const joined = column.replace('_', '');
  return joined.charAt(0).toUpperCase() + joined.slice(1);
}
