interface MapLike<TKey, TValue> {
  get(key: TKey): TValue | undefined;
  set(key: TKey, value: TValue): unknown;
}

/** The value of a key of a `Map` or `WeakMap`, made when it is first asked for. */
export function getOrCreate<TKey, TValue>(map: MapLike<TKey, TValue>, key: TKey, create: () => TValue): TValue {
  const found = map.get(key);
  if (found !== undefined) return found;
  const created = create();
  map.set(key, created);
  return created;
}
