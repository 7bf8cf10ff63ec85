import { asking, leftMs, type Run } from './run.ts';
import type { Holder, Look, Position, Session, Sink } from './sink.ts';
import { FIRST_WINDOW_MS } from './sizing.ts';
import { nameSource } from './source.ts';
import { DAY_MS, formatIso, MINUTE_MS } from './window.ts';

/** One row of a table comes at once. */
const LOOK_MS = MINUTE_MS;
/** The shortest retention of a workspace: rows older than this may be gone. */
const RETENTION_MS = 30 * DAY_MS;

/** A run's hold on its home, and what is known of the table. */
export interface Opened {
  readonly session: Session;
  readonly look: Look;
  /** The column whose keys are counted; `undefined` when nobody will recount them. */
  readonly counted: string | undefined;
  /** The query is new, or no row has been seen yet. */
  readonly isNew: boolean;
  /** All windows are recounted, those too that had settled when they were read. */
  readonly isAgain?: boolean;
}

/**
 * Opens an export, which begins at the lookback where nothing has been exported yet, and looks at its table unless that has
 * been done for the query that holds.
 * @throws when the position is damaged, deleted, or of another source, and when the table has no ingestion time.
 */
export async function openExport(run: Run): Promise<Opened> {
  const found = await run.ports.sink.open(run.options.name, holderOf(run));
  const opened = await prepare(run, found ?? (await beginAtLookback(run)), found === undefined);
  warnOfTimes(run, opened.session.position);
  return opened;
}

/** Opens a home of the export, which begins at `first` where nothing has been exported yet. */
export async function openHome(run: Run, home: string, first: Position): Promise<Opened> {
  const found = await run.ports.sink.open(home, holderOf(run));
  return prepare(run, found ?? (await create(run, home, first)), false);
}

/** @param isBegun by this run, which has looked at the table for that. */
async function prepare(run: Run, session: Session, isBegun: boolean): Promise<Opened> {
  const { table, log } = run.ports;
  const { position } = session;
  checkSource(position, table.source);
  const isChanged = position.query !== undefined && position.query !== table.text;
  if (isChanged) {
    log.info(`${run.options.name}: the query has changed and holds from ${formatIso(position.exportedUntilMs)} on`);
    const [first] = position.claims;
    if (first !== undefined && run.options.auditMs > 0) {
      log.warn(
        `${run.options.name}: the hours from ${formatIso(first.fromMs)} on were exported by the query before, and are not ` +
          'recounted: Logs can only be asked by the one that holds',
      );
    }
  }
  const known = isChanged || !(position.look?.proven || isBegun) ? undefined : position.look;
  const found = known ?? (await look(run)).value;
  const counted = run.options.auditMs > 0 && table.isStable ? found.itemId : undefined;
  return { session, look: found, counted, isNew: isBegun || known === undefined };
}

/** @throws when the position is of another source than the settings. */
export function checkSource({ source }: Position, expected: string): void {
  if (source.toLowerCase() === expected.toLowerCase()) return;
  throw new Error(
    `the watermark is of ${nameSource(source)}, but the settings name ${nameSource(expected)}. Use another SINK_URL or ` +
      'another export name for it, or correct APPINSIGHTS_WORKSPACE_ID or <NAME>_SOURCE',
  );
}

/**
 * Begins an export at `atMs`, where nothing has been exported yet.
 * @throws saying why it cannot begin there.
 */
export async function startExport(run: Run, atMs: number): Promise<void> {
  const { sink } = run.ports;
  const newest = await sink.newest(run.options.name);
  const found = await sink.open(run.options.name, holderOf(run));
  if (found !== undefined) refuseAnother(found, atMs);
  if (newest !== undefined && newest.endMs > atMs) {
    throw new Error(`there are parts until ${formatIso(newest.endMs)}: start there, or delete them first`);
  }
  // Where it began at first nobody knows any more.
  const isResumed = (await traceOf(sink, run.options.name)) !== undefined;
  if (found === undefined) refuseAnother(await begin(run, () => atMs, isResumed), atMs);
}

/** @throws when the position is not at `atMs`. To delete parts would be wrong advice here. */
function refuseAnother({ position: { exportedUntilMs } }: Session, atMs: number): void {
  if (exportedUntilMs === atMs) return;
  const before = 'monitorlift backfill exports what lies before its begin';
  throw new Error(`it has a watermark already, exported until ${formatIso(exportedUntilMs)}; ${before}`);
}

async function beginAtLookback(run: Run): Promise<Session> {
  const { name, lookbackMs } = run.options;
  const { sink } = run.ports;
  const trace = await traceOf(sink, name);
  if (trace === undefined) return begin(run, (nowMs) => nowMs - lookbackMs);
  const found = await sink.open(name, holderOf(run));
  if (found !== undefined) return found;
  throw new Error(`the watermark is missing, but ${trace}`);
}

/** What shows that an export has had a watermark, and how to resume; `undefined`: nothing does. */
export async function traceOf(sink: Sink, exportName: string): Promise<string | undefined> {
  const resume = `monitorlift start --export ${exportName} --at`;
  const newest = await sink.newest(exportName);
  if (newest !== undefined) {
    const at = formatIso(newest.endMs);
    return `there are parts: someone deleted it. The newest part ends at ${at}; resume there with: ${resume} ${at}`;
  }
  // Their columns are kept before the first rows are committed.
  const columns = sink.isOneWay ? await sink.schema?.(exportName) : undefined;
  if (columns === undefined || columns.length === 0) return undefined;
  return (
    `${exportName}/_schema.json shows that rows have been delivered: someone deleted the watermark. The receiver knows how far ` +
    `it was: find the latest window among its Idempotency-Keys, and resume at the start of that, whose rows may come twice, with: ${resume} TIME. To begin ` +
    'anew at the lookback, delete _schema.json too'
  );
}

/** @param startOf where to begin, by the time that it is: the machine's, or the service's when that is earlier. */
async function begin(run: Run, startOf: (nowMs: number) => number, isResumed = false): Promise<Session> {
  const { table, log } = run.ports;
  const { name } = run.options;
  const found = await look(run);
  const aheadMs = run.startedAtMs - (found.asOfMs ?? run.startedAtMs);
  if (aheadMs > MINUTE_MS)
    log.warn(`${name}: this machine's clock is at least ${aheadMs} ms ahead of the service's. Correct it`);
  const startMs = startOf(run.startedAtMs - Math.max(0, aheadMs));
  return create(run, name, {
    export: name,
    source: table.source,
    query: table.text,
    exportedFromMs: isResumed ? undefined : startMs,
    exportedUntilMs: startMs,
    windowMs: FIRST_WINDOW_MS,
    look: found.value,
    claims: [],
    backfills: [],
  });
}

async function create(run: Run, home: string, position: Position): Promise<Session> {
  const { sink } = run.ports;
  let cause: unknown;
  await sink.begin(home, position, holderOf(run)).catch((error: unknown) => {
    cause = error; // perhaps it was created all the same
  });
  const session = await sink.open(home, holderOf(run));
  if (session === undefined) throw new Error(`${home} cannot begin`, { cause });
  return session;
}

async function look(run: Run) {
  const { log, table } = run.ports;
  const query = asking(run);
  const answer = await table.look({ ...query, timeoutMs: Math.min(query.timeoutMs, LOOK_MS) });
  if (answer.value.itemId === undefined) {
    log.warn(
      `${run.options.name}: the table has no _ItemId; its rows are exported without, and cannot be split below a millisecond`,
    );
  }
  return answer;
}

function warnOfTimes(run: Run, { exportedUntilMs }: Position): void {
  const { options, ports, startedAtMs } = run;
  const oldestMs = startedAtMs - RETENTION_MS;
  if (exportedUntilMs < oldestMs) {
    ports.log.warn(
      `${options.name}: rows from ${formatIso(exportedUntilMs)} to ${formatIso(oldestMs)} may be gone, if the table's ` +
        'retention is 30 days; what is still there is exported',
    );
  }
  if (exportedUntilMs > startedAtMs) {
    ports.log.warn(
      `${options.name}: the watermark, ${formatIso(exportedUntilMs)}, lies in the future: nothing is exported until then. ` +
        "Either this machine's clock is behind, or it was ahead when the watermark was written; then set the export back " +
        '(README, "Set an export back")',
    );
  }
}

export function holderOf(run: Run): Holder {
  const { ports, report, signal } = run;
  return { runId: report.runId, log: ports.log, signal, leftMs: () => leftMs(run) };
}
