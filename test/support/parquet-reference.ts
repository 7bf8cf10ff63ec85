import type { Column } from '../../src/core/rows.ts';

/**
 * What a Parquet file must hold for a cell, found slowly, as text that every reader's values can be brought to: digits of
 * whole numbers and of times in units since 1970, a double's shortest digits, a string in quotes, and `null`.
 */
export function referenceCell({ type }: Column, cell: string, unitsPerSecond: 1_000_000 | 1_000_000_000): string {
  if (cell === 'null') return 'null';
  switch (type) {
    case 'long':
    case 'int':
      return String(BigInt(cell));
    case 'real':
      return doubleText(cell.startsWith('"') ? Number(JSON.parse(cell)) : Number(cell));
    case 'bool':
      return cell === '1' ? 'true' : cell === '0' ? 'false' : cell;
    case 'datetime': {
      const [, second = '', fraction = ''] = /^"(.{19})(?:\.(\d+))?Z"$/.exec(cell) ?? [];
      const digits = unitsPerSecond === 1_000_000 ? 6 : 9;
      const units = fraction.padEnd(digits, '0').slice(0, digits);
      return String((BigInt(Date.parse(`${second}Z`)) / 1000n) * BigInt(unitsPerSecond) + BigInt(units));
    }
    default: {
      const value: unknown = JSON.parse(cell);
      return textText(typeof value === 'string' ? value : cell);
    }
  }
}

/** Both zeros differ. */
export function doubleText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** A surrogate without its other half has no UTF-8. */
export function textText(value: string): string {
  return JSON.stringify(value.toWellFormed());
}
