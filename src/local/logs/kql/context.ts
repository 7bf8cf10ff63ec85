import type { Syntax } from '../kusto.ts';
import type { Scalar } from '../sql.ts';
import type { Frame, FrameColumn } from './frame.ts';

/** What the names and functions of an expression stand for. */
export interface Scope {
  /** A column or a scalar `let`. */
  resolve(name: string): Scalar | undefined;
  /** What `*` means. */
  readonly visible: readonly FrameColumn[];
  /** SQL of the row's ingestion time, or NULL. */
  readonly ingested: string;
  /** What `now()` is, in ticks. */
  readonly nowTicks: bigint;
  /** Translates a tabular expression inside a scalar one. */
  tabular(node: Syntax): Frame;
}

/** What the operators need to know of the query around them. */
export interface Context {
  /** A scope over the columns of this frame. */
  scope(frame: Frame): Scope;
  /** Translates a tabular expression. */
  tabular(node: Syntax): Frame;
  /** The same for a name with `*` too, which stands for each table that it fits. */
  tabulars(node: Syntax): Frame[];
  /** A column name that no other SQL of this query has. */
  fresh(): string;
}

/** One operator of a pipeline: the frame behind it from the frame before it. */
export type Operator = (node: Syntax, from: Frame, context: Context) => Frame;
