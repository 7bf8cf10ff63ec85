export type Turns = ReturnType<typeof createTurns>;

/** One at a time, in the order of asking. */
export function createTurns() {
  let last: Promise<unknown> = Promise.resolve();
  return {
    take<T>(work: () => Promise<T>): Promise<T> {
      const turn = last.then(work);
      last = turn.catch(() => undefined);
      return turn;
    },
    /** Resolves when everybody who has asked before has had their turn. */
    async settle(): Promise<void> {
      await last;
    },
  };
}
