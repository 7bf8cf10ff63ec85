/** `<home>/_staging`. */
export function stagingRoot(home: string): string {
  return `${home}/_staging`;
}

/** Where a run stages: `commit` is the watermark's when the run opened the home. */
export function stagingFolder(home: string, commit: number, runId: string): string {
  return `${stagingRoot(home)}/${commit}-${runId}`;
}

/**
 * Reads the name of such a folder. Before there was a counter a folder was named by its run alone; as the files of that
 * time it counts as commit 0.
 */
export function readStagingFolder(path: string): { commit: number; runId: string } {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const match = /^(\d+)-(.+)$/.exec(name);
  return { commit: Number(match?.[1] ?? 0), runId: match?.[2] ?? name };
}

/** Names for the staged files of one run, none of which has ever been used. */
export interface StagedNames {
  readonly folder: string;
  /** Names given out that nothing refers to. */
  readonly loose: Set<string>;
  /** Whether any has been given out. */
  readonly isUsed: boolean;
  /** A loose one. */
  next(): string;
}

/** @param nextNumber gives a number that was never used in the folder. */
export function createStagedNames(folder: string, nextNumber: () => number): StagedNames {
  let isUsed = false;
  const loose = new Set<string>();
  return {
    folder,
    loose,
    get isUsed() {
      return isUsed;
    },
    next() {
      isUsed = true;
      const path = `${folder}/${nextNumber()}.staged`;
      loose.add(path);
      return path;
    },
  };
}
