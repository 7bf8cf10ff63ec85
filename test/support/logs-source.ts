import assert from 'node:assert/strict';
import { afterEach, beforeEach } from 'node:test';
import { createLogs, type LogsOptions } from '../../src/azure/logs/logs.ts';
import { createLines } from '../../src/core/formats/lines.ts';
import type { Logs, Query } from '../../src/core/logs.ts';
import type { Rows } from '../../src/core/rows.ts';
import { type AnswerServer, answerBody } from './answer-server.ts';

export const source = '5b4c1f5e-0d3c-4a8f-8f0e-0a6b2c1d3e4f';
export const two = answerBody(
  ['Name:string', 'Count:long'],
  [
    ['a', 1],
    ['b', 2],
  ],
);
export const twoLines = '{"Name":"a","Count":1}\n{"Name":"b","Count":2}\n';

/** Without an identity, and with hardly a wait between attempts. */
export function logsAt(server: { endpoint: URL }, options: Partial<LogsOptions> = {}): Logs {
  return createLogs({
    endpoint: server.endpoint,
    credential: undefined,
    retry: { attempts: 5, delayMs: 1 },
    ...options,
  });
}

export function queryOf(change: Partial<Query> = {}): Query {
  const startMs = Date.parse('2026-11-22T14:00:00Z');
  const timespan = { startMs, endMs: startMs + 60_000 };
  return { source, kql: 'AppRequests', timespan, timeoutMs: 60_000, signal: new AbortController().signal, ...change };
}

/** Chunks of lines, as a part has them before compression. */
export function toLines(rows: Rows): AsyncIterable<Uint8Array> {
  return createLines('none').encode(rows);
}

/** Collects the lines of each call of `receive`. */
export function collector() {
  const calls: string[] = [];
  const receive = async (rows: Rows) => {
    const call = calls.push('') - 1;
    for await (const chunk of toLines(rows)) calls[call] += Buffer.from(chunk).toString();
  };
  return { calls, receive };
}

export async function ask(server: AnswerServer, change: Partial<Query> = {}, options: Partial<LogsOptions> = {}) {
  const { calls, receive } = collector();
  return { answer: await logsAt(server, options).query(queryOf(change), receive), calls };
}

/** What `ask` fails with. */
export async function failureOf(server: AnswerServer, change: Partial<Query> = {}, options: Partial<LogsOptions> = {}) {
  const failure: unknown = await ask(server, change, options).then(
    () => undefined,
    (error) => error,
  );
  assert.ok(failure instanceof Error, 'the query succeeded');
  return failure;
}

/** Fails each test of a file that leaves a rejection without a handler. */
export function refuseUnhandled(): void {
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown) => void unhandled.push(reason);
  beforeEach(() => void process.on('unhandledRejection', onUnhandled));
  afterEach(async () => {
    await new Promise(setImmediate);
    process.off('unhandledRejection', onUnhandled);
    assert.deepEqual(unhandled.splice(0), []);
  });
}
