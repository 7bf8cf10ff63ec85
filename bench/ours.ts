import { createApp, newRunId } from '../src/app.ts';
import type { RunReport } from '../src/core/run.ts';
import { parseSettings } from '../src/settings/settings.ts';
import type { Task, Work } from './task.ts';

/** All exports of the settings at once; again from the same position. */
export async function prepareOurs({ env, startMs, windowMs, isQuiet }: Task): Promise<Work<RunReport[]>> {
  const app = createApp(parseSettings(env));
  const none = () => undefined;
  const log = { debug: none, info: none, warn: isQuiet ? none : console.error, error: console.error };
  const resets: (() => Promise<void>)[] = [];
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
    resets.push(async () => {
      const session = await sink.open(exported.name, { runId: newRunId(), log });
      await session?.commit(position, []);
      await session?.close();
    });
  }
  const { signal } = new AbortController();
  return {
    run: () => Promise.all(app.settings.exports.map((exported) => app.run(exported, { log }, signal))),
    async again() {
      for (const reset of resets) await reset();
    },
  };
}
