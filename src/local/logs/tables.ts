import { type Frame, type FrameColumn, NO_INGESTION_TIME } from './kql/frame.ts';
import { type Column, hiddenColumns, schemaColumns, type TableSchema } from './kusto.ts';
import { INGESTED, quoteName, quoteText } from './sql.ts';

/** A half-open range of TimeGenerated, in ticks. */
export interface Timespan {
  readonly start: bigint;
  readonly end: bigint;
}

/** What a query in the scope of resources sees: the rows of these, without those of tables that are denied. */
export interface ResourceScope {
  /** In lower case. */
  readonly resourceIds: readonly string[];
  readonly isDenied: (table: string) => boolean;
}

/** Which of its rows DuckDB means, so that rows of a query can be found again in their table. */
export const ROW_ID = '"$row"';

/** A stored table as a query begins with it. */
export function storedFrame(
  name: string,
  schema: TableSchema,
  timespan: Timespan | undefined,
  scope: ResourceScope | undefined,
): Frame {
  const column =
    (hidden: boolean) =>
    (each: Column): FrameColumn => ({ ...each, sql: quoteName(each.name), hidden });
  const conditions: string[] = [];
  if (timespan !== undefined && schema.columns.TimeGenerated === 'datetime') {
    conditions.push(`"TimeGenerated" >= ${timespan.start} AND "TimeGenerated" < ${timespan.end}`);
  }
  if (scope?.isDenied(name)) conditions.push('false');
  else if (scope !== undefined) {
    conditions.push(`lower("_ResourceId") IN (${scope.resourceIds.map(quoteText).join(', ')})`);
  }
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  return {
    sql: `SELECT rowid AS ${ROW_ID}, * FROM ${quoteName(name)}${where}`,
    columns: [...schemaColumns(schema).map(column(false)), ...hiddenColumns(schema).map(column(true))],
    ingested: schema.ingestionTime === false ? NO_INGESTION_TIME : quoteName(INGESTED),
  };
}
