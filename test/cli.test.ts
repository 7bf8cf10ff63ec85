import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { type Cli, runCli, startCli } from './support/cli.ts';

const IS_WINDOWS = process.platform === 'win32';
/**
 * Windows has no signals: whoever ends a process there ends it at once, and only its console tells it of Ctrl-C. There a
 * line on standard input stands for it, so that the same tests see the same handlers.
 */
const LISTEN = "--import=data:text/javascript,process.stdin.on('data',name=>process.emit(''+name,''+name)).unref()";
/** For every process that is started. Node 22 warns of its SQLite, which has nothing to do with what is written here. */
const PROCESS_ENV = { NODE_NO_WARNINGS: '1', ...(IS_WINDOWS && { NODE_OPTIONS: LISTEN }) };
const WORKSPACE = '00000000-0000-0000-0000-000000000001';
const HOUR_MS = 3_600_000;

let folder: string;
/** Answers nothing: whoever asks waits. */
let silent: Server;
let env: Record<string, string>;

before(async () => {
  silent = createServer(() => {});
  await once(silent.listen(0, '127.0.0.1'), 'listening');
});
after(() => {
  silent.close();
  silent.closeAllConnections();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'monitorlift-cli-'));
  const port = (silent.address() as AddressInfo).port;
  const LOGS_ENDPOINT = `http://127.0.0.1:${port}/v1`;
  env = { APPINSIGHTS_WORKSPACE_ID: WORKSPACE, SINK_URL: 'file:lake', LOGS_ENDPOINT };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const cli = (...args: string[]) => runCli(args, { ...PROCESS_ENV, ...env }, folder);
const start = (...args: string[]) => startCli(args, { ...PROCESS_ENV, ...env }, folder);

function send(name: 'SIGINT' | 'SIGTERM', { process: child }: Cli): void {
  if (IS_WINDOWS) child.stdin?.write(name);
  else child.kill(name);
}

async function writeWatermark(name: string, changes: object = {}): Promise<void> {
  const exportedUntil = new Date(Date.now() - 60_000).toISOString();
  const file = { version: 1, export: name, source: WORKSPACE, exportedUntil, publishing: [], windowMs: 60_000 };
  await mkdir(join(folder, 'lake', name), { recursive: true });
  const text = JSON.stringify({ ...file, runId: 'run', updatedAt: exportedUntil, ...changes });
  await writeFile(join(folder, 'lake', name, '_watermark.json'), text);
}

test('--help teaches the verbs, and each verb its options and exit codes', async () => {
  env = {};
  const { code, stdout } = await cli('--help');
  assert.equal(code, 0);
  for (const verb of ['run', 'start', 'status', 'check']) {
    assert.match(stdout, new RegExp(`^ {2}${verb} `, 'm'));
    const help = await cli(verb, '--help');
    assert.equal(help.code, 0);
    assert.match(help.stdout, new RegExp(`^Usage: monitorlift ${verb} .*--json`));
    assert.match(help.stdout, /Exit code: 0 .*1 .*2 /);
  }
});

test('--version is that of the package', async () => {
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  assert.deepEqual(await cli('--version'), { code: 0, stdout: `${version}\n`, stderr: '' });
});

test('wrong arguments end with 2 and a hint', async () => {
  const cases: [string[], RegExp][] = [
    [[], /a verb is missing: run, start, status, check/],
    [['stats'], /unknown verb "stats", did you mean status\?/],
    [['constructor'], /unknown verb "constructor"\n/],
    [['run', '--onc'], /Unknown option '--onc', did you mean --once\?/],
    [['run', '--export'], /'--export <value>' argument missing/],
    [['run', 'requests'], /unexpected "requests"/],
    [['status', '--once'], /status has no option --once/],
    [['start'], /start needs --at TIME/],
    [['start', '--at', 'yesterday'], /found "yesterday", expected a UTC time such as/],
    [['start', '--at', '2999-01-01T00:00:00Z'], /in the future/],
    [['status', '--export', 'nothing'], /there is no export "nothing": the settings have requests, /],
    [['status', '--settings', 'nothing.json'], /nothing\.json cannot be read/],
  ];
  for (const [args, expected] of cases) {
    const { code, stdout, stderr } = await cli(...args);
    assert.match(stderr, expected);
    assert.match(stderr, /See monitorlift --help/);
    assert.equal(stdout, '');
    assert.equal(code, 2, args.join(' '));
  }
});

test('wrong settings end every verb with 2 and all problems', async () => {
  env = { SINK_URL: 'https://x.blob.core.windows.net/f', EXPORT_LAG_MINUTES: 'five' };
  for (const args of [['run', '--once'], ['start', '--at', '2026-01-01T00:00:00Z'], ['status'], ['check']]) {
    const { code, stderr } = await cli(...args);
    assert.equal(code, 2);
    for (const setting of ['APPINSIGHTS_WORKSPACE_ID', 'SINK_URL', 'EXPORT_LAG_MINUTES']) {
      assert.match(stderr, new RegExp(`^ {2}${setting}: `, 'm'));
    }
  }
  const { problems } = JSON.parse((await cli('status', '--json')).stdout);
  assert.equal(problems.length, 3);
});

test('status of an empty sink shows ten exports that have not begun', async () => {
  const { code, stdout, stderr } = await cli('status');
  assert.equal(stderr, '');
  assert.equal(stdout.split('\n').length, 12);
  assert.equal(stdout.match(/has not begun/g)?.length, 10);
  assert.equal(code, 0);
});

test('start creates a watermark once', async () => {
  const at = new Date(Date.now() - HOUR_MS).toISOString();
  const first = await cli('start', '--at', at, '--export', 'PAGEVIEWS');
  assert.equal(first.stdout, `pageViews: the next run begins at ${at}\n`);
  assert.equal(first.code, 0);
  const second = await cli('start', '--at', '2026-01-01T00:00:00Z', '--export', 'pageViews');
  assert.equal(second.stdout, `pageViews: not started: it has a watermark already, exported until ${at}\n`);
  assert.equal(second.code, 1);
  const state = JSON.parse((await cli('status', '--export', 'pageviews', '--json')).stdout);
  assert.equal(state.watermark, at);
});

test('start refuses a time before the end of a published part', async () => {
  const part = 'lake/traces/y=2026/m=11/d=01/h=00';
  await mkdir(join(folder, part), { recursive: true });
  await writeFile(join(folder, part, '20261101T000000.000Z_20261101T003000.000Z_5.jsonl.gz'), '');
  const early = await cli('start', '--at', '2026-11-01T00:29:59Z', '--export', 'traces');
  assert.match(early.stdout, /not started: there are parts until 2026-11-01T00:30:00\.000Z/);
  assert.equal(early.code, 1);
  assert.equal((await cli('start', '--at', '2026-11-01T00:30:00Z', '--export', 'traces')).code, 0);
});

test('status says what is wrong and ends with 1', async () => {
  const old = new Date(Date.now() - 48 * HOUR_MS);
  const publishing = [{ staged: 'traces/_staging/a/1.staged', path: 'traces/b', rows: 1, bytes: 1, etag: 'x' }];
  await writeWatermark('requests');
  await writeWatermark('dependencies', { exportedUntil: old.toISOString() });
  await writeWatermark('exceptions', { source: '00000000-0000-0000-0000-000000000002' });
  await writeWatermark('traces', { publishing });
  await utimes(join(folder, 'lake/traces/_watermark.json'), old, old);
  await writeWatermark('pageViews', { exportedUntil: 'soon' });
  const { code, stdout } = await cli('status', '--json');
  const states = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const problems = new Map<string, string>(states.map((state) => [state.export, state.problems.join('; ')]));
  assert.equal(problems.get('requests'), '');
  assert.match(problems.get('dependencies') ?? '', /is behind: more than 20 min/);
  assert.match(problems.get('exceptions') ?? '', /belongs to workspace 0.*2$/);
  assert.match(problems.get('traces') ?? '', /ended before it had published 1 part/);
  assert.match(problems.get('pageViews') ?? '', /"exportedUntil": "soon"/);
  assert.equal(problems.get('browserTimings'), '');
  assert.equal(code, 1);
});

test('settings are read from local.settings.json, and the environment goes first', async () => {
  const Values = { ...env, EXPORTS: 'requests', SINK_URL: 'file:elsewhere' };
  env = { EXPORTS: 'traces' };
  await writeFile(join(folder, 'local.settings.json'), `\uFEFF${JSON.stringify({ IsEncrypted: false, Values })}`);
  await writeFile(join(folder, 'other.json'), JSON.stringify({ Values: { ...Values, EXPORT_LAG_MINUTES: 'x' } }));
  const { code, stdout } = await cli('start', '--at', '2026-11-01T00:00:00Z', '--json');
  assert.deepEqual([code, JSON.parse(stdout).export], [0, 'traces']);
  assert.deepEqual((await readdir(join(folder, 'elsewhere'))).includes('traces'), true);
  assert.match((await cli('status', '--settings', 'other.json')).stderr, /EXPORT_LAG_MINUTES/);
});

test('check names each part that fails and ends with 1', async () => {
  silent.once('request', (_, response) => response.writeHead(403).end('{"error":{"code":"InsufficientAccessError"}}'));
  const { code, stdout } = await cli('check', '--export', 'traces');
  assert.match(stdout, /^ok {3}settings: /m);
  assert.match(stdout, /^ok {3}sink: writes, renames, reads and deletes$/m);
  assert.match(stdout, /^FAIL traces: .*Log Analytics/m);
  assert.equal(code, 1);
  const left = await readdir(join(folder, 'lake/traces'), { recursive: true });
  assert.deepEqual(
    left.filter((name) => name !== '_staging'),
    [],
  );
});

test('run --once ends with 1 when a run failed, and says why once', async () => {
  await writeWatermark('traces', { version: 2 });
  const { code, stdout, stderr } = await cli('run', '--once', '--export', 'traces');
  assert.match(stdout, /^traces: failed: traces\/_watermark\.json: found "version": 2/);
  assert.equal(stderr, '');
  assert.equal(code, 1);
  const json = JSON.parse((await cli('run', '--once', '--export', 'traces', '--json')).stdout);
  assert.deepEqual([json.export, json.outcome], ['traces', 'failed']);
  assert.match(json.error, /"version": 2/);
});

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} stops a run that waits for an answer, with ${code}, and it leaves nothing behind`, async () => {
    await writeWatermark('traces', { exportedUntil: new Date(Date.now() - HOUR_MS).toISOString() });
    const watermark = join(folder, 'lake/traces/_watermark.json');
    const before = await readFile(watermark, 'utf8');
    const asked = once(silent, 'request');
    const started = start('run', '--once', '--export', 'traces', '--json');
    await Promise.race([asked, started.result.then(({ stderr }) => assert.fail(stderr))]);
    send(signal, started);
    const result = await started.result;
    assert.equal(result.code, code);
    assert.equal(JSON.parse(result.stdout).outcome, 'stopped');
    assert.equal(await readFile(watermark, 'utf8'), before);
    const left = await readdir(join(folder, 'lake/traces'), { recursive: true });
    assert.deepEqual(left.sort(), ['_watermark.json']);
  });
}

test('run keeps the schedules, says when the next runs are, and stops on a signal', async () => {
  env = { ...env, EXPORTS: 'requests,traces', EXPORT_SCHEDULE: '0 0 0 1 1 *' };
  const started = start('run');
  await started.sees(/requests: the next run is at \d{4}-01-01T00:00:00\.000Z/);
  await started.sees(/traces: the next run is at \d{4}-01-01T00:00:00\.000Z/);
  send('SIGTERM', started);
  assert.equal((await started.result).code, 143);
});

test('run exports at the times of the schedule, again and again', async () => {
  env = { ...env, EXPORTS: 'traces', EXPORT_SCHEDULE: '* * * * * *' };
  await writeWatermark('traces', { version: 2 });
  const started = start('run');
  let lines = 0;
  await new Promise<void>((resolve) => {
    started.process.stdout?.on('data', (text: string) => {
      lines += text.split('\n').length - 1;
      if (lines >= 2) resolve();
    });
  });
  send('SIGINT', started);
  assert.equal((await started.result).code, 130);
});

test('a second signal ends the process at once', async () => {
  const signals = new URL('../src/cli/signals.ts', import.meta.url).href;
  const script = join(folder, 'stubborn.mjs');
  await writeFile(
    script,
    `import { stopOnSignals } from ${JSON.stringify(signals)};
    await stopOnSignals(() => { setInterval(() => {}, 1000); console.error('ready'); return new Promise(() => {}); });`,
  );
  const started = startCli([], PROCESS_ENV, folder, script);
  await started.sees(/ready/);
  send('SIGTERM', started);
  await started.sees(/SIGTERM: stopping/);
  send('SIGTERM', started);
  const { code, stderr } = await started.result;
  assert.match(stderr, /SIGTERM again: not waiting/);
  assert.equal(code, 143);
});
