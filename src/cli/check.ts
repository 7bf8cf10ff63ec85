import { newRunId } from '../app.ts';
import { timespanOf, windowQuery } from '../core/kql/query.ts';
import { stagingFolder } from '../core/lake/watermark.ts';
import { NoItemIdError } from '../core/logs.ts';
import { readAll } from '../core/rows.ts';
import type { ExportSettings } from '../settings/settings.ts';
import { chooseExports, type Input, messageOf, type Verb } from './verb.ts';

const QUERY_MS = 60_000;
const SECOND_MS = 1000;
const CONTENT = 'check\n';

export const check: Verb = {
  name: 'check',
  summary: 'try every setting and permission',
  help: `Tries what a run needs, one line each, which passes or says what to correct or to grant: the settings; writing,
reading, renaming and deleting in the sink (below _staging, where readers do not look); and for each export the sign-in
to Logs and its query, for no rows.

Exit code: 0 all passes, 1 something does not, 2 wrong settings or arguments.`,
  options: ['export'],
  async execute(input) {
    const exports = chooseExports(input);
    let code = 0;
    const report = (what: string, passed: boolean, text: string): void => {
      if (!passed) code = 1;
      const line = `${passed ? 'ok  ' : 'FAIL'} ${what}: ${text}`;
      input.terminal.print(input.options.json ? JSON.stringify({ check: what, passed, text }) : line);
    };
    const attempt = (what: string, action: Promise<string>): Promise<void> =>
      action.then(
        (text) => report(what, true, text),
        (error) => report(what, false, messageOf(error)),
      );
    report('settings', true, `${exports.length} exports of workspace ${input.app.settings.workspaceId}`);
    const [first] = exports;
    if (first !== undefined) await attempt('sink', trySink(input, first));
    await Promise.all(exports.map((each) => attempt(each.name, tryQuery(input, each))));
    return code;
  },
};

/** Does what a run does: its errors say what failed where. What stays then, a later sweep takes. */
async function trySink({ app }: Input, { name }: ExportSettings): Promise<string> {
  const store = await app.openStore();
  const folder = `${stagingFolder(name)}/${newRunId()}`;
  const [written, renamed] = [`${folder}/written.staged`, `${folder}/renamed.staged`];
  const { etag } = await store.create(written, new Blob([CONTENT]).stream());
  await store.rename(written, renamed, etag);
  const read = await store.read(renamed);
  if (read?.text !== CONTENT) throw new Error(`${renamed} does not hold what was written to it`);
  await store.remove(renamed);
  await store.remove(folder);
  return 'writes, renames, reads and deletes';
}

async function tryQuery({ app, signal }: Input, { query }: ExportSettings): Promise<string> {
  const logs = await app.openLogs();
  const endMs = Date.now() - app.settings.lagMs;
  const window = { startMs: endMs - SECOND_MS, endMs };
  const ask = (itemId: boolean) => {
    const kql = `${windowQuery(query, window, itemId)}\n| take 0`;
    const source = app.settings.workspaceId;
    return logs.query({ source, kql, timespan: timespanOf(window), timeoutMs: QUERY_MS, signal }, readAll);
  };
  try {
    return `answers with ${(await ask(true)).columns.length} columns`;
  } catch (error) {
    if (!(error instanceof NoItemIdError)) throw error;
    return `answers with ${(await ask(false)).columns.length} columns; without ItemId, which ${query.table} does not have`;
  }
}
