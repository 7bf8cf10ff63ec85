import { createApp } from '../src/app.ts';
import { formatWatermark, watermarkPath } from '../src/core/lake/watermark.ts';
import { parseSettings } from '../src/settings/settings.ts';
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
    const folder = `${name}/_staging/bench`;
    await store.replace(watermarkPath(name), formatWatermark(watermark), undefined, `${folder}/1.staged`);
    await store.remove(folder);
  }
  const log = { debug: () => undefined, info: () => undefined, warn: console.error, error: console.error };
  const { signal } = new AbortController();
  return () => Promise.all(app.settings.exports.map((exported) => app.run(exported, { log }, signal)));
}
