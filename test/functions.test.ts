import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readExports } from '../src/settings/exports.ts';
import { nodeProblem } from '../src/settings/node-version.ts';
import { createReader } from '../src/settings/reader.ts';
import { buildApp, type FunctionsHost, removeApp, startHost } from './support/functions-host.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TEN = [
  ...['exportRequests', 'exportDependencies', 'exportExceptions', 'exportTraces', 'exportPageViews'],
  ...['exportCustomEvents', 'exportCustomMetrics', 'exportAvailabilityResults', 'exportBrowserTimings'],
  'exportPerformanceCounters',
];

let app: string;
let lake: string;

before(async () => {
  app = await buildApp();
  lake = await mkdtemp(join(tmpdir(), 'monitorlift-lake-'));
});
after(async () => {
  await removeApp(app);
  await rm(lake, { recursive: true, force: true });
});

/** A sink whose exports fail at once, before Logs is asked. */
async function makeDamagedSink(...exports: string[]): Promise<string> {
  const folder = await mkdtemp(join(lake, 'damaged-'));
  for (const name of exports) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, '_watermark.json'), 'damaged');
  }
  return `file:${folder}`;
}

/** Good settings whose Logs do not answer: port 9 discards. */
function settings(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    APPINSIGHTS_WORKSPACE_ID: '00000000-0000-0000-0000-000000000001',
    SINK_URL: `file:${lake}`,
    LOGS_ENDPOINT: 'http://127.0.0.1:9/v1',
    ...more,
  };
}

async function withHost(
  env: Readonly<Record<string, string>>,
  use: (host: FunctionsHost) => Promise<void>,
): Promise<void> {
  const host = await startHost(app, env);
  try {
    await use(host);
  } finally {
    await host.stop();
  }
}

test('the built app registers ten timer functions, each at a second of its own', async () => {
  await withHost(settings(), async ({ functions }) => {
    assert.deepEqual(
      functions.map(({ name }) => name),
      TEN,
    );
    const bindings = functions.map((each) => Object.values(each.bindings)[0] ?? {});
    for (const binding of bindings) {
      assert.equal(binding.type, 'timerTrigger');
      assert.equal(binding.direction, 'in');
      assert.equal(binding.runOnStartup, undefined);
      assert.match(String(binding.schedule), /^\d+ \*\/5 \* \* \* \*$/);
    }
    assert.equal(new Set(bindings.map(({ schedule }) => schedule)).size, 10);
  });
});

test('a _KQL adds a function, and schedules come from the settings', async () => {
  const env = settings({ EXPORTS: 'requests', SLOW_KQL: 'AppRequests | where DurationMs > 1000' });
  const schedules = { EXPORT_SCHEDULE: '0 0 * * * *', SLOW_SCHEDULE: '30 */2 * * * *' };
  await withHost({ ...env, ...schedules }, async ({ functions }) => {
    const found = functions.map(({ name, bindings }) => [name, Object.values(bindings)[0]?.schedule]);
    assert.deepEqual(found, [
      ['exportRequests', '0 0 * * * *'],
      ['exportSlow', '30 */2 * * * *'],
    ]);
  });
});

test('with wrong settings every function is there, and each invocation fails with every problem', async () => {
  const env = {
    REQUESTS_KQL: 'requests | limit 10',
    EXPORT_SCHEDULE: '@daily',
    SINK_URL: 'https://x.dfs.core.windows.net/f?sig=hush',
  };
  await withHost(env, async (host) => {
    assert.deepEqual(
      host.functions.map(({ name }) => name),
      TEN,
    );
    for (const name of ['exportRequests', 'exportTraces', 'exportRequests']) {
      const { error = '', logs } = await host.invoke(name);
      for (const setting of ['REQUESTS_KQL', 'EXPORT_SCHEDULE', 'SINK_URL', 'APPINSIGHTS_WORKSPACE_ID']) {
        assert.match(error, new RegExp(`^ {2}${setting}: `, 'm'));
      }
      assert.match(error, /write AppRequests; "limit".*leave it out/);
      assert.doesNotMatch(error, /hush/);
      assert.deepEqual(logs, []); // the host logs what is thrown
    }
  });
});

test('on a Node that is too old every function is there, and each invocation says so in one line', async () => {
  const old = "Object.defineProperty(process.versions,'node',{value:'20.19.0'})";
  await withHost(settings({ NODE_OPTIONS: `--import=data:text/javascript,${old}` }), async (host) => {
    assert.equal(host.functions.length, 10);
    const { error = '', logs } = await host.invoke('exportTraces');
    assert.match(
      error,
      /^Error: found Node\.js 20\.19\.0, but MonitorLift needs 22\.18 or newer: .*function app to 24$/,
    );
    assert.deepEqual(logs, []);
  });
});

test('what an old Node reads before it is asked for its version is small, and nothing but the question', async () => {
  const { engines } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  assert.equal(nodeProblem(engines.node.replace('>=', '')), undefined);
  assert.match(nodeProblem('22.17.9') ?? '', /needs 22\.18 or newer/);
  const seen = new Map<string, string>();
  const read = async (name: string): Promise<void> => {
    if (seen.has(name)) return;
    const text = await readFile(join(app, 'dist/cli', name), 'utf8');
    seen.set(name, text);
    for (const [, next = ''] of text.matchAll(/(?:from|import)"\.\/([^"]+)"/g)) await read(next);
  };
  await read('main.js');
  const bytes = [...seen.values()].reduce((sum, text) => sum + text.length, 0);
  assert.ok(bytes < 3000, [...seen.keys()].join());
});

test('warnings of the settings are logged once by a process', async () => {
  const SINK_URL = await makeDamagedSink('requests', 'traces');
  await withHost(settings({ SINK_URL, EXPORTS: 'requests,traces', BACKUP_SCHEDULE: '@daily' }), async (host) => {
    const first = await host.invoke('exportRequests');
    const second = await host.invoke('exportTraces');
    const warnings = [first, second].map(({ logs }) => logs.filter(({ level }) => level === 'warning'));
    assert.deepEqual(
      warnings.map((each) => each.filter(({ message }) => message.startsWith('BACKUP_SCHEDULE: ')).length),
      [1, 0],
    );
  });
});

test('a failed run fails its invocation, and logs that it began and its report, a line of JSON each', async () => {
  await withHost(settings({ SINK_URL: await makeDamagedSink('requests') }), async (host) => {
    const { error = '', logs } = await host.invoke('exportRequests');
    assert.match(error, /^RunError: run \S+ failed: requests\/_watermark\.json: found 7 characters that are not JSON/);
    assert.deepEqual(
      logs.map(({ level }) => level),
      ['information', 'error'],
    );
    const [began, report] = logs.map(({ message }) => JSON.parse(message));
    assert.deepEqual(began, { event: 'began', export: 'requests', runId: report.runId });
    assert.equal(report.export, 'requests');
    assert.equal(report.outcome, 'failed');
    assert.ok(error.includes(report.runId), 'the message leads to the record');
    assert.ok(error.includes(report.reason), 'and both say why');
  });
});

test('there are exports to register whatever the settings say', () => {
  for (const EXPORTS of ['', ',', 'no such', '1', 'export', 'requests,requests', '__proto__', 'constructor']) {
    const exports = readExports(createReader({ EXPORTS, EXPORT_SCHEDULE: '%X%', REQUESTS_SCHEDULE: '00:05:00' }));
    assert.ok(exports.length > 0, EXPORTS);
    for (const { name, schedule } of exports) {
      assert.match(name, /^[A-Za-z][A-Za-z0-9]*$/);
      assert.match(schedule, /^\d+ \*\/5 \* \* \* \*$/);
    }
    assert.equal(new Set(exports.map(({ name }) => name)).size, exports.length, 'the host takes a name once');
  }
});

test('the entry loads without the SDKs', async () => {
  const entry = await readFile(join(app, 'dist/functions/index.js'), 'utf8');
  assert.doesNotMatch(entry, /DataLake|LogsQueryClient|DefaultAzureCredential/);
});

test('publish sends host.json, package.json and the built functions alone', async () => {
  const lines = (await readFile(join(ROOT, '.funcignore'), 'utf8'))
    .split('\n')
    .filter((line) => line && !line.startsWith('#'));
  const ignored = lines.map((line) => new RegExp(`^${line.replaceAll('.', '\\.').replaceAll('*', '.*')}$`));
  const isSent = (path: string) => !ignored.some((pattern) => pattern.test(path));
  const dist = (await readdir(join(app, 'dist'))).map((name) => `dist/${name}`);
  const root = (await readdir(ROOT)).filter((name) => name !== 'dist' && name !== 'lake');
  assert.deepEqual([...root, ...dist].filter(isSent).sort(), ['dist/functions', 'host.json', 'package.json']);
});
