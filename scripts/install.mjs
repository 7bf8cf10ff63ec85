// Installs the dependencies when they are not those of package-lock.json. Runs before test, demo and the like, on whatever
// Node the machine has: nothing is installed yet.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const MARK = 'node_modules/.installed';
const wanted = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex');
const installed = existsSync(MARK) ? readFileSync(MARK, 'utf8') : '';

if (installed !== wanted) {
  const startedAt = Date.now();
  console.log('Installing dependencies (npm ci)...');
  const npm = process.env.npm_execpath;
  const [command, args] = npm ? [process.execPath, [npm]] : ['npm', []];
  const { status } = spawnSync(command, [...args, 'ci', '--loglevel=error'], { stdio: 'inherit', shell: !npm });
  if (status !== 0) process.exit(status ?? 1);
  writeFileSync(MARK, wanted);
  console.log(`Installed in ${((Date.now() - startedAt) / 1000).toFixed(0)} s.`);
}
