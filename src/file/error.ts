/** What an error code of the operating system means, and what to do. */
const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: make room. Nothing is lost, the next run goes on.',
  EDQUOT: 'The quota of this user is used up: make room. Nothing is lost, the next run goes on.',
  EACCES: 'This user may not do that: correct the owner or the permissions of the folder.',
  EPERM: 'This user may not do that: correct the owner, the permissions or the attributes of the folder.',
  EROFS: 'The file system is read-only: mount it writable, or correct SINK_URL.',
  ENOTDIR: 'A file is where a folder is expected: move it away, or correct SINK_URL.',
  EEXIST: 'A file is where a folder is expected: move it away, or correct SINK_URL.',
  EMFILE: 'Too many files are open: raise the limit of the process (ulimit -n).',
  EIO: 'The disk, or the way to it, is faulty.',
  ESTALE: 'The network file system was mounted anew: restart the exporter.',
};

/**
 * What `work` answers. An error of the operating system says what failed where, and what to do; it stays as the cause.
 */
export async function explained<T>(action: string, place: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isOfSystem(error)) throw error;
    throw new Error(`Cannot ${action} ${place} (${error.code}). ${HINTS[error.code] ?? error.message}`, {
      cause: error,
    });
  }
}

function isOfSystem(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}
