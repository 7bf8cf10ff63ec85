import { createApp, newRunId } from '../src/app.ts';
import { parseSettings } from '../src/settings/settings.ts';
import type { Task } from './task.ts';

/** All exports of the settings at once. */
export async function prepareOurs({ env, startMs, windowMs, isQuiet }: Task) {
  const app = createApp(parseSettings(env));
  const none = () => undefined;
  const log = { debug: none, info: none, warn: isQuiet ? none : console.error, error: console.error };
  for (const exported of app.settings.exports) {
    const { sink, table } = await app.openPorts(exported, { log });
    const position = {
      export: exported.name,
      source: table.source,
      query: table.text,
      exportedFromMs: startMs,
      exportedUntilMs: startMs,
      windowMs,
      look: { itemId: 'ItemId', ingestionTime: 'IngestionTime', proven: true },
      claims: [],
      backfills: [],
    };
    await sink.begin(exported.name, position, { runId: newRunId(), log });
  }
  const { signal } = new AbortController();
  return () => Promise.all(app.settings.exports.map((exported) => app.run(exported, { log }, signal)));
}
