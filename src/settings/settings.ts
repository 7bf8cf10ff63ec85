import type { Compression } from '../core/formats/compress.ts';
import { FORMATS, type FormatName } from '../core/formats/formats.ts';
import type { ExportQuery } from '../core/kql/query.ts';
import { proxyProblem } from '../core/proxy.ts';
import { readExports } from './exports.ts';
import { identityWarnings } from './identity.ts';
import { createReader, type Env, type Problem } from './reader.ts';
import { checkDelivered, type RestSettings, readRest } from './rest.ts';
import { parseSink } from './sink.ts';
import { parseEndpoint } from './urls.ts';

/** What the app settings say, checked and frozen. Times in milliseconds. */
export interface Settings {
  /** A data lake, a flat account, a database, or the `file:` URL of a directory. */
  readonly sink: URL;
  /** Where parts are delivered; the sink then has positions and staging only. */
  readonly rest: RestSettings | undefined;
  readonly logsEndpoint: URL;
  readonly exports: readonly ExportSettings[];
  readonly lagMs: number;
  readonly lookbackMs: number;
  readonly windowMs: number;
  readonly budgetMs: number;
  /** How long after its end an hour is recounted; 0: never. */
  readonly auditMs: number;
  /** Queries of one process under way at once. */
  readonly queriesAtOnce: number;
  readonly format: FormatName;
  readonly compression: Compression;
  /** For whoever runs the exporter to read, once. */
  readonly warnings: readonly Problem[];
}

export interface ExportSettings {
  readonly name: string;
  readonly query: ExportQuery;
  /** The id of a workspace, or an Azure resource id; in lower case. */
  readonly source: string;
  /** NCRONTAB with six fields, in UTC. */
  readonly schedule: string;
}

/** Carries every problem of the settings at once. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(({ setting, text }) => `  ${setting}: ${text}`);
    super(`The settings are wrong; nothing is exported until they are corrected:\n${lines.join('\n')}`);
    this.problems = problems;
  }
}

const MINUTE_MS = 60_000;
const COMPRESSIONS: readonly Compression[] = ['gzip', 'none', 'zstd'];

/**
 * Reads the app settings.
 * @throws SettingsError with every problem.
 */
export function parseSettings(env: Env): Settings {
  const reader = createReader(env);
  const { read, problems } = reader;
  const number = (setting: string, byDefault: number, min: number, max: number, unit: number) =>
    read(setting, String(byDefault), (text) => Math.round(parseNumber(text, min, max) * unit));

  const format = read('EXPORT_FORMAT', 'jsonl', (text) => checkDelivered(oneOf(FORMATS, text), reader));
  const sink = read('SINK_URL', '', (text) => parseSink(text, env));
  const settings = {
    sink,
    rest: readRest(reader, sink),
    logsEndpoint: read('LOGS_ENDPOINT', 'https://api.loganalytics.io/v1', parseEndpoint),
    exports: Object.freeze(readExports(reader).map((each) => Object.freeze(each))),
    lagMs: number('EXPORT_LAG_MINUTES', 5, 0, 1440, MINUTE_MS),
    lookbackMs: number('EXPORT_LOOKBACK_HOURS', 3, 0, 17_520, 60 * MINUTE_MS),
    windowMs: number('EXPORT_WINDOW_MINUTES', 60, 1, 1440, MINUTE_MS),
    budgetMs: number('EXPORT_BUDGET_SECONDS', 240, 1, 480, 1000),
    auditMs: number('EXPORT_AUDIT_HOURS', 6, 0, 720, 60 * MINUTE_MS),
    queriesAtOnce: number('EXPORT_QUERIES', 5, 1, 5, 1),
    format,
    compression: read('EXPORT_COMPRESSION', format?.startsWith('parquet') ? 'zstd' : 'gzip', (text) =>
      oneOf(COMPRESSIONS, text),
    ),
  };
  if (sink?.protocol === 'postgresql:') {
    for (const setting of reader.names.filter((name) => /^EXPORT_(FORMAT|COMPRESSION)$/.test(name))) {
      problems.push({ setting, text: 'has no effect: rows go into tables of the database in SINK_URL, leave it out' });
    }
  }
  reader.checkUnread();
  const proxy = proxyProblem(env);
  if (proxy !== undefined) problems.push(proxy);
  if (problems.length > 0) throw new SettingsError(problems);
  const warnings = Object.freeze([...reader.warnings, ...identityWarnings(env)]);
  return Object.freeze({ ...(settings as Settings), warnings }); // without a problem, all have a value
}

function parseNumber(text: string, min: number, max: number): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new Error(`found "${text}", expected a number from ${min} to ${max}`);
}

function oneOf<T extends string>(known: readonly T[], text: string): T {
  const found = known.find((each) => each === text);
  if (found !== undefined) return found;
  throw new Error(`found "${text}", expected one of ${known.join(', ')}`);
}
