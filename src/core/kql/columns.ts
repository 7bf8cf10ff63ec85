import type { Column } from '../rows.ts';

/**
 * What readers of the parts will stumble over, in the columns of an export's answer.
 * @param itemId the column that tells rows apart, if the query adds one.
 */
export function columnWarnings(columns: readonly Column[], itemId: string | undefined): string[] {
  const names = columns.map(({ name }) => name);
  const hidden = names.filter(isFolder);
  const groups = [...Map.groupBy(names, (name) => name.toLowerCase()).values()];
  const alike = groups.filter(({ length }) => length > 1).map((group) => group.join(' and '));
  const warnings: string[] = [];
  if (hidden.length > 0) {
    warnings.push(
      `the column ${hidden.join(', ')} has the name of a folder (y, m, d, h), whose value many readers show in its ` +
        'place: give it another name with project-rename',
    );
  }
  if (alike.length > 0) {
    warnings.push(
      `the columns ${alike.join(', ')} differ in their case only, which DuckDB, Spark and SQL do not tell apart: give ` +
        'one another name with project-rename',
    );
  }
  if (itemId !== undefined && !names.includes(itemId)) {
    warnings.push(`the query drops ${itemId}, by which rows are told apart and recounted: keep it in the projection`);
  }
  return warnings;
}

/** Whether a column has the name of a folder of an hour, `y=2026/m=11/d=22/h=14`: readers take those for columns. */
export function isFolder(name: string): boolean {
  return /^[ymdh]$/i.test(name);
}
