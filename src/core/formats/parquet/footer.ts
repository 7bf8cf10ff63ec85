import type { Column } from '../../rows.ts';
import { sum } from '../../sum.ts';
import { binary, i32, i64, list, struct, type Thrift } from './thrift.ts';
import type { ColumnType } from './types.ts';
import { ENCODINGS, type Range } from './values.ts';

/** What a file begins and ends with. */
export const MAGIC = Buffer.from('PAR1');

/** The writer's own version, in the form that readers parse. */
const CREATED_BY = 'monitorlift version 1.0.0 (build parquet)';
const OPTIONAL = 1;

export interface FileColumn extends Column {
  readonly stored: ColumnType;
}

/** A column in a row group, and where the file has it. Bytes include the page headers. */
export interface Chunk extends Range {
  readonly rows: number;
  readonly nulls: number;
  readonly rawBytes: number;
  readonly storedBytes: number;
  /** From the start of the file; `undefined` where there is none. */
  readonly dictionaryAt: number | undefined;
  readonly dataAt: number;
}

/** What stands behind the row groups, the last bytes of the file included: fields by their ids in parquet.thrift. */
export function footer(columns: readonly FileColumn[], groups: readonly (readonly Chunk[])[], codec: number): Buffer {
  const root = struct({ 4: binary('schema'), 5: i32(columns.length) });
  const typeOrder = struct({ 1: struct({}) });
  const { bytes } = struct({
    1: i32(1),
    2: list([root, ...columns.map(schemaElement)]),
    3: i64(sum(groups, (chunks) => chunks[0]?.rows ?? 0)),
    4: list(groups.map((chunks) => rowGroup(columns, chunks, codec))),
    6: binary(CREATED_BY),
    7: list(columns.map(() => typeOrder)),
  });
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([Buffer.from(bytes), length, MAGIC]);
}

function schemaElement({ name, stored }: FileColumn): Thrift {
  return struct({
    1: i32(stored.physical),
    3: i32(OPTIONAL),
    4: binary(name),
    6: stored.converted === undefined ? undefined : i32(stored.converted),
    10: stored.logical,
  });
}

function rowGroup(columns: readonly FileColumn[], chunks: readonly Chunk[], codec: number): Thrift {
  return struct({
    1: list(columns.map((column, i) => columnChunk(column, chunks[i] as Chunk, codec))),
    2: i64(sum(chunks, ({ rawBytes }) => rawBytes)),
    3: i64(chunks[0]?.rows ?? 0),
  });
}

function columnChunk({ name, stored }: FileColumn, chunk: Chunk, codec: number): Thrift {
  const { min, max, dictionaryAt } = chunk;
  const { rle, plain, rleDictionary } = ENCODINGS;
  const metadata = struct({
    1: i32(stored.physical),
    2: list((dictionaryAt === undefined ? [rle, plain] : [rle, plain, rleDictionary]).map(i32)),
    3: list([binary(name)]),
    4: i32(codec),
    5: i64(chunk.rows),
    6: i64(chunk.rawBytes),
    7: i64(chunk.storedBytes),
    9: i64(chunk.dataAt),
    11: dictionaryAt === undefined ? undefined : i64(dictionaryAt),
    12: struct({ 3: i64(chunk.nulls), 5: max && binary(max), 6: min && binary(min) }),
  });
  // Writers put the chunk's own place here; the standard now wants 0.
  return struct({ 2: i64(0), 3: metadata });
}
