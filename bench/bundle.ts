import { bundle as bundleApp } from '../scripts/bundle.ts';

/** Bundles a file of this folder as the app is bundled; gives the path of the result. */
export async function bundle(entry: string, outdir: string): Promise<string> {
  await bundleApp(`bench/${entry}`, outdir, { outExtension: { '.js': '.mjs' } });
  return `${outdir}/${entry.replace(/\.ts$/, '.mjs')}`;
}
