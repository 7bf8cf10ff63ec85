import type { Rows } from '../rows.ts';

/** How rows become the bytes of a part. */
export interface Format {
  /** The end of a part's name, with its dot: `.jsonl.gz`. */
  readonly extension: string;
  /**
   * The bytes of one part, compressed if the format is. Chunks belong to the consumer. An error of the rows comes out as
   * that very error; a consumer that stops early closes the rows too.
   */
  encode(rows: Rows): AsyncIterable<Uint8Array>;
}
