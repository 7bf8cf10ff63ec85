import type { ColumnType } from '../../kusto.ts';
import { convert, type Scalar } from '../../sql.ts';

/**
 * SQL of a function call, from its arguments and the type that the parser gave the call; undefined for arguments that
 * have no translation.
 */
export type SqlFunction = (args: readonly Scalar[], type: ColumnType) => string | undefined;

export type SqlFunctions = Readonly<Record<string, SqlFunction>>;

export const NULL: Scalar = { sql: 'NULL', type: 'dynamic' };

export const first = (args: readonly Scalar[]): Scalar => args[0] ?? NULL;
export const sqlOf = (args: readonly Scalar[], index: number): string => (args[index] ?? NULL).sql;
export const int32 = (args: readonly Scalar[], at: number): string => `CAST(${sqlOf(args, at)} AS INTEGER)`;
export const text = (args: readonly Scalar[], index: number): string => convert(args[index] ?? NULL, 'string');

/** One argument, through an SQL function of this name. */
export const unary =
  (name: string): SqlFunction =>
  (args) =>
    `${name}(${sqlOf(args, 0)})`;

/** The text of each argument, through an SQL function or macro of this name. */
export const textual =
  (name: string): SqlFunction =>
  (args) =>
    `${name}(${args.map((_, index) => text(args, index)).join(', ')})`;
