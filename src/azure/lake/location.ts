import { isLoopback } from '../../core/loopback.ts';

/** A place in a data lake, taken from a sink's URL. */
export interface LakeLocation {
  /** The file system's own URL. */
  readonly url: string;
  readonly isLoopback: boolean;
  /** What must stand before a path of this file system in the destination of a rename. */
  readonly renameRoot: string;
  readonly fileSystem: string;
  /** `''`, or folders in the file system, with a `/` behind them. */
  readonly prefix: string;
}

/**
 * Reads `https://<account>.dfs.core.windows.net/<filesystem>[/<prefix>]` (or that of another cloud), or on loopback
 * `http://127.0.0.1:<port>/<account>/<filesystem>[/<prefix>]`.
 */
export function lakeLocation(url: URL): LakeLocation {
  const isLocal = isLoopback(url);
  const segments = url.pathname.split('/').filter((segment) => segment !== '');
  const rootSegments = segments.splice(0, isLocal ? 2 : 1);
  const fileSystem = rootSegments[isLocal ? 1 : 0];
  if (fileSystem === undefined) {
    const expected = isLocal ? 'http://127.0.0.1:<port>/<account>/<filesystem>' : 'https://<host>/<filesystem>';
    throw new Error(`${url.origin}${url.pathname} names no file system: expected ${expected}`);
  }
  const renameRoot = rootSegments.join('/');
  return {
    url: `${url.origin}/${renameRoot}`,
    isLoopback: isLocal,
    // The SDK's rename takes the first folder of a path-style URL, the account, for the file system, and drops it.
    renameRoot,
    fileSystem,
    prefix: segments.map((segment) => `${decodeURIComponent(segment)}/`).join(''),
  };
}
