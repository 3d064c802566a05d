/** Whether an object can be iterated over. May throw: a getter or a proxy is asked. */
export function isIterableObject(value: object): value is Iterable<unknown> {
  const { [Symbol.iterator]: iterate }: Partial<Iterable<unknown>> = value;
  return typeof iterate === 'function';
}
