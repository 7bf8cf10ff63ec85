import { randomUUID } from 'node:crypto';
import { answerBody, answerSql } from './answer.ts';
import { type Database, openDatabase, type Row } from './database.ts';
import type { Frame } from './frame.ts';
import { type GenerateOptions, generateSql } from './generate.ts';
import { type ColumnType, createParser, type Schemas } from './kusto.ts';
import builtIn from './schemas.json' with { type: 'json' };
import { INGESTED } from './sql.ts';
import { parseTicks, TICKS_PER_MS } from './ticks.ts';
import { type TrackReply, track } from './track.ts';
import { type Timespan, translate } from './translate.ts';

export interface WorkspaceOptions {
  readonly workspaceId?: string;
  readonly instrumentationKey?: string;
  /** Tables besides those of Application Insights. */
  readonly tables?: Schemas;
  /** Milliseconds since 1970, for ingestion times and `now()`. */
  readonly now?: () => number;
}

/** A Log Analytics workspace: tables that take rows and answer KQL. */
export interface Workspace {
  readonly workspaceId: string;
  readonly instrumentationKey: string;
  readonly database: Database;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The same in ticks. */
  nowTicks(): bigint;
  /**
   * Translates a query.
   * @throws KqlError when the service would refuse it, or the translation does not know it.
   */
  plan(kql: string, timespan: Timespan | undefined): Frame;
  /**
   * Puts rows into a table as they are. Ticks are 100 ns since 1970 (bigint, or ISO text with up to seven digits). A
   * row may name `_ItemId` and `_TimeReceived`; the ingestion time is `ingestionTicks`, or now.
   */
  ingest(table: string, rows: readonly Row[], options?: { ingestionTicks?: bigint | string }): Promise<void>;
  /** Takes the body of a request to the ingestion endpoint. */
  track(body: string): Promise<TrackReply>;
  /** Fills a table with plausible rows, made inside the database. */
  generate(table: string, rows: number, options: GenerateOptions): Promise<void>;
  count(table: string): Promise<number>;
  /** Runs a query without limits. Longs beyond 2^53 come as bigint. */
  query(kql: string): Promise<Record<string, unknown>[]>;
}

const SUBSCRIPTION = '00000000-0000-0000-0000-000000000001';
const RESOURCE = `/subscriptions/${SUBSCRIPTION}/resourcegroups/local/providers/microsoft.insights/components/local`;

/** Opens a workspace with the tables of Application Insights, in memory. */
export async function openWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const { workspaceId = randomUUID(), instrumentationKey = randomUUID(), now = Date.now } = options;
  const schemas: Schemas = { ...builtInSchemas(), ...options.tables };
  const parse = createParser(schemas);
  const database = await openDatabase(schemas);
  let fraction = 0n;
  const nowTicks = (): bigint => BigInt(Math.floor(now())) * TICKS_PER_MS;
  const arrivalTicks = (): bigint => {
    // Ingestion times are finer than the clock, so that whole milliseconds prove nothing.
    fraction = (fraction + 7n) % TICKS_PER_MS;
    return nowTicks() + fraction;
  };
  const constants = (table: string): Record<string, string> => ({
    TenantId: workspaceId,
    Type: table,
    IKey: instrumentationKey,
    ResourceGUID: instrumentationKey,
    SourceSystem: 'Azure',
    _IsBillable: 'True',
    _ResourceId: RESOURCE,
    _SubscriptionId: SUBSCRIPTION,
  });
  const plan: Workspace['plan'] = (kql, timespan) => translate(parse(kql), { schemas, nowTicks: nowTicks(), timespan });
  const ingest: Workspace['ingest'] = async (table, rows, { ingestionTicks = arrivalTicks() } = {}) => {
    const ingested = typeof ingestionTicks === 'string' ? parseTicks(ingestionTicks) : ingestionTicks;
    if (ingested === undefined) throw new Error(`Ingestion time: found '${ingestionTicks}', expected ISO 8601.`);
    const defaults = { ...constants(table), TimeGenerated: ingested, _TimeReceived: ingested };
    const filled = rows.map((row) => ({ ...defaults, _ItemId: randomUUID(), ...row, [INGESTED]: ingested }));
    await database.append(table, filled);
  };
  const query: Workspace['query'] = (kql) => readRows(database, plan(kql, undefined));
  return {
    workspaceId,
    instrumentationKey,
    database,
    now,
    nowTicks,
    plan,
    ingest,
    track: async (body) => {
      const ingestionTicks = arrivalTicks();
      const reply = track(body, instrumentationKey, ingestionTicks);
      for (const [table, rows] of reply.rows) await ingest(table, rows, { ingestionTicks });
      return reply;
    },
    generate: async (table, rows, generateOptions) => {
      const schema = schemas[table];
      if (schema === undefined) throw new Error(`Generate: found the table '${table}', expected one of the schemas.`);
      await database.execute(generateSql(table, schema, rows, generateOptions, constants(table)));
    },
    count: async (table) => Number((await query(`${table} | count`))[0]?.Count),
    query,
  };
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
