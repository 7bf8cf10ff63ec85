// A Logs endpoint in a process of its own: rows that arrive over time, cut at the limits of the real one. Forked with the
// load as JSON; sends its port.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { constants, gzipSync } from 'node:zlib';
import { createPool, type Shape, takeRows } from './rows.ts';

/** Rows in Logs: `rows` of them from `originMs` on. */
export interface Load {
  readonly shape: Shape;
  readonly rows: number;
  readonly originMs: number;
  /** `Infinity` is not JSON: a very large number puts all rows into one millisecond. */
  readonly rowsPerSecond: number;
  /** From 0 to 1: how far the rate of a minute may be from `rowsPerSecond`, as a share of it. */
  readonly unevenness: number;
  /** Whether answers are cut at 500,000 rows and 64,000,000 bytes. */
  readonly isLimited: boolean;
  /** How long a query thinks before its answer begins. Default 0. */
  readonly thoughtMs?: number;
  /** How fast an answer comes, before compression. Default: as fast as it can. */
  readonly bytesPerSecond?: number;
}

/** What has been asked so far. */
export interface Served {
  readonly queries: number;
  /** Under way at once, at most. */
  readonly most: number;
  /** On average, from the first query to the end of the last one. */
  readonly mean: number;
}

const LIMIT_ROWS = 500_000;
const LIMIT_BYTES = 64_000_000;
const MINUTE_MS = 60_000;
const WINDOW = /ingestion_time\(\) >= datetime\(([^)]+)\) and ingestion_time\(\) < datetime\(([^)]+)\)/;
/** The exporter's own question after a cut answer. */
const HISTOGRAM = /summarize Rows = count\(\) by Start = bin\(IngestionTime, (\d+)ms\)/;
const NO_ROWS = '{"tables":[{"name":"PrimaryResult","columns":[{"name":"Name","type":"string"}],"rows":[]}]}';
const TOO_LARGE = {
  code: 'PartialError',
  details: [
    { code: 'EngineError', innererror: { code: '-2133196797', message: 'E_QUERY_RESULT_SET_TOO_LARGE', severity: 2 } },
  ],
};

const load = JSON.parse(process.argv[2] ?? '') as Load;
const pool = createPool(load.shape);
/** Compressed once; members of a gzip file may stand one behind the other. */
const members = new Map(pool.blocks.map((block) => [block, compress(Buffer.concat([block.cells, Buffer.from(',')]))]));

function compress(bytes: string | Uint8Array): Buffer {
  return gzipSync(bytes, { level: constants.Z_BEST_SPEED });
}

/** How many rows have been ingested before `ms`. */
function rowsBefore(ms: number): number {
  const elapsedMs = ms - load.originMs;
  if (elapsedMs <= 0) return 0;
  const perMinute = load.rowsPerSecond * 60;
  if (load.unevenness === 0) return Math.min(load.rows, Math.floor((elapsedMs / MINUTE_MS) * perMinute));
  let minutes = 0;
  for (let minute = 0; minute * MINUTE_MS < elapsedMs; minute++) {
    const share = Math.min(1, elapsedMs / MINUTE_MS - minute);
    minutes += share * (1 + load.unevenness * (2 * ((minute * 0.618033988749895) % 1) - 1));
  }
  return Math.min(load.rows, Math.floor(minutes * perMinute));
}

async function* answer(rows: number, isCut: boolean): AsyncGenerator<Buffer> {
  const { bytesPerSecond = Number.POSITIVE_INFINITY } = load;
  const startedMs = performance.now();
  let bytes = 0;
  const columns = JSON.stringify(pool.columns);
  yield compress(`{"tables":[{"name":"PrimaryResult","columns":${columns},"rows":[`);
  for (const { block, rows: count, isLast } of takeRows(pool, rows)) {
    bytes += block.cellEnds[count - 1] ?? 0;
    const earlyMs = startedMs + (1000 * bytes) / bytesPerSecond - performance.now();
    if (earlyMs >= 1) await sleep(earlyMs);
    if (isLast) yield compress(block.cells.subarray(0, block.cellEnds[count - 1]));
    else yield members.get(block) as Buffer;
  }
  yield compress(`]}]${isCut ? `,"error":${JSON.stringify(TOO_LARGE)}` : ''}}`);
}

function histogram(startMs: number, endMs: number, barMs: number): string {
  const rows: unknown[] = [];
  for (let at = Math.floor(startMs / barMs) * barMs; at < endMs; at += barMs) {
    const count = rowsBefore(Math.min(at + barMs, endMs)) - rowsBefore(Math.max(at, startMs));
    if (count > 0) rows.push([new Date(at).toISOString(), count]);
  }
  const columns = [
    { name: 'Start', type: 'datetime' },
    { name: 'Rows', type: 'long' },
  ];
  return JSON.stringify({ tables: [{ name: 'PrimaryResult', columns, rows }] });
}

async function reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { query } = JSON.parse(Buffer.concat(await Array.fromAsync(request)).toString()) as { query: string };
  const [startMs, endMs] = (WINDOW.exec(query) ?? []).slice(1).map((text) => Date.parse(text));
  const [, barMs] = HISTOGRAM.exec(query) ?? [];
  await sleep(load.thoughtMs ?? 0);
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-encoding': 'gzip' });
  // The question that a new export begins with.
  if (startMs === undefined || endMs === undefined) return void response.end(compress(NO_ROWS));
  if (barMs) return void response.end(compress(histogram(startMs, endMs, Number(barMs))));
  const found = rowsBefore(endMs) - rowsBefore(startMs);
  const limit = load.isLimited ? Math.min(LIMIT_ROWS, Math.floor(LIMIT_BYTES / pool.rowBytes)) : found;
  await pipeline(Readable.from(answer(Math.min(found, limit), found > limit)), response);
}

let underWay = 0;
let most = 0;
let queries = 0;
let busyMs = 0;
let firstMs: number | undefined;
let lastMs = 0;

const server = createServer((request, response) => {
  const askedMs = performance.now();
  firstMs ??= askedMs;
  queries += 1;
  underWay += 1;
  most = Math.max(most, underWay);
  response.on('close', () => {
    underWay -= 1;
    lastMs = performance.now();
    busyMs += lastMs - askedMs;
  });
  reply(request, response).catch(() => response.destroy());
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('message', () => {
  const served: Served = { queries, most, mean: busyMs / (lastMs - (firstMs ?? 0)) };
  process.send?.(served);
});
process.once('disconnect', () => process.exit());
