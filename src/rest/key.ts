/**
 * What the keys of a part's batches begin with: `requests/20261122T140500.000Z_20261122T141000.000Z`, and what else tells
 * parts of one window apart (`_p1of4`). From its path alone, which stands in the watermark.
 */
export function partKey(path: string): string {
  const exportName = path.slice(0, path.indexOf('/'));
  const [name = ''] = path.slice(path.lastIndexOf('/') + 1).split(/\.(?=[a-z])/, 1);
  return `${exportName}/${name.replace(/^([^_]+_[^_]+)_\d+/, '$1')}`;
}
