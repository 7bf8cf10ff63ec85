import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { readLocalSettings } from '../src/cli/local-settings.ts';
import { ArgumentError } from '../src/cli/verb.ts';
import { useCliFolder } from './support/cli-folder.ts';

const use = useCliFolder();

test('settings are read from local.settings.json, and the environment goes first', async () => {
  const Values = { ...use.env, EXPORTS: 'requests', SINK_URL: 'file:elsewhere' };
  use.env = { EXPORTS: 'traces' };
  await writeFile(use.path('local.settings.json'), `\uFEFF${JSON.stringify({ IsEncrypted: false, Values })}`);
  await writeFile(use.path('other.json'), JSON.stringify({ Values: { ...Values, EXPORT_LAG_MINUTES: 'x' } }));
  use.answerLooks();
  const { code, stdout } = await use.cli('start', '--at', '2026-11-01T00:00:00Z', '--json');
  assert.deepEqual([code, JSON.parse(stdout).export], [0, 'traces']);
  assert.deepEqual((await readdir(use.path('elsewhere'))).includes('traces'), true);
  assert.match((await use.cli('status', '--settings', 'other.json')).stderr, /EXPORT_LAG_MINUTES/);
});

test('comments and last commas are taken, as Core Tools takes them', async () => {
  const SINK_URL = 'file:lake // no comment, [1,] /* nor here */ \\"';
  const text = `// what
  {
    "IsEncrypted": false, /* not
    here */ "Values": {
      "SINK_URL": ${JSON.stringify(SINK_URL)}, // where
      "EXPORTS": "traces", "EXPORT_LAG_MINUTES": 0, "OTHER": true, "NONE": null,
    },
    "Host": { "CORS": ["*",], },
  }`;
  const file = use.path('local.settings.json');
  await writeFile(file, text);
  const values = { SINK_URL, EXPORTS: 'traces', EXPORT_LAG_MINUTES: '0', OTHER: 'true', NONE: '' };
  assert.deepEqual(await readLocalSettings(file), values);
});

test('a file that is no settings says what was found, and repeats nothing of it', async () => {
  const cases: [string, RegExp][] = [
    ['{"Values": {"A": "hush",,}}', /no JSON, somewhere|no JSON, line 1 column \d+/],
    ['{\n  "Values": {\n    "A": "hush"\n    "B": 1\n}}', /no JSON, line 4 column \d+: expected \{"IsEncrypted"/],
    ['hush', /is no JSON/],
    ['', /is no JSON/],
    ['"hush"', /found no JSON object/],
    ['[]', /found no JSON object/],
    ['null', /found no JSON object/],
    ['{"Values": ["hush"]}', /found "Values" that is no object, expected .*"Values": \{/],
    ['{"Values": "hush"}', /found "Values" that is no object/],
    ['{"Values": null}', /found "Values" that is no object/],
    ['{"Values": {"SINK_URL": {"hush": 1}}}', /found SINK_URL that is no text/],
    ['{"Values": {"EXPORTS": ["hush"]}}', /found EXPORTS that is no text/],
    ['{"IsEncrypted": true, "Values": {"A": "hush"}}', /is encrypted: decrypt it with func settings decrypt/],
  ];
  const file = use.path('settings.json');
  for (const [text, expected] of cases) {
    await writeFile(file, text);
    await assert.rejects(readLocalSettings(file), (error) => {
      assert.ok(error instanceof ArgumentError);
      assert.match(error.message, expected, text);
      assert.match(error.message, /settings\.json/);
      assert.doesNotMatch(inspect(error), /hush/);
      return true;
    });
  }
  await writeFile(file, '{}');
  assert.deepEqual(await readLocalSettings(file), {});
  const { code, stderr } = await use.cli('status', '--settings', 'nothing.json');
  assert.equal(code, 2);
  assert.match(stderr, /nothing\.json cannot be read/);
});
