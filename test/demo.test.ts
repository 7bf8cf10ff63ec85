import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runCli } from './support/cli.ts';

const DEMO = fileURLToPath(new URL('../src/local/demo/main.ts', import.meta.url));

interface Listed {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
}

async function listProcesses(): Promise<Listed[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,pgid=']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([pid = 0, parent = 0, group = 0]) => ({ pid, parent, group }));
}

/** All that descend from a process; Azurite and PostgreSQL are in groups of their own. */
function descendants(listed: readonly Listed[], ancestor: number): number[] {
  const children = listed.filter(({ parent }) => parent === ancestor).map(({ pid }) => pid);
  return children.flatMap((child) => [child, ...descendants(listed, child)]);
}

async function interrupt(...args: string[]): Promise<void> {
  // The limit is for a demo that hangs: it is killed, and the test fails.
  const limit = { timeout: 50_000, killSignal: 'SIGKILL' } as const;
  const demo = spawn(process.execPath, [DEMO, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    ...limit,
  });
  const pid = demo.pid ?? 0;
  const exited = once(demo, 'exit');
  try {
    const [line] = await Promise.race([once(demo.stdout.setEncoding('utf8'), 'data'), exited]);
    assert.match(String(line), /Logs emulator at http:/);
    demo.stdout.resume();
    const under = descendants(await listProcesses(), pid);
    assert.ok(under.length > 0, 'Azurite or PostgreSQL was expected to run');
    process.kill(-pid, 'SIGINT'); // as a terminal does: the whole group
    assert.deepEqual(await exited, [130, null]);
    const left = (await listProcesses()).filter(({ pid: each, group }) => group === pid || under.includes(each));
    assert.deepEqual(left, []);
  } finally {
    if (demo.exitCode === null && demo.signalCode === null) process.kill(-pid, 'SIGKILL');
  }
}

// Windows has neither signals nor groups of processes.
if (process.platform !== 'win32') {
  test('Ctrl-C ends the demo with 130, and no process stays behind', () => interrupt());
  test('Ctrl-C ends the demo over a database the same way', () => interrupt('--sink', 'postgresql'));
}

test('the demo names the sinks that it knows', async () => {
  const { code, stderr } = await runCli(['--sink', 'oracle'], {}, import.meta.dirname, DEMO);
  assert.deepEqual([code, stderr], [1, '--sink: found "oracle", expected lake or postgresql\n']);
});
