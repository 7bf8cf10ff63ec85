/** TLS encrypts a body segment by segment, and holds one more. */
export const SEGMENT_BYTES = 1024 * 1024;
/** Of one request: large enough to be few, small enough for a slow line within a request's limit. */
const MOST = 4;
/** Of all requests that are filled or under way, beyond the one that each has. */
const SHARED = 8;

/** Memory for the bodies of requests, which all files of a store share: many at once make smaller requests. */
export interface Segments {
  /** One more for a body that has `held`; `undefined` when it has to do with those. */
  take(held: number): Buffer | undefined;
  /** Takes them back to be filled anew. */
  give(segments: readonly Buffer[]): void;
  /** They will not come back: a request that failed may still read them. */
  lose(segments: readonly Buffer[]): void;
}

export function createSegments(): Segments {
  const free: Buffer[] = [];
  let taken = 0;
  return {
    take(held) {
      if (held === MOST || (held > 0 && taken >= SHARED)) return undefined;
      taken += 1;
      return free.pop() ?? Buffer.allocUnsafeSlow(SEGMENT_BYTES);
    },
    give(segments) {
      taken -= segments.length;
      free.push(...segments.slice(0, Math.max(0, SHARED - taken - free.length)));
    },
    lose(segments) {
      taken -= segments.length;
    },
  };
}
