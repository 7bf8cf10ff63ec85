import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KqlError, parseExportQuery } from '../src/core/kql/parse.ts';
import { createParser } from '../src/local/logs/kusto.ts';

// Columns made of now() and its like are followed to wherever an operator that chooses rows reads them.

const bind = createParser({ T: { columns: { a: 'string', b: 'string', d: 'dynamic', n: 'long' } } });

function problemsOf(text: string): readonly string[] {
  try {
    parseExportQuery(text);
    return [];
  } catch (error) {
    assert.ok(error instanceof KqlError);
    return error.problems;
  }
}

const MADE = 'T | extend t = tostring(now())';
const ALL =
  /^"[*[]|pack_all|column\w+" at character \d+ reads all columns, and "\w+" among them moves with the time.*: choose rows before \w+ is made/;
const named = (name: string) =>
  new RegExp(`^"${name}" at character \\d+ moves with the time of the query.*IngestionTime - 1h$`);

/** What is refused, as the rest of a query that begins with `MADE`. */
const REFUSED: readonly (readonly [string, RegExp])[] = [
  // All columns at once.
  ["where * has '2026'", ALL],
  ["where a == 'x' and (n > 1 or * has '2026')", ALL],
  ["where not(* has '2026')", ALL],
  ["where iff(n > 1, * has '2026', true)", ALL],
  ["filter * contains '2026'", ALL],
  ["where tostring(pack_all()) has '2026'", ALL],
  ['where estimate_data_size(*) > 5', ALL],
  ['mv-expand x = pack_all()', ALL],
  ['parse-where tostring(pack_all()) with * "2026" x', ALL],
  ["extend p = pack_all(true) | where p has '2026'", named('p')],
  ["extend s = * has '2026' | where s", named('s')],
  ["extend p = pack_all() | project q = p.t | where q has '2026'", named('q')],
  ["project-reorder n, * | where * has '2026'", ALL],
  ["project-away a | where * has '2026'", ALL],
  ["project-keep a, t | where * has '2026'", ALL],
  ["project-keep a, t* | where * has '2026'", ALL],
  ["project-by-names 'a', 't' | where * has '2026'", ALL],
  ["project a, t | where * has '2026'", ALL],
  // By a text.
  ["where ['t'] has '2026'", named('t')],
  ['where a == "x" and["t"] has "2026"', named('t')],
  ["where [@'t'] has '2026'", named('t')],
  ['where [```t```] has "2026"', named('t')],
  ['where ["\\x74"] has "2026"', named('t')],
  ['where ["\\164"] has "\\u0074"', named('t')],
  ["where column_ifexists('t', '') has '2026'", named('t')],
  ["where columnifexists('t', '') has '2026'", named('t')],
  ["where column_ifexists(strcat('t', ''), '') has '2026'", ALL],
  ["extend x = column_ifexists('t', '') | where x has '2026'", named('x')],
  ["extend u = ['t'] | where u has '2026'", named('u')],
  ["parse-where ['t'] with * '2026' x", named('t')],
  ["mv-expand x = bag_pack('x', ['t'])", named('t')],
  // Under another name.
  ["project-rename u = t | where u has '2026'", named('u')],
  ["project-rename ['u v'] = t | where ['u v'] has '2026'", named('u v')],
  ["project-rename u = ['t'] | where u has '2026'", named('u')],
  ["project u = t, a | where u has '2026'", named('u')],
  ["project t | where t has '2026'", named('t')],
  ["parse t with u '-' * | where u == '2026'", named('u')],
  ["parse-kv t as (u:string) with (pair_delimiter=';') | where u == '2026'", named('u')],
  ["extend u = bag_pack('x', t) | where u.x has '2026'", named('u')],
  ['mv-expand t', named('t')],
  ['mv-expand with_itemindex = i x = split(t, "-")', named('t')],
  // An operator reads what was there before it, not what it makes.
  ["extend t = 'x', u = t | where u has '2026'", named('u')],
  ["project t = 'x', u = t | where u has '2026'", named('u')],
  // Under a name that KQL makes.
  ["project tolower(t) | where Column1 has '2026'", named('Column1')],
  ["project tostring(t) | where t has '2026'", named('t')],
  ["extend d2 = bag_pack('x', t) | extend d2.x | where d2_x has '2026'", named('d2_x')],
  ["extend d2 = bag_pack('x', t) | extend tostring(d2['x'].y[0]) | where d2_x_y_0 has '2026'", named('d2_x_y_0')],
  ["extend parse_json(strcat(t, '')).x | where x has '2026'", named('x')],
  ["extend strcat(t, 'x') | where * has '2026'", ALL],
];

for (const [rest, problem] of REFUSED) {
  test(`${rest} is refused behind a column that changes`, () => {
    const [found, more] = problemsOf(`${MADE} | ${rest}`);
    assert.match(found ?? 'nothing', problem);
    assert.equal(more, undefined);
  });
}

test('the same without a column that changes is taken', () => {
  for (const [rest] of REFUSED) {
    assert.deepEqual(problemsOf(`T | extend t = tostring(a) | ${rest}`), [], rest);
  }
});

test('what changes in other ways is followed as well', () => {
  const [hash] = problemsOf("T | extend t = hash_many(a, b) | where * has '1'");
  assert.match(hash ?? '', /"\*" .*"t" among them may give other values/);
  const [guid] = problemsOf("let g = new_guid(); T | extend t = tostring(g) | where * has '1'");
  assert.match(guid ?? '', /"\*" .*"t" among them chooses other rows/);
  for (const literal of ['datetime()', 'date( )', 'datetime(now)']) {
    const [time] = problemsOf(`T | extend t = ${literal} | where a > t - 1h`);
    assert.match(time ?? '', /^"t" at .* moves with the time/, literal);
    assert.match(problemsOf(`T | where a > ${literal} - 1h`)[0] ?? '', /^"date.*" at .* moves with the time/, literal);
  }
  const [path] = problemsOf("let g = bag_pack('x', now()); T | extend g.x | where g_x > ago(1h)");
  assert.match(path ?? '', /^"g_x" /);
});

test('what reads no column that changes is taken', () => {
  const good = [
    `${MADE} | where n * 2 > 1 and (n) * 2 > 1 and toint(a) * 2 > 1`,
    `${MADE} | where d['t'] == 'x' and d.x['t'] == 'x' and parse_json(a)['t'] == 'x' and d.t == 'x' and d.['t'] == 'x'`,
    `${MADE} | where a in (dynamic(['t']))`,
    `${MADE} | where column_ifexists('a', '') has 't' and ['a'] has 't'`,
    `${MADE} | where a in ((U | where * has 'x' | project t))`,
    `${MADE} | extend p = pack_all()`,
    `${MADE} | project-away t | where * has 'x'`,
    `${MADE} | project-away ['t'] | where * has 'x'`,
    `${MADE} | project-away t*, x | where * has 'x'`,
    `${MADE} | project-keep a, n | where * has 'x'`,
    `${MADE} | project a, u = b | where * has 'x'`,
    `${MADE} | extend t = a | where * has 'x' and t has 'x' and ['t'] has 'x'`,
    `${MADE} | mv-expand t = d | where t has 'x'`,
    `${MADE} | parse a with * 'x' u | where u has 'x'`,
    `T | where * has 'x' | extend t = now()`,
    `T | extend t = datetime(null) | where a > datetime(2026-11-22) or a > t`,
    `T | extend h = now() | where n between (1 .. 2) and ingestion_time() > TimeGenerated - 1h`,
    `let g = now(); T | where * has 'x'`,
    `let g = now(); T | extend g = a | where g == 'x'`,
  ];
  for (const text of good) assert.deepEqual(problemsOf(text), [], text);
});

test("the names that KQL makes are those of Microsoft's parser", () => {
  const expressions = [
    ...[
      'd.x',
      "d['x']",
      'd[10]',
      'd[-1]',
      "d.x['y'][0].z",
      "d.['x']",
      "d['a b']",
      'tostring(d)',
      'bin(n, 5)',
      '(d.x).y',
      '(n)',
    ],
    ...["split(a, '-')[0]", 'parse_json(a).x', 'parse_json(strcat(a, b)).x', 'tostring(parse_json(tostring(d.x)).y)'],
    ...['strcat(a, b)', 'n + 1', '-n', 'rand()', '(rand())', 'iff(n > 1, a, b)', 'd[strcat(a, b)]', "['a']", 'a'],
  ];
  for (const expression of expressions) {
    // What changes is read under the name that the parser knows, and so must be found.
    const columns = columnsOf(`T | project ${expression}`);
    const name = columns.length === 1 ? columns[0] : undefined;
    assert.ok(name, `${expression}: ${columns}`);
    const made = ['a', 'b', 'd', 'n'].map((column) => `${column} = ${column === 'n' ? 'rand()' : 'new_guid()'}`);
    const text = `T | extend ${made} | project ${expression} | where isnotnull(['${name}'])`;
    assert.match(problemsOf(text)[0] ?? 'nothing', /chooses other rows/, text);
  }
});

function columnsOf(text: string): readonly string[] {
  const [statement] = bind(text)
    .children.flatMap(({ children }) => children)
    .slice(-1);
  const columns = statement?.columns ?? statement?.children.find((child) => child.columns !== undefined)?.columns;
  return (columns ?? []).map(({ name }) => name);
}
