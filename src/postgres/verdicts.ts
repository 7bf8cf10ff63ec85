import type { Verdict } from '../core/sink.ts';
import { DAY_MS, formatIso } from '../core/window.ts';
import type { Connection } from './connection.ts';
import { unlessMissing } from './error.ts';
import { milliseconds } from './names.ts';
import { VERDICTS } from './schema.ts';

/**
 * In the transaction that is open. A verdict that is there for the same range stays.
 * @param isAgain unless it is an earlier one.
 */
export async function insertVerdicts(
  connection: Connection,
  exportName: string,
  verdicts: readonly Verdict[],
  isAgain: boolean,
) {
  for (const { fromMs, untilMs, verdict, rows, counted, late, bytes, xor, sum, atMs } of verdicts) {
    const range = [exportName, formatIso(fromMs), formatIso(untilMs)];
    const overlaps = 'export = $1 and from_time < $3 and until_time > $2';
    if (isAgain) {
      const earlier = `${overlaps} and audited_at <= $4`;
      await connection.query(`delete from ${VERDICTS} where ${earlier}`, [...range, formatIso(atMs)]);
    }
    await connection.query(
      `insert into ${VERDICTS} (export, from_time, until_time, verdict, rows, counted, late, bytes, xor, sum, ` +
        'audited_at) select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 ' +
        `where not exists (select from ${VERDICTS} where ${overlaps}) on conflict do nothing`,
      [...range, verdict, rows, counted, late, bytes, xor, String(sum), formatIso(atMs)],
    );
  }
}

/** The verdicts of the day that `dayMs` lies in. */
export async function selectVerdicts(connection: Connection, exportName: string, dayMs: number): Promise<Verdict[]> {
  const fromMs = Math.floor(dayMs / DAY_MS) * DAY_MS;
  const answer = connection.query(
    `select ${['from_time', 'until_time', 'audited_at'].map(milliseconds).join(', ')}, verdict, rows, counted, late, ` +
      `bytes, xor, sum::text from ${VERDICTS} where export = $1 and from_time >= $2 and from_time < $3 ` +
      'order by from_time',
    [exportName, formatIso(fromMs), formatIso(fromMs + DAY_MS)],
  );
  const rows = (await unlessMissing(answer))?.rows ?? [];
  return rows.map((row) => ({
    fromMs: Number(row.from_time),
    untilMs: Number(row.until_time),
    atMs: Number(row.audited_at),
    verdict: row.verdict,
    rows: Number(row.rows),
    counted: Number(row.counted),
    late: Number(row.late),
    bytes: Number(row.bytes),
    xor: row.xor,
    sum: BigInt(row.sum),
  }));
}
