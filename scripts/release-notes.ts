// node scripts/release-notes.ts OWNER/REPOSITORY TAG: prints how to deploy that release, and what has changed.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deployPage } from './deploy-page.ts';

const [repository, tag] = process.argv.slice(2);
if (repository === undefined || tag === undefined) {
  throw new Error('usage: node scripts/release-notes.ts OWNER/REPOSITORY TAG');
}
const changelog = await readFile(join(import.meta.dirname, '..', 'CHANGELOG.md'), 'utf8');
console.log(deployPage(repository, tag, changelog));
