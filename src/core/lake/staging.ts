/** `<home>/_staging`. */
export function stagingRoot(home: string): string {
  return `${home}/_staging`;
}

/** What a run's names in staging begin with: `commit` is the watermark's when the run opened the home. */
export function stagedPrefix(home: string, commit: number, runId: string): string {
  return `${stagingRoot(home)}/${commit}-${runId}`;
}

const FILE = /^(\d+)-(.+)-\d+\.staged$/;
const FOLDER = /^(?:(\d+)-)?(.+)$/;

/**
 * Whose a file or folder in staging is; `undefined` for one that is none of ours. Earlier versions gave each run a folder,
 * `<commit>-<runId>`, and before there was a counter `<runId>`, which counts as commit 0.
 */
export function readStaged(path: string, isFolder: boolean): { commit: number; runId: string } | undefined {
  const match = (isFolder ? FOLDER : FILE).exec(path.slice(path.lastIndexOf('/') + 1));
  return match ? { commit: Number(match[1] ?? 0), runId: match[2] ?? '' } : undefined;
}

/** Names for the staged files of one run, none of which has ever been used. */
export interface StagedNames {
  /** Names given out that nothing refers to. */
  readonly loose: Set<string>;
  /** A loose one. */
  next(): string;
}

export function createStagedNames(prefix: string): StagedNames {
  let count = 0;
  const loose = new Set<string>();
  return {
    loose,
    next() {
      count += 1;
      const path = `${prefix}-${count}.staged`;
      loose.add(path);
      return path;
    },
  };
}
