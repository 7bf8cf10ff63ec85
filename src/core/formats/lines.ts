import { copyDynamic } from './dynamic.ts';
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COMMA,
  copyRun,
  copyValue,
  OPEN_BRACKET,
  skipSpace,
  type Target,
} from './tokens.ts';

export interface Column {
  readonly name: string;
  readonly type: string;
}

export interface RowWriter {
  /** A line may be longer than its row by this much. */
  readonly extraBytes: number;
  /** The index of the column that was read last. */
  column: number;
  /** Turns the row `[cell,...]` at `at` into the line `{"Name":cell,...}`. */
  write(source: Uint8Array, at: number, target: Target): number;
}

/** A writer of lines that have every column, in the answer's order. */
export function createRowWriter(columns: readonly Column[]): RowWriter {
  const keys = columns.map(({ name }, index) => Buffer.from(`${index === 0 ? '{' : ','}${JSON.stringify(name)}:`));
  const isDynamic = columns.map(({ type }) => type === 'dynamic');
  const last = columns.length - 1;
  const writer: RowWriter = {
    extraBytes: keys.reduce((sum, key) => sum + key.length, 2),
    column: 0,
    write(source, start, target) {
      writer.column = 0;
      if (source[start] !== OPEN_BRACKET) return ~start;
      let at = start;
      for (let column = 0; column <= last; column += 1) {
        const key = keys[column] as Buffer;
        copyRun(key, 0, key.length, target);
        // `at` is the bracket or the comma before the cell.
        at = skipSpace(source, at + 1);
        at = isDynamic[column] ? copyDynamic(source, at, target) : copyValue(source, at, target);
        const end = at < 0 ? at : skipSpace(source, at);
        if (end < 0 || source[end] !== (column === last ? CLOSE_BRACKET : COMMA)) {
          writer.column = column;
          return end < 0 ? end : ~end;
        }
        at = end;
      }
      target.bytes[target.at++] = CLOSE_BRACE;
      target.bytes[target.at++] = 0x0a;
      return at + 1;
    },
  };
  return writer;
}
