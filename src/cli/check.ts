import { formatCount } from '../core/human.ts';
import { columnWarnings } from '../core/kql/columns.ts';
import { checkSource } from '../core/open.ts';
import { reasonOf } from '../core/reason.ts';
import { readAll } from '../core/rows.ts';
import { nameSource } from '../core/source.ts';
import type { ExportSettings } from '../settings/settings.ts';
import { atOnce, type Input, type Verb } from './verb.ts';

const QUERY_MS = 60_000;

export const check: Verb = {
  name: 'check',
  summary: 'try every setting and permission',
  help: `Tries what a run needs, one line each, which passes or says what to correct or to grant: the settings; writing,
reading, renaming and deleting in the sink (below _staging, where readers do not look), and that it refuses what the
protocol needs refused; and for each export the sign-in to Logs, its table and its query, for hardly any rows.

Exit code: 0 all passes, 1 something does not, 2 wrong settings or arguments, 130 or 143 stopped.`,
  options: {},
  async execute(input) {
    const { exports, print, signal } = input;
    const report = (check: string, passed: boolean, text: string): boolean => {
      print([`${passed ? 'ok  ' : 'FAIL'} ${check}: ${text}`], [{ check, passed, text }]);
      return passed;
    };
    const attempt = (what: string, action: Promise<string>): Promise<boolean> =>
      action.then(
        (text) => report(what, true, text),
        // What was stopped has not failed.
        (error) => !signal.aborted && report(what, false, reasonOf(error)),
      );
    const sources = new Set(exports.map(({ source }) => nameSource(source)));
    report('settings', true, `${formatCount(exports.length, 'export')} of ${[...sources].join(', ')}`);
    const [first] = exports;
    const isSinkGood = first === undefined || (await attempt('sink', trySink(input, first.name)));
    const code = await atOnce(input, (exported) => attempt(exported.name, tryExport(input, exported)));
    return isSinkGood ? code : 1;
  },
};

async function trySink({ app, holder }: Input, name: string): Promise<string> {
  return (await app.openSink()).prove(name, holder);
}

/** What a run does when it opens the export, and a query for hardly any rows. */
async function tryExport({ app, holder, signal }: Input, exported: ExportSettings): Promise<string> {
  const { sink, table } = await app.openPorts(exported, { log: holder.log });
  const asking = { signal, timeoutMs: QUERY_MS };
  const session = await sink.open(exported.name, holder);
  if (session !== undefined) checkSource(session.position, table.source);
  const { value: look } = await table.look(asking);
  const endMs = Date.now() - app.settings.lagMs;
  const { columns } = await table.rows({ window: { startMs: endMs - 1, endMs } }, look, asking, readAll);
  const notes = [`answers with ${formatCount(columns.length, 'column')}`, ...columnWarnings(columns, look.itemId)];
  if (look.itemId === undefined) notes.push('without ItemId, which the table does not have');
  if (!look.proven) notes.push('has no rows yet, so that nobody knows whether they have an ingestion time');
  return notes.join('; ');
}
