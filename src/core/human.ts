import { stripVTControlCharacters } from 'node:util';

/**
 * Text from elsewhere as one line that a terminal shows and does not obey: without escape sequences, control characters
 * and marks that turn the direction of writing.
 */
export function plainText(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, '');
}

/** What a service says is shown so far, in characters. */
const MAX_MESSAGE = 500;

/** Without control characters and line breaks, and short: what a service says may go to a terminal. */
export function oneLine(text: string): string {
  const line = text.slice(0, 4 * MAX_MESSAGE).replace(/[\p{C}\s]+/gu, ' ');
  return line.trim().slice(0, MAX_MESSAGE);
}

/** The beginning of what a service says, which may never end: a stream is closed behind it. */
export async function beginningOf(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  let read = Buffer.alloc(0);
  for await (const chunk of body) {
    read = Buffer.concat([read, chunk]);
    if (read.length >= maxBytes) break;
  }
  return read.toString('utf8', 0, maxBytes);
}

/** Rows as columns, each as wide as its widest cell. */
export function formatTable(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** `1.2 s`, `5 min 3 s`, `2 d 4 h`: the two largest units. */
export function formatDuration(ms: number): string {
  const s = Math.abs(ms) / 1000;
  const sign = ms < 0 ? '-' : '';
  if (s < 60) return `${sign}${s < 10 ? s.toFixed(1) : Math.floor(s)} s`;
  if (s < 3600) return `${sign}${Math.floor(s / 60)} min ${Math.floor(s % 60)} s`;
  if (s < 86_400) return `${sign}${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${sign}${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
}

/** `1 row`, `2 rows`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `12.3 MB`, in powers of 1000. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let power = 0;
  let text = bytes.toFixed(0);
  while (Number(text) >= 1000 && power < units.length - 1) {
    power += 1;
    text = (bytes / 1000 ** power).toFixed(1);
  }
  return text === '1' ? '1 byte' : `${text} ${units[power]}`;
}

/** What was exported: `2 rows in 1 part (3.4 kB)`. */
export function formatTotals({ rows, parts, bytes }: { rows: number; parts: number; bytes: number }): string {
  return `${formatCount(rows, 'row')} in ${formatCount(parts, 'part')} (${formatBytes(bytes)})`;
}
