import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startPostgres } from '../src/local/postgres/server.ts';
import { createRandom, type Random } from './sim/random.ts';
import { cellRows, openScene } from './support/postgres-scene.ts';

const server = await startPostgres();
after(() => server[Symbol.asyncDispose]());

const LONG = 'x'.repeat(1_000_000);

/** Each type's cells, as they come, and the text of what is stored. */
const CELLS: Readonly<
  Record<string, { stored: string; cells: readonly (readonly [cell: string, text: string | null])[] }>
> = {
  string: {
    stored: 'text',
    cells: [
      ['null', null],
      ['""', ''],
      ['"null"', 'null'],
      ['"\\\\N"', '\\N'],
      ['"\\\\."', '\\.'],
      [
        String.raw`"tab\t newline\n return\r quote\" slash\/ backslash\\ bell\b feed\f"`,
        'tab\t newline\n return\r quote" slash/ backslash\\ bell\b feed\f',
      ],
      [String.raw`"\u0009\u000a\u000d\u005c\u0022\u0001\u007f\u00e9\u20ac\ud83d\ude00"`, '\t\n\r\\"\u0001\u007fé€😀'],
      ['"é€😀"', 'é€😀'],
      [`"${LONG}"`, LONG],
    ],
  },
  long: {
    stored: 'bigint',
    cells: [
      ['null', null],
      ['0', '0'],
      ['9223372036854775807', '9223372036854775807'],
      ['-9223372036854775808', '-9223372036854775808'],
      ['"9007199254740993"', '9007199254740993'],
    ],
  },
  int: {
    stored: 'integer',
    cells: [
      ['null', null],
      ['2147483647', '2147483647'],
      ['-2147483648', '-2147483648'],
    ],
  },
  real: {
    stored: 'double precision',
    cells: [
      ['null', null],
      ['1.5', '1.5'],
      ['-0.0', '-0'],
      ['5e-324', '5e-324'],
      ['1.7976931348623157E+308', '1.7976931348623157e+308'],
      ['"NaN"', 'NaN'],
      ['"Infinity"', 'Infinity'],
      ['"-Infinity"', '-Infinity'],
    ],
  },
  bool: {
    stored: 'boolean',
    cells: [
      ['null', null],
      ['true', 'true'],
      ['false', 'false'],
    ],
  },
  datetime: {
    stored: 'timestamp with time zone',
    cells: [
      ['null', null],
      ['"2026-11-22T14:00:30.1234567Z"', '2026-11-22 14:00:30.123456+00'],
      ['"2026-11-22T14:00:59.9999999Z"', '2026-11-22 14:00:59.999999+00'],
      ['"2026-11-22T14:00:30.5Z"', '2026-11-22 14:00:30.5+00'],
      ['"2026-11-22T14:00:30Z"', '2026-11-22 14:00:30+00'],
      ['"2026-11-22T14:00:30"', '2026-11-22 14:00:30+00'],
      ['"1969-12-31T23:59:59.9999999Z"', '1969-12-31 23:59:59.999999+00'],
      ['"0001-01-01T00:00:00.0000000Z"', '0001-01-01 00:00:00+00'],
      ['"9999-12-31T23:59:59.9999999Z"', '9999-12-31 23:59:59.999999+00'],
    ],
  },
  timespan: {
    stored: 'text',
    cells: [
      ['null', null],
      ['"1.02:03:04.0000005"', '1.02:03:04.0000005'],
    ],
  },
  guid: {
    stored: 'uuid',
    cells: [
      ['null', null],
      ['"74be27de-1e4e-49d9-b579-fe0b331d3642"', '74be27de-1e4e-49d9-b579-fe0b331d3642'],
    ],
  },
  decimal: {
    stored: 'numeric',
    cells: [
      ['null', null],
      ['"1.10"', '1.10'],
      ['"12345678901234567890123456789.01234"', '12345678901234567890123456789.01234'],
      ['-1e-28', '-0.0000000000000000000000000001'],
    ],
  },
  dynamic: {
    stored: 'json',
    cells: [
      ['null', null],
      [String.raw`"{\"b\":1.10,\"a\":[1,2],\"b\":2}"`, '{"b":1.10,"a":[1,2],"b":2}'],
      [String.raw`"{\"a\":\"x\\ny\\\\z\\\"\"}"`, String.raw`{"a":"x\ny\\z\""}`],
      [String.raw`"{\"pair\":\"\\ud83d\\ude00\"}"`, String.raw`{"pair":"\ud83d\ude00"}`],
      ['"1.10"', '"1.10"'],
      ['"null"', '"null"'],
      ['""', '""'],
      ['"{cut"', '"{cut"'],
      [String.raw`"a \"word\"\n"`, String.raw`"a \"word\"\n"`],
      ['{ "raw":\n [true,\t"x\\n"] }', '{ "raw":  [true, "x\\n"] }'],
      ['12', '12'],
    ],
  },
  unheardOf: {
    stored: 'text',
    cells: [
      ['null', null],
      ['"x"', 'x'],
      ['12', '12'],
    ],
  },
};

for (const [type, { stored, cells }] of Object.entries(CELLS)) {
  test(`${type} is stored as ${stored}, with all that it holds`, async () => {
    const { database, exportRows } = await openScene(server);
    const rows = cells.map(([cell], index) => [String(index), cell]);
    await exportRows(cellRows({ N: 'int', Value: type }, rows));
    const found = await database.sql<{ text: string | null; type: string }>(
      'select value::text as text, pg_typeof(value)::text as type from monitorlift.requests order by n',
    );
    assert.deepEqual(
      found.map(({ text }) => text),
      cells.map(([, text]) => text),
    );
    assert.ok(found.every((row) => row.type === stored));
  });
}

test('what PostgreSQL cannot hold becomes U+FFFD, is counted, and said once for a window', async () => {
  const { database, exportRows, said } = await openScene(server);
  const rows = [
    [String.raw`"a\u0000b"`, String.raw`"{\"a\":\"\\u0000\",\"\\ud83d\":[\"\\ude00\\ud83d\\ude00\"]}"`],
    [String.raw`"\ud83dx\ude00\ud83d\ude00"`, String.raw`"lone \udead"`],
    [String.raw`"\\u0000"`, String.raw`"{\"a\":\"\\\\u0000\"}"`],
  ];
  await exportRows(cellRows({ Text: 'string', Bag: 'dynamic' }, rows));
  const found = await database.sql(
    'select text, bag::text as bag, replaced from monitorlift.requests, monitorlift._parts',
  );
  assert.deepEqual(found, [
    { text: 'a\uFFFDb', bag: String.raw`{"a":"\ufffd","\ufffd":["\ufffd\ud83d\ude00"]}`, replaced: '7' },
    { text: '\uFFFDx\uFFFD😀', bag: String.raw`"lone \ufffd"`, replaced: '7' },
    { text: '\\u0000', bag: String.raw`{"a":"\\u0000"}`, replaced: '7' },
  ]);
  assert.equal(said.filter((text) => text.includes('7 characters of the window from 2026-11-22T14:00')).length, 1);
  // Each of them can be read as text.
  await database.sql("select bag ->> 'a' from monitorlift.requests where json_typeof(bag) = 'object'");
});

test('random text and random objects come out as they went in', async () => {
  const random = createRandom(20261126);
  const { database, exportRows } = await openScene(server);
  const sources = Array.from({ length: 2_000 }, () => ({ text: randomText(random), bag: randomBag(random) }));
  const cells = sources.map(({ text, bag }, index) => [
    String(index),
    escapedAtRandom(random, text),
    escapedAtRandom(random, JSON.stringify(bag)),
  ]);
  await exportRows(cellRows({ N: 'int', Text: 'string', Bag: 'dynamic' }, cells, 37));
  const found = await database.sql<{ text: string; bag: string }>(
    'select text, bag::text as bag from monitorlift.requests order by n',
  );
  assert.equal(found.length, sources.length);
  for (const [index, { text, bag }] of sources.entries()) {
    assert.equal(found[index]?.text, held(text));
    assert.deepEqual(JSON.parse(found[index]?.bag ?? ''), JSON.parse(JSON.stringify(bag), heldIn));
  }
});

const CHARACTERS = [...'a \\"/\n\r\t\b\f\0\u0001N.é€😀', '\ud83d', '\ude00'];

function randomText(random: Random): string {
  return Array.from({ length: random.between(0, 12) }, () => random.pick(CHARACTERS)).join('');
}

function randomBag(random: Random): object {
  const entries = Array.from({ length: random.between(0, 4) }, (): [string, unknown] => [
    `${random.between(0, 99)}${held(randomText(random))}`,
    random.chance(0.3) ? [randomText(random), random.next(), null, true] : randomText(random),
  ]);
  return Object.fromEntries(entries);
}

/** A JSON string, some of whose characters are escaped though they need not be. */
function escapedAtRandom(random: Random, text: string): string {
  const characters = [...text].map((character) => {
    if (character.isWellFormed() && !random.chance(0.1)) return JSON.stringify(character).slice(1, -1);
    const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
  });
  return `"${characters.join('')}"`;
}

function held(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

function heldIn(_: string, value: unknown): unknown {
  return typeof value === 'string' ? held(value) : value;
}
