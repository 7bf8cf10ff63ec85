import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome.exe'];
const PLACES = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];

/**
 * The Chromium or Chrome of this machine: that of CHROME_PATH, or the first on the path.
 * @throws saying how to install one.
 */
export function findBrowser(): string {
  const given = process.env.CHROME_PATH;
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = given ? [given] : [...folders.flatMap((each) => NAMES.map((name) => join(each, name))), ...PLACES];
  const found = candidates.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new Error(
    `no browser: ${given ? `found nothing at CHROME_PATH=${given}` : `found none of ${NAMES.join(', ')} on the path`}. ` +
      'Install one (Debian: apt-get install chromium fonts-dejavu-core), or name one in CHROME_PATH',
  );
}
