import type { Lake } from '../src/local/lake/lake.ts';

/** What all measurements share. */
export interface Scene {
  /** The bundled contender. */
  readonly contender: string;
  /** A folder for files and builds, removed at the end. */
  readonly folder: string;
  readonly lake: Lake;
  readonly repeats: number;
  /** Where each contender leaves a CPU profile; `undefined`: nowhere. */
  readonly profiles: string | undefined;
}

let sinks = 0;

/** A sink that nothing has been written to. */
export async function newSink(scene: Scene, kind: 'directory' | 'lake'): Promise<string> {
  sinks += 1;
  if (kind === 'directory') return `file:${scene.folder}/sink${sinks}`;
  const name = `sink${sinks}`;
  await scene.lake.createFileSystem(name);
  return scene.lake.url(name);
}

/** One measurement of a table: what it is, and numbers by their names, units last. */
export type Row = Readonly<Record<string, string | number>>;

export interface Table {
  readonly title: string;
  readonly rows: readonly Row[];
}
