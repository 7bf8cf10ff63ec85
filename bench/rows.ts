/**
 * Rows as Logs gives them, generated from a seed, so that every process of the benchmark has the same bytes without
 * sending them around. A pool of about 8 MB is repeated as often as an answer needs: far longer than what gzip remembers.
 */
export type Shape = 'narrow' | 'wide';

interface Column {
  readonly name: string;
  readonly type: string;
}

/** Some rows in both forms. `cellEnds` and `lineEnds` are the offsets behind each row. */
export interface Block {
  readonly rows: number;
  /** `[cell,...],[cell,...]`. */
  readonly cells: Buffer;
  readonly cellEnds: readonly number[];
  /** What an export makes of them. */
  readonly lines: Buffer;
  readonly lineEnds: readonly number[];
}

export interface Pool {
  readonly columns: readonly Column[];
  readonly blocks: readonly Block[];
  /** Of a row in an answer, on average, with its comma. */
  readonly rowBytes: number;
}

const BLOCKS = 8;
const BLOCK_BYTES = 1_000_000;
const SEED = 20261122;

const NARROW =
  'TimeGenerated:datetime Name:string ResultCode:string Success:bool DurationMs:real OperationId:string Id:string AppRoleName:string';
const WIDE =
  `TenantId:string ${NARROW} ParentId:string OperationName:string Url:string ` +
  'AppRoleInstance:string AppVersion:string ClientIP:string ClientCity:string ClientOS:string ClientBrowser:string ' +
  'UserId:string SessionId:string SDKVersion:string ItemCount:int Measurements:dynamic Properties:dynamic Type:string';
const ADDED = 'IngestionTime:datetime ItemId:string';

const WORDS = 'order basket customer payment invoice search catalog login retry cache region tenant shard queue'.split(
  ' ',
);

export function createPool(shape: Shape): Pool {
  const columns = `${shape === 'narrow' ? NARROW : WIDE} ${ADDED}`.split(' ').map((each): Column => {
    const [name = '', type = ''] = each.split(':');
    return { name, type };
  });
  const random = createRandom(SEED);
  const blocks = Array.from({ length: BLOCKS }, () => createBlock(columns, random));
  const bytes = blocks.reduce((sum, { cells }) => sum + cells.length + 1, 0);
  return { columns, blocks, rowBytes: bytes / blocks.reduce((sum, { rows }) => sum + rows, 0) };
}

/** `count` rows from the pool, block by block; the last one may be a part of a block. */
export function* takeRows({ blocks }: Pool, count: number): Generator<{ block: Block; rows: number; isLast: boolean }> {
  let left = count;
  for (let index = 0; left > 0; index++) {
    const block = blocks[index % BLOCKS] as Block;
    const rows = Math.min(block.rows, left);
    left -= rows;
    yield { block, rows, isLast: left === 0 };
  }
}

function createBlock(columns: readonly Column[], random: () => number): Block {
  const cells: string[] = [];
  const lines: string[] = [];
  const cellEnds: number[] = [];
  const lineEnds: number[] = [];
  let cellBytes = 0;
  let lineBytes = 0;
  while (cellBytes < BLOCK_BYTES) {
    const row = columns.map(({ name, type }) => createCell(name, type, random));
    // Digits as Logs sends them, and dynamic values as text that contains JSON.
    const cell = `[${row.map(({ text, isDynamic }) => (isDynamic ? JSON.stringify(text) : text)).join(',')}]`;
    const line = `{${row.map(({ text }, index) => `${JSON.stringify(columns[index]?.name)}:${text}`).join(',')}}\n`;
    cellBytes += cell.length + (cells.length > 0 ? 1 : 0);
    lineBytes += line.length;
    cells.push(cell);
    lines.push(line);
    cellEnds.push(cellBytes);
    lineEnds.push(lineBytes);
  }
  return {
    rows: cells.length,
    cells: Buffer.from(cells.join(',')),
    cellEnds,
    lines: Buffer.from(lines.join('')),
    lineEnds,
  };
}

interface Cell {
  /** JSON. */
  readonly text: string;
  readonly isDynamic: boolean;
}

function createCell(name: string, type: string, random: () => number): Cell {
  const number = (below: number) => Math.floor(random() * below);
  const hex = (length: number) => Array.from({ length }, () => number(16).toString(16)).join('');
  const word = () => WORDS[number(WORDS.length)] ?? '';
  const plain = (text: string): Cell => ({ text, isDynamic: false });
  if (type === 'datetime')
    return plain(`"2026-11-22T14:05:${String(number(60)).padStart(2, '0')}.${1_000_000 + number(9e6)}Z"`);
  if (type === 'bool') return plain(random() < 0.9 ? 'true' : 'false');
  if (type === 'real') return plain(`${number(2000)}.${1 + number(9998)}`);
  if (type === 'int') return plain('1');
  if (type === 'dynamic') {
    const isBag = name === 'Properties';
    const members = Array.from({ length: isBag ? 40 : 3 }, (_, index) => {
      const value = isBag ? `"${word()} \\"${hex(12)}\\" C:\\\\${word()}\\\\${hex(24)}"` : `${number(1e6)}.5`;
      return `"${word()}${index}":${value}`;
    });
    return { text: `{${members.join(',')}}`, isDynamic: true };
  }
  if (/Id$/.test(name)) return plain(`"${hex(32)}"`);
  if (name === 'ResultCode') return plain(random() < 0.9 ? '"200"' : '"404"');
  return plain(`"${word()}/${word()}/${number(100)}"`);
}

/** mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
