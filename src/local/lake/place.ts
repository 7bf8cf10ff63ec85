/** A path of a file system. */
export interface Place {
  readonly fileSystem: string;
  /** `''` for the file system itself. */
  readonly path: string;
}
