import { createRandom } from '../sim/random.ts';
import type { SinkFile } from './kill-sink.ts';
import { type Fate, type Post, startReceiver } from './receiver.ts';

/** More than this is refused with 413: most windows have more. */
const MAX_BYTES = 12_000;

/** What a receiver has taken that loses replies and refuses batches: each key as a file, named like a part. */
export async function createReceived(seed: number) {
  const random = createRandom(seed);
  const decide = ({ bytes }: Post): Fate => {
    if (bytes > MAX_BYTES) return { status: 413 };
    if (random.chance(0.1)) return 'lose';
    if (random.chance(0.05)) return 'drop';
    return random.chance(0.1) ? { status: 503, headers: { 'Retry-After': '0' } } : 'take';
  };
  const receiver = await startReceiver(decide);
  const contents = (): Map<string, Buffer> =>
    new Map(
      [...receiver.taken].map(([key, lines]) => [pathOf(key, lines.length), Buffer.from(`${lines.join('\n')}\n`)]),
    );
  return {
    url: receiver.url,
    /** @throws when a key has come with different bodies. */
    list(folder: string): SinkFile[] {
      if (receiver.mixed.size > 0) throw new Error(`keys with different bodies: ${[...receiver.mixed]}`);
      const all = [...contents()].map(([path, { length: bytes }]) => ({ path, bytes, etag: 'taken' }));
      return all.filter(({ path }) => path.startsWith(`${folder}/`));
    },
    read: (path: string): Buffer | undefined => contents().get(path),
    close: () => receiver[Symbol.asyncDispose](),
  };
}

/** `requests/<start>_<end>_p1of2/3.1` becomes `requests/3.1/<start>_<end>_<rows>_p1of2.jsonl`. */
function pathOf(key: string, rows: number): string {
  const [exportName, window = '', batch] = key.split('/');
  const [start, end, ...split] = window.split('_');
  return `${exportName}/${batch}/${[start, end, rows, ...split].join('_')}.jsonl`;
}
