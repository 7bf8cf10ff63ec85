import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnWarnings } from '../src/core/kql/columns.ts';
import { KqlError, parseExportQuery } from '../src/core/kql/parse.ts';
import { ADDED, type ExportQuery, formatQuery, windowQuery } from '../src/core/kql/query.ts';
import { type Column, createParser, type TableSchema } from '../src/local/logs/kusto.ts';
import builtIn from '../src/local/logs/schemas.json' with { type: 'json' };
import { parseSettings } from '../src/settings/settings.ts';
import { microsoftOutline } from './support/microsoft-kql.ts';
import { QUERIES } from './support/queries.ts';

const KEY = { window: { startMs: 0, endMs: 1 } };
const LOOK = { ...ADDED, proven: true };
const REQUIRED = {
  APPINSIGHTS_WORKSPACE_ID: '00000000-0000-0000-0000-000000000001',
  SINK_URL: 'https://lake.dfs.core.windows.net/telemetry',
};
const tables = Object.entries(builtIn).map(([name, columns]) => [name, { columns } as TableSchema] as const);
const own: TableSchema = { columns: { TimeGenerated: 'datetime', Level_s: 'string', Message: 'string' } };
const bind = createParser({ ...Object.fromEntries(tables), MyApp_CL: own });

/** The columns of an answer to a window, as Microsoft's parser binds them. */
function answerColumns(query: ExportQuery): readonly Column[] {
  const root = bind(windowQuery(query, KEY, LOOK));
  const [statement] = root.children.flatMap(({ children }) => children).slice(-1);
  const columns = statement?.columns ?? statement?.children.find((child) => child.columns !== undefined)?.columns;
  assert.ok(columns, root.text);
  return columns;
}

/** What the settings and the columns of the answer warn about. */
function warningsOf(text: string): string {
  const { exports, warnings } = parseSettings({ ...REQUIRED, EXPORTS: 'mine', MINE_KQL: text });
  const [mine] = exports;
  assert.ok(mine);
  return [...warnings.map((each) => each.text), ...columnWarnings(answerColumns(mine.query), 'ItemId')].join('\n');
}

function problemsOf(text: string): string {
  try {
    return `taken as ${JSON.stringify(parseExportQuery(text))}`;
  } catch (error) {
    assert.ok(error instanceof KqlError);
    return error.message;
  }
}

test('the corpus has enough of each kind', () => {
  const counts = Object.groupBy(QUERIES, ({ verdict }) => verdict);
  assert.ok(QUERIES.length >= 120 && new Set(QUERIES.map(({ query }) => query)).size === QUERIES.length);
  assert.ok((counts.exported?.length ?? 0) >= 63);
});

for (const { query: text, verdict, reason = /^$/ } of QUERIES) {
  test(`${verdict}: ${JSON.stringify(text)}`, () => {
    if (verdict === 'refused' || verdict === 'broken') {
      assert.match(problemsOf(text), reason);
      return;
    }
    assert.match(warningsOf(text), reason);
    const query = parseExportQuery(text);
    const theirs = microsoftOutline(text);
    assert.deepEqual(microsoftOutline(formatQuery(query)), theirs);
    const sent = microsoftOutline(windowQuery(query, KEY, LOOK));
    assert.deepEqual(sent, theirs && { ...theirs, operators: ['where', 'extend', ...theirs.operators] });
  });
}

test("what is called broken is none of Microsoft's queries either, or finds nothing", () => {
  const isTaken = (text: string) => {
    try {
      bind(text);
      return true;
    } catch {
      return false;
    }
  };
  const taken = QUERIES.filter(({ query, verdict }) => verdict === 'broken' && isTaken(query)).map(
    ({ query }) => query,
  );
  // Two queries in one text, a text in capitals that no row has, an assignment in place of a comparison, and an
  // invisible character that the parser takes for a blank.
  assert.equal(taken.length, 4, taken.join('\n'));
});
