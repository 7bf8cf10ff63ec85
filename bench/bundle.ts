import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const REQUIRE =
  "import{createRequire as benchCreateRequire}from'node:module';const require=benchCreateRequire(import.meta.url);";

/** Bundles a file of this folder with the options of scripts/build.ts; gives the path of the result. */
export async function bundle(entry: string, outdir: string): Promise<string> {
  await build({
    absWorkingDir: fileURLToPath(new URL('.', import.meta.url)),
    entryPoints: [entry],
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    minify: true,
    keepNames: true,
    external: ['@azure/functions-core'],
    banner: { js: REQUIRE },
    outExtension: { '.js': '.mjs' },
    logLevel: 'warning',
  });
  return `${outdir}/${entry.replace(/\.ts$/, '.mjs')}`;
}
