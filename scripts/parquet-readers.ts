/**
 * Writes Parquet files of random cells and of extremes, has ParquetSharp (Apache Arrow's C++ reader, from NuGet) read them,
 * and holds every cell, every type and every row group's statistics against what was written. Needs the .NET SDK.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { createParquet } from '../src/core/formats/parquet/parquet.ts';
import type { Column } from '../src/core/rows.ts';
import { randomFrom } from '../test/support/answer-random.ts';
import { rowsOf } from '../test/support/batches.ts';
import { EXTREMES, randomRows, TYPES } from '../test/support/parquet-cells.ts';
import { doubleText, referenceCell, textText } from '../test/support/parquet-reference.ts';

const PROJECT = join(import.meta.dirname, 'parquet-reader');
const ARTIFACTS = join(import.meta.dirname, '..', 'node_modules', '.cache', 'monitorlift', 'parquet-reader');
const READER = join(ARTIFACTS, 'bin', 'parquet-reader', 'release', 'parquet-reader.dll');

interface Part {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly rows: readonly string[][];
  readonly timestamps: 'micros' | 'nanos';
}

/** What the reader says of a column. */
interface FoundColumn {
  readonly Name: string;
  readonly type: string;
  /** For each row group its nulls and, where they are known, minimum and maximum. */
  readonly groups: readonly string[];
}

function* createParts(seeds: number): Generator<Part> {
  for (const timestamps of ['micros', 'nanos'] as const) {
    const columns = TYPES.map((type) => ({ name: type, type }));
    const rows = Array.from({ length: 200 }, (_, row) =>
      TYPES.map((type, column) => {
        const cells = EXTREMES[type] ?? [];
        return (row + column) % 3 === 0 ? 'null' : (cells[row % cells.length] ?? 'null');
      }),
    );
    yield { name: `extremes-${timestamps}`, columns, rows, timestamps };
  }
  const columns = ['long', 'string', 'string'].map((type, index) => ({ name: `C${index}`, type }));
  const rows = Array.from({ length: 120_000 }, (_, i) => [`${i}`, `"${'pad '.repeat(100)}${i}"`, `"${i % 7}"`]);
  yield { name: 'row-groups', columns, rows, timestamps: 'micros' };
  for (let seed = 1; seed <= seeds; seed += 1) {
    const random = randomFrom(seed * 15_485_863);
    yield { name: `seed-${seed}`, ...randomRows(random), timestamps: random.pick(['micros', 'nanos'] as const) };
  }
}

async function run(command: string, ...args: readonly string[]): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [output, code] = await Promise.all([text(child.stdout), ended]).catch((cause: unknown) => {
    throw new Error(`\`${command}\` cannot be run. Install the .NET SDK, 8 or later.`, { cause });
  });
  if (code !== 0) throw new Error(`\`${[command, ...args].join(' ')}\` ended with code ${code}:\n${output}`);
}

/** The reader's text of a cell as `referenceCell` has it. */
function cellText(cell: string): string {
  if (cell.startsWith('base64:')) return textText(Buffer.from(cell.slice(7), 'base64').toString());
  if (cell.startsWith('0x')) return doubleText(Buffer.from(cell.slice(2), 'hex').readDoubleBE());
  return cell;
}

const EXPECTED_TYPES: Readonly<Record<string, RegExp>> = {
  long: /^None$/,
  int: /^None$/,
  real: /^None$/,
  bool: /^None$/,
  datetime: /^Timestamp\(isAdjustedToUTC=true, timeUnit=(micro|nano)seconds,/,
};

/** How many cells are as they were written. */
function compare({ name, columns, rows, timestamps }: Part, lines: readonly string[]): number {
  const wrong = (what: string) => new Error(`${name}: ${what}`);
  const unitsPerSecond = timestamps === 'micros' ? 1_000_000 : 1_000_000_000;
  const expected = rows.map((row) => columns.map((column, i) => referenceCell(column, row[i] ?? '', unitsPerSecond)));
  for (const [index, column] of columns.entries()) {
    const found: FoundColumn = JSON.parse(lines[index] ?? '');
    if (found.Name !== column.name) throw wrong(`found the column ${found.Name}, expected ${column.name}`);
    if (
      !(EXPECTED_TYPES[column.type] ?? /^String$/).test(found.type) ||
      (/nano/.test(found.type) && timestamps === 'micros')
    )
      throw wrong(`column ${column.name} (${column.type}): found the type ${found.type}`);
    compareStatistics(
      wrong,
      column,
      found.groups,
      expected.map((row) => row[index] ?? ''),
    );
  }
  const found = lines.slice(columns.length).map((line): string[] => JSON.parse(line));
  if (found.length !== rows.length) throw wrong(`found ${found.length} rows, expected ${rows.length}`);
  for (const [row, cells] of expected.entries()) {
    for (const [index, cell] of cells.entries()) {
      const text = cellText(found[row]?.[index] ?? '');
      if (text !== cell) throw wrong(`row ${row}, column ${columns[index]?.name}: found ${text}, expected ${cell}`);
    }
  }
  return rows.length * columns.length;
}

/** Nulls of all row groups together, and minimum and maximum where there is one row group. */
function compareStatistics(
  wrong: (what: string) => Error,
  { name, type }: Column,
  groups: readonly string[],
  cells: readonly string[],
): void {
  const present = cells.filter((cell) => cell !== 'null');
  const parsed = groups.map((group) => group.split(' '));
  const nulls = parsed.reduce((sum, [count]) => sum + Number(count), 0);
  if (nulls !== cells.length - present.length) throw wrong(`column ${name}: found ${nulls} nulls in the statistics`);
  if (parsed[0] === undefined || parsed.length > 1) return;
  const found = parsed[0].slice(1).map(cellText).join();
  const expected = extremesOf(type, present).join();
  if (found !== expected) throw wrong(`column ${name}: found the statistics ${found}, expected ${expected}`);
}

/** Minimum and maximum as the statistics must have them; empty where there must be none. */
function extremesOf(type: string, cells: readonly string[]): string[] {
  if (!['long', 'int', 'real', 'datetime'].includes(type) || cells.length === 0 || cells.includes('NaN')) return [];
  const value = (cell: string) => (type === 'real' ? Number(cell) : BigInt(cell));
  const min = cells.reduce((least, cell) => (value(cell) < value(least) ? cell : least));
  const max = cells.reduce((most, cell) => (value(cell) > value(most) ? cell : most));
  return [type === 'real' && value(min) === 0 ? '-0' : min, value(max) === 0 ? '0' : max];
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seeds: { type: 'string', default: '100' } } });
  await run('dotnet', 'build', PROJECT, '--configuration', 'Release', '--artifacts-path', ARTIFACTS);
  const folder = await mkdtemp(join(tmpdir(), 'monitorlift-parquet-'));
  try {
    const parts = [...createParts(Number(values.seeds))];
    for (const [index, { name, columns, rows, timestamps }] of parts.entries()) {
      const compression = (['zstd', 'gzip', 'none'] as const)[index % 3] ?? 'zstd';
      const batchBytes = index % 2 ? 4096 : 262_144;
      const encoded = createParquet({ timestamps, compression }).encode(rowsOf(columns, rows, batchBytes));
      await writeFile(join(folder, `${name}.parquet`), encoded);
    }
    await run('dotnet', READER, folder);
    let cells = 0;
    for (const part of parts) {
      const lines = (await readFile(join(folder, `${part.name}.jsonl`), 'utf8')).trimEnd().split(/\r?\n/);
      cells += compare(part, lines);
    }
    console.log(
      `ParquetSharp found in ${parts.length} files all ${cells} cells, types and statistics as they were written.`,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
