import { OversizeError } from './logs.ts';
import { narrow } from './narrow.ts';
import type { Opened } from './open.ts';
import type { Pace } from './pace.ts';
import { hasBudget, type Run } from './run.ts';
import { countDiscarded, type StagedWindow, stageWindow } from './stage.ts';
import { formatIso, type Window } from './window.ts';

/** Far more windows than a run can export within its budget. */
const WINDOWS_LIMIT = 10_000;
/** Answers that are too fresh lower the horizon; after so many the run leaves the rest to the next one. */
const EARLY_ANSWERS_LIMIT = 3;

/**
 * Stages one window after the other from where the home stands, until the horizon or the budget. Whoever takes a window
 * commits it before taking the next.
 */
export async function* stageWindows(run: Run, opened: Opened, pace: Pace): AsyncGenerator<StagedWindow> {
  const { session } = opened;
  let earlyAnswers = 0;
  for (let windows = 0; windows < WINDOWS_LIMIT && hasBudget(run); windows++) {
    const window = pace.next(session.position.exportedUntilMs);
    if (window === undefined) return;
    const staged = await stageOrNarrow(run, opened, pace, window);
    if (staged === undefined) continue;
    if (isTooEarly(run, pace, staged)) {
      await session.discard(staged.parts);
      earlyAnswers += 1;
      if (earlyAnswers === EARLY_ANSWERS_LIMIT) return;
      continue;
    }
    pace.grow(window, staged);
    yield staged;
  }
}

/** `undefined` when the answer was too much, and the window size has been made smaller. */
async function stageOrNarrow(run: Run, opened: Opened, pace: Pace, window: Window): Promise<StagedWindow | undefined> {
  try {
    return await stageWindow(run, opened, window);
  } catch (error) {
    if (!(error instanceof OversizeError)) throw error;
    pace.lower(error);
    pace.shrink(await narrow(run, opened, window, error, pace.targetRows));
    run.ports.log.debug(`${run.options.name}: ${error.message}; going on with windows of ${pace.sizeMs} ms`);
    return undefined;
  }
}

/** Whether rows of the window may not have settled yet when the service read them, by the service's own clock. */
function isTooEarly(run: Run, pace: Pace, { window, asOfMs, bytes }: StagedWindow): boolean {
  const { lagMs, name } = run.options;
  if (window.endMs + lagMs <= asOfMs) return false;
  countDiscarded(run, bytes);
  const horizonMs = Math.floor(asOfMs - lagMs);
  pace.stopAt(horizonMs);
  const skewMs = Math.round(window.endMs + lagMs - asOfMs);
  run.ports.log.warn(
    `${name}: this machine's clock is at least ${skewMs} ms ahead of the service's; the answer is thrown away, and ` +
      `nothing after ${formatIso(horizonMs)} is read in this run. Correct the clock`,
  );
  return true;
}
