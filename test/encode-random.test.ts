import assert from 'node:assert/strict';
import { it } from 'node:test';
import { AnswerError } from '../src/azure/logs/input.ts';
import { type Random, randomAnswer, randomFrom } from './support/answer-random.ts';
import { canonical, referenceLines } from './support/answer-reference.ts';
import { encodeAnswer } from './support/encode-answer.ts';

/** Each test of this many seeds takes about a second. More: `SEEDS=20000 node --test test/encode-random.test.ts`. */
const SEEDS = Number(process.env.SEEDS ?? 200);

async function* pieces(random: Random, body: Buffer): AsyncGenerator<Uint8Array> {
  const largest = random.pick([1, 30, 300, 300, 70_000, 70_000]);
  for (let at = 0; at < body.length; ) {
    const length = 1 + random.int(largest);
    yield body.subarray(at, at + length);
    at += length;
  }
}

async function linesOf(random: Random, body: Buffer): Promise<string[]> {
  const { chunks } = await encodeAnswer(pieces(random, body));
  const text = Buffer.concat(chunks).toString();
  assert.ok(text === '' || text.endsWith('\n'));
  return text.split('\n').slice(0, -1);
}

it('random answers, cut anywhere, give what a slow reading of them gives', async () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const random = randomFrom(seed);
    const body = Buffer.from(randomAnswer(random));
    const lines = await linesOf(random, body).catch((error) => assert.fail(`seed ${seed}: ${error}\n${body}`));
    for (const line of lines) JSON.parse(line);
    assert.deepEqual(lines.map(canonical), referenceLines(body.toString()), `seed ${seed}`);
  }
});

it('random answers, damaged anywhere, are refused or still give what a slow reading gives', async () => {
  let refused = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const random = randomFrom(-seed);
    const body = Buffer.from(randomAnswer(random));
    damage(random, body);
    const cut = body.subarray(0, random.int(5) ? body.length : random.int(body.length));
    const lines = await linesOf(random, cut).catch((error) => {
      assert.ok(error instanceof AnswerError, `seed ${seed}: ${error}`);
      refused += 1;
      return undefined;
    });
    if (!lines) continue;
    for (const line of lines) JSON.parse(line);
    assert.deepEqual(lines.map(canonical), referenceLines(cut.toString()), `seed ${seed}`);
  }
  assert.ok(refused > SEEDS / 2 && refused < SEEDS, `${refused} were refused`);
});

function damage(random: Random, body: Buffer): void {
  for (let i = random.int(3); i >= 0; i -= 1) {
    const at = random.int(body.length);
    body[at] = random.int(3)
      ? Buffer.from(random.pick(['"', '\\', '{', '}', '[', ']', ',', ' ', '0', 'e', '\n'])).readUInt8()
      : random.int(256);
  }
}
