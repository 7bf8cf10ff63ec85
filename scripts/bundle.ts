import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';

/** CommonJS dependencies call `require`. The name is one that the minifier does not choose. */
const REQUIRE = "import{createRequire as monitorliftCreateRequire}from'node:module';";
const BANNER = `${REQUIRE}const require=monitorliftCreateRequire(import.meta.url);`;

/** Bundles an entry, named from the project's folder, and its lazy chunks into `outdir`; gives the bytes of all. */
export async function bundle(
  entry: string,
  outdir: string,
  { shebang = '', ...more }: { shebang?: string } & Pick<BuildOptions, 'outExtension'> = {},
): Promise<number> {
  const { metafile } = await build({
    absWorkingDir: join(import.meta.dirname, '..'),
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
    ...more,
  });
  return Object.values(metafile.outputs).reduce((bytes, output) => bytes + output.bytes, 0);
}
