import { parseExportQuery } from '../core/kql/parse.ts';
import type { ExportQuery } from '../core/kql/query.ts';
import { TABLES } from '../core/kql/tables.ts';
import { knowsOldNames } from '../core/source.ts';
import { didYouMean } from './nearest.ts';
import type { SettingsReader } from './reader.ts';
import { parseSchedule } from './schedule.ts';
import { parseSource, parseWorkspace } from './source.ts';

const tables = new Map(Object.entries(TABLES));
const TEN = [...tables.keys()];
/**
 * `EXPORT_SCHEDULE` and its like would be an export's own, and App Service hands each setting over a second time with
 * `APPSETTING_` before its name.
 */
const NAME = /^(?!export$|export_|appsetting_)[a-z]\w{0,40}$/i;
const READS_OTHERS =
  'reads other tables in brackets, so that a recount may find other rows: it is exported, and not audited';
/** Shares no factor with 60: up to 60 exports have a second of their own. */
const SECONDS_APART = 7;

/**
 * The exports that the settings name. What is wrong is left out or replaced by its default, a query by `undefined`, so
 * that there are exports with good schedules whatever the settings say.
 */
export function readExports(reader: SettingsReader) {
  const { read, readIfGiven, warnings } = reader;
  const listed = listedNames(reader);
  const named = [...listed, ...addedNames(reader, listed)];
  const names = named.length > 0 ? named : TEN;
  const sources = names.map((name) => readIfGiven(`${name.toUpperCase()}_SOURCE`, parseSource));
  const isNeeded = names.some((name) => !reader.names.includes(`${name.toUpperCase()}_SOURCE`));
  const workspace = isNeeded
    ? read('APPINSIGHTS_WORKSPACE_ID', '', parseWorkspace)
    : readIfGiven('APPINSIGHTS_WORKSPACE_ID', parseWorkspace);
  const shared = readIfGiven('EXPORT_SCHEDULE', parseSchedule);
  return names.map((name, index) => {
    const prefix = name.toUpperCase();
    const source = sources[index] ?? workspace;
    const inOldNames = source !== undefined && knowsOldNames(source);
    const query = read(`${prefix}_KQL`, tables.get(name) ?? '', (text) => parseQuery(text, name, inOldNames));
    if (query?.readsOthers) warnings.push({ setting: `${prefix}_KQL`, text: READS_OTHERS });
    const own = readIfGiven(`${prefix}_SCHEDULE`, parseSchedule);
    return { name, query, source, schedule: own ?? shared ?? `${(index * SECONDS_APART) % 60} */5 * * * *` };
  });
}

/** The good names in `EXPORTS`; all others are one problem. */
function listedNames(reader: SettingsReader): string[] {
  const names = reader.read('EXPORTS', TEN.join(), (text) => text.split(',').map((name) => name.trim())) ?? [];
  const inUpperCase = names.map((name) => name.toUpperCase());
  const isGood = (name: string, index: number) => NAME.test(name) && inUpperCase.indexOf(name.toUpperCase()) === index;
  const wrong = names.filter((name, index) => !isGood(name, index)).map((name) => `"${name}"`);
  if (wrong.length > 0) {
    const expected = 'each once, whatever the case, a letter and then up to 40 letters, digits and underscores';
    const text = `found ${wrong.join(', ')}, expected names with commas between them: ${expected}, and not "export"`;
    reader.problems.push({ setting: 'EXPORTS', text });
  }
  return names.filter(isGood).map(canonical);
}

/** Exports that are not listed, but have a query. */
function addedNames(reader: SettingsReader, listed: readonly string[]): string[] {
  const taken = listed.map((name) => name.toLowerCase());
  const settings = reader.names.filter((setting) => /^[A-Z0-9_]+_KQL$/.test(setting)).sort();
  const names = settings.map((setting) => setting.slice(0, -'_KQL'.length).toLowerCase());
  const added = names.filter((name) => NAME.test(name) && !taken.includes(name)).map(canonical);
  for (const name of added.filter((each) => !TEN.includes(each))) {
    const near = didYouMean(name, listed);
    if (near !== '') {
      const text = `adds an export "${name}" beside those in EXPORTS${near} Then it is that one's name in upper case, and _KQL`;
      reader.warnings.push({ setting: `${name.toUpperCase()}_KQL`, text });
    }
  }
  return added;
}

/** One of the ten names however it was written, and so one folder; any other name as it is. */
function canonical(name: string): string {
  return TEN.find((known) => known.toLowerCase() === name.toLowerCase()) ?? name;
}

function parseQuery(text: string, name: string, inOldNames: boolean): ExportQuery {
  if (text !== '') return parseExportQuery(text, { inOldNames });
  const ofTable = TEN.find((known) => tables.get(known)?.toLowerCase() === name.toLowerCase());
  if (ofTable !== undefined) {
    throw new Error(`not set, and ${name} in EXPORTS is a table, whose export is called ${ofTable}: write that`);
  }
  const advice = `set it, or correct EXPORTS${didYouMean(name, TEN)}`;
  throw new Error(`not set, and "${name}" in EXPORTS is none of ${TEN.join(', ')}: ${advice}`);
}
