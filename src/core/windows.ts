import { stageAhead } from './ahead.ts';
import type { Opened } from './open.ts';
import type { Pace } from './pace.ts';
import type { Run } from './run.ts';
import { countDiscarded, type StagedWindow } from './stage.ts';
import { formatIso } from './window.ts';

/** Far more windows than a run can export within its budget. */
const WINDOWS_LIMIT = 10_000;
/** Answers that are too fresh lower the horizon; after so many the run leaves the rest to the next one. */
const EARLY_ANSWERS_LIMIT = 3;

/**
 * Stages one window after the other from where the home stands, until the horizon or the budget, some ahead of their turn.
 * Whoever takes a window commits it before taking the next.
 */
export async function* stageWindows(run: Run, opened: Opened, pace: Pace): AsyncGenerator<StagedWindow> {
  const { session } = opened;
  const ahead = stageAhead(run, opened, pace);
  let earlyAnswers = 0;
  try {
    for (let windows = 0; windows < WINDOWS_LIMIT; windows++) {
      const staged = await ahead.take();
      if (staged === undefined) return;
      if (!isTooEarly(run, pace, staged)) {
        yield staged;
        continue;
      }
      await session.discard(staged.parts);
      // Those behind it were read too early as well.
      await ahead.restart(staged.window.startMs);
      earlyAnswers += 1;
      if (earlyAnswers === EARLY_ANSWERS_LIMIT) return;
    }
  } finally {
    await ahead.restart(session.position.exportedUntilMs);
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
