import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { useCliFolder } from './support/cli-folder.ts';

const use = useCliFolder();

test('status --html writes a page of what it prints, and of what has been recounted', async () => {
  const today = new Date().toISOString().slice(0, 10);
  const from = `${today}T00:00:00.000Z`;
  const tally = { rows: 4321, bytes: 9, late: 21, xor: '0123456789abcdef', sum: '1', counted: 4321 };
  const verdict = { from, until: `${today}T00:00:01.000Z`, ...tally, verdict: 'complete', at: from };
  await use.writeWatermark('requests');
  await mkdir(use.path('lake/requests/_audit'));
  const day = { version: 1, export: 'requests', verdicts: [verdict] };
  await writeFile(use.path(`lake/requests/_audit/${today}.json`), JSON.stringify(day));
  const { code, stdout, stderr } = await use.cli('status', '--export', 'requests', '--html', 'page.html');
  assert.equal(code, 0);
  assert.match(stdout, /^EXPORT +WATERMARK +LAG +COMPLETE UNTIL +LAST PART +STATE\nrequests .* ok\n$/);
  assert.match(stderr, /the page is in .*page\.html$/m);
  const page = await readFile(use.path('page.html'), 'utf8');
  assert.match(page, /late rows found, 4,321 rows, 9 bytes, 21 of them late/);
});

test('status --html says which file cannot be written', async () => {
  const { code, stderr } = await use.cli('status', '--html', 'nowhere/page.html');
  assert.equal(code, 1);
  assert.match(stderr, /^monitorlift: --html: nowhere\/page\.html cannot be written: ENOENT/);
});
