import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogs } from '../../src/azure/logs/logs.ts';
import { RunError, runExport } from '../../src/core/exporter.ts';
import { createLake } from '../../src/core/lake/lake.ts';
import type { ExportOptions, Ports } from '../../src/core/run.ts';
import { openTable } from '../../src/core/table.ts';
import { openKeys } from '../../src/core/tally.ts';
import { MINUTE_MS } from '../../src/core/window.ts';
import { firstPosition } from './first-position.ts';
import { createMemoryStore } from './memory-store.ts';
import { plainLines } from './plain-lines.ts';

/** How the service treats a query that came as the `number`th, when `underWay` are under way with it. */
export type Policy = (number: number, underWay: number) => 'answer' | 'refuse' | 'refuse, and say when';

const WINDOW = /^(\w+)[\s\S]*?datetime\(([^)]+)\) and ingestion_time\(\) < datetime\(([^)]+)\)/;
const ROW_MS = 5000;
const SPAN_MS = 40 * MINUTE_MS;
const COLUMNS = ['ItemId', 'At'].map((name) => ({ name, type: 'string' }));
const RUNS_LIMIT = 200;

/** A service on loopback, a row in every five seconds, which refuses queries as the policy says. */
async function startService(originMs: number, policy: Policy) {
  const seen = { queries: 0, refused: 0, most: 0 };
  const underWay = new Set<ServerResponse>();
  async function reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const number = ++seen.queries;
    underWay.add(response);
    response.on('close', () => underWay.delete(response));
    // Before its last byte is sent: whoever has it may ask the next one before this side hears of the end.
    const finish = (body: string) => {
      underWay.delete(response);
      response.end(body);
    };
    const { query } = JSON.parse(Buffer.concat(await Array.fromAsync(request)).toString()) as { query: string };
    // Others come meanwhile, and those that were given up are gone.
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    const open = [...underWay].filter(({ socket }) => socket?.destroyed === false).length;
    seen.most = Math.max(seen.most, open);
    const treated = policy(number, open);
    if (treated !== 'answer') {
      seen.refused += 1;
      response.writeHead(429, treated === 'refuse' ? {} : { 'retry-after': '0' });
      return finish('{"error":{"code":"ThrottledError","message":"too many"}}');
    }
    const [, table = '', start = '', end = ''] = WINDOW.exec(query) ?? [];
    const rows: string[][] = [];
    for (let at = originMs; at < originMs + SPAN_MS; at += ROW_MS) {
      if (at >= Date.parse(start) && at < Date.parse(end)) rows.push([`${table} ${at}`, new Date(at).toISOString()]);
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    finish(JSON.stringify({ tables: [{ name: 'PrimaryResult', columns: COLUMNS, rows }] }));
  }
  const server = createServer((request, response) => {
    reply(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`),
    seen,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Exports these tables at once, in runs, until each is level with the horizon; gives the rows, and what the service saw. */
export async function exportThrough(policy: Policy, tables: readonly string[], queriesAtOnce: number) {
  const originMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 60 * MINUTE_MS;
  const service = await startService(originMs, policy);
  const store = createMemoryStore();
  const logs = createLogs({
    endpoint: service.endpoint,
    credential: undefined,
    queriesAtOnce,
    retry: { attempts: 3, delayMs: 1 },
  });
  const lake = createLake({ store, format: plainLines, now: Date.now });
  const keys = await openKeys();
  const failures: string[] = [];
  let runs = 0;

  async function exportTable(table: string): Promise<void> {
    const ports: Ports = {
      sink: lake,
      table: openTable(logs, 'workspace', { table, rest: '' }, Date.now),
      keys,
      log: { debug() {}, info() {}, warn() {}, error() {} },
      clock: { now: Date.now, elapsed: () => performance.now() },
      newRunId: () => `run${++runs}`,
    };
    const name = table.toLowerCase();
    const first = { ...firstPosition(originMs), export: name, query: table, windowMs: MINUTE_MS };
    await lake.begin(name, first, { runId: `begin-${name}`, log: ports.log });
    for (let run = 0; run < RUNS_LIMIT; run += 1) {
      const options = optionsOf(name, queriesAtOnce);
      const report = await runExport(options, ports, new AbortController().signal).catch((error: unknown) => {
        if (!(error instanceof RunError)) throw error;
        failures.push(error.message);
      });
      if (report?.outcome === 'exported') return;
    }
    throw new Error(`${table} is not level with the horizon after ${RUNS_LIMIT} runs: ${failures.at(-1)}`);
  }

  try {
    await Promise.all(tables.map(exportTable));
  } finally {
    service.close();
  }
  const visible = [...store.files].filter(([path]) => !path.includes('/_'));
  const rows = visible.flatMap(([, { content }]) => Buffer.from(content).toString().trim().split('\n'));
  const times = Array.from({ length: SPAN_MS / ROW_MS }, (_, index) => originMs + index * ROW_MS);
  return {
    rows: rows.map((row) => String(JSON.parse(row).ItemId)).sort(),
    expected: tables.flatMap((table) => times.map((at) => `${table} ${at}`)).sort(),
    staged: [...store.files.keys()].filter((path) => path.includes('_staging')),
    failures,
    ...service.seen,
  };
}

function optionsOf(name: string, windowsAtOnce: number): ExportOptions {
  const budgets = { lagMs: 5 * MINUTE_MS, lookbackMs: MINUTE_MS, budgetMs: 240_000, auditMs: 0 };
  return { name, windowMs: MINUTE_MS, windowsAtOnce, ...budgets };
}
