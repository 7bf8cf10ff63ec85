import type { Lake } from '../src/local/lake/lake.ts';

/** What all measurements share. */
export interface Scene {
  /** The bundled contender. */
  readonly contender: string;
  /** A folder for files and builds, removed at the end. */
  readonly folder: string;
  readonly lake: Lake;
  /** Makes a database on a server that starts when it is first needed; its URL. The password is in `PGPASSWORD`. */
  readonly openDatabase: () => Promise<string>;
  /** Makes a container in a flat account, which starts likewise; its URL. */
  readonly openContainer: () => Promise<string>;
  /** The URL of a receiver that drops what it takes, which starts likewise. */
  readonly openReceiver: () => Promise<string>;
  readonly repeats: number;
  /** Where each contender leaves a CPU profile; `undefined`: nowhere. */
  readonly profiles: string | undefined;
}

let sinks = 0;

/** Each kind of sink, and how a new one is made. */
const SINKS = {
  directory: async ({ folder }: Scene) => `file:${folder}/sink${sinks}`,
  lake: async ({ lake }: Scene) => {
    await lake.createFileSystem(`sink${sinks}`);
    return lake.url(`sink${sinks}`);
  },
  flat: async ({ openContainer }: Scene) => openContainer(),
  postgresql: async ({ openDatabase }: Scene) => openDatabase(),
};
export type SinkKind = keyof typeof SINKS;
export const SINK_KINDS = Object.keys(SINKS) as SinkKind[];

/** A sink that nothing has been written to. */
export async function newSink(scene: Scene, kind: SinkKind): Promise<string> {
  sinks += 1;
  return SINKS[kind](scene);
}

/** One measurement of a table: what it is, and numbers by their names, units last. */
export type Row = Readonly<Record<string, string | number>>;

export interface Table {
  readonly title: string;
  readonly rows: readonly Row[];
}
