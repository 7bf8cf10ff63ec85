import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import packageJson from '../package.json' with { type: 'json' };
import { checkEachOnce, ingestNamed, minutesAgo, openWorld, type World } from './support/e2e-world.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..');

let work: string;
let program: string;
let world: World;

before(async () => {
  work = await mkdtemp(join(tmpdir(), 'monitorlift-executable-test-'));
  program = join(work, process.platform === 'win32' ? 'monitorlift.exe' : 'monitorlift');
  await mkdir(join(work, 'empty'));
  [world] = await Promise.all([openWorld(), run(process.execPath, [join(ROOT, 'scripts/executable.ts'), program])]);
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await rm(work, { recursive: true, force: true });
});

/** In an empty folder, with nothing of this machine's but what Windows needs; fails unless it exits with 0. */
async function execute(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { SystemRoot } = process.env;
  const { stdout } = await run(program, args, {
    cwd: join(work, 'empty'),
    env: { ...env, ...(SystemRoot !== undefined && { SystemRoot }) },
  });
  return stdout;
}

test('one file says its version and its help', async () => {
  assert.equal((await execute(['--version'])).trim(), packageJson.version);
  assert.match(await execute(['--help']), /^Usage: monitorlift <verb>/);
});

test('it exports into a lake and a directory, in each format, and leaves nothing elsewhere', async () => {
  const names = await ingestNamed(world.logs, 'AppRequests', 30, minutesAgo(10));
  const lake = await world.openSink();
  const settings = { EXPORTS: 'requests' };
  assert.match(await execute(['check'], lake.settings(settings)), /ok {3}sink: /);
  await execute(['run', '--once'], lake.settings(settings));
  checkEachOnce(await lake.rows('requests'), names);

  for (const EXPORT_FORMAT of ['jsonl', 'parquet']) {
    const directory = join(work, EXPORT_FORMAT);
    await execute(['run', '--once'], lake.settings({ ...settings, EXPORT_FORMAT, SINK_URL: `file:${directory}` }));
    const files = await readdir(directory, { recursive: true });
    assert.equal(files.filter((file) => /_30\.(?:jsonl\.gz|parquet)$/.test(file)).length, 1, files.join('\n'));
  }
  assert.deepEqual(await readdir(join(work, 'empty')), []);
});
