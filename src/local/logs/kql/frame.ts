import type { Column } from '../kusto.ts';
import type { Scalar } from '../sql.ts';

/** A column on its way through the pipeline: its Kusto name, and what it is called in the SQL below. */
export interface FrameColumn extends Column, Scalar {
  /** Binds when named, and is in no answer. */
  readonly hidden: boolean;
}

/**
 * A table as SQL, between two operators. The SQL may give more than the columns, and names them as it likes: Kusto's
 * names differ by case, SQL's do not.
 */
export interface Frame {
  readonly sql: string;
  readonly columns: readonly FrameColumn[];
  /** SQL of the rows' ingestion time, NULL where it is lost. */
  readonly ingested: string;
}

/** The ingestion time of rows that have none. */
export const NO_INGESTION_TIME = 'CAST(NULL AS BIGINT)';
