// npm run build [-- DIR]: bundles the functions and the command line into dist/functions and dist/cli, and puts what the
// function app needs, and nothing else, into dist/package.
import { chmod, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { bundle } from './bundle.ts';

/** What the app may weigh: more, and a cold start shows it. */
const MAX_BYTES = 2_000_000;

const root = join(import.meta.dirname, '..');
const dist = resolve(process.argv[2] ?? join(root, 'dist'));
const [functions, cli, app] = [join(dist, 'functions'), join(dist, 'cli'), join(dist, 'package')];
for (const folder of [functions, cli, app]) await rm(folder, { recursive: true, force: true });
const functionBytes = await bundle('src/functions/index.ts', functions);
const cliBytes = await bundle('src/cli/main.ts', cli, { shebang: '#!/usr/bin/env node\n' });
await chmod(join(cli, 'main.js'), 0o755);
console.log(`functions ${functionBytes} bytes, command line ${cliBytes} bytes`);
if (functionBytes > MAX_BYTES) throw new Error(`the functions weigh more than ${MAX_BYTES} bytes: see what came in`);

const { name, version, type, main } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
await mkdir(app);
await writeFile(
  join(app, 'package.json'),
  `${JSON.stringify({ name, version, private: true, type, main }, undefined, 2)}\n`,
);
await cp(join(root, 'host.json'), join(app, 'host.json'));
await cp(functions, join(app, dirname(main)), { recursive: true });
