import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readdir, readFile, writeFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { MAIN, startCli } from './support/cli.ts';
import { HOUR_MS, PROCESS_ENV, send, useCliFolder } from './support/cli-folder.ts';

const use = useCliFolder();

test('run --once ends with 1 when a run failed, and says why once', async () => {
  await use.writeWatermark('traces', { version: 3 });
  const { code, stdout, stderr } = await use.cli('run', '--once', '--export', 'traces');
  assert.match(stdout, /^traces: failed: traces\/_watermark\.json: found "version": 3/);
  assert.equal(stderr, '');
  assert.equal(code, 1);
  const json = JSON.parse((await use.cli('run', '--once', '--export', 'traces', '--json')).stdout);
  assert.deepEqual([json.export, json.outcome], ['traces', 'failed']);
  assert.match(json.reason, /"version": 3/);
});

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} stops a run that waits for an answer, with ${code}, and it leaves nothing behind`, async () => {
    await use.writeWatermark('traces', { exportedUntil: new Date(Date.now() - HOUR_MS).toISOString() });
    const watermark = use.path('lake/traces/_watermark.json');
    const before = await readFile(watermark, 'utf8');
    const asked = once(use.silent, 'request');
    const started = use.start('run', '--once', '--export', 'traces', '--json');
    await Promise.race([asked, started.result.then(({ stderr }) => assert.fail(stderr))]);
    send(signal, started);
    const result = await started.result;
    assert.equal(result.code, code);
    assert.equal(JSON.parse(result.stdout).outcome, 'stopped');
    assert.equal(await readFile(watermark, 'utf8'), before);
    const left = await readdir(use.path('lake/traces'), { recursive: true });
    assert.deepEqual(left.sort(), ['_watermark.json']);
  });
}

for (const verb of ['plan', 'check', 'verify']) {
  test(`Ctrl-C stops ${verb} with one line, and says of no export that it has failed`, async () => {
    use.env = { ...use.env, EXPORTS: 'requests,traces,pageViews' };
    for (const name of ['requests', 'traces', 'pageViews']) await use.writeWatermark(name);
    const asked = once(use.silent, 'request');
    const started = use.start(verb);
    await Promise.race([asked, started.result.then(({ stderr }) => assert.fail(stderr))]);
    send('SIGINT', started);
    const { code, stdout, stderr } = await started.result;
    assert.deepEqual([stderr, code], ['SIGINT: stopping\n', 130]);
    assert.doesNotMatch(stdout, /requests|traces|pageViews/);
    assert.match((await use.cli(verb, '--help')).stdout, /130 or 143\s+stopped/);
  });
}

test('run --once of several exports says at once what it does', async () => {
  use.env = { ...use.env, EXPORTS: 'requests,traces' };
  for (const name of ['requests', 'traces']) await use.writeWatermark(name);
  const started = use.start('run', '--once');
  await started.sees(/^\S+ info exporting requests, traces: a line for each when it has ended\n/);
  send('SIGINT', started);
  assert.equal((await started.result).code, 130);
});

test('why a run was stopped is said once', async () => {
  await use.writeWatermark('traces', { exportedUntil: new Date(Date.now() - HOUR_MS).toISOString() });
  const asked = once(use.silent, 'request');
  const started = use.start('run', '--once', '--export', 'traces');
  await Promise.race([asked, started.result.then(({ stderr }) => assert.fail(stderr))]);
  send('SIGINT', started);
  const { stdout, stderr } = await started.result;
  assert.match(stdout, /^traces: stopped 0 rows in 0 parts \(0 bytes\), until .*, took .* s: stopped by SIGINT\n$/);
  assert.doesNotMatch(stderr, /traces: stopped/);
});

test('run keeps the schedules, says when the next runs are, and stops on a signal', async () => {
  use.env = { ...use.env, EXPORTS: 'requests,traces', EXPORT_SCHEDULE: '0 0 0 1 1 *' };
  const started = use.start('run');
  await started.sees(/requests: the next run is at \d{4}-01-01T00:00:00\.000Z/);
  await started.sees(/traces: the next run is at \d{4}-01-01T00:00:00\.000Z/);
  send('SIGTERM', started);
  assert.equal((await started.result).code, 143);
});

test('run exports at the times of the schedule, again and again', async () => {
  use.env = { ...use.env, EXPORTS: 'traces', EXPORT_SCHEDULE: '* * * * * *' };
  await use.writeWatermark('traces', { version: 2 });
  const started = use.start('run');
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
  const script = use.path('stubborn.mjs');
  await writeFile(
    script,
    `import { stopOnSignals } from ${JSON.stringify(signals)};
    await stopOnSignals(() => { setInterval(() => {}, 1000); console.error('ready'); return new Promise(() => {}); });`,
  );
  const started = startCli([], PROCESS_ENV, use.path(), script);
  await started.sees(/ready/);
  send('SIGTERM', started);
  await started.sees(/SIGTERM: stopping/);
  send('SIGTERM', started);
  const { code, stderr } = await started.result;
  assert.match(stderr, /SIGTERM again: not waiting/);
  assert.equal(code, 143);
});

/** Runs the command line into a reader that takes one line and ends, as `head -1` does. */
async function intoHead(...args: string[]) {
  const started = use.start(...args);
  started.process.stdout?.once('data', () => started.process.stdout?.destroy());
  return await started.result;
}

test('results that nobody reads stop nothing: each verb ends as it would have', async () => {
  use.env = { ...use.env, EXPORTS: 'requests,traces', REQUESTS_SCHEDULE: '0 0 0 1 1 *' };
  for (const name of ['requests', 'traces']) await use.writeWatermark(name, { version: 99 });
  for (const args of [
    ['run', '--once'],
    ['run', '--once', '--json'],
    ['status', '--json'],
  ]) {
    const { code, stderr } = await intoHead(...args);
    assert.doesNotMatch(stderr, /(?<! info .*)\n/, args.join(' '));
    assert.equal(code, 1, 'both exports have failed');
  }
  assert.equal((await intoHead('--help')).code, 0);
});

test('run without --once stops cleanly when nobody reads its results', async () => {
  use.env = { ...use.env, EXPORTS: 'requests,traces', EXPORT_SCHEDULE: '* * * * * *' };
  await use.writeWatermark('requests', { version: 99 });
  await use.writeWatermark('traces', { exportedUntil: new Date(Date.now() - HOUR_MS).toISOString() });
  const asked = once(use.silent, 'request');
  const started = intoHead('run');
  await asked;
  assert.equal((await started).code, 0);
  const left = await readdir(use.path('lake/traces'), { recursive: true });
  assert.deepEqual(left.sort(), ['_watermark.json']);
});

test('results that cannot be written are an error, in one line', async () => {
  await writeFile(use.path('closed'), '');
  const file = await open(use.path('closed'), 'r'); // nothing can be written there
  const child = spawn(process.execPath, [MAIN, 'status'], {
    cwd: use.path(),
    env: { PATH: process.env.PATH, ...PROCESS_ENV, ...use.env },
    stdio: ['ignore', file.fd, 'pipe'],
  });
  assert.ok(child.stderr);
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  await file.close();
  assert.match(stderr, /^monitorlift: the results cannot be written: [^\n]*E[A-Z]+[^\n]*\n$/);
  assert.equal(code, 1);
});
