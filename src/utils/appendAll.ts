/** Appends any number of items to a list. Spread into `push` they would lie on the stack, which holds some 120,000. */
export function appendAll<T>(list: T[], items: Iterable<T>): void {
  for (const item of items) list.push(item);
}
