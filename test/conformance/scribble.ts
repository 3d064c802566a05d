/** Writes into everything that can be reached from a value, as a careless resolver may into what it is given. */
export function scribble(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (Object.isFrozen(value) || Object.hasOwn(value, 'scribbled') || 'kind' in value) return; // nodes are shared by all
  if (value instanceof Date) value.setTime(0);
  else if (value instanceof Map) value.set('scribbled', true);
  else if (value instanceof Set) value.add('scribbled');
  else if (Array.isArray(value)) {
    for (const item of value) scribble(item);
    value.push('scribbled');
  } else if (isPlain(value)) {
    for (const item of Object.values(value)) scribble(item);
    Object.assign(value, { scribbled: true });
  }
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
