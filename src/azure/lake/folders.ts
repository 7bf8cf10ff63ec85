import type { DataLakeFileSystemClient } from '@azure/storage-file-datalake';

const MAX_KNOWN = 1000;

/**
 * The folders that were seen to be there, so that a rename need not ask again: a folder stays when it becomes empty.
 */
export function createKnownFolders(files: DataLakeFileSystemClient, limit: () => AbortSignal) {
  const known = new Set<string>();
  return {
    /** Makes a folder with its parents unless it is known to be there. */
    async make(folder: string): Promise<void> {
      if (folder === '' || known.has(folder)) return;
      await files.getDirectoryClient(folder).createIfNotExists({ abortSignal: limit() });
      if (known.size >= MAX_KNOWN) known.clear();
      known.add(folder);
    },
    /** For when somebody has removed it after all. */
    forget: (folder: string): boolean => known.delete(folder),
  };
}
