/** The item at a place that is known to be in the list. */
export function itemAt<T>(list: readonly T[], at: number): T {
  return list[at] as T;
}
