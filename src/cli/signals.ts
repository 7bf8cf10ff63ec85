/** What shells expect of a process that a signal ended. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
/** For runs to stop cleanly; with what it takes to end, ten seconds in all. */
const GRACE_MS = 9_000;

/**
 * Aborts the signal of `task` on SIGINT or SIGTERM and gives the signal's exit code when the task has ended. The
 * process ends without it when the grace is over, or at once on a second signal: nothing is lost that way either.
 */
export async function stopOnSignals(task: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const stop = new AbortController();
  let stopCode: number | undefined;
  const onSignal = (name: keyof typeof EXIT_CODES): void => {
    if (stopCode !== undefined) {
      process.stderr.write(`${name} again: not waiting\n`);
      process.exit(stopCode);
    }
    const code = EXIT_CODES[name];
    stopCode = code;
    // On a terminal progress stands in the line, and the ^C of whoever pressed it.
    process.stderr.write(`${process.stderr.isTTY ? '\n' : ''}${name}: stopping\n`);
    setTimeout(() => process.exit(code), GRACE_MS).unref();
    stop.abort(new Error(`stopped by ${name}`));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    const code = await task(stop.signal);
    return stopCode ?? code;
  } catch (error) {
    if (stopCode !== undefined) return stopCode; // it failed because it was stopped
    throw error;
  }
}
