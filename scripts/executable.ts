// npm run build:executable [-- FILE]: makes the command line a single file for this platform, with the Node that runs this
// inside: for machines without Node. Needs an official build of Node, which has a place for it.
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const run = promisify(execFile);
const { platform, execPath } = process;
const root = join(import.meta.dirname, '..');
const name = platform === 'win32' ? 'monitorlift.exe' : 'monitorlift';
const target = resolve(process.argv[2] ?? join(root, 'dist/executable', name));
const postject = createRequire(import.meta.url).resolve('postject/dist/cli.js');
/** Where Node looks for what it is to run, given by its documentation. */
const RESOURCE = 'NODE_SEA_BLOB';
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

const work = await mkdtemp(join(tmpdir(), 'monitorlift-executable-'));
try {
  const main = join(work, 'main.cjs');
  const output = join(work, 'blob');
  await bundleAll(main);
  const config = join(work, 'config.json');
  await writeFile(config, JSON.stringify({ main, output, disableExperimentalSEAWarning: true, useCodeCache: true }));
  await run(execPath, ['--experimental-sea-config', config]);
  await mkdir(dirname(target), { recursive: true });
  await rm(target, { force: true }); // it may be running, and is not written to then
  await copyFile(execPath, target);
  await chmod(target, 0o755);
  // A changed file is no longer the one that was signed, and macOS runs nothing without a signature.
  if (platform === 'darwin') await run('codesign', ['--remove-signature', target]);
  const options = ['--sentinel-fuse', FUSE, ...(platform === 'darwin' ? ['--macho-segment-name', 'NODE_SEA'] : [])];
  await run(execPath, [postject, target, RESOURCE, output, ...options]);
  if (platform === 'darwin') await run('codesign', ['--sign', '-', target]);
} finally {
  await rm(work, { recursive: true, force: true });
}
console.log(target);

/** One CommonJS file, which is all that Node takes there: without chunks, and with `require` for what Node itself has. */
async function bundleAll(outfile: string): Promise<void> {
  const entry =
    "import { main } from './src/cli/command.ts';\n" +
    'void main(process.argv.slice(2)).then((code) => { process.exitCode = code; });\n';
  await build({
    absWorkingDir: root,
    stdin: { contents: entry, resolveDir: root, sourcefile: 'executable.ts', loader: 'ts' },
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': 'monitorliftUrl' },
    banner: { js: "const monitorliftUrl=require('node:url').pathToFileURL(process.execPath).href;" },
    minify: true,
    keepNames: true, // errors show the names of classes
    legalComments: 'inline',
    external: ['@azure/functions-core'],
    logLevel: 'warning',
  });
}
