import { randomUUID } from 'node:crypto';
import { answerBody, answerSql } from './answer.ts';
import { type Database, openDatabase, type Row } from './database.ts';
import { type GenerateOptions, generateSql } from './generate.ts';
import type { Frame } from './kql/frame.ts';
import type { ColumnType, Schemas } from './kusto.ts';
import { createPlan, type Plan, type SavedFunctions } from './plan.ts';
import builtIn from './schemas.json' with { type: 'json' };
import { INGESTED, quoteName } from './sql.ts';
import { ROW_ID } from './tables.ts';
import { parseTicks, TICKS_PER_MS } from './ticks.ts';

/** An Application Insights resource that sends to a workspace. */
export interface Component {
  readonly instrumentationKey: string;
  /** Azure's id of the resource; kept and compared in lower case. */
  readonly resourceId: string;
}

export interface WorkspaceOptions {
  readonly workspaceId?: string;
  /** Of the only component, where `components` are not given. */
  readonly instrumentationKey?: string;
  /** The resources that send to it; the first is that of rows whose resource is not named. */
  readonly components?: readonly Component[];
  /** Tables besides those of Application Insights. */
  readonly tables?: Schemas;
  readonly functions?: SavedFunctions;
  /** Milliseconds since 1970, for ingestion times and `now()`. */
  readonly now?: () => number;
}

interface IngestOptions {
  /** The ingestion time: ticks, or ISO text with up to seven digits. It is the caller's to be right. */
  readonly ingestionTicks?: bigint | string;
  /** The rows become visible so long after their ingestion time. */
  readonly lateMs?: number;
  /** The component that sends them; else the first. */
  readonly instrumentationKey?: string | undefined;
}

/** A Log Analytics workspace: tables that take rows and answer KQL. */
export interface Workspace {
  readonly workspaceId: string;
  /** Azure's id of the workspace. */
  readonly resourceId: string;
  readonly components: readonly Component[];
  readonly database: Database;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The same in ticks. */
  nowTicks(): bigint;
  readonly plan: Plan;
  /**
   * Puts rows into a table as they are. Ticks are 100 ns since 1970 (bigint, or ISO text with up to seven digits). A
   * row may name `_ItemId` and `_TimeReceived`. Unless told otherwise, its ingestion time is the moment in which it
   * becomes visible: no query that sees later times misses it.
   */
  ingest(table: string, rows: readonly Row[], options?: IngestOptions): Promise<void>;
  /** Fills a table with plausible rows, made inside the database. Their ingestion times are given, so most are late. */
  generate(table: string, rows: number, options: GenerateOptions): Promise<void>;
  /** Delivers rows a second time, now and with the same `_ItemId`, as the platform does. `where` is a KQL predicate. */
  repeat(table: string, where: string): Promise<void>;
  /** Deletes rows. `where` is a KQL predicate. */
  remove(table: string, where: string): Promise<void>;
  count(table: string): Promise<number>;
  /** Runs a query without limits. Longs beyond 2^53 come as bigint. */
  query(kql: string): Promise<Record<string, unknown>[]>;
}

const SUBSCRIPTION = '00000000-0000-0000-0000-000000000001';
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourcegroups/local/providers`;

/** Opens a workspace with the tables of Application Insights, in memory. The name is that of its component. */
export async function openWorkspace(options: WorkspaceOptions, name = 'local'): Promise<Workspace> {
  const { workspaceId = randomUUID(), now = Date.now } = options;
  const { instrumentationKey = randomUUID() } = options;
  const resourceId = `${GROUP}/microsoft.insights/components/${name}`;
  const own = options.components ?? [{ instrumentationKey, resourceId }];
  const components = own.map((each) => ({ ...each, resourceId: each.resourceId.toLowerCase() }));
  const schemas: Schemas = { ...builtInSchemas(), ...options.tables };
  const plan = createPlan(schemas, options.functions ?? {});
  const database = await openDatabase(schemas);
  const nowTicks = (): bigint => BigInt(Math.floor(now())) * TICKS_PER_MS;
  let fraction = 0n;
  const arrivalTicks = (): bigint => {
    // Ingestion times are finer than the clock, so that whole milliseconds prove nothing.
    fraction = (fraction + 7n) % TICKS_PER_MS;
    return nowTicks() + fraction;
  };
  const constants = (table: string, key: string | undefined): Record<string, string> => {
    const component = components.find((each) => each.instrumentationKey === key) ?? components[0];
    return { ...constantsOf(table, workspaceId), ...(component && constantsFrom(component)) };
  };
  const chosen = (table: string, where: string): string => {
    const { sql } = plan(`${table} | where ${where}`, { nowTicks: nowTicks() });
    return `rowid IN (SELECT ${ROW_ID} FROM (${sql}))`;
  };
  const query: Workspace['query'] = (kql) => readRows(database, plan(kql, { nowTicks: nowTicks() }));
  return {
    workspaceId,
    resourceId: `${GROUP}/microsoft.operationalinsights/workspaces/${workspaceId}`.toLowerCase(),
    components,
    database,
    now,
    nowTicks,
    plan,
    ingest: async (table, rows, { ingestionTicks, lateMs = 0, instrumentationKey: key } = {}) => {
      const given = typeof ingestionTicks === 'string' ? parseTicks(ingestionTicks) : ingestionTicks;
      if (ingestionTicks !== undefined && given === undefined) {
        throw new Error(`Ingestion time: found '${ingestionTicks}', expected ISO 8601.`);
      }
      await database.append(table, () => {
        const ingested = given ?? arrivalTicks() - BigInt(Math.round(lateMs)) * TICKS_PER_MS;
        const defaults = { ...constants(table, key), TimeGenerated: ingested, _TimeReceived: ingested };
        return rows.map((row) => ({ ...defaults, _ItemId: randomUUID(), ...row, [INGESTED]: ingested }));
      });
    },
    generate: async (table, rows, generateOptions) => {
      const schema = schemas[table];
      if (schema === undefined) throw new Error(`Generate: found the table '${table}', expected one of the schemas.`);
      const fixed = constants(table, generateOptions.instrumentationKey);
      await database.execute(generateSql(table, schema, rows, generateOptions, fixed));
    },
    repeat: async (table, where) => await database.repeat(table, chosen(table, where), arrivalTicks),
    remove: async (table, where) =>
      await database.execute(`DELETE FROM ${quoteName(table)} WHERE ${chosen(table, where)}`),
    count: async (table) => Number((await query(`${table} | count`))[0]?.Count),
    query,
  };
}

function constantsOf(table: string, workspaceId: string): Record<string, string> {
  const subscription = { _SubscriptionId: SUBSCRIPTION };
  return { TenantId: workspaceId, Type: table, SourceSystem: 'Azure', _IsBillable: 'True', ...subscription };
}

function constantsFrom({ instrumentationKey, resourceId }: Component): Record<string, string> {
  return { IKey: instrumentationKey, ResourceGUID: instrumentationKey, _ResourceId: resourceId };
}

function builtInSchemas(): Schemas {
  const tables = Object.entries(builtIn as Record<string, Record<string, ColumnType>>);
  return Object.fromEntries(tables.map(([name, columns]) => [name, { columns }]));
}

async function readRows(database: Database, frame: Frame): Promise<Record<string, unknown>[]> {
  const cursor = await database.open(answerSql(frame));
  try {
    let text = '';
    const unlimited = { rows: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
    for await (const piece of answerBody(frame, await cursor.next(), cursor, unlimited)) text += piece.toString();
    const names = frame.columns.filter(({ hidden }) => !hidden).map(({ name }) => name);
    const rows = parseExact(text).tables[0]?.rows ?? [];
    return rows.map((row) => Object.fromEntries(row.map((value, index) => [names[index], value])));
  } finally {
    cursor.close();
  }
}

/** Parses an answer; integers that a number cannot hold become bigint. */
function parseExact(text: string): { readonly tables: readonly { readonly rows: readonly unknown[][] }[] } {
  const exact = (_: string, value: unknown, context?: { source?: string }): unknown => {
    const source = context?.source ?? '';
    return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? BigInt(source) : value;
  };
  return JSON.parse(text, exact);
}
