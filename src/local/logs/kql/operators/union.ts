import type { Syntax } from '../../kusto.ts';
import { convert, SQL_TYPES } from '../../sql.ts';
import type { Context } from '../context.ts';
import type { Frame, FrameColumn } from '../frame.ts';
import { part, untranslatable } from '../syntax.ts';
import { CARRIED, resultColumns } from './columns.ts';

/** `union` by column names; a column that one side lacks is null there, text is empty. */
export function union(node: Syntax, from: Frame | undefined, context: Context): Frame {
  const parameters = node.child('Parameters')?.children ?? [];
  const other = parameters.find((parameter) => !/^(kind\s*=\s*outer|isfuzzy\b)/.test(parameter.text));
  if (other !== undefined) throw untranslatable(other, `'${other.text}'`);
  const frames = [
    ...(from === undefined ? [] : [from]),
    ...part(node, 'Expressions').children.flatMap(context.tabulars),
  ];
  const columns = resultColumns(node).map(({ name, type }): FrameColumn => {
    const sources = frames.map((frame) => frame.columns.find((column) => column.name === name));
    if (sources.every((column) => column === undefined)) throw untranslatable(node, `the column '${name}' of a union`);
    return {
      name,
      type,
      sql: context.fresh(),
      hidden: sources.every((column) => column === undefined || column.hidden),
    };
  });
  const selects = frames.map((frame) => {
    const selected = columns.map(({ name, type, sql }) => {
      const column = frame.columns.find((candidate) => candidate.name === name);
      const missing = type === 'string' ? "''" : `CAST(NULL AS ${SQL_TYPES[type]})`;
      return `${column === undefined ? missing : convert(column, type)} AS ${sql}`;
    });
    return `SELECT ${[...selected, `${frame.ingested} AS ${CARRIED}`].join(', ')} FROM (${frame.sql})`;
  });
  return { sql: selects.join(' UNION ALL '), columns, ingested: CARRIED };
}
