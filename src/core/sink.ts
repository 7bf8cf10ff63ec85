import type { Log } from './log.ts';
import type { Column, Rows } from './rows.ts';
import type { Window } from './window.ts';

/*
 * Words. home: the folder that holds a position and what is staged under it; an export's own is named like it. position: how
 * far a home has come. part: the rows of one window, or of one bucket of it. stage: write a part that readers cannot see.
 * commit: move the position and list the staged parts, in one conditional step that decides. publish: make what was
 * committed visible. Times are milliseconds since 1970 UTC.
 */

/** Where parts and positions live. */
export interface Sink {
  /** What is published leaves the sink and cannot be read back: `newest`, `parts` and `read` find nothing of it. */
  readonly isOneWay?: boolean;
  /**
   * Takes a place for a window that a run asks for ahead of its turn; `undefined` when all runs together hold as many as
   * the sink can bear. Left out where a staged window holds nothing that is scarce.
   * @returns gives it back, and is called once.
   */
  reserve?(): (() => void) | undefined;
  /**
   * One run's hold on a home, with the position as it is now. `undefined` when nothing has begun there.
   * @throws when the position is damaged.
   */
  open(home: string, holder: Holder): Promise<Session | undefined>;
  /** Creates the first position of a home. Where there is one already, it stays: open, and look. */
  begin(home: string, position: Position, holder: Holder): Promise<void>;
  /** The part with the latest window that readers can see. */
  newest(exportName: string): Promise<Part | undefined>;
  /** The parts whose window begins in `hours`, in no order. */
  parts(exportName: string, hours: Window): AsyncIterable<Part>;
  /** One column of strings of a part's rows, in no order, null as `undefined`; `undefined` when the part is gone. */
  read(part: Part, column: string): Promise<AsyncIterable<string | undefined> | undefined>;
  /**
   * The columns that parts have had, each version once, by the windows in which they began. Left out where readers need no
   * help: a database has types of its own.
   */
  schema?(exportName: string): Promise<readonly SchemaVersion[]>;
  /** What audits have found of a day, given by any time of it. */
  verdicts(exportName: string, dayMs: number): Promise<readonly Verdict[]>;
  /**
   * Tries in a home what a run needs, where readers do not look.
   * @returns what passes.
   * @throws naming what does not, and what to do.
   */
  prove(home: string, holder: Holder): Promise<string>;
}

/** Who holds a home: a run, by an id that was never used before. */
export interface Holder {
  readonly runId: string;
  readonly log: Log;
  /** Ends what is under way, publishing included. */
  readonly signal?: AbortSignal;
  /** Until the run must have ended, in milliseconds. */
  readonly leftMs?: () => number;
}

/**
 * One run's hold on one home. Whoever stages first and commits last: nothing another run does in between goes unnoticed.
 * Calls of `commit`, `publish` and `close` follow each other; several parts may be staged at once.
 */
export interface Session {
  /** As last read: after `commit` the new one. */
  readonly position: Position;
  /** Parts that were committed and are not published yet, and since when. */
  readonly unpublished: { readonly parts: number; readonly sinceMs: number };
  /** Writes a part. `undefined` when there are no rows. */
  stage(key: PartKey, rows: Rows): Promise<Staged | undefined>;
  /** Removes staged parts that will never be committed, best effort. */
  discard(staged: readonly Staged[]): Promise<void>;
  /**
   * Moves the position and lists the staged parts. All parts of the commit before must have been published.
   * @throws SupersededError when another run was first: what was staged is of no use.
   * @throws any other error when the outcome is unknown: it may still arrive, so what was staged stays.
   */
  commit(position: Position, staged: readonly Staged[]): Promise<void>;
  /**
   * Makes visible what has been committed, by this run or a crashed one, each part once.
   * @throws OutOfTimeError when the run must end first.
   * @throws any other error when a part is neither visible nor can be made so; nothing is deleted then.
   */
  publish(): Promise<void>;
  /**
   * Keeps verdicts with those of their day, for good: one that is there for the same range stays.
   * @param isAgain they are of what has been exported again, and take the place of earlier ones.
   * @throws SupersededError when another run has moved the position: it may have found something else.
   */
  record(verdicts: readonly Verdict[], isAgain?: boolean): Promise<void>;
  /**
   * Ends the hold: removes what was staged and not committed, and, once all is published, says so. `position` replaces the
   * current one if it differs and no other run was first.
   */
  close(position?: Position): Promise<void>;
  /** Removes what crashed runs have left. */
  sweep(signal: AbortSignal): Promise<void>;
}

/** How far a home has come. Replaced as a whole, with every commit. */
export interface Position {
  readonly export: string;
  /** Where its rows come from, as `Query.source`. */
  readonly source: string;
  /** The export's query when this was written; `undefined` where it is not known. */
  readonly query: string | undefined;
  /** Everything ingested from here on ... `undefined` where it is not known. */
  readonly exportedFromMs: number | undefined;
  /** ... to before here has been exported. */
  readonly exportedUntilMs: number;
  /** The window size to try next. */
  readonly windowMs: number;
  /** What was found when someone looked at the table; `undefined` until then, and when the query has changed. */
  readonly look: Look | undefined;
  /** What the commits of each hour hold, until it has been recounted. */
  readonly claims: readonly Claim[];
  /** Ranges before `exportedFromMs`, or inside what was exported, that have homes of their own. */
  readonly backfills: readonly Backfill[];
}

/** Rows by number and checksum: of the keys of their `ItemId`, XXH64 with seed 0, in any order. */
export interface Tally {
  readonly rows: number;
  /** Of all keys, 16 hexadecimal digits. */
  readonly xor: string;
  /** Of the low 32 bits of all keys. */
  readonly sum: bigint;
}

/** What the commits of one hour hold in `[fromMs, untilMs)`. */
export interface Claim extends Tally {
  readonly fromMs: number;
  readonly untilMs: number;
  /** Of the parts, as stored. */
  readonly bytes: number;
  /** Rows that became visible after their window was read, and were exported by an audit. */
  readonly late: number;
}

/** A claim that has been recounted in Logs. */
export interface Verdict extends Claim {
  /**
   * `complete`: Logs has these rows and no others. `fewer`: Logs has lost rows since. `taken`: a reader has taken parts
   * away, so that nobody can say which rows they held. `late`: rows became visible late, and what has been published cannot
   * be read back, so that they were not exported: `counted` less `rows`, or more where Logs has lost others since.
   */
  readonly verdict: 'complete' | 'fewer' | 'taken' | 'late';
  /** Rows that Logs counted. */
  readonly counted: number;
  /** When it was recounted. */
  readonly atMs: number;
}

/** A range with the home `<export>/_backfill/<id>`. */
export interface Backfill {
  readonly id: string;
  readonly fromMs: number;
  readonly untilMs: number;
  /** It had been exported before: its hours are recounted however old they are, for what was found then does not hold. */
  readonly again?: true;
}

/** What a look at an export's table has found: how the columns are called that the export adds. */
export interface Look {
  /**
   * `ItemId`, or `ExportItemId` beside a column of the table's own; `itemId` in a table that shows it so; `undefined`: the
   * table has no `_ItemId`.
   */
  readonly itemId: string | undefined;
  /** `IngestionTime`, or `ExportIngestionTime`. */
  readonly ingestionTime: string;
  /** A row with an ingestion time has been seen. Until then it is not certain that the table has one. */
  readonly proven: boolean;
}

/** Columns that parts have had since the window that begins at `fromMs`, if not in all later ones. */
export interface SchemaVersion {
  readonly fromMs: number;
  readonly columns: readonly Column[];
}

/** What makes a part's name. */
export interface PartKey {
  readonly window: Window;
  /** Set when the window is split by a hash of `_ItemId`. */
  readonly bucket?: { readonly index: number; readonly of: number } | undefined;
  /** The rows became visible after the window was read. */
  readonly isLate?: boolean;
}

/** A part that no reader can see yet. */
export interface Staged {
  readonly rows: number;
  /** As stored. */
  readonly bytes: number;
}

/** A part that readers can see. */
export interface Part extends Window, Staged {
  /** Its name in the sink. */
  readonly path: string;
  readonly isLate: boolean;
}

/** Another run has moved the position; nothing of this run can ever be committed. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';
}

/** The run must end before all has been published that it could publish. Nothing is wrong: the next run goes on. */
export class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError';
}
