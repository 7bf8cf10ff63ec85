import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { useCliFolder } from './support/cli-folder.ts';

const use = useCliFolder();

test('--help teaches the verbs, and each verb its options and exit codes', async () => {
  use.env = {};
  const { code, stdout } = await use.cli('--help');
  assert.equal(code, 0);
  for (const verb of ['run', 'start', 'status', 'check']) {
    assert.match(stdout, new RegExp(`^ {2}${verb} `, 'm'));
    const help = await use.cli(verb, '--help');
    assert.equal(help.code, 0);
    assert.match(help.stdout, new RegExp(`^Usage: monitorlift ${verb} .*--json`));
    assert.match(help.stdout, /Exit code: 0 .*1 .*2 /);
  }
});

test('--version is that of the package', async () => {
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  assert.deepEqual(await use.cli('--version'), { code: 0, stdout: `${version}\n`, stderr: '' });
});

test('wrong arguments end with 2 and a hint', async () => {
  const cases: [string[], RegExp][] = [
    [[], /a verb is missing: run, start, backfill, verify, status, check/],
    [['stats'], /unknown verb "stats", did you mean status\?/],
    [['constructor'], /unknown verb "constructor", expected run, start, .*, plan\n/],
    [['rnu'], /unknown verb "rnu", did you mean run\?/],
    [['verify', '--from', '--to', 'x'], /^monitorlift: Option '--from' argument is ambiguous\nSee/],
    [['status', '--export', 'requets'], /there is no export "requets", did you mean requests\?/],
    [['--export', 'requests', 'stats'], /unknown verb "stats", did you mean status\?/],
    [['run', '--onc'], /run has no option --onc, did you mean --once\?/],
    [['--versio'], /there is no option --versio, did you mean --version\?/],
    [['run', '--version'], /run has no option --version/],
    [['run', '--export'], /'--export <value>' argument missing/],
    [['run', 'requests'], /unexpected "requests"/],
    [['run', '--export', 'requests', '--export=traces'], /--export is given more than once/],
    [['status', '--once'], /status has no option --once/],
    [['start'], /start needs --at TIME/],
    [['start', '--at', 'yesterday'], /found "yesterday", expected a UTC time such as/],
    [['start', '--at', '2999-01-01T00:00:00Z'], /not in the future/],
    [['start', '--at', '2026-02-30T00:00:00Z'], /found "2026-02-30T00:00:00Z", expected a UTC time/],
    [['start', '--at', '2025-02-29T00:00:00Z'], /found "2025-02-29T00:00:00Z", expected/],
    [['start', '--at', '2026-01-01T24:00:00Z'], /expected a UTC time/],
    [['start', '--at', '0001-01-01T00:00:00Z'], /not before \d{4}-.*12 years/],
    [['start', '--at', '1970-01-01T00:00:00Z'], /not before \d{4}-.*12 years/],
    [['status', '--export', 'nothing'], /there is no export "nothing": the settings have requests, /],
    [['status', '--settings', 'nothing.json'], /nothing\.json cannot be read/],
    [['status', '--settings='], /--settings: found nothing, expected a file/],
  ];
  for (const [args, expected] of cases) {
    const { code, stdout, stderr } = await use.cli(...args);
    assert.match(stderr, expected);
    assert.match(stderr, /See monitorlift --help/);
    assert.equal(stdout, '');
    assert.equal(code, 2, args.join(' '));
  }
});

test('wrong settings end every verb with 2 and all problems', async () => {
  use.env = { SINK_URL: 'https://x.blob.core.windows.net/f', EXPORT_LAG_MINUTES: 'five' };
  for (const args of [['run', '--once'], ['start', '--at', '2026-01-01T00:00:00Z'], ['status'], ['check']]) {
    const { code, stderr } = await use.cli(...args);
    assert.equal(code, 2);
    for (const setting of ['APPINSIGHTS_WORKSPACE_ID', 'SINK_URL', 'EXPORT_LAG_MINUTES']) {
      assert.match(stderr, new RegExp(`^ {2}${setting}: `, 'm'));
    }
  }
  const { problems } = JSON.parse((await use.cli('status', '--json')).stdout);
  assert.equal(problems.length, 3);
  const hint =
    /\nThere is no local\.settings\.json in .*: local\.settings\.json\.example of the repository shows its form\.\n$/;
  assert.match((await use.cli('status')).stderr, hint);
  await writeFile(use.path('local.settings.json'), '{}');
  assert.doesNotMatch((await use.cli('status')).stderr, hint);
});

test('warnings of the settings stand before the results, and stop nothing', async () => {
  use.env = { ...use.env, EXPORTS: 'traces', BACKUP_SCHEDULE: '@daily' };
  const { code, stdout, stderr } = await use.cli('status', '--json');
  assert.equal(code, 0);
  assert.equal(JSON.parse(stdout).export, 'traces');
  assert.match(stderr, /^\S+ warn BACKUP_SCHEDULE: has no effect, [^\n]*\n$/);
});

test('what a terminal would obey does not reach it', async () => {
  const found = 'a\u001b[31mred\u001b]0;title\u0007\u009b2J\r\u202eb\ttab';
  const { stderr } = await use.cli('status', '--export', found);
  assert.match(stderr, /there is no export "ared[^\p{Cc}]*b tab"/u);
  await use.writeWatermark('traces', { exportedUntil: found });
  for (const args of [['status'], ['run', '--once', '--export', 'traces']]) {
    const result = await use.cli(...args);
    assert.match(result.stdout, /traces/);
    assert.doesNotMatch(result.stdout + result.stderr, /[^\P{Cc}\n]|\u202e/u);
  }
});

test('on a Node that is too old one line says what was found, what is needed and what to do', async () => {
  const old = "Object.defineProperty(process.versions,'node',{value:'22.17.1'})";
  use.env = { ...use.env, NODE_OPTIONS: `--import=data:text/javascript,${old}` };
  for (const args of [['run', '--once'], ['--help'], []]) {
    const { code, stdout, stderr } = await use.cli(...args);
    assert.match(
      stderr,
      /^monitorlift: found Node\.js 22\.17\.1, but MonitorLift needs 22\.18 or newer: install [^\n]*\n$/,
    );
    assert.deepEqual([code, stdout], [2, '']);
  }
});
