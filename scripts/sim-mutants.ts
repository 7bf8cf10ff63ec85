// npm run sim:mutants: breaks the protocol on purpose, one way at a time, in a copy of the sources, and checks that the
// simulation notices each.
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Mutant } from '../test/sim/mutant.ts';
import { MUTANTS } from '../test/sim/mutants.ts';
import { simulate } from '../test/sim/simulation.ts';

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '20000' }, only: { type: 'string' } } });
const COPIED = ['package.json', 'src/core', 'test/sim', 'test/support', 'scripts/sim.ts'];
const root = join(import.meta.dirname, '..');

async function copy(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'monitorlift-mutants-'));
  for (const path of COPIED) await cp(join(root, path), join(folder, path), { recursive: true });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

async function mutate(folder: string, mutant: Mutant): Promise<void> {
  for (const { file, find, replace } of mutant.edits) {
    const path = join(folder, file);
    const text = await readFile(path, 'utf8');
    const places = text.split(find).length - 1;
    if (places !== 1)
      throw new Error(`mutant "${mutant.name}": found ${places} times in ${file}, expected once: ${find}`);
    await writeFile(
      path,
      text.replace(find, () => replace),
    );
  }
}

/**
 * The message with which the simulation failed; `undefined` when it did not notice.
 * @throws when what it noticed is not the mutant.
 */
async function play(folder: string): Promise<string | undefined> {
  const child = spawn(process.execPath, ['scripts/sim.ts', '--seeds', values.seeds], { cwd: folder });
  let output = '';
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code === 0) return undefined;
  const cause = /\[cause\]: \w*Error: (.*)/.exec(output)?.[1];
  const seed = /seed (\d+) failed/.exec(output)?.[1];
  if (cause === undefined || seed === undefined) throw new Error(`the mutant does not run: ${output}`);
  await simulate(Number(seed));
  return `seed ${seed}: ${cause}`;
}

async function check(mutant: Mutant): Promise<boolean> {
  const folder = await copy();
  try {
    await mutate(folder, mutant);
    const noticed = await play(folder);
    console.log(`${noticed ? 'caught  ' : 'SURVIVED'} ${mutant.name}${noticed ? `  (${noticed.slice(0, 110)})` : ''}`);
    return noticed !== undefined;
  } finally {
    await rm(folder, { recursive: true });
  }
}

const chosen = MUTANTS.filter(({ name }) => values.only === undefined || name.includes(values.only));
const waiting = [...chosen];
let survivors = 0;

async function work(): Promise<void> {
  for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
    if (!(await check(mutant))) survivors += 1;
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, work));
console.log(`${chosen.length - survivors} of ${chosen.length} mutants caught`);
if (survivors > 0 || chosen.length === 0) process.exitCode = 1;
