import { binary, i32, i64, list, struct, type Thrift, text, toBytes } from './thrift.ts';
import type { ColumnType } from './types.ts';
import { type ChunkSummary, ENCODINGS } from './values.ts';

/* The structures of parquet.thrift that a flat file needs, fields by their ids there. */

export const MAGIC = Buffer.from('PAR1');

/** The writer's own version, in the form that readers parse. */
const CREATED_BY = 'monitorlift version 1.0.0 (build parquet)';
const OPTIONAL = 1;
const DATA_PAGE = 0;
const DICTIONARY_PAGE = 2;

interface PageSizes {
  readonly values: number;
  readonly rawBytes: number;
  readonly storedBytes: number;
}

export function dataPageHeader({ values, rawBytes, storedBytes }: PageSizes, encoding: number): Buffer {
  const header = struct({ 1: i32(values), 2: i32(encoding), 3: i32(ENCODINGS.rle), 4: i32(ENCODINGS.rle) });
  return toBytes(struct({ 1: i32(DATA_PAGE), 2: i32(rawBytes), 3: i32(storedBytes), 5: header }));
}

export function dictionaryPageHeader({ values, rawBytes, storedBytes }: PageSizes): Buffer {
  const header = struct({ 1: i32(values), 2: i32(ENCODINGS.plain) });
  return toBytes(struct({ 1: i32(DICTIONARY_PAGE), 2: i32(rawBytes), 3: i32(storedBytes), 7: header }));
}

/** A column and where a row group has it. Bytes include the page headers. */
export interface StoredChunk extends Pick<ChunkSummary, 'min' | 'max'> {
  readonly rows: number;
  readonly nulls: number;
  readonly rawBytes: number;
  readonly storedBytes: number;
  /** From the start of the file. */
  readonly dictionaryAt: number | undefined;
  readonly dataAt: number;
}

export interface FileColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/** What stands behind the row groups, the last bytes of the file included. */
export function footer(
  columns: readonly FileColumn[],
  groups: readonly (readonly StoredChunk[])[],
  codec: number,
): Buffer {
  const root = struct({ 4: text('schema'), 5: i32(columns.length) });
  const typeOrder = struct({ 1: struct({}) });
  const metadata = toBytes(
    struct({
      1: i32(1),
      2: list([root, ...columns.map(schemaElement)]),
      3: i64(sum(groups, (chunks) => chunks[0]?.rows ?? 0)),
      4: list(groups.map((chunks) => rowGroup(columns, chunks, codec))),
      6: text(CREATED_BY),
      7: list(columns.map(() => typeOrder)),
    }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(metadata.length);
  return Buffer.concat([metadata, length, MAGIC]);
}

function schemaElement({ name, type }: FileColumn): Thrift {
  return struct({
    1: i32(type.physical),
    3: i32(OPTIONAL),
    4: text(name),
    6: type.converted === undefined ? undefined : i32(type.converted),
    10: type.logical,
  });
}

function rowGroup(columns: readonly FileColumn[], chunks: readonly StoredChunk[], codec: number): Thrift {
  return struct({
    1: list(columns.map((column, i) => columnChunk(column, chunks[i] as StoredChunk, codec))),
    2: i64(sum(chunks, ({ rawBytes }) => rawBytes)),
    3: i64(chunks[0]?.rows ?? 0),
  });
}

function columnChunk({ name, type }: FileColumn, chunk: StoredChunk, codec: number): Thrift {
  const { min, max } = chunk;
  const encodings = [
    ENCODINGS.rle,
    ENCODINGS.plain,
    ...(chunk.dictionaryAt === undefined ? [] : [ENCODINGS.rleDictionary]),
  ];
  const metadata = struct({
    1: i32(type.physical),
    2: list(encodings.map(i32)),
    3: list([text(name)]),
    4: i32(codec),
    5: i64(chunk.rows),
    6: i64(chunk.rawBytes),
    7: i64(chunk.storedBytes),
    9: i64(chunk.dataAt),
    11: chunk.dictionaryAt === undefined ? undefined : i64(chunk.dictionaryAt),
    12: struct({ 3: i64(chunk.nulls), 5: max && binary(max), 6: min && binary(min) }),
  });
  // Writers put the chunk's own place here; the standard now wants 0.
  return struct({ 2: i64(0), 3: metadata });
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
