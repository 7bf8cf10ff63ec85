import { createApp } from '../src/app.ts';
import { formatWatermark, watermarkPath } from '../src/core/watermark.ts';
import { parseSettings } from '../src/settings.ts';
import type { Task } from './task.ts';

/** All exports of the settings at once. */
export async function prepareOurs({ env, startMs, windowMs }: Task) {
  const app = createApp(parseSettings(env));
  const store = await app.openStore();
  await app.openLogs();
  for (const { name } of app.settings.exports) {
    const watermark = {
      export: name,
      source: app.settings.workspaceId,
      query: undefined,
      exportedUntilMs: startMs,
      publishing: [],
      windowMs,
      runId: 'bench',
      updatedAtMs: Date.now(),
    };
    const via = `${name}/_staging/bench/1.staged`;
    await store.replace(watermarkPath(name), formatWatermark(watermark), undefined, via);
  }
  const log = { debug: () => undefined, info: () => undefined, warn: console.error, error: console.error };
  const { signal } = new AbortController();
  return () => Promise.all(app.settings.exports.map((exported) => app.run(exported, { log }, signal)));
}
