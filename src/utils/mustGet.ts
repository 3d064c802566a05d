/** The value of a key that is known to be in the map; throws `RangeError` where none is. */
export function mustGet<TKey, TValue>(map: ReadonlyMap<TKey, TValue>, key: TKey): TValue {
  const value = map.get(key);
  if (value === undefined) throw new RangeError(`There is no key ${String(key)} in a map of ${map.size}.`);
  return value;
}
