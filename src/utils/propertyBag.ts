/** Whether a value has properties by name: a `Date` or a `Map` would be one without any. */
export function isPropertyBag(value: unknown): value is Readonly<Record<string, unknown>> {
  return Object.prototype.toString.call(value) === '[object Object]';
}

/**
 * The name of a property that an object has from a plain one, null where it has none. In an object literal `__proto__` names
 * that object, and is no property, so that what it holds would be passed over.
 */
export function inheritedName(value: object): string | null {
  for (const name in value) {
    if (!Object.hasOwn(value, name) && !(name in Object.prototype)) return name;
  }
  return null;
}
