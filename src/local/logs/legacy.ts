import type { Frame, FrameColumn } from './kql/frame.ts';
import type { ColumnType, Schemas, TableSchema } from './kusto.ts';
import legacy from './legacy.json' with { type: 'json' };
import { convert, quoteName, quoteText } from './sql.ts';

/** The classic tables of Application Insights, which resource scope knows beside the workspace's. */
const TABLES = legacy as Readonly<Record<string, { readonly table: string; readonly columns: TableSchema['columns'] }>>;

/** They are views: the hidden column `_ItemId` is `itemId` there. */
export const LEGACY_SCHEMAS: Schemas = Object.fromEntries(
  Object.entries(TABLES).map(([name, { columns }]) => [name, { columns, itemId: false }]),
);

/** The workspace's table behind a classic one. */
export function tableBehind(name: string): string | undefined {
  return TABLES[name]?.table;
}

/** Workspace names that do not follow from the classic ones. */
const NAMES: Readonly<Record<string, string>> = {
  appId: 'ResourceGUID',
  application_Version: 'AppVersion',
  cloud_RoleInstance: 'AppRoleInstance',
  cloud_RoleName: 'AppRoleName',
  customDimensions: 'Properties',
  customMeasurements: 'Measurements',
  iKey: 'IKey',
  itemId: '_ItemId',
  operation_ParentId: 'ParentId',
  operation_SyntheticSource: 'SyntheticSource',
  sdkVersion: 'SDKVersion',
  timestamp: 'TimeGenerated',
  valueCount: 'ItemCount',
  valueMax: 'Max',
  valueMin: 'Min',
  valueSum: 'Sum',
};

/** The same for names that differ by table. */
const NAMES_BY_TABLE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  customMetrics: { value: 'Sum' },
  dependencies: { type: 'DependencyType' },
  exceptions: { type: 'ExceptionType' },
};

/** A classic table over the workspace's. */
export function legacyFrame(name: string, behind: Frame): Frame {
  const columns = Object.entries(TABLES[name]?.columns ?? {}).map(([column, type]): FrameColumn => {
    return { name: column, type, sql: valueIn(name, column, type, behind), hidden: false };
  });
  return { ...behind, columns: [...columns, { ...RECEIVED, sql: quoteName(RECEIVED.name) }] };
}

const RECEIVED = { name: '_TimeReceived', type: 'datetime', hidden: true } as const;

function valueIn(table: string, column: string, type: ColumnType, behind: Frame): string {
  if (column === 'itemType') return quoteText(table.replace(/ies$/, 'y').replace(/s$/, ''));
  const capitals = column.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase()).replaceAll('_', '');
  const name = NAMES_BY_TABLE[table]?.[column] ?? NAMES[column] ?? capitals;
  const found = behind.columns.find((each) => each.name === name || each.name === `${name}Ms`);
  if (found === undefined) return convert({ sql: 'NULL', type: 'dynamic' }, type);
  // Success is a bool in the workspace, and was the text True or False.
  if (found.type === 'bool')
    return `(CASE WHEN ${found.sql} THEN 'True' WHEN NOT ${found.sql} THEN 'False' ELSE '' END)`;
  return convert(found, type);
}
