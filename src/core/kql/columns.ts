import type { Column } from '../rows.ts';

/** The folders of an hour, `y=2026/m=11/d=22/h=14`, which readers take for columns. */
const FOLDERS: ReadonlySet<string> = new Set(['y', 'm', 'd', 'h']);

/**
 * What readers of the parts will stumble over, in the columns of an export's answer.
 * @param itemId the column that tells rows apart, if the query adds one.
 */
export function columnWarnings(columns: readonly Column[], itemId: string | undefined): string[] {
  const names = columns.map(({ name }) => name);
  const hidden = names.filter((name) => FOLDERS.has(name.toLowerCase()));
  const alike = Object.values(Object.groupBy(names, (name) => name.toLowerCase())).filter(
    (group = []) => group.length > 1,
  );
  const warnings: string[] = [];
  if (hidden.length > 0) {
    warnings.push(
      `the column ${hidden.join(', ')} has the name of a folder (y, m, d, h), whose value many readers show in its ` +
        'place: give it another name with project-rename',
    );
  }
  if (alike.length > 0) {
    warnings.push(
      `the columns ${alike.map((group = []) => group.join(' and ')).join(', ')} differ in their case only, which ` +
        'DuckDB, Spark and SQL do not tell apart: give one another name with project-rename',
    );
  }
  if (itemId !== undefined && !names.includes(itemId)) {
    warnings.push(`the query drops ${itemId}, by which rows are told apart and recounted: keep it in the projection`);
  }
  return warnings;
}
