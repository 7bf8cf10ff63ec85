import type { InvocationContext } from '@azure/functions';
import { type App, createApp } from '../app.ts';
import { RunError } from '../core/exporter.ts';
import type { RunReport } from '../core/run.ts';
import { toBeginning, toRecord } from '../core/run-record.ts';
import { parseSettings } from '../settings/settings.ts';

/** One for all functions of the process. Wrong settings make none, so that each invocation throws anew. */
let app: App | undefined;

/**
 * Runs one export for one invocation. That it has begun and its report are logged, a line of JSON each, whatever the outcome.
 * @throws what failed, for the host to log.
 */
export async function invoke(name: string, context: InvocationContext): Promise<void> {
  app ??= openApp(context);
  const exported = app.settings.exports.find((each) => each.name === name);
  if (exported === undefined) throw new Error(`there is no export ${name} in the settings: restart the app`);
  const never = new AbortController().signal; // the host tells a run nothing before it ends
  let hasBegun = false;
  const onProgress = (report: RunReport) => {
    if (!hasBegun) context.info(JSON.stringify(toBeginning(report)));
    hasBegun = true;
  };
  try {
    context.info(JSON.stringify(toRecord(await app.run(exported, { log: context, onProgress }, never))));
  } catch (error) {
    if (error instanceof RunError) context.error(JSON.stringify(toRecord(error.report)));
    throw error;
  }
}

function openApp(context: InvocationContext): App {
  const settings = parseSettings(process.env);
  for (const { setting, text } of settings.warnings) context.warn(`${setting}: ${text}`);
  return createApp(settings);
}
