import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

// The documented commands that put the exporter onto a machine, run below a folder, with the strictest of umasks, as
// the machine of somebody careful has it. Windows has neither these modes nor systemd.

const UNIT = new URL('../infra/vm/monitorlift.service', import.meta.url);

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'monitorlift-vm-'));
});
after(() => rm(folder, { recursive: true, force: true }));

/** The commands of a head of comments: its lines that are indented. */
function commandsOf(text: string): string {
  const lines = text.split('\n').filter((line) => line.startsWith('#   '));
  return lines.map((line) => line.slice(4)).join('\n');
}

/** The block of docs/deploy.md that writes the settings file. */
async function settingsCommands(): Promise<string> {
  const text = await readFile(new URL('../docs/deploy.md', import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block);
  const block = blocks.find((each) => each.includes('monitorlift.env) <<'));
  assert.ok(block, 'docs/deploy.md writes monitorlift.env');
  return block;
}

/** Runs a script by bash below the folder, where `sudo` does as it is told and `systemctl` and `az` do nothing. */
function run(script: string): void {
  const stubs = ['sudo() { "$@"; }', 'systemctl() { :; }', 'az() { echo id; }', 'umask 077', 'set -eu'];
  const below = script.replace(/(?<= )\/(opt|etc)\//g, `${folder}/$1/`).replaceAll('<lake>', 'lake');
  const { status, stderr } = spawnSync('bash', ['-c', [...stubs, 'WORKSPACE=id', below].join('\n')], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
}

async function modeOf(path: string): Promise<number> {
  return (await stat(join(folder, path))).mode & 0o777;
}

if (process.platform === 'linux') {
  test('the documented commands leave a program that anybody can read, and settings that only root can', async () => {
    await mkdir(join(folder, 'dist', 'cli'), { recursive: true });
    await mkdir(join(folder, 'infra', 'vm'), { recursive: true });
    await mkdir(join(folder, 'etc', 'systemd', 'system'), { recursive: true });
    await writeFile(join(folder, 'package.json'), '{}');
    await writeFile(join(folder, 'dist', 'cli', 'main.js'), '');
    // As a checkout is under such an umask.
    for (const path of ['package.json', 'dist/cli/main.js']) await chmod(join(folder, path), 0o600);
    for (const path of ['dist', 'dist/cli']) await chmod(join(folder, path), 0o700);
    const unit = await readFile(UNIT, 'utf8');
    await writeFile(join(folder, 'infra', 'vm', 'monitorlift.service'), unit);

    run(`${await settingsCommands()}\n${commandsOf(unit)}`);

    assert.equal(await modeOf('opt/monitorlift'), 0o755);
    const installed = await readdir(join(folder, 'opt/monitorlift'), { recursive: true });
    assert.deepEqual(installed.sort(), ['dist', 'dist/cli', 'dist/cli/main.js', 'package.json']);
    for (const path of installed) {
      const needed = path.includes('.') ? 0o444 : 0o555;
      assert.equal((await modeOf(`opt/monitorlift/${path}`)) & needed, needed, path);
    }
    assert.equal(await modeOf('monitorlift.env'), 0o600);
    assert.equal(await modeOf('etc/monitorlift/monitorlift.env'), 0o600);
    assert.equal(await modeOf('etc/systemd/system/monitorlift.service'), 0o644);
  });

  test('the settings file leaves the shell as it was', async () => {
    const block = await settingsCommands();
    run(`umask 022\n${block}\ntest "$(umask)" = 0022`);
  });

  test('systemd finds nothing to say about the unit', async (t) => {
    const analyze = ['/usr/bin/systemd-analyze', '/bin/systemd-analyze'].find((path) => existsSync(path));
    if (analyze === undefined) {
      t.diagnostic('no systemd here');
      return;
    }
    const unit = await readFile(UNIT, 'utf8');
    const path = join(folder, 'monitorlift.service');
    // Node may be elsewhere on this machine.
    await writeFile(path, unit.replace('/usr/bin/node', process.execPath));
    const { status, stdout, stderr } = spawnSync(analyze, ['verify', path], { encoding: 'utf8' });
    const said = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('monitorlift'));
    assert.deepEqual(said, []);
    assert.equal(status, 0, `${stdout}${stderr}`);
  });
}
