import assert from 'node:assert/strict';
import { it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { createLogs } from '../src/azure/logs/logs.ts';
import { createLines } from '../src/core/formats/lines.ts';
import { randomAnswer, randomFrom } from './support/answer-random.ts';
import { canonical, referenceLines } from './support/answer-reference.ts';
import { type AnswerServer, answer, gzipped, startAnswerServer } from './support/answer-server.ts';

/** The lines that come out of the whole way: http, the SDK's client, the encoder, gzip. */
async function exportedLines(server: AnswerServer): Promise<string[]> {
  const logs = createLogs({ endpoint: server.endpoint, credential: undefined });
  const signal = new AbortController().signal;
  let file = Buffer.alloc(0);
  const query = { source: 'w', kql: 'T', timespan: { startMs: 0, endMs: 1 }, timeoutMs: 60_000, signal };
  await logs.query(query, async (rows) => {
    file = Buffer.concat(await Array.fromAsync(createLines('gzip').encode(rows)));
  });
  return gunzipSync(file).toString().split('\n').slice(0, -1);
}

/** Cells as the service writes them, and what a line must hold: the same bytes, when nothing else is said. */
const cells: [type: string, cell: string, written?: string][] = [
  ['datetime', '"2026-11-22T14:05:00.1234567Z"'],
  ['datetime', 'null'],
  ['timespan', '"1.02:03:04.0000001"'],
  ['long', '9223372036854775807'],
  ['long', '-9007199254740993'],
  ['decimal', '"12345678901234567890.1234567890123456"'],
  ['decimal', '0.10000000000000000000000000000000001'],
  ['real', '1.0'],
  ['real', '-0.0'],
  ['real', '1.7976931348623157E+308'],
  ['real', '5e-324'],
  ['real', '"NaN"'],
  ['real', '"Infinity"'],
  ['real', '"-Infinity"'],
  ['bool', 'true'],
  ['bool', 'null'],
  ['guid', '"00000000-0000-0000-0000-000000000000"'],
  ['guid', 'null'],
  ['string', '""'],
  ['string', '"null"'],
  ['string', '"{\\"not\\":\\"dynamic\\"}"'],
  ['string', '"\\u0000\\u001f\\b\\f\\n\\r\\t\\u007f"'],
  ['string', '"\u007f\u0080\u2028\u2029\ufeff\uffff"'],
  ['string', '"lone \\ud800 and \\udfff"'],
  ['string', '"😀 \\ud83d\\ude00 \\u00e9 é"'],
  ['string', '"https:\\/\\/example.com\\/"'],
  ['string', '"quote \\" backslash \\\\ \\u0022\\u005c"'],
  ['string', `"${'long é '.repeat(150_000)}"`],
  ['dynamic', 'null'],
  ['dynamic', '""'],
  ['dynamic', '"{}"', '{}'],
  ['dynamic', '"{\\"n\\":12345678901234567890.10,\\"d\\":1,\\"d\\":2}"', '{"n":12345678901234567890.10,"d":1,"d":2}'],
  ['dynamic', '"[\\"\\\\ud800\\",\\"\\ud800\\",\\"\\\\u0000\\"]"', '["\\ud800","\\ud800","\\u0000"]'],
  ['dynamic', '"{\\r\\n \\"a\\": [ 1, 2 ]\\r\\n}"', '{"a":[1,2]}'],
  ['dynamic', '"2.10"'],
  ['dynamic', '"12345678901234567890"'],
  ['dynamic', '"true"'],
  ['dynamic', '"\\"text\\""'],
  ['dynamic', '"text"'],
  ['dynamic', '"{\\"cut\\":\\"becau"'],
  ['dynamic', '"{\\"a\\":NaN}"'],
  ['dynamic', '{"a":1.0}'],
  ['dynamic', `"[\\"${'y'.repeat(1_000_000)}\\"]"`, `["${'y'.repeat(1_000_000)}"]`],
];
const columns = cells.map(([type], i) => ({ name: `C${i}`, type }));
const row = `[${cells.map(([, cell]) => cell).join(',')}]`;
const body = `{"tables":[{"name":"PrimaryResult","columns":${JSON.stringify(columns)},"rows":[${row},${row}]}]}`;

for (const [name, reply] of [
  ['plain', answer(body)],
  ['compressed', gzipped(body)],
] as const) {
  it(`every kind of cell comes through byte for byte (${name})`, async () => {
    const server = await startAnswerServer(reply);
    const expected = `{${cells.map(([, cell, written], i) => `"C${i}":${written ?? cell}`).join(',')}}`;
    const lines = await exportedLines(server);
    assert.equal(lines.length, 2);
    for (const line of lines) {
      JSON.parse(line);
      assert.ok(line === expected, 'a line differs from what the answer said');
    }
  });
}

it('random answers come through as a slow reading of them', async () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const random = Buffer.from(randomAnswer(randomFrom(seed * 7919)))
      .toString()
      .replace('"error"', '"errors"');
    const server = await startAnswerServer(seed % 2 ? answer(random) : gzipped(random));
    const lines = await exportedLines(server);
    assert.deepEqual(lines.map(canonical), referenceLines(random), `seed ${seed}`);
  }
});
