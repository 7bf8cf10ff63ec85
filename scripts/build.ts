import { chmod, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** What the app may weigh: more, and a cold start shows it. */
const MAX_BYTES = 2_000_000;
/** CommonJS dependencies call `require`. The name is one that the minifier does not choose. */
const REQUIRE = "import{createRequire as monitorliftCreateRequire}from'node:module';";
const BANNER = `${REQUIRE}const require=monitorliftCreateRequire(import.meta.url);`;

const root = fileURLToPath(new URL('..', import.meta.url));

/** Bundles the functions and the command line into `<outdir>/functions` and `<outdir>/cli`; gives the bytes of each. */
async function bundle(entry: string, outdir: string, shebang = ''): Promise<number> {
  await rm(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    minify: true,
    keepNames: true, // errors show the names of classes
    legalComments: 'linked',
    external: ['@azure/functions-core'],
    banner: { js: shebang + BANNER },
    metafile: true,
    logLevel: 'warning',
  });
  return Object.values(metafile.outputs).reduce((bytes, output) => bytes + output.bytes, 0);
}

const dist = resolve(process.argv[2] ?? join(root, 'dist'));
const functionBytes = await bundle('src/functions/index.ts', join(dist, 'functions'));
const cliBytes = await bundle('src/cli/main.ts', join(dist, 'cli'), '#!/usr/bin/env node\n');
await chmod(join(dist, 'cli', 'main.js'), 0o755);
console.log(`functions ${functionBytes} bytes, command line ${cliBytes} bytes`);
if (functionBytes > MAX_BYTES) throw new Error(`the functions weigh more than ${MAX_BYTES} bytes: see what came in`);
