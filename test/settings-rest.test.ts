import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse, problemOf, problemsOf } from './support/settings.ts';

const REST_URL = 'https://rows.example.com/v1/rows?code=hush';

test('REST_URL takes https, and http on loopback', () => {
  assert.equal(parse().rest, undefined);
  for (const url of [REST_URL, 'http://127.0.0.1:8080/rows', 'http://localhost:8080/']) {
    const { rest } = parse({ REST_URL: url });
    assert.deepEqual([rest?.url.href, rest?.audience, rest?.authorization], [url, undefined, undefined]);
  }
  assert.equal(parse({ REST_URL, REST_AUDIENCE: 'api://rows' }).rest?.audience, 'api://rows');
  assert.equal(parse({ REST_URL, REST_AUTHORIZATION: 'Bearer x' }).rest?.authorization, 'Bearer x');
});

const WRONG: readonly [Record<string, string>, RegExp][] = [
  [{ REST_URL: 'hush' }, /^REST_URL: found something that is no URL, expected https:/],
  [{ REST_URL: 'http://rows.example.com/hush' }, /^REST_URL: found a URL that is not https, which only loopback/],
  [{ REST_URL: 'ftp://127.0.0.1/hush' }, /^REST_URL: found a URL that is not https/],
  [{ REST_URL: 'https://user:hush@rows.example.com/' }, /^REST_URL: found https:\/\/rows\.example\.com with a user/],
  [{ REST_URL: 'https://rows.example.com/#hush' }, /^REST_URL: found .*fragment/],
  [{ REST_URL, SINK_URL: 'postgresql://me@localhost/db' }, /^REST_URL: found it beside a database in SINK_URL/],
  [
    { REST_URL, SINK_URL: 'https://flat.blob.core.windows.net/telemetry' },
    /^REST_URL: found it beside a flat account, whose blocks cannot be read before .*expected a lake or file:/,
  ],
  [{ REST_AUDIENCE: 'api://rows' }, /^REST_AUDIENCE: has no effect without REST_URL/],
  [{ REST_AUTHORIZATION: 'Bearer hush' }, /^REST_AUTHORIZATION: has no effect without REST_URL/],
  [
    { REST_URL, REST_AUDIENCE: 'api://rows', REST_AUTHORIZATION: 'Bearer hush' },
    /^REST_AUTHORIZATION: .*one of the two/,
  ],
  [{ REST_URL, REST_AUDIENCE: 'two words' }, /^REST_AUDIENCE: found something that is no audience/],
  [
    { REST_URL, REST_AUTHORIZATION: 'Bearer hush\nHost: a' },
    /^REST_AUTHORIZATION: found characters that no header takes/,
  ],
  [{ REST_URL, REST_AUTHORIZATION: '@Microsoft.KeyVault(SecretUri=hush)' }, /^REST_AUTHORIZATION: .*not been replaced/],
  [{ REST_URL, EXPORT_FORMAT: 'parquet' }, /^EXPORT_FORMAT: found "parquet" beside REST_URL, expected jsonl/],
  [{ REST_URL, EXPORT_FORMAT: 'columns-rows' }, /^EXPORT_FORMAT: found "columns-rows" beside REST_URL/],
];

test('what is wrong about it is one problem, without anything secret', () => {
  for (const [settings, expected] of WRONG) {
    const text = problemOf(settings);
    assert.match(text, expected);
    assert.doesNotMatch(text, /hush/);
  }
  assert.equal(problemsOf({ REST_URL: 'hush', EXPORT_FORMAT: 'parquet' }).length, 2);
});
