/** Sizes differ little from batch to batch: rounded up, the next one fits too. */
const STEP_BYTES = 64 * 1024;
/** A chunk that is larger, as one huge row makes it, is not kept, nor more than some parts at once have under way. */
const LARGEST_BYTES = 1024 * 1024;
const KEPT_BYTES = 8 * 1024 * 1024;

/** Memory for chunks of lines that is used again: what waits for the collector instead is most of what a run takes. */
export interface Chunks {
  /** At least so many bytes, with anything in them. */
  take(bytes: number): Buffer;
  /** A chunk, or the beginning of one, that nobody reads any more. Others are left alone. */
  give(chunk: Uint8Array): void;
}

export function createChunks(): Chunks {
  const own = new WeakMap<ArrayBufferLike, Buffer>();
  const free: Buffer[] = [];
  let kept = 0;
  return {
    take(bytes) {
      // A few lines, or a huge one: what waits counts by its bytes, not by its chunks.
      if (bytes < STEP_BYTES / 2 || bytes > LARGEST_BYTES) return Buffer.allocUnsafeSlow(bytes);
      const chunk = free.pop();
      kept -= chunk?.length ?? 0;
      if (chunk !== undefined && chunk.length >= bytes) return chunk;
      const made = Buffer.allocUnsafeSlow(Math.ceil(bytes / STEP_BYTES) * STEP_BYTES);
      own.set(made.buffer, made);
      return made;
    },
    give({ buffer }) {
      const chunk = own.get(buffer);
      if (chunk === undefined || kept + chunk.length > KEPT_BYTES) return;
      free.push(chunk);
      kept += chunk.length;
    },
  };
}
