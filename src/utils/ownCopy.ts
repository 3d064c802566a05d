import { isRecord } from './isRecord.ts';
import { itemAt } from './itemAt.ts';

/**
 * A deep copy of plain data, so that nobody else sees a change of it: lists, plain objects, dates, maps, sets and typed
 * arrays. Instances of other classes and functions are not copied.
 */
export function ownCopy<T>(value: T): T {
  return typeof value === 'object' && value !== null ? (copyOf(value, [], []) as T) : value;
}

/** `above` are the objects that the value lies in, `copies` their copies: data may contain itself. */
function copyOf(value: object, above: object[], copies: object[]): object {
  const at = above.indexOf(value);
  if (at !== -1) return itemAt(copies, at);
  const copy = shallowCopy(value);
  if (copy === null) return value;
  above.push(value);
  copies.push(copy);
  copyInside(copy, (part) => (typeof part === 'object' && part !== null ? copyOf(part, above, copies) : part));
  above.pop();
  copies.pop();
  return copy;
}

/** Null where a value is no plain data. */
function shallowCopy(value: object): object | null {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return { ...value };
  if (prototype === null) return Object.assign(Object.create(null), value);
  if (Array.isArray(value)) return prototype === Array.prototype ? value.slice() : null;
  if (value instanceof Date) return prototype === Date.prototype ? new Date(value) : null;
  if (value instanceof Map) return prototype === Map.prototype ? new Map(value) : null;
  if (value instanceof Set) return prototype === Set.prototype ? new Set(value) : null;
  return ArrayBuffer.isView(value) && !(value instanceof DataView) ? bytesOf(value) : null;
}

/** `Buffer.slice` would share its bytes. */
function bytesOf(view: ArrayBufferView): ArrayBufferView {
  return Reflect.apply(Uint8Array.prototype.slice, view, []);
}

function copyInside(copy: object, part: (value: unknown) => unknown): void {
  if (Array.isArray(copy)) {
    for (let index = 0; index < copy.length; index++) copy[index] = part(copy[index]);
  } else if (copy instanceof Map) {
    for (const [key, value] of copy) copy.set(key, part(value));
  } else if (copy instanceof Set) {
    const items = [...copy];
    copy.clear();
    for (const item of items) copy.add(part(item));
  } else if (!ArrayBuffer.isView(copy) && !(copy instanceof Date) && isRecord(copy)) {
    for (const name in copy) {
      const value = copy[name];
      if (typeof value === 'object' && value !== null) copy[name] = part(value);
    }
  }
}
