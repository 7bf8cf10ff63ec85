import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { parseCompact } from '../../src/core/window.ts';
import type { Random } from '../sim/random.ts';
import type { Sink, SinkFile } from './kill-sink.ts';

/** A reader that lists the lake again and again, and remembers all it has seen. */
export interface Reader {
  /** The part in which each row was seen, by the row's `Id`. */
  readonly rows: ReadonlyMap<string, string>;
  readonly parts: ReadonlyMap<string, SinkFile>;
  /** How often the lake has been listed. */
  readonly looks: () => number;
  /**
   * Lists once, reads the parts that are new and one that is not.
   * @throws when a part has changed or gone, does not hold what its name says, or has a row that was seen before.
   */
  look(): Promise<void>;
  /** Reads every part again. */
  readAgain(): Promise<void>;
}

const NAME = /\/([^/_]+Z)_([^_]+Z)(?:_(\d+))?(?:_p\d+of\d+)?(?:_late\d+)?\.jsonl(?:\.gz)?$/;

export function createReader(sink: Sink, folder: string, random: Random): Reader {
  const rows = new Map<string, string>();
  const parts = new Map<string, SinkFile>();
  const digests = new Map<string, string>();
  let looks = 0;

  async function readNew(part: SinkFile): Promise<void> {
    const content = await readPart(sink, part);
    digests.set(part.path, digest(content));
    parts.set(part.path, part);
    for (const id of rowsOf(part, content)) {
      const before = rows.get(id);
      if (before !== undefined) throw new Error(`row ${id} is in ${before} and again in ${part.path}`);
      rows.set(id, part.path);
    }
  }

  async function readKnown(part: SinkFile): Promise<void> {
    const found = digest(await readPart(sink, part));
    if (found !== digests.get(part.path)) throw new Error(`${part.path}: its content has changed`);
  }

  async function look(): Promise<void> {
    const before = [...parts.values()];
    const listed = new Map((await sink.list(folder)).filter(isVisible).map((file) => [file.path, file]));
    looks += 1;
    for (const { path, bytes, etag } of before) {
      const now = listed.get(path);
      if (now === undefined) throw new Error(`${path} was published and is gone`);
      if (now.bytes !== bytes || now.etag !== etag) {
        throw new Error(`${path} has changed: ${bytes} bytes, ETag ${etag}; now ${now.bytes} bytes, ETag ${now.etag}`);
      }
    }
    for (const part of listed.values()) if (!parts.has(part.path)) await readNew(part);
    if (before.length > 0) await readKnown(random.pick(before));
  }

  async function readAgain(): Promise<void> {
    for (const part of parts.values()) await readKnown(part);
  }

  return { rows, parts, looks: () => looks, look, readAgain };
}

/** What a reader is to skip begins with `_` or ends in `.staged`; nothing else may lie around. */
function isVisible({ path }: SinkFile): boolean {
  return !path.includes('/_');
}

async function readPart(sink: Sink, { path, bytes }: SinkFile): Promise<Buffer> {
  const content = await sink.read(path);
  if (content === undefined) throw new Error(`${path} was listed and is gone`);
  if (content.length !== bytes) throw new Error(`${path}: found ${content.length} bytes, expected ${bytes}`);
  return content;
}

function digest(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The ids of a part's rows, which must be as many as its name or its metadata says, and of its window. */
function rowsOf({ path, rows }: SinkFile, content: Buffer): string[] {
  const [, start = '', end = '', count = rows] = NAME.exec(path) ?? [];
  const [startMs, endMs] = [parseCompact(start), parseCompact(end)];
  if (startMs === undefined || endMs === undefined) throw new Error(`${path} is not the name of a part`);
  const text = (path.endsWith('.gz') ? gunzipSync(content) : content).toString('utf8');
  if (!text.endsWith('\n')) throw new Error(`${path}: the last line is cut: ${text.slice(-80)}`);
  const lines = text.slice(0, -1).split('\n');
  if (lines.length !== Number(count)) throw new Error(`${path}: found ${lines.length} lines, expected ${count}`);
  return lines.map((line) => {
    const { Id: id, IngestionTime: ingested }: { Id?: unknown; IngestionTime?: unknown } = JSON.parse(line);
    if (typeof id !== 'string' || id === '') throw new Error(`${path}: a row has no Id: ${line}`);
    const ms = Date.parse(String(ingested));
    if (!(ms >= startMs && ms < endMs)) throw new Error(`${path}: row ${id} was ingested at ${ingested}`);
    return id;
  });
}
