import type { Compression } from './core/compress.ts';
import { KqlError, parseExportQuery } from './core/kql.ts';
import type { ExportQuery } from './core/query.ts';
import { nearest } from './nearest.ts';
import { type Env, type Problem, readExports, settingOf } from './settings-exports.ts';
import { LAKE_FORM, parseEndpoint, parseSink, type Sink, UrlError } from './settings-urls.ts';

/** What the app settings say, checked and frozen. Times in milliseconds. */
export interface Settings {
  /** In lower case. */
  readonly workspaceId: string;
  readonly sink: Sink;
  readonly logsEndpoint: URL;
  readonly exports: readonly ExportSettings[];
  readonly lagMs: number;
  readonly lookbackMs: number;
  readonly windowMs: number;
  readonly budgetMs: number;
  /** Queries of one process under way at once. */
  readonly queriesAtOnce: number;
  readonly compression: Compression;
}

export interface ExportSettings {
  readonly name: string;
  readonly query: ExportQuery;
  /** NCRONTAB with six fields, in UTC. */
  readonly schedule: string;
}

/** Carries every problem of the settings at once. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(({ setting, text }) => `  ${setting}: ${text}`);
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    super(`The settings have ${count}; nothing is exported until they are corrected:\n${lines.join('\n')}`);
    this.problems = problems;
  }
}

const MINUTE_MS = 60_000;
const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const COMPRESSIONS: readonly Compression[] = ['gzip', 'none', 'zstd'];

/**
 * Reads the app settings.
 * @throws SettingsError with every problem.
 */
export function parseSettings(env: Env): Settings {
  const { exports, problems } = readExports(env);
  const read = <T>(setting: string, fallback: string | undefined, parse: (text: string) => T): T | undefined => {
    const text = settingOf(env, setting) ?? fallback;
    try {
      if (text === undefined) throw new ValueError(`not set: ${missing(env, setting)}`);
      return parse(text);
    } catch (error) {
      if (!(error instanceof ValueError || error instanceof UrlError || error instanceof KqlError)) throw error;
      problems.push({ setting, text: error.message });
      return undefined;
    }
  };
  const number = (setting: string, fallback: number, min: number, max: number, unitMs: number): number =>
    Math.round((read(setting, String(fallback), (text) => parseNumber(text, min, max)) ?? 0) * unitMs);

  const queries = exports.map(({ name, kql, kqlSetting, schedule }) => ({
    name,
    schedule,
    query: read(kqlSetting, kql, parseExportQuery),
  }));
  const workspaceId = read('APPINSIGHTS_WORKSPACE_ID', undefined, parseGuid);
  const sink = read('SINK_URL', undefined, parseSink);
  const logsEndpoint = read('LOGS_ENDPOINT', 'https://api.loganalytics.io/v1', parseEndpoint);
  const compression = read('EXPORT_COMPRESSION', 'gzip', parseCompression);
  const times = {
    lagMs: number('EXPORT_LAG_MINUTES', 5, 0, 1440, MINUTE_MS),
    lookbackMs: number('EXPORT_LOOKBACK_HOURS', 3, 0, 17_520, 60 * MINUTE_MS),
    windowMs: number('EXPORT_WINDOW_MINUTES', 60, 1, 1440, MINUTE_MS),
    budgetMs: number('EXPORT_BUDGET_SECONDS', 240, 1, 480, 1000),
  };
  const queriesAtOnce = number('EXPORT_QUERIES', 5, 1, 5, 1);
  const checked = queries.flatMap(({ query, ...rest }) =>
    query === undefined ? [] : [Object.freeze({ ...rest, query })],
  );
  const isComplete = workspaceId !== undefined && sink !== undefined && logsEndpoint !== undefined;
  if (problems.length > 0 || !isComplete || compression === undefined) throw new SettingsError(problems);
  return Object.freeze({
    workspaceId,
    sink,
    logsEndpoint,
    compression,
    queriesAtOnce,
    exports: Object.freeze(checked),
    ...times,
  });
}

/** A value that is not what its setting takes. */
class ValueError extends Error {
  override readonly name = 'ValueError';
}

/** What to set, and a setting that may have been meant. */
function missing(env: Env, setting: string): string {
  const others = Object.keys(env).filter((other) => settingOf(env, other) !== undefined);
  const near = nearest(setting, others, 2);
  const form =
    setting === 'SINK_URL' ? LAKE_FORM : 'the id of the Log Analytics workspace, a GUID (portal: workspace, Overview)';
  return `set it to ${form}${near === undefined ? '' : ` (${near} is set: rename it)`}`;
}

function parseGuid(text: string): string {
  if (GUID.test(text)) return text.toLowerCase(); // a watermark compares it
  // Not repeated: it may be a connection string.
  const found = text.startsWith('/subscriptions/') ? 'a resource id' : `${text.length} characters that are no GUID`;
  throw new ValueError(`found ${found}, expected the id of the Log Analytics workspace (portal: workspace, Overview)`);
}

function parseNumber(text: string, min: number, max: number): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new ValueError(`found "${shorten(text)}", expected a number from ${min} to ${max}`);
}

function parseCompression(text: string): Compression {
  const compression = COMPRESSIONS.find((known) => known === text);
  if (compression !== undefined) return compression;
  throw new ValueError(`found "${shorten(text)}", expected one of ${COMPRESSIONS.join(', ')}`);
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}
