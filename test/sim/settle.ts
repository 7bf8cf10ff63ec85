/**
 * Resolves when nothing is left that could go on by itself: ticks come when all promises have been followed. Nothing in the
 * simulation waits for the event loop, whose turn costs as much as the step itself.
 */
export const settle = () => new Promise<void>((resolve) => process.nextTick(resolve));
