import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALLOWED } from '../src/core/kql/operators.ts';
import { KqlError, parseExportQuery } from '../src/core/kql/parse.ts';
import { ADDED, formatQuery, windowQuery } from '../src/core/kql/query.ts';
import { TokenError } from '../src/core/kql/tokens.ts';
import { microsoftOutline } from './support/microsoft-kql.ts';

/** What we take for a table; KQL has stranger ones. */
const PLAIN_TABLE = /^(?:[A-Za-z_]\w*|\[\s*(?:'[^'\\\n]+'|"[^"\\\n]+")\s*\])$/;

type Verdict = 'accepted' | 'refused' | 'doubted' | 'invalid';

/** What `let` may declare that is no single value. */
const NO_VALUE = new Set([
  'DataTableExpression',
  'FunctionDeclaration',
  'NameReference',
  'PipeExpression',
  'UnionOperator',
]);
/**
 * We take `project-x` for one name where it may mean `project -x`, and want whole names behind `let`. A single `=` in a
 * `where` parses, and means nothing.
 */
const DOUBTED = /"\w+-[\w-]+" at|"let" at|"=" at/;
const KEY = { window: { startMs: 0, endMs: 1 } };
const LOOK = { ...ADDED, proven: true };

/** Holds our reading of a query against Microsoft's. */
function compare(text: string): Verdict {
  const theirs = microsoftOutline(text);
  if (theirs === undefined) return 'invalid';
  const hasValues = theirs.lets.every((kind) => !NO_VALUE.has(kind));
  const isExport = hasValues && PLAIN_TABLE.test(theirs.table) && theirs.operators.every((name) => ALLOWED.has(name));
  try {
    const query = parseExportQuery(text);
    assert.equal(isExport, true, `accepted, but its operators are ${theirs.operators}, and let has ${theirs.lets}`);
    assert.deepEqual(microsoftOutline(formatQuery(query)), theirs);
    const sent = microsoftOutline(`${windowQuery(query, KEY, LOOK)}\n| count`);
    assert.deepEqual(sent, { ...theirs, operators: ['where', 'extend', ...theirs.operators, 'count'] });
    return 'accepted';
  } catch (error) {
    if (!(error instanceof KqlError)) throw error;
    if (error.cause instanceof TokenError || DOUBTED.test(error.message)) return 'doubted';
    assert.equal(isExport, false, `refused: ${error.message}`);
    return 'refused';
  }
}

/** Values that hold what a careless reader takes for a pipe, a comment or the end of a text. */
const VALUES = [
  ...[
    "'x'",
    "'|'",
    "''",
    '"\'"',
    "'\"'",
    "'//'",
    "'\\\\'",
    "'\\'|'",
    '"\\"|"',
    "@'\\'",
    "@''",
    "@'a''|'",
    '@"""|"',
    "h'|'",
    "h@'\\'",
    'H"|"',
  ],
  ...[
    '```|```',
    "```|\n'```",
    '~~~|~~~',
    '~~~\n"|~~~',
    'h```|```',
    'dynamic({"a":["|"]})',
    "dynamic('|')",
    'toscalar(U | count)',
  ],
  ...[
    'datetime(2026-11-22)',
    "datetime('2026-11-22')",
    'datetime(11/22/2026)',
    'timespan(1d)',
    'real(nan)',
    'long(1)',
    '(1)',
    "a['|']",
  ],
];
const OPERATORS = [
  ...[
    'where a == V',
    'where a =~ V',
    'where a !~ V',
    'where a in~ (V, V)',
    'where(V)',
    'where a in ((U | take 5))',
    'filter a == V',
  ],
  ...[
    'extend x = V',
    'extend x = strcat(V, V), y = V',
    "extend ['|'] = V",
    'project a, x = V',
    'project-away a',
    'mv-expand a',
  ],
  ...[
    'parse a with * V x:int',
    'parse-kv a as (b:int)',
    'take 5',
    'limit 1',
    'summarize count() by V',
    'join (U) on a',
    'order by a',
  ],
  ...['count', 'union U', 'as U', 'distinct a'],
];
const TABLES = [
  ...['T', '(T)', 'f()', "['a b']", '["x|y"]', '// c | take 5\nT', 'T // c\n'],
  ...['let x = V; T', 'let x = V; // c | take 5\nlet y = x + 1;\nT', "let ['a b'] = strcat(V, V); T"],
  ...['let x = U; T', 'let x = U | take 5; T', 'let f = () { V }; T', 'let x = union U, W; T', 'let x = V; set y; T'],
];
const GAPS = [' | ', '|', '\n| ', ' // c | take 5\n| ', "// it's\n|\r\n", ' |// "\n', '\t|\u00a0'];
const ENDS = ['', '', ';', ' // c | take 5', '\n', '; // c', '; U'];
const NOISE = [
  ...`'"\`~@#;|/\\()[]{}h \n`,
  ...VALUES,
  ...GAPS,
  "datetime(it's)",
  'datetime(|)',
  'bool(//)',
  'in~',
  '// c',
];

/** A small generator of even quality; the same seed gives the same texts. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

function makeQuery(below: (limit: number) => number): string {
  const pick = (texts: readonly string[]): string => texts[below(texts.length)] ?? '';
  const allowed = (): string => pick(OPERATORS.slice(0, below(8) === 0 ? undefined : -9));
  const operators = Array.from({ length: below(4) }, () => pick(GAPS) + allowed());
  const query = pick(below(3) === 0 ? TABLES : ['T']) + operators.join('') + pick(ENDS);
  const text = query.replaceAll('V', () => pick(VALUES));
  if (below(2) === 0) return text;
  const from = below(text.length + 1);
  return text.slice(0, from) + pick(NOISE) + text.slice(from + below(2));
}

test("our tokenizer sees the table and the outer operators that Microsoft's parser sees", () => {
  const seed = Number(process.env.TEST_SEED ?? 20261122);
  const below = random(seed);
  const verdicts: Record<Verdict, number> = { accepted: 0, refused: 0, doubted: 0, invalid: 0 };
  for (let round = 0; round < 1500; round++) {
    const text = makeQuery(below);
    try {
      verdicts[compare(text)]++;
    } catch (cause) {
      throw new Error(`TEST_SEED=${seed}, round ${round}: ${JSON.stringify(text)}`, { cause });
    }
  }
  console.log(`TEST_SEED=${seed} ${JSON.stringify(verdicts)}`);
  assert.ok(verdicts.accepted > 400 && verdicts.refused > 100, JSON.stringify(verdicts));
  assert.ok(verdicts.doubted < verdicts.accepted / 4, JSON.stringify(verdicts));
});

const CORPUS = [
  'AppRequests | where Success == false',
  'T | where a == 1 and b =~ "x" | extend c = strcat(@"", h"y", ```z```)',
  '// what\nT // why\n| where a > datetime(2026-11-22) // how\n| project a, b',
  "T | where a in ((U | where b == '|' | project a)) | mv-expand c",
  "T | parse a with * 'x=' b:int ' y' | project-away a;",
  "['a b'] | extend x = dynamic({'a': ['|']}), y = toscalar(U | take 1)",
];

test('every query of the corpus is read as Microsoft reads it', () => {
  for (const text of CORPUS) assert.equal(compare(text), 'accepted', text);
  for (const name of ALLOWED) {
    const operand =
      name === 'parse' || name === 'parse-where' ? "a with 'x' b" : name === 'parse-kv' ? 'a as (b:int)' : 'a';
    assert.equal(compare(`T | ${name} ${operand}`), 'accepted', name);
  }
});
