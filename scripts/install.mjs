// Installs the dependencies when they are not those of package-lock.json. Runs before test, demo and the like, on whatever
// Node the machine has: nothing is installed yet.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

// What npm writes when it has installed all, whoever called it.
const installed = readPackages('node_modules/.package-lock.json');
const missing = Object.entries(readPackages('package-lock.json')).filter(
  ([path, { version, optional, devOptional }]) =>
    path !== '' && !optional && !devOptional && installed[path]?.version !== version,
);

if (missing.length > 0) {
  const startedAt = Date.now();
  console.log('Installing dependencies (npm ci)...');
  const npm = process.env.npm_execpath;
  const [command, args] = npm ? [process.execPath, [npm]] : ['npm', []];
  const { status } = spawnSync(command, [...args, 'ci', '--loglevel=error'], { stdio: 'inherit', shell: !npm });
  if (status !== 0) process.exit(status ?? 1);
  console.log(`Installed in ${((Date.now() - startedAt) / 1000).toFixed(0)} s.`);
}

function readPackages(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : {};
}
