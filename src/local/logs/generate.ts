import { storedColumns } from './database.ts';
import type { ColumnType, TableSchema } from './kusto.ts';
import { INGESTED, quoteName, quoteText, SQL_TYPES } from './sql.ts';
import { TICKS_PER_MS } from './ticks.ts';

export interface GenerateOptions {
  /** The same seed, table and range give the same rows; another one, rows with other ids. */
  readonly seed: number;
  /** Ingestion times lie in `[fromMs, toMs)`, in milliseconds since 1970, spread evenly. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The component that sends them; else the first. */
  readonly instrumentationKey?: string;
}

/** One of these words, by the row's hash. */
function pick(words: string): string {
  const list = words.split(' ');
  return `list_value(${list.map(quoteText).join(', ')})[1 + (h % ${list.length})::INTEGER]`;
}

const HEX = 'md5(h::VARCHAR)';
const GUID = `concat_ws('-', left(${HEX}, 8), substr(${HEX}, 9, 4), '4' || substr(${HEX}, 13, 3),
  'a' || substr(${HEX}, 16, 3), right(${HEX}, 12))`;
const ROUTE = pick('/api/orders /api/orders/{id} /api/customers /api/basket/checkout /health /api/search');

/** Content by column name, in SQL over `i` (row number), `h` (its hash), `n` (another) and `ingested`. */
const CONTENT: Readonly<Record<string, string>> = {
  _BilledSize: `1024 + h % 2048`,
  _IsBillable: `'True'`,
  _ItemId: GUID,
  _TimeReceived: `ingested - 20000000`,
  AppRoleInstance: `'shop-' || (h % 4)`,
  AppRoleName: pick('shop-web shop-api shop-worker'),
  AppVersion: pick('3.14.1 3.14.2 3.15.0'),
  Category: pick('Process Memory Processor'),
  ClientBrowser: pick('Edge Chrome Firefox Safari'),
  ClientCity: pick('Zürich Utrecht Kraków Århus Bilbao'),
  ClientCountryOrRegion: pick('Switzerland Netherlands Poland Denmark Spain'),
  ClientIP: `'0.0.0.0'`,
  ClientOS: pick('Windows Linux Android iOS'),
  ClientType: pick('PC Browser'),
  Counter: `'Private Bytes'`,
  Data: `'SELECT o.Id, o.Total FROM Orders o WHERE o.CustomerId = ' || (h % 9000)`,
  DependencyType: pick('SQL HTTP Redis'),
  Details: `'[{"id":"' || (h % 1000) || '","message":"Object reference not set","parsedStack":[{"level":0,' ||
    '"method":"Shop.Basket.Checkout","line":' || (h % 400) || '}]}]'`,
  DurationMs: `(h % 1000000) / 997.0`,
  Id: `left(md5(n::VARCHAR), 16)`,
  ItemCount: `1`,
  Measurements: `'{"queueMs":' || (h % 100) || ',"ratio":' || ((h % 1000) / 1000.0) || '}'`,
  Message: `'Order ' || (h % 100000) || ' was ' || ${pick('accepted refused shipped "parked"')} || chr(10) ||
    'after ' || (h % 50) || ' checks'`,
  Name: `${pick('GET POST PUT')} || ' ' || ${ROUTE}`,
  OperationId: `md5((h // 7)::VARCHAR)`,
  OperationName: `'GET ' || ${ROUTE}`,
  ParentId: `left(md5((h // 7)::VARCHAR), 16)`,
  ProblemId: `'System.NullReferenceException at Shop.Basket.Checkout'`,
  Properties: `'{"tenant":"' || (h % 40) || '","region":"westeurope","note":"caf\u00e9 \\"' || (h % 10) ||
    '\\"","count":' || (9007199254740993 + (h % 1000)) || '}'`,
  ResultCode: pick('200 200 200 201 404 500'),
  SDKVersion: `'node:3.5.0'`,
  SeverityLevel: `h % 5`,
  Success: `h % 20 <> 0`,
  SourceSystem: `'Azure'`,
  Target: pick('orders.database.windows.net basket.redis.cache.windows.net'),
  TimeGenerated: `ingested - 600000000 - (h % 600000000)::BIGINT`,
  Url: `'https://shop.example' || ${ROUTE} || '?page=' || (h % 90)`,
  UserId: `left(md5((h // 11)::VARCHAR), 10)`,
};

/** Content of a column that has no rule of its own. */
const BY_TYPE: Partial<Record<ColumnType, string>> = {
  bool: `h % 2 = 0`,
  datetime: `ingested`,
  decimal: `(h % 100000) || '.' || (n % 100000)`,
  dynamic: `'{"value":' || (h % 1000) || '}'`,
  guid: GUID,
  int: `(h % 1000)::INTEGER`,
  long: `(h % 1000000000000)::BIGINT`,
  real: `(h % 1000000) / 1000.0`,
  string: `''`,
  timespan: `(h % 36000000000)::BIGINT`,
};

/** SQL that fills a table with plausible rows. `fixed` are columns with one value for all rows. */
export function generateSql(
  table: string,
  schema: TableSchema,
  rows: number,
  { seed, fromMs, toMs }: GenerateOptions,
  fixed: Readonly<Record<string, string>>,
): string {
  const start = BigInt(Math.floor(fromMs)) * TICKS_PER_MS;
  const length = BigInt(Math.floor(toMs)) * TICKS_PER_MS - start;
  const values = storedColumns(schema).map(({ name, type }) => {
    const constant = fixed[name];
    if (name === INGESTED) return 'ingested';
    const content = constant === undefined ? (CONTENT[name] ?? BY_TYPE[type] ?? 'NULL') : quoteText(constant);
    return `CAST(${content} AS ${SQL_TYPES[type]})`;
  });
  return `INSERT INTO ${quoteName(table)} SELECT ${values.join(', ')} FROM (
    SELECT i, hash(i, ${seed}, ${start}, ${quoteText(table)}) // 2 AS h, hash(h) // 2 AS n,
      ${start} + CAST(i::HUGEINT * ${length} // ${Math.max(rows, 1)} AS BIGINT) AS ingested FROM range(${rows}) r(i))`;
}
