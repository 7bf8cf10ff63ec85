import { timespanOf } from './kql/query.ts';
import { type Answer, OversizeError } from './logs.ts';
import { type Rows, readAll } from './rows.ts';
import { type Run, remainingMs } from './run.ts';
import type { Window } from './window.ts';

/** Sends one query of a run and keeps count of it. */
export async function ask<T>(
  run: Omit<Run, 'current'>,
  kql: string,
  window: Window,
  receive: (rows: Rows) => Promise<T>,
): Promise<Answer<T>> {
  const { options, report, ports, signal } = run;
  report.queries += 1;
  const onRetry = () => {
    report.retries += 1;
  };
  const { source } = options;
  try {
    const query = { source, kql, timespan: timespanOf(window), timeoutMs: remainingMs(run), signal, onRetry };
    return await ports.logs.query(query, receive);
  } catch (error) {
    if (error instanceof OversizeError) {
      report.discardedAnswers += 1;
      report.discardedBytes += error.bytes;
    }
    throw error;
  }
}

/** Sends a query for a few small rows. */
export async function askRows(run: Omit<Run, 'current'>, kql: string, window: Window) {
  const { columns, value } = await ask(run, kql, window, readAll);
  return { columns, rows: value };
}

/** Sends a query that answers one number. */
export async function askNumber(run: Run, kql: string, window: Window): Promise<number> {
  const { rows } = await askRows(run, kql, window);
  const value = Object.values(rows[0] ?? {})[0];
  if (rows.length === 1 && typeof value === 'number') return value;
  throw new Error(`${run.options.name}: found ${JSON.stringify(rows)}, expected one number as the answer to ${kql}`);
}
