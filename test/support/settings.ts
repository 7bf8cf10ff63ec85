import assert from 'node:assert/strict';
import type { Env } from '../../src/settings/reader.ts';
import { parseSettings, type Settings, SettingsError } from '../../src/settings/settings.ts';

export const WORKSPACE = '6a0b6e4c-1d2f-4a3b-9c5d-7e8f90a1b2c3';
const GOOD = { APPINSIGHTS_WORKSPACE_ID: WORKSPACE, SINK_URL: 'https://lake.dfs.core.windows.net/telemetry' };

/** Good settings with these changes. */
export function parse(changes: Env = {}): Settings {
  return parseSettings({ ...GOOD, ...changes });
}

/** The problems as `SETTING: text`. */
export function problemsOf(changes: Env): string[] {
  try {
    parse(changes);
  } catch (error) {
    assert.ok(error instanceof SettingsError);
    for (const { setting, text } of error.problems) assert.ok(error.message.includes(`${setting}: ${text}`));
    return error.problems.map(({ setting, text }) => `${setting}: ${text}`);
  }
  return [];
}

/** The one problem there is. */
export function problemOf(changes: Env): string {
  const problems = problemsOf(changes);
  assert.equal(problems.length, 1, problems.join('\n') || 'no problem');
  return problems[0] ?? '';
}

/** The warnings as `SETTING: text`; there is no problem. */
export function warningsOf(changes: Env): string[] {
  return parse(changes).warnings.map(({ setting, text }) => `${setting}: ${text}`);
}
