import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { TABLES } from '../src/core/kql/tables.ts';
import { parseSettings } from '../src/settings/settings.ts';
import { runCli } from './support/cli.ts';

// Every setting is in the code, the README, the Bicep and, where it teaches something, the help: the same in all.

/** What the platform reads, not the exporter: the host, the worker, the SDKs' sign-in, the exporter's own telemetry. */
const PLATFORM = [
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'AZURE_CLIENT_ID',
  'AZURE_TOKEN_CREDENTIALS',
  'AzureWebJobsStorage__blobServiceUri',
  'AzureWebJobsStorage__clientId',
  'AzureWebJobsStorage__credential',
  'OTEL_TRACES_SAMPLER',
  'OTEL_TRACES_SAMPLER_ARG',
];
/** What a deployment passes on as it is: `additionalSettings` of the snapshot. */
const ADDITIONAL = ['AzureWebJobs.exportPageViews.Disabled', 'HTTPS_PROXY'];
/** What local.settings.json has besides: in Azure it is `AzureWebJobsStorage__...`, and the runtime is the plan's. */
const LOCAL_PLATFORM = ['AzureWebJobsStorage', 'FUNCTIONS_WORKER_RUNTIME'];
/** Of one export; in the code they are patterns. */
const PER_EXPORT = ['<NAME>_KQL', '<NAME>_SCHEDULE', '<NAME>_SOURCE'];
const REQUIRED = {
  APPINSIGHTS_WORKSPACE_ID: '00000000-0000-0000-0000-000000000001',
  SINK_URL: 'https://lake.dfs.core.windows.net/telemetry',
};

const read = (path: string) => readFile(new URL(`../${path}`, import.meta.url), 'utf8');
const sorted = (names: Iterable<string>) => [...new Set(names)].sort();

/** The names that src/settings/*.ts has between quotes, but for those of the platform. */
async function settingsOfCode(): Promise<string[]> {
  const files = await readdir(new URL('../src/settings', import.meta.url));
  const texts = await Promise.all(files.map((name) => read(`src/settings/${name}`)));
  const quoted = texts.flatMap((text) => [...text.matchAll(/'([A-Z]+(?:_[A-Z]+)+|EXPORTS)'/g)]);
  return sorted(quoted.map(([, name = '']) => name).filter((name) => !PLATFORM.includes(name)));
}

interface Row {
  readonly name: string;
  readonly byDefault: string;
  readonly text: string;
}

/** The README's table of settings. */
async function settingsOfReadme(): Promise<Row[]> {
  const [, chapter = ''] = (await read('README.md')).split('\n## Settings\n');
  const [table = ''] = chapter.split('\n## ');
  return [...table.matchAll(/^\| `([^`]+)` \| (.*?) \| (.*) \|$/gm)].map(
    ([, name = '', byDefault = '', text = '']) => ({
      name,
      byDefault: byDefault.replaceAll('`', ''),
      text,
    }),
  );
}

/** The app settings of a deployment, as a checked-in snapshot has them. */
async function settingsOfSnapshot(name: string): Promise<Record<string, string>> {
  const { predictedResources } = JSON.parse(await read(`infra/snapshots/${name}.snapshot.json`));
  const site = predictedResources.find(({ type }: { type: string }) => type === 'Microsoft.Web/sites');
  const settings: { name: string; value: string }[] = site.properties.siteConfig.appSettings;
  return Object.fromEntries(settings.map((setting) => [setting.name, setting.value]));
}

const withoutPlatform = (settings: Readonly<Record<string, string>>) =>
  Object.entries(settings).filter(([name]) => ![...PLATFORM, ...ADDITIONAL].includes(name));

test('the README has a row for each setting of the code, and no other', async () => {
  const rows = await settingsOfReadme();
  const perSchedule = rows.filter(({ text }) => text.includes('`<NAME>_SCHEDULE`')).map(() => '<NAME>_SCHEDULE');
  assert.deepEqual(
    sorted([...rows.map(({ name }) => name), ...perSchedule]),
    sorted([...(await settingsOfCode()), ...PER_EXPORT]),
  );
});

test("the README's defaults are those of the code", async () => {
  const rows = (await settingsOfReadme()).filter(({ byDefault }) => /^[\w:/.]+$/.test(byDefault));
  const written = Object.fromEntries(
    rows.filter(({ byDefault }) => byDefault !== 'required').map((row) => [row.name, row.byDefault]),
  );
  assert.equal(Object.keys(written).length, 8);
  assert.deepEqual(parseSettings({ ...REQUIRED, ...written }), parseSettings(REQUIRED));
  const [, listed = ''] = /The ten exports: (.*?)\. A `/s.exec(await read('README.md')) ?? [];
  assert.deepEqual(
    [...listed.matchAll(/`(\w+)`/g)].map(([, name]) => name),
    Object.keys(TABLES),
  );
});

test('the Bicep gives each setting of the code, and besides only those of the platform', async () => {
  const code = await settingsOfCode();
  const everything = withoutPlatform(await settingsOfSnapshot('everything')).map(([name]) => name);
  const general = everything.map((name) => (code.includes(name) ? name : name.replace(/^[A-Z]+_/, '<NAME>_')));
  assert.deepEqual(sorted(general), sorted([...code, ...PER_EXPORT]));
  const least = withoutPlatform(await settingsOfSnapshot('newLake')).map(([name]) => name);
  assert.deepEqual(sorted(least), sorted(Object.keys(REQUIRED)), 'what is not given is left to the code');
  for (const name of ['everything', 'newLake', 'existing', 'privateNetworking', 'brought']) {
    const settings = Object.keys(await settingsOfSnapshot(name));
    assert.deepEqual(
      PLATFORM.filter((setting) => !settings.includes(setting)),
      [],
      name,
    );
  }
});

test('the code takes the settings that the Bicep gives', async () => {
  const given = withoutPlatform(await settingsOfSnapshot('everything'));
  const env = Object.fromEntries(given);
  delete env.REST_AUTHORIZATION; // goes without an audience, and is a reference there
  const settings = parseSettings({ ...env, ...REQUIRED }); // those two are expressions there
  assert.deepEqual(
    settings.exports.map(({ name }) => name),
    ['requests', 'pageViews', 'slowrequests'],
  );
});

test('the Bicep knows each setting of the code by its name', async () => {
  const [, type = ''] = /type exporterSettings = \{(.*?)\n\}/s.exec(await read('infra/types.bicep')) ?? [];
  const known = [...type.matchAll(/^ {2}(\w+): /gm)].map(([, name = '']) => name);
  // Those that say where from and where to have parameters of their own.
  const own = [...Object.keys(REQUIRED), 'EXPORTS'];
  assert.deepEqual(
    (await settingsOfCode()).filter((name) => !known.includes(name) && !own.includes(name)),
    [],
  );
});

test('the ten exports of the Bicep are those of the code', async () => {
  const [, list = ''] = /var tableExports = \[(.*?)\]/s.exec(await read('infra/types.bicep')) ?? [];
  assert.deepEqual(
    [...list.matchAll(/'(\w+)'/g)].map(([, name]) => name),
    Object.keys(TABLES),
  );
});

test('local.settings.json.example has the settings that have no default, no lag, and nothing unknown', async () => {
  const names = Object.keys(JSON.parse(await read('local.settings.json.example')).Values);
  const own = [...Object.keys(REQUIRED), 'LOGS_ENDPOINT', 'EXPORT_LAG_MINUTES'];
  assert.deepEqual(sorted(names), sorted([...own, ...LOCAL_PLATFORM]));
});

test('the help names the required settings, and none that is unknown', async () => {
  const verbs = [[], ['run'], ['start'], ['status'], ['check'], ['schema'], ['plan']];
  const helps = await Promise.all(verbs.map((verb) => runCli([...verb, '--help'], {}, process.cwd())));
  const text = helps.map(({ stdout }) => stdout).join('\n');
  const named = sorted([...text.matchAll(/(?<![\w>])[A-Z]+(?:_[A-Z]+)+/g)].map(([name]) => name));
  const known = [...(await settingsOfCode()), 'AZURE_TENANT_ID'];
  assert.deepEqual(
    named.filter((name) => !known.includes(name)),
    [],
  );
  for (const name of Object.keys(REQUIRED)) assert.ok(named.includes(name), name);
});
