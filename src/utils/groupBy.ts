import { getOrCreate } from './getOrCreate.ts';

/** Items that have the same key, in their order; the keys in the order in which they were met. */
export function groupBy<TItem, TKey>(items: Iterable<TItem>, key: (item: TItem) => TKey): Map<TKey, TItem[]> {
  const groups = new Map<TKey, TItem[]>();
  for (const item of items) getOrCreate<TKey, TItem[]>(groups, key(item), () => []).push(item);
  return groups;
}
