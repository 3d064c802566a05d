import { isRecord } from './isRecord.ts';

/**
 * A deep copy of plain data, so that nobody else sees a change of it: lists, plain objects, dates, maps, sets and typed
 * arrays. Instances of other classes and functions are not copied.
 */
export function ownCopy<T>(value: T): T {
  return typeof value === 'object' && value !== null ? (copyOf(value, null) as T) : value;
}

/** An object that others lie in, and its copy: data may contain itself. */
interface Around {
  readonly value: object;
  readonly copy: object;
  readonly around: Around | null;
}

function copyOf(value: object, around: Around | null): object {
  for (let at = around; at !== null; at = at.around) if (at.value === value) return at.copy;
  const copy = shallowCopy(value);
  if (copy === null) return value;
  if (Array.isArray(copy)) copyItems(copy, value, around);
  else if (copy instanceof Map || copy instanceof Set) copyEntries(copy, { value, copy, around });
  else if (!ArrayBuffer.isView(copy) && !(copy instanceof Date) && isRecord(copy)) copyProperties(copy, value, around);
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

function copyItems(copy: unknown[], value: object, around: Around | null): void {
  let own: Around | null = null;
  for (let index = 0; index < copy.length; index++) {
    const item = copy[index];
    if (typeof item !== 'object' || item === null) continue;
    own ??= { value, copy, around };
    copy[index] = copyOf(item, own);
  }
}

/** Most rows hold nothing but texts and numbers: they are looked at, and that is all. */
function copyProperties(copy: Record<string, unknown>, value: object, around: Around | null): void {
  let own: Around | null = null;
  for (const name in copy) {
    const part = copy[name];
    if (typeof part !== 'object' || part === null) continue;
    own ??= { value, copy, around };
    copy[name] = copyOf(part, own);
  }
}

function copyEntries(copy: Map<unknown, unknown> | Set<unknown>, own: Around): void {
  const part = (item: unknown): unknown => (typeof item === 'object' && item !== null ? copyOf(item, own) : item);
  if (copy instanceof Map) for (const [key, value] of copy) copy.set(key, part(value));
  else {
    const items = [...copy];
    copy.clear();
    for (const item of items) copy.add(part(item));
  }
}
