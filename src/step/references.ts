/** The property under which a function or object carries the name that stands for it in exported plans. */
export const REFERENCE: unique symbol = Symbol.for('planql.reference');

const registered = new Map<string, unknown>();

/** Gives `value` the name `kind:name`, by which a plan made in another process finds it again. The latest wins. */
export function nameReference<T extends object>(kind: string, name: string, value: T): T {
  const reference = `${kind}:${name}`;
  Object.defineProperty(value, REFERENCE, { value: reference, configurable: true });
  registered.set(reference, value);
  return value;
}

/** The value with this name, or undefined when this process has not defined it. */
export function findReference(reference: string): unknown {
  return registered.get(reference);
}

/** Whether a param is no JSON but a function or an object with a name: plans hold its name, or a local slot. */
export function isReferenceable(value: unknown): value is object {
  return typeof value === 'function' || (typeof value === 'object' && value !== null && REFERENCE in value);
}

/** The name of a referenceable value, or null for a closure that nobody named. */
export function referenceName(value: object): string | null {
  return (value as { [REFERENCE]?: string })[REFERENCE] ?? null;
}
