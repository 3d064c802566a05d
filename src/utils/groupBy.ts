/** Items that have the same key, in their order, at least one each; the keys in the order in which they were met. */
export function groupBy<TItem, TKey>(
  items: Iterable<TItem>,
  key: (item: TItem) => TKey,
): Map<TKey, [TItem, ...TItem[]]> {
  const groups = new Map<TKey, [TItem, ...TItem[]]>();
  for (const item of items) {
    const of = key(item);
    const group = groups.get(of);
    if (group === undefined) groups.set(of, [item]);
    else group.push(item);
  }
  return groups;
}
