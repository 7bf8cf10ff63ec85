import { formatIso, HOUR_MS, hourOf, parseCompact, type Window } from '../../src/core/window.ts';
import type { MemoryStore } from '../support/memory-store.ts';
import { NAME } from './plan.ts';
import type { Random } from './random.ts';
import type { Reader } from './reader.ts';
import type { Shown } from './sinks.ts';

/** Gives a staged file another ETag, as a copy of the sink does, or a change of its metadata. */
export async function retagStaged(store: MemoryStore, random: Random): Promise<void> {
  const staged = [...store.files].filter(([path, { content }]) => path.endsWith('.staged') && content.length > 0);
  if (staged.length === 0) return;
  const [path, { content }] = random.pick(staged);
  await store.remove(path);
  await store.create(path, new Blob([Buffer.from(content)]).stream());
}

/** Does, in each home, what the message of a run says that fails for such a file. */
export async function writeEtags(store: Shown): Promise<void> {
  for (const path of store.files.keys()) {
    if (path.endsWith('/_watermark.json')) await writeEtagsOf(store, path);
  }
}

async function writeEtagsOf(store: Shown, path: string): Promise<void> {
  const found = await store.read(path);
  const file = found && JSON.parse(found.text);
  let isChanged = false;
  for (const part of file?.publishing ?? []) {
    if (part.staged === undefined) continue; // blocks have none
    const source = await store.stat(part.staged);
    if (!source?.bytes || source.etag === part.etag || (await store.stat(part.path)) !== undefined) continue;
    part.etag = source.etag;
    isChanged = true;
  }
  if (isChanged) await store.replace(path, JSON.stringify(file), found?.etag, `${NAME}/_staging/0-person/1.staged`);
}

/**
 * Sets the export back to the start of an hour that has parts, as the README says: no run is under way, no backfill is
 * listed. Gives that time; `undefined` when there is nothing to set back.
 */
export async function setBack(store: Shown, reader: Reader, random: Random): Promise<number | undefined> {
  const path = `${NAME}/_watermark.json`;
  const found = await store.read(path);
  const file = found && JSON.parse(found.text);
  if (file === undefined || file.backfills.length > 0 || file.publishing.length > 0) return undefined;
  const parts = publishedParts(store);
  const hours = parts.map((part) => hourOf(part.startMs) * HOUR_MS).filter((ms) => ms >= Date.parse(file.exportedFrom));
  if (hours.length === 0) return undefined;
  const startMs = random.pick(hours);
  await removeStaging(store);
  for (const part of parts.filter((each) => each.startMs >= startMs)) {
    reader.forget(part.path);
    await store.remove(part.path);
  }
  await removeVerdicts(store, startMs);
  const claims = file.claims.filter(({ until }: { until: string }) => Date.parse(until) <= startMs);
  const text = { ...file, exportedUntil: formatIso(startMs), publishing: [], claims };
  await store.replace(path, JSON.stringify(text), found?.etag, `${NAME}/_staging/0-person/1.staged`);
  return startMs;
}

/** Loses the parts of some hours, which no reader has taken. Gives what has to be exported again: whole hours, if they are over. */
export async function losePart(store: Shown, reader: Reader, random: Random) {
  const parts = publishedParts(store);
  const whole = parts.filter(({ path }) => !path.includes('_late'));
  if (whole.length === 0) return undefined;
  const lost = [random.pick(whole), random.pick(whole)];
  const startMs = Math.min(...lost.map((part) => part.startMs));
  const endMs = Math.max(...lost.map((part) => part.endMs));
  const file = JSON.parse((await store.read(`${NAME}/_watermark.json`))?.text ?? '');
  const fromMs = Math.max(Math.floor(startMs / HOUR_MS) * HOUR_MS, Date.parse(file.exportedFrom));
  const untilMs = Math.min(Math.ceil(endMs / HOUR_MS) * HOUR_MS, Date.parse(file.exportedUntil));
  await loseRange(store, reader, { fromMs, untilMs });
  return { fromMs, untilMs };
}

/** Loses all parts of a range, which no reader has taken. */
export async function loseRange(
  store: Shown,
  reader: Reader,
  range: { fromMs: number; untilMs: number },
): Promise<void> {
  const { fromMs, untilMs } = range;
  for (const part of publishedParts(store).filter(({ startMs, endMs }) => startMs < untilMs && endMs > fromMs)) {
    reader.forget(part.path);
    await store.remove(part.path);
  }
}

function publishedParts(store: Shown): (Window & { path: string })[] {
  return [...store.files.keys()].flatMap((path) => {
    const [start = '', end = ''] = path
      .slice(path.lastIndexOf('/') + 1)
      .replace(/\.jsonl$/, '')
      .split('_');
    const [startMs, endMs] = [parseCompact(start), parseCompact(end)];
    return path.includes('/_') || startMs === undefined || endMs === undefined ? [] : [{ path, startMs, endMs }];
  });
}

async function removeStaging(store: Shown): Promise<void> {
  for (const path of [...store.files.keys()]) if (path.startsWith(`${NAME}/_staging/`)) await store.remove(path);
}

async function removeVerdicts(store: Shown, fromMs: number): Promise<void> {
  for (const path of [...store.files.keys()].filter((each) => each.startsWith(`${NAME}/_audit/`))) {
    const found = await store.read(path);
    const file = found && JSON.parse(found.text);
    const kept = file.verdicts.filter(({ until }: { until: string }) => Date.parse(until) <= fromMs);
    const via = `${NAME}/_staging/0-person/1.staged`;
    await store.replace(path, JSON.stringify({ ...file, verdicts: kept }), found?.etag, via);
  }
}
