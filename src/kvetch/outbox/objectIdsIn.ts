/** The ids of the objects that dependency keys name. */
export function objectIdsIn(keys: readonly string[]): readonly string[] {
  return keys.flatMap((key) => (key.startsWith('o:') ? key.slice(2) : []));
}
