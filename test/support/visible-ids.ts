import type { Files } from '../../src/core/lake/store.ts';

/** The rows that someone sees who lists the parts, by the number in their `ItemId`, in order. */
export async function visibleIds(store: Pick<Files, 'list' | 'read'>, folder: string): Promise<number[]> {
  const ids: number[] = [];
  for await (const { path, isFolder } of store.list(folder)) {
    if (path.slice(path.lastIndexOf('/') + 1).startsWith('_')) continue;
    if (isFolder) ids.push(...(await visibleIds(store, path)));
    else for (const line of ((await store.read(path))?.text ?? '').split('\n').filter(Boolean)) ids.push(idOf(line));
  }
  return ids.sort((a, b) => a - b);
}

function idOf(line: string): number {
  return Number(JSON.parse(line).ItemId.slice('item-'.length));
}
