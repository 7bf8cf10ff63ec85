import { TABLES } from './core/kql-tables.ts';
import { nearest } from './nearest.ts';
import { checkSchedule, defaultSchedule } from './settings-schedule.ts';

export type Env = Readonly<Record<string, string | undefined>>;

export interface Problem {
  /** Of the app setting. */
  readonly setting: string;
  /** What was found, what is expected, what to do. */
  readonly text: string;
}

/** An export as the settings name it; its query is not checked yet. */
export interface ExportSetting {
  readonly name: string;
  readonly kql: string;
  /** The setting that the query came from. */
  readonly kqlSetting: string;
  readonly schedule: string;
}

const EXPORT_SETTINGS = [
  'EXPORTS',
  'EXPORT_SCHEDULE',
  'EXPORT_LAG_MINUTES',
  'EXPORT_LOOKBACK_HOURS',
  'EXPORT_WINDOW_MINUTES',
  'EXPORT_BUDGET_SECONDS',
  'EXPORT_COMPRESSION',
  'EXPORT_QUERIES',
];

const KNOWN_NAMES = Object.keys(TABLES);
const NAME = /^[A-Za-z][A-Za-z0-9]{0,40}$/;
const OWN = /^([A-Za-z][A-Za-z0-9]{0,40})_(KQL|SCHEDULE)$/i;

/** The trimmed value; an empty one counts as unset. */
export function settingOf(env: Env, setting: string): string | undefined {
  const value = env[setting]?.trim();
  return value === '' ? undefined : value;
}

/** The exports that the settings name, as far as they can be read, and every problem with them. */
export function readExports(env: Env): { exports: ExportSetting[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const report = (setting: string, text: string): void => {
    const isKnown = problems.some((problem) => problem.setting === setting && problem.text === text);
    if (!isKnown) problems.push({ setting, text }); // EXPORT_SCHEDULE is read for each export
  };
  const names = listedNames(env, report);
  for (const setting of Object.keys(env)) checkOwn(env, setting, names, report);
  const exports = [...names].flatMap(([upper, name]) => {
    const kqlSetting = `${upper}_KQL`;
    const kql = settingOf(env, kqlSetting) ?? (Object.hasOwn(TABLES, name) ? TABLES[name] : undefined);
    if (kql !== undefined) return [{ name, kql, kqlSetting, schedule: scheduleOf(env, name, report) }];
    const near = nearest(name, KNOWN_NAMES, 2);
    const wayOut =
      near === undefined
        ? `set ${kqlSetting}, or name one of ${KNOWN_NAMES.join(', ')}`
        : `write ${near}, or set ${kqlSetting}`;
    report('EXPORTS', `found "${name}", which has no query: ${wayOut}`);
    return [];
  });
  return { exports, problems };
}

/** A timer function of the app. */
export interface FunctionSetting {
  readonly name: string;
  readonly functionName: string;
  readonly schedule: string;
}

/**
 * The functions to register, also when the settings are wrong: a host that is told of none shows none and says nothing,
 * while each function that is there fails with every problem.
 */
export function listFunctions(env: Env): FunctionSetting[] {
  const { exports } = readExports(env);
  const listed = exports.length > 0 ? exports : readExports({}).exports;
  return listed.map(({ name, schedule }) => {
    const functionName = `export${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    return { name, functionName, schedule };
  });
}

type Report = (setting: string, text: string) => void;

/** The names by their upper case: those of `EXPORTS`, in the spelling that people know, then those with a query only. */
function listedNames(env: Env, report: Report): Map<string, string> {
  const listed = settingOf(env, 'EXPORTS')?.split(',') ?? KNOWN_NAMES;
  const names = new Map<string, string>();
  for (const name of listed.map((text) => text.trim())) {
    const wrong = checkName(name, names);
    if (wrong === undefined) names.set(name.toUpperCase(), spellingOf(name) ?? name);
    else report('EXPORTS', `found the name "${name}"${wrong}`);
  }
  if (names.size === 0) report('EXPORTS', 'found no name, expected a comma list of exports: unset it for all ten');
  addNames(env, names, report);
  return names;
}

function checkName(name: string, names: ReadonlyMap<string, string>): string | undefined {
  const upper = name.toUpperCase();
  if (!NAME.test(name)) return ', expected a letter, then up to 40 letters and digits, with commas between names';
  if (upper === 'EXPORT') return ', whose settings would be those of all exports: take another';
  return names.has(upper) ? ' twice: names are unique, whatever their case' : undefined;
}

/** Adds the exports that have a query and are not listed, unless the name looks like a slip. */
function addNames(env: Env, names: Map<string, string>, report: Report): void {
  for (const setting of Object.keys(env).sort()) {
    const [, name = '', kind] = OWN.exec(setting) ?? [];
    const isNew = kind === 'KQL' && setting === setting.toUpperCase() && name !== 'EXPORT' && !names.has(name);
    if (!isNew || settingOf(env, setting) === undefined) continue;
    const near = nearest(name, [...names.keys()], 1);
    if (near === undefined) names.set(name, name.toLowerCase());
    else report(setting, `is close to ${near}_KQL: rename it, or name ${name.toLowerCase()} in EXPORTS to export both`);
  }
}

function spellingOf(name: string): string | undefined {
  return KNOWN_NAMES.find((known) => known.toUpperCase() === name.toUpperCase());
}

/** Finds settings that look like ours and would have no effect. */
function checkOwn(env: Env, setting: string, names: ReadonlyMap<string, string>, report: Report): void {
  if (settingOf(env, setting) === undefined || EXPORT_SETTINGS.includes(setting)) return;
  const upper = setting.toUpperCase();
  const [, name = '', kind = ''] = OWN.exec(setting) ?? [];
  if (/^EXPORT(?:_|$)/.test(upper)) {
    const near = EXPORT_SETTINGS.find((known) => known.startsWith(upper)) ?? nearest(upper, EXPORT_SETTINGS, 5);
    const wayOut = near === undefined ? `the settings are ${EXPORT_SETTINGS.join(', ')}` : `write ${near}`;
    report(setting, `is unknown: ${wayOut}`);
  } else if (name !== '' && setting !== upper) {
    report(setting, `has no effect, settings are case-sensitive: write ${upper}`);
  } else if (kind === 'SCHEDULE' && !names.has(name)) {
    const near = nearest(name, [...names.keys()], 2);
    const wayOut = near === undefined ? `unset it, or set ${name}_KQL` : `write ${near}_SCHEDULE`;
    report(setting, `there is no export "${name.toLowerCase()}": ${wayOut}`);
  }
}

function scheduleOf(env: Env, name: string, report: Report): string {
  const fallback = defaultSchedule(name, KNOWN_NAMES);
  const own = `${name.toUpperCase()}_SCHEDULE`;
  const setting = settingOf(env, own) === undefined ? 'EXPORT_SCHEDULE' : own;
  const schedule = settingOf(env, setting);
  if (schedule === undefined) return fallback;
  const wrong = checkSchedule(schedule);
  if (wrong === undefined) return schedule;
  const form = 'six fields, {second} {minute} {hour} {day} {month} {day of week}, such as "0 */5 * * * *"';
  report(setting, `found "${schedule}", which ${wrong}; expected ${form}`);
  return fallback;
}
