import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AnswerError } from '../src/azure/logs/input.ts';
import { encodeAnswer } from './support/encode-answer.ts';

async function encodePieces(pieces: Iterable<string | Uint8Array>) {
  async function* body() {
    for (const piece of pieces) yield Buffer.from(piece);
  }
  const { chunks, summary } = await encodeAnswer(body());
  return { text: Buffer.concat(chunks).toString(), chunks, summary };
}

const columns = [
  { name: 'A', type: 'string' },
  { name: 'D', type: 'dynamic' },
];

/** An answer with these columns and these rows. */
function bodyOf(rows: string): string {
  return `{"tables":[{"name":"PrimaryResult","columns":${JSON.stringify(columns)},"rows":${rows}}]}`;
}

async function lineOf(dynamicCell: string): Promise<string> {
  const { text } = await encodePieces([bodyOf(`[["",${dynamicCell}]]`)]);
  return text.slice('{"A":"","D":'.length, -2);
}

describe('an answer', () => {
  it('becomes one line per row, with every column in order', async () => {
    const { text, summary } = await encodePieces([bodyOf('[["x",null],[null,"{}"]]')]);
    assert.equal(text, '{"A":"x","D":null}\n{"A":null,"D":{}}\n');
    assert.deepEqual(summary, {
      columns,
      rows: 2,
      bytes: bodyOf('[["x",null],[null,"{}"]]').length,
      error: undefined,
      permissions: undefined,
    });
  });

  it('may have white space, members in any order and members that nobody knows', async () => {
    const body = ` {"render":{"rows":[1]} ,"error" : {"code":"X"},\n"tables":[ {"columns" :[ {"type":"long","name":"A","ordinal":0} ],\t"x":[[]], "rows"\r\n:[ [ 1 ] , [2] ]  , "name":"T"}] , "statistics":null } \n`;
    const { text, summary } = await encodePieces([body]);
    assert.equal(text, '{"A":1}\n{"A":2}\n');
    assert.deepEqual(summary.error, { code: 'X' });
  });

  it('may come byte by byte, with empty pieces between', async () => {
    const body = Buffer.from(bodyOf('[["é😀\\u00e9","[1.50]"]]'));
    const { text } = await encodePieces([...body].flatMap((byte) => [Uint8Array.of(byte), Uint8Array.of()]));
    assert.equal(text, '{"A":"é😀\\u00e9","D":[1.50]}\n');
  });

  it('without rows gives no chunk', async () => {
    const { chunks, summary } = await encodePieces([bodyOf('[ ]')]);
    assert.equal(chunks.length, 0);
    assert.deepEqual(summary.columns, columns);
  });

  it('may be an error alone', async () => {
    const { summary } = await encodePieces(['{"error":{"code":"X"}}']);
    assert.deepEqual(summary.error, { code: 'X' });
  });

  it('has its column names escaped', async () => {
    const name = 'a"\\\u2028\n';
    const { text } = await encodePieces([
      JSON.stringify({ tables: [{ columns: [{ name, type: 'long' }], rows: [[1]] }] }),
    ]);
    assert.deepEqual(JSON.parse(text), { [name]: 1 });
    assert.equal(text.split('\n').length, 2);
  });

  it('comes in chunks of whole lines that the consumer may keep', async () => {
    const row = `["${'x'.repeat(1000)}",null]`;
    const { chunks } = await encodePieces(
      bodyOf(`[${Array.from({ length: 1000 }, () => row).join()}]`).match(/.{1,10000}/gs) ?? [],
    );
    assert.ok(chunks.length > 3);
    const line = `{"A":"${'x'.repeat(1000)}","D":null}\n`;
    assert.equal(Buffer.concat(chunks).toString(), line.repeat(1000));
    for (const chunk of chunks) {
      assert.ok(chunk.length > 0 && chunk.length % line.length === 0);
      assert.ok(chunk.byteOffset === 0 && chunk.buffer.byteLength - chunk.length < 64 * 1024);
    }
    assert.ok(chunks.slice(1, -1).every((chunk) => chunk.length >= 60_000 && chunk.length <= 100_000));
  });

  it('may have cells of many megabytes', async () => {
    const large = 'y'.repeat(5_000_000);
    const body = bodyOf(`[["${large}","{\\"a\\":\\"${large}\\"}"]]`);
    const { text } = await encodePieces(body.match(/.{1,50000}/gs) ?? []);
    assert.equal(text, `{"A":"${large}","D":{"a":"${large}"}}\n`);
  });
});

describe('a dynamic cell', () => {
  const cases: [name: string, cell: string, written: string][] = [
    ['is the JSON value of its text', String.raw`"{\"a\":[1,true,null,\"x\"]}"`, '{"a":[1,true,null,"x"]}'],
    ['keeps digits', '"[12345678901234567890,1.50,1e+07,-0.0]"', '[12345678901234567890,1.50,1e+07,-0.0]'],
    ['keeps duplicate keys and their order', String.raw`"{\"b\":1,\"a\":2,\"b\":3}"`, '{"b":1,"a":2,"b":3}'],
    ['loses line breaks between tokens', String.raw`"{\r\n  \"a\" :\t1\n}\n"`, '{"a":1}'],
    ['keeps escapes of its strings', String.raw`"{\"a\":\"x\\ny\\\"z\\\\\"}"`, String.raw`{"a":"x\ny\"z\\"}`],
    ['of a number stays a string: the text of a string looks alike', '"2.10"', '"2.10"'],
    ['of many digits stays a string', '"12345678901234567890"', '"12345678901234567890"'],
    ['of a quoted string stays a string', String.raw`"\"x\""`, String.raw`"\"x\""`],
    ['of a word of JSON stays a string', '"null"', '"null"'],
    ['of a scalar behind white space stays a string', String.raw`" \t5"`, String.raw`" \t5"`],
    ['may begin with white space', String.raw`" \r\n\u0009[1]\u0020"`, '[1]'],
    ['may begin with an escape', String.raw`"\u007b\u007D"`, '{}'],
    ['keeps white space in its strings', String.raw`" {\"a b\" : \"\\\" c\"}"`, String.raw`{"a b":"\" c"}`],
    ['that is a string already stays one', '"2.10 "', '"2.10 "'],
    ['understands escaped quotes', String.raw`"{\u0022a\u0022:\u0022\u005cn\u0022}"`, String.raw`{"a":"\n"}`],
    ['keeps other escapes', String.raw`"[\"\u00e9\ud800\uDE00\"]"`, String.raw`["\u00e9\ud800\uDE00"]`],
    ['keeps slashes', String.raw`"[\"a\/b\\\/c\"]"`, String.raw`["a/b\/c"]`],
    ['that is JSON already is copied', '{ "a" : [ 1.0 ,\n"x" ] }', '{"a":[1.0,"x"]}'],
    ['that is a number already is copied', '1.0', '1.0'],
    ['null stays null', 'null', 'null'],
    ['that is empty stays a string', '""', '""'],
    ['of plain words stays a string', '"plain words"', '"plain words"'],
    ['NaN stays a string', '"NaN"', '"NaN"'],
    ['of two values stays a string', '"1 2"', '"1 2"'],
    ['of cut JSON stays a string', String.raw`"{\"a\":1"`, String.raw`"{\"a\":1"`],
    ['with a trailing comma stays a string', '"[1,]"', '"[1,]"'],
    ['with a raw line break in a string stays a string', String.raw`"[\"a\nb\"]"`, String.raw`"[\"a\nb\"]"`],
    ['with a raw NUL stays a string', String.raw`"5\u0000"`, String.raw`"5\u0000"`],
    [
      'with an escaped letter that has no escape stays a string',
      String.raw`"[\"\\\u00e9\"]"`,
      String.raw`"[\"\\\u00e9\"]"`,
    ],
    ['with an escape outside a string stays a string', String.raw`"\u00e9"`, String.raw`"\u00e9"`],
    ['500 deep is a value', `"${'['.repeat(500)}${']'.repeat(500)}"`, '['.repeat(500) + ']'.repeat(500)],
    ['501 deep stays a string', `"${'['.repeat(501)}${']'.repeat(501)}"`, `"${'['.repeat(501)}${']'.repeat(501)}"`],
  ];
  for (const [name, cell, written] of cases) {
    it(name, async () => assert.equal(await lineOf(cell), written));
  }
});

describe('a body that is no answer is refused', () => {
  const column = '"columns":[{"name":"A","type":"long"}]';
  const cases: [name: string, body: string | Buffer, message: RegExp][] = [
    ['HTML', '<html>', /malformed, byte 0: found </],
    [
      'a row with too few cells',
      bodyOf('[["x",1],["x"]]'),
      /row 2, column "A" \(1 of 2\): found \].*fewer or more cells/,
    ],
    ['a row with too many cells', bodyOf('[["x",1,2]]'), /row 1, column "D" \(2 of 2\): found ,.*fewer or more cells/],
    ['a row that is no array', bodyOf('[{}]'), /row 1, column "A".*found \{/],
    ['a comma behind the last row', bodyOf('[["x",1],]'), /found \]/],
    ['rows before the columns', `{"tables":[{"rows":[[1]],${column}}]}`, /found rows, expected the columns first/],
    ['rows twice', `{"tables":[{${column},"rows":[],"rows":[]}]}`, /rows once/],
    ['a table without rows', `{"tables":[{${column}}]}`, /a table without rows/],
    ['no table', '{"tables":[]}', /neither a table nor an error/],
    ['tables that are none', '{"tables":{"a":1}}', /no list/],
    ['a table that is none', '{"tables":[null]}', /a table without rows/],
    ['a list', '[{"tables":[]}]', /neither a table nor an error/],
    ['rows in another place', `{"tables":[],"more":[{"rows":[[1]],${column}}]}`, /neither a table nor an error/],
    ['no table and no error', '{"tables":[],"error":null}', /neither a table nor an error/],
    ['nothing', '{}', /neither a table nor an error/],
    ['two tables', `{"tables":[{${column},"rows":[]},{${column},"rows":[]}]}`, /a second table/],
    [
      'two columns of one name',
      '{"tables":[{"columns":[{"name":"A","type":"long"},{"name":"A","type":"int"}],"rows":[]}]}',
      /two columns "A"/,
    ],
    ['no columns', '{"tables":[{"columns":[],"rows":[]}]}', /found no columns/],
    ['a column without a type', '{"tables":[{"columns":[{"name":"A"}],"rows":[]}]}', /expected a name and a type/],
    ['something behind its end', `${bodyOf('[]')}x`, /found x, expected its end/],
    ['a leading zero', bodyOf('[[01,1]]'), /row 1, column "A" \(1 of 2\): found 1/],
    ['a number without digits', bodyOf('[[-,1]]'), /found ,/],
    ['a fraction without digits', bodyOf('[[1.,1]]'), /found ,/],
    ['an exponent without digits', bodyOf('[[1e+,1]]'), /found ,/],
    ['NaN', bodyOf('[[NaN,1]]'), /found N/],
    ['a misspelt word', bodyOf('[[nul,1]]'), /found ,/],
    ['a control character in a string', bodyOf('[["a\nb",1]]'), /found the byte 0xa/],
    ['a NUL', bodyOf('[["a\0b",1]]'), /found the byte 0x0/],
    ['an escape that JSON does not have', bodyOf('[["\\x",1]]'), /found x/],
    ['a short unicode escape', bodyOf('[["\\u12",1]]'), /found "/],
    [
      'a control character in a dynamic string',
      bodyOf('[["","\t"]]'),
      /row 1, column "D" \(2 of 2\): found the byte 0x9/,
    ],
    ['a bad dynamic value', bodyOf('[["",{"a":}]]'), /found \}/],
    ['a dynamic value nested too deep', bodyOf(`[["",${'['.repeat(501)}${']'.repeat(501)}]]`), /found \[/],
    ['bytes that are not UTF-8', Buffer.from(bodyOf('[["\xe9",1]]'), 'latin1'), /not UTF-8 at or behind row 1/],
    ['a column name that is not UTF-8', Buffer.from(`{"tables":[{"\xe9":1,${column}}]}`, 'latin1'), /not UTF-8/],
    ['a member name that is no string', '{1:2}', /byte 1: found 1/],
  ];
  for (const [name, body, message] of cases) {
    it(name, async () => {
      await assert.rejects(encodePieces([body]), (error) => {
        assert.ok(error instanceof AnswerError);
        assert.match(error.message, message);
        assert.equal(error.cut, false);
        return true;
      });
    });
  }

  it('with the position of what is wrong, however far it is and however it was cut', async () => {
    const good = Array.from({ length: 30_000 }, () => '["x",1]').join();
    const body = bodyOf(`[${good},["x",?]]`);
    const pieces = body.match(/.{1,777}/gs) ?? [];
    const message = `row 30001, column "D" (2 of 2): found ?, expected one JSON value and then ]`;
    await assert.rejects(encodePieces(pieces), {
      message: `the answer is malformed, byte ${body.indexOf('?')}: ${message}`,
    });
  });

  it('when it ends too early, wherever that is', async () => {
    const body = bodyOf('[["x\\u00e9",-1.5e+3],[null,"{\\"a\\":1}"]]');
    for (let length = 0; length < body.length; length += 1) {
      await assert.rejects(
        encodePieces([body.slice(0, length)]),
        (error) => error instanceof AnswerError && error.cut,
        `${length}`,
      );
    }
  });

  it('when a row is larger than memory should hold', async () => {
    function* pieces() {
      yield bodyOf('').slice(0, -3);
      yield '[["';
      const megabyte = Buffer.alloc(1024 * 1024, 'x');
      for (;;) yield megabyte;
    }
    await assert.rejects(encodePieces(pieces()), /row 1 is longer than 67108864 bytes/);
  });
});
