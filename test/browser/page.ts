// npm run test:page: the page of `status --html` as a browser lays it out. Apart from the other tests, for it needs one.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { formatPage } from '../../src/core/page/page.ts';
import { findBrowser } from '../support/browser.ts';
import { NOW_MS, statusOf, variedStatuses } from '../support/page-statuses.ts';
import { cellBoxes, contrast, cutElements, overlaps, stateColors, textBoxes, textColors } from './layout.ts';

const HOSTILE = '<script>document.title="run"</script><img src="http://127.0.0.1:9/x" onerror="document.title=1">"\'&';
const THEMES = ['light', 'dark'] as const;

let browser: Browser;
let folder = '';
let url = '';
/** All that any page has asked for. */
const requested = new Set<string>();

before(async () => {
  browser = await chromium.launch({ executablePath: findBrowser(), args: ['--no-sandbox'] });
  folder = await mkdtemp(join(tmpdir(), 'monitorlift-page-'));
  const file = join(folder, 'status.html');
  const hostile = statusOf({ export: 'hostile', problems: [HOSTILE] });
  await writeFile(file, formatPage([...variedStatuses(), hostile], NOW_MS));
  url = pathToFileURL(file).href;
});
after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Opens the page without a network, and closes it again. */
async function look(width: number, theme: (typeof THEMES)[number], see: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: theme, offline: true });
  try {
    const page = await context.newPage();
    page.on('request', (request) => requested.add(request.url()));
    await page.goto(url);
    await see(page);
  } finally {
    await context.close();
  }
}

for (const width of [360, 800, 1400]) {
  test(`at ${width} pixels nothing is cut, overlaps or reaches out of the page`, () =>
    look(width, 'light', async (page) => {
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'scrolls sideways');
      assert.deepEqual(await page.evaluate(cutElements), []);
      const boxes = await page.evaluate(textBoxes);
      assert.ok(boxes.length > 200, `${boxes.length} lines of text`);
      assert.deepEqual(overlaps(boxes), []);
    }));

  test(`at ${width} pixels every hour has a cell that can be seen and told`, () =>
    look(width, 'light', async (page) => {
      const cells = await page.evaluate(cellBoxes);
      const strips = Map.groupBy(cells, ({ strip }) => strip);
      const sizes = [...strips.values()].map(({ length }) => length);
      // Seven exports have begun; four of them more than two weeks ago, at least.
      assert.equal(sizes.filter((size) => size === 14 * 24).length, 7);
      assert.ok(sizes.length >= 11 && sizes.every((size) => size % 24 === 0), sizes.join(' '));
      for (const { text, left, right, top, bottom } of cells) {
        assert.match(text, /^\d+ \w{3}.*: \w/);
        assert.ok(right - left >= 7 && bottom - top >= 14, `${text}: ${right - left} by ${bottom - top}`);
      }
      for (const strip of strips.values()) assert.deepEqual(overlaps(strip), []);
    }));
}

for (const theme of THEMES) {
  test(`${theme}: texts stand out by 4.5, states and their marks by 3`, () =>
    look(800, theme, async (page) => {
      for (const { text, color, background } of await page.evaluate(textColors)) {
        assert.ok(contrast(color, background) >= 4.5, `${text}: ${color} on ${background}`);
      }
      const drawn = await page.evaluate(stateColors);
      assert.equal(drawn.length, 11);
      for (const { state, cell, mark, card } of drawn) {
        // An empty hour, one to come and one before the begin keep in the background.
        const isQuiet = ['empty', 'pending', 'before'].includes(state);
        if (cell !== '' && !isQuiet) assert.ok(contrast(cell, card) >= 3, `${state}: ${cell} on ${card}`);
        if (mark !== undefined && state !== 'before') {
          assert.ok(contrast(mark, cell || card) >= 3, `${state}: ${mark} on ${cell || card}`);
        }
      }
    }));
}

test('dark is dark, and what is printed is always light', () =>
  look(680, 'dark', async (page) => {
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.ok(contrast(await paper(), 'rgb(0, 0, 0)') < 1.5, await paper());
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    assert.equal(await paper(), 'rgb(255, 255, 255)');
    for (const { text, color } of await page.evaluate(textColors)) {
      assert.ok(contrast(color, 'rgb(255, 255, 255)') >= 4.5, `${text}: ${color}`);
    }
    assert.deepEqual(await page.evaluate(cutElements), []);
    const pdf = await page.pdf({ format: 'A4' });
    assert.ok(pdf.length > 20_000, `${pdf.length} bytes of PDF`);
  }));

test('what is wrong comes first, with a way to its export', () =>
  look(800, 'light', async (page) => {
    assert.match((await page.locator('h1').textContent()) ?? '', /^\d+ things to look at, in 4 exports$/);
    const first = page.locator('.wrong li').first();
    assert.match((await first.textContent()) ?? '', /exceptions\s+is behind/);
    const { y = Infinity, height = 0 } = (await first.boundingBox()) ?? {};
    assert.ok(y + height < 300, `the first of it is at ${y}`);
    await first.getByRole('link').click();
    assert.ok(await page.locator('#export-exceptions h2').isVisible());
    const names = await page.locator('main > section[id] > h2').allInnerTexts();
    assert.match(names[0] ?? '', /^exceptions/);
  }));

test('pictures have texts in their place, states more than a colour', () =>
  look(800, 'light', async (page) => {
    for (const svg of await page.locator('main svg[role=img]').all()) {
      assert.match((await svg.getAttribute('aria-label')) ?? '', /: .{10}/);
    }
    const strip = page.getByRole('img', { name: /^requests, the last 14 days: hours: \d+ complete, \d+ late rows/ });
    assert.equal(await strip.count(), 1);
    const shapes = await page.locator('symbol').evaluateAll((symbols) =>
      symbols.map((symbol) => {
        const { fill } = getComputedStyle(symbol.querySelector('.cell') ?? symbol);
        return [
          fill === 'none',
          symbol.querySelector('path')?.getAttribute('d'),
          !symbol.querySelector('.half'),
        ].join();
      }),
    );
    // Complete and not due yet are both plain: one is filled, the other hardly there, and always at the end.
    assert.equal(new Set(shapes).size, shapes.length - 1);
  }));

test('text from outside is shown and not run, and nothing is asked for but the file', () =>
  look(800, 'light', async (page) => {
    assert.equal(await page.evaluate(() => document.scripts.length + document.images.length), 0);
    assert.match(await page.title(), /^MonitorLift, 22 Nov 2026/);
    assert.ok((await page.locator('.wrong').textContent())?.includes(HOSTILE));
    assert.deepEqual([...requested], [url]);
  }));
