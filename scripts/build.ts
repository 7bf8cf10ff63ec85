// npm run build [-- DIR]: bundles the functions and the command line into dist/functions and dist/cli.
import { chmod, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { bundle } from './bundle.ts';

/** What the app may weigh: more, and a cold start shows it. */
const MAX_BYTES = 2_000_000;

const dist = resolve(process.argv[2] ?? join(import.meta.dirname, '..', 'dist'));
const [functions, cli] = [join(dist, 'functions'), join(dist, 'cli')];
for (const folder of [functions, cli]) await rm(folder, { recursive: true, force: true });
const functionBytes = await bundle('src/functions/index.ts', functions);
const cliBytes = await bundle('src/cli/main.ts', cli, { shebang: '#!/usr/bin/env node\n' });
await chmod(join(cli, 'main.js'), 0o755);
console.log(`functions ${functionBytes} bytes, command line ${cliBytes} bytes`);
if (functionBytes > MAX_BYTES) throw new Error(`the functions weigh more than ${MAX_BYTES} bytes: see what came in`);
