/** Whether a source is an Azure resource id, and not the id of a workspace. */
export function isResource(source: string): boolean {
  return source.startsWith('/');
}

/** For people: which of the two it is, and its id. */
export function nameSource(source: string): string {
  return `${isResource(source) ? 'resource' : 'workspace'} ${source}`;
}

/** Whether queries of the source may use the names of Application Insights' own scope: `requests`, `timestamp`. */
export function knowsOldNames(source: string): boolean {
  return isResource(source) && !source.toLowerCase().includes('/providers/microsoft.operationalinsights/');
}
