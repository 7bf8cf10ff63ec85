import { askRows } from './ask.ts';
import { formatQuery, PROBE_COLUMN, probeQuery } from './kql/query.ts';
import { newestPart } from './lake/part.ts';
import { readWatermark, type StoredWatermark, startWatermark, watermarkPath } from './lake/watermark.ts';
import type { Run } from './run.ts';
import { DAY_MS, formatIso } from './window.ts';

type Opening = Omit<Run, 'current'>;

/** The shortest retention of a workspace: rows older than this may be gone. */
const RETENTION_MS = 30 * DAY_MS;

/**
 * Reads the watermark, or creates it where nothing has been exported yet.
 * @throws when it is damaged, deleted, or another workspace's.
 */
export async function openWatermark(run: Opening): Promise<StoredWatermark> {
  const found = (await readWatermark(run.ports.store, run.options.name)) ?? (await firstWatermark(run));
  const { name, source, query } = run.options;
  const { watermark } = found;
  if (watermark.source.toLowerCase() !== source.toLowerCase()) {
    throw new Error(
      `${watermarkPath(name)} is of workspace ${watermark.source}, but the settings name workspace ${source}. ` +
        'Use another SINK_URL or another export name for it, or correct APPINSIGHTS_WORKSPACE_ID',
    );
  }
  if (watermark.query !== undefined && watermark.query !== formatQuery(query)) {
    run.ports.log.info(`${name}: the query has changed and holds from ${formatIso(watermark.exportedUntilMs)} on`);
  }
  const oldestMs = run.startedAtMs - RETENTION_MS;
  if (watermark.exportedUntilMs < oldestMs) {
    run.ports.log.warn(
      `${name}: rows from ${formatIso(watermark.exportedUntilMs)} to ${formatIso(oldestMs)} may be gone, if the table's ` +
        'retention is 30 days; what is still there is exported',
    );
  }
  return found;
}

async function firstWatermark(run: Opening): Promise<StoredWatermark> {
  const { name, source, query, lookbackMs } = run.options;
  const { store } = run.ports;
  const newest = await newestPart(store, name);
  let cause: unknown;
  if (newest === undefined) {
    await checkTable(run);
    const atMs = run.startedAtMs - lookbackMs;
    const start = { name, source, query: formatQuery(query), atMs, runId: run.report.runId, nowMs: run.startedAtMs };
    await startWatermark(store, start).catch((error: unknown) => {
      cause = error; // perhaps it was created all the same
    });
  }
  const found = await readWatermark(store, name);
  if (found !== undefined) return found;
  if (newest === undefined) throw new Error(`${watermarkPath(name)} could not be created`, { cause });
  throw new Error(
    `${watermarkPath(name)} is missing, but there are parts: someone deleted it. The newest part ends at ` +
      `${formatIso(newest.endMs)}; resume there with: monitorlift start --export ${name} --at ${formatIso(newest.endMs)}`,
  );
}

/** Such an export would stay empty, or hide a column, for ever; so it does not begin. */
async function checkTable(run: Opening): Promise<void> {
  const { name, query, lookbackMs } = run.options;
  const window = { startMs: run.startedAtMs - lookbackMs, endMs: run.startedAtMs };
  const { columns, rows } = await askRows(run, probeQuery(query), window);
  if (rows.some((row) => row[PROBE_COLUMN] === null)) {
    throw new Error(`${name}: ingestion_time() is null in ${query.table}, as in a saved function; name a table`);
  }
  const taken = columns.map(({ name }) => name).filter((column) => column === 'IngestionTime' || column === 'ItemId');
  if (taken.length > 0) {
    throw new Error(
      `${name}: ${query.table} already has a column ${taken.join(' and ')}, which the export adds; ` +
        'export a table without',
    );
  }
}
