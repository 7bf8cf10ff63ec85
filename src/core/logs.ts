import type { Column, Rows } from './rows.ts';

/** Azure Monitor Logs, or whatever answers KQL like it. */
export interface Logs {
  /**
   * Sends one query and hands the rows of its answer to `receive`, which must read them to the end and is waited for
   * when the query is aborted. An attempt that breaks in transit is repeated: `receive` is then called again, and only
   * its last call counts. An error that `receive` throws by itself ends the query and is rethrown as it is.
   * @throws OversizeError when a smaller window may succeed.
   * @throws NoItemIdError when the table has no column `_ItemId`.
   * @throws the reason of `signal` when that is aborted.
   */
  query<T>(query: Query, receive: (rows: Rows) => Promise<T>): Promise<Answer<T>>;
}

export interface Query {
  /** The id of a workspace, a GUID, or an Azure resource id, `/subscriptions/...`; in lower case. */
  readonly source: string;
  readonly kql: string;
  /** Applies to TimeGenerated; milliseconds since 1970. */
  readonly timespan: { readonly startMs: number; readonly endMs: number };
  /**
   * How long the query may take in all: line, attempts and waits included. After it an OversizeError, unless half of
   * the time went elsewhere, or Logs answers nothing at all: to find that out takes up to ten seconds more.
   */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Called before each attempt but the first, and before the wait for it. */
  readonly onRetry?: ((waitMs: number) => void) | undefined;
  /** Nobody waits for it yet: any other query of the process goes first. */
  readonly isAhead?: boolean | undefined;
}

export interface Answer<T> {
  /** What `receive` made of the rows. */
  readonly value: T;
  /** None in an answer without a table (204). */
  readonly columns: readonly Column[];
  readonly rows: number;
  /** Of the answer's body, decompressed. */
  readonly bytes: number;
  /**
   * The service's clock when it began to read rows, at the earliest: the answer's `Date` minus the time from request to
   * header. `undefined` without a `Date`.
   */
  readonly asOfMs: number | undefined;
}

/** The answer was cut at the service's limits, took too long, or broke in transit again and again; Logs is there. */
export class OversizeError extends Error {
  override readonly name = 'OversizeError';
  /** Rows and body bytes that came before the service cut the answer; 0 when it was not the service that cut it. */
  readonly rows: number;
  readonly bytes: number;

  constructor(message: string, read: { rows: number; bytes: number }, options?: ErrorOptions) {
    super(message, options);
    this.rows = read.rows;
    this.bytes = read.bytes;
  }
}

/** The table has no `_ItemId`: its rows cannot be told apart, nor split below a millisecond. */
export class NoItemIdError extends Error {
  override readonly name = 'NoItemIdError';
}
