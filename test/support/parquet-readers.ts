import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import {
  DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBInstance,
  DuckDBTimestampTZValue,
  DuckDBTypeId,
} from '@duckdb/node-api';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { doubleText, textText } from './parquet-reference.ts';

/** Rows of a Parquet file, cells as `referenceCell` has them. */
export type CellTexts = string[][];

/** Opens a file in DuckDB, as the table `part`, for as long as `use` takes. */
export async function withDuckDb<T>(file: Uint8Array, use: (db: DuckDBConnection) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'monitorlift-parquet-'));
  const path = join(folder, 'part.parquet');
  await writeFile(path, file);
  const instance = await DuckDBInstance.create();
  const db = await instance.connect();
  try {
    await db.run(`create view part as from '${path}'`);
    return await use(db);
  } finally {
    db.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true });
  }
}

/** Times in microseconds, whatever the file has. */
export async function readWithDuckDb(file: Uint8Array): Promise<CellTexts> {
  return await withDuckDb(file, async (db) => {
    // Strings as their bytes: else a byte order mark at their begin is lost on the way.
    const shape = await db.runAndReadAll('from part limit 0');
    const columns = shape.columnNames().map((name, index) => {
      const quoted = `"${name.replaceAll('"', '""')}"`;
      return shape.columnTypeId(index) === DuckDBTypeId.VARCHAR ? `encode(${quoted})` : quoted;
    });
    const rows = await db.runAndReadAll(`select ${columns.join(', ')} from part`);
    return rows.getRows().map((row) => row.map(cellText));
  });
}

export async function readWithHyparquet(file: Uint8Array): Promise<CellTexts> {
  const buffer = new Uint8Array(file).buffer;
  const rows = await parquetReadObjects({
    file: buffer,
    compressors: { GZIP: (input) => gunzipSync(input), ZSTD: (input) => zstdDecompressSync(input) },
    parsers: {
      timestampFromMicroseconds: (micros: bigint) => micros,
      timestampFromNanoseconds: (nanos: bigint) => nanos,
      stringFromBytes: (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString(),
    },
  });
  const [, ...columns] = parquetMetadata(buffer).schema;
  return rows.map((row) => columns.map(({ name }) => cellText(row[name])));
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (value instanceof DuckDBTimestampTZValue) return String(value.micros);
  if (value instanceof DuckDBBlobValue) return textText(Buffer.from(value.bytes).toString());
  if (typeof value === 'number') return doubleText(value);
  if (typeof value === 'string') return textText(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  throw new Error(`found a value of no known type: ${value}`);
}
