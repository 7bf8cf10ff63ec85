import type { Random } from './random.ts';
import type { Shown } from './sinks.ts';
import { DOUBLED, STRAY_ID } from './world.ts';

/** Someone who lists the lake all the time, and perhaps takes parts away. */
export interface Reader {
  /**
   * Looks at every published part.
   * @throws when a row is there twice or of another workspace, or a part is damaged, changed or gone.
   */
  look(): void;
  /** A published part to take away; the caller removes it. */
  take(random: Random): string | undefined;
  /** Someone else removes a part, before any reader has taken it: its rows may come again. */
  forget(path: string): void;
  /** Rows seen so far, and the part that each is in; without those that share their ItemId. */
  readonly seen: ReadonlyMap<number, string>;
  /** How many of those each part has: nobody can tell them apart. */
  readonly doubled: ReadonlyMap<string, number>;
  /** Whether any part has been taken away. */
  readonly hasTaken: boolean;
}

export function createReader(files: Shown['files']): Reader {
  const known = new Map<string, Uint8Array>();
  const taken = new Set<string>();
  const seen = new Map<number, string>();
  const doubled = new Map<string, number>();

  function check(path: string, content: Uint8Array, kept: number | undefined): void {
    if (known.get(path) === content) return;
    if (taken.has(path)) throw new Error(`${path} was taken away and is there again`);
    if (known.has(path)) throw new Error(`${path} has changed`);
    known.set(path, content);
    const lines = new TextDecoder().decode(content).split('\n').filter(Boolean);
    const named = /Z_(\d+)(?:_p\d+of\d+)?(?:_late\d+)?\.jsonl$/.exec(path)?.[1];
    const rows = Number(named ?? kept);
    if (lines.length !== rows) throw new Error(`${path} has ${lines.length} rows`);
    for (const line of lines) {
      const { id, ItemId: itemId }: { id: number; ItemId: string } = JSON.parse(line);
      if (itemId === DOUBLED) {
        doubled.set(path, (doubled.get(path) ?? 0) + 1);
        continue;
      }
      if (id >= STRAY_ID) throw new Error('rows of another workspace are in the lake');
      const other = seen.get(id);
      if (other !== undefined) throw new Error(`row ${id} is in ${other} and in ${path}`);
      seen.set(id, path);
    }
  }

  return {
    seen,
    doubled,
    get hasTaken() {
      return taken.size > 0;
    },
    forget(path) {
      for (const [id, place] of seen) if (place === path) seen.delete(id);
      doubled.delete(path);
      known.delete(path);
    },
    look() {
      for (const [path, { content, rows }] of files) if (!path.includes('/_')) check(path, content, rows);
      for (const path of known.keys()) {
        if (!files.has(path) && !taken.has(path)) throw new Error(`${path} was published and is gone`);
      }
    },
    take(random) {
      const there = [...known.keys()].filter((path) => !taken.has(path));
      if (there.length === 0) return undefined;
      const path = random.pick(there);
      taken.add(path);
      return path;
    },
  };
}
