import { readStaged } from '../../src/core/lake/staging.ts';
import type { Reader } from './kill-reader.ts';
import type { Sink } from './kill-sink.ts';
import type { Tally } from './kill-tally.ts';
import { readWatermark } from './kill-watermark.ts';

/**
 * Checks what is in the sink when all is done: each row once, no part left to publish, and in staging nothing but what
 * killed runs left, which a later sweep takes.
 * @param endedRunIds of the runs that ended by themselves.
 */
export async function verify(
  sink: Sink,
  exportName: string,
  reader: Reader,
  ids: ReadonlySet<string>,
  endedRunIds: ReadonlySet<string>,
  tally: Tally,
): Promise<void> {
  await reader.look();
  await reader.readAgain();
  const missing = [...ids].filter((id) => !reader.rows.has(id));
  if (missing.length > 0) throw new Error(`${missing.length} of ${ids.size} rows are lost: ${missing.slice(0, 10)}`);
  const unknown = [...reader.rows.keys()].filter((id) => !ids.has(id));
  if (unknown.length > 0) throw new Error(`rows that were never sent: ${unknown.slice(0, 10)}`);
  const watermark = await readWatermark(sink, exportName);
  if (watermark?.publishing.length !== 0) throw new Error(`left to publish: ${JSON.stringify(watermark)}`);
  await countLeftovers(sink, `${exportName}/_staging`, endedRunIds, tally);
  tally.rows = reader.rows.size;
  tally.parts = reader.parts.size;
  tally.splitParts = [...reader.parts.keys()].filter((path) => /_p\d+of\d+\./.test(path)).length;
  tally.looks = reader.looks();
}

async function countLeftovers(
  sink: Sink,
  folder: string,
  endedRunIds: ReadonlySet<string>,
  tally: Tally,
): Promise<void> {
  const runIds = { staging: new Set<string>(), committing: new Set<string>() };
  for (const { path } of await sink.list(folder)) {
    const runId = readStaged(path, false)?.runId ?? '';
    if (endedRunIds.has(runId)) throw new Error(`${path}: left by a run that ended by itself`);
    const content = await sink.read(path);
    const isWatermark = content?.toString('utf8').startsWith('{\n') === true;
    runIds[isWatermark ? 'committing' : 'staging'].add(runId);
  }
  for (const runId of runIds.committing) runIds.staging.delete(runId);
  tally.left.staging = runIds.staging.size;
  tally.left.committing = runIds.committing.size;
}
