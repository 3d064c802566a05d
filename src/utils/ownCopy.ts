import { isRecord } from './isRecord.ts';
import { type AnyIterator, isIterator, SharedIterator } from './SharedIterator.ts';

/**
 * A deep copy of plain data, so that nobody else sees a change of it: lists, plain objects, dates, maps, sets and typed
 * arrays. Instances of other classes and functions are not copied. Getters are not called: the copy has them as well.
 */
export function ownCopy<T>(value: T): T {
  return new Copier().copy(value);
}

/** A deep copy of data that has no getters, such as JSON. */
export function jsonCopy<T>(value: T): T {
  return new Copier(true).copy(value);
}

/** An object that others lie in, and its copy: data may contain itself. */
interface Around {
  readonly value: object;
  readonly copy: object;
  readonly around: Around | null;
}

/**
 * Makes copies of one value, while nobody changes it. To know getters takes a descriptor of each property, so the first copy
 * tells whether there are any.
 */
export class Copier {
  #isData: boolean;
  #metGetters = false;
  /** Iterators in the value, which are shared with its copies; null: they are handed on as they are. */
  readonly #iterators: Map<object, SharedIterator> | null;

  constructor(isData = false, iterators: Map<object, SharedIterator> | null = null) {
    this.#isData = isData;
    this.#iterators = iterators;
  }

  copy<T>(value: T): T {
    if (typeof value !== 'object' || value === null) return value;
    const copy = this.#copyOf(value, null);
    this.#isData ||= !this.#metGetters;
    return copy as T;
  }

  #copyOf(value: object, around: Around | null): object {
    for (let at = around; at !== null; at = at.around) if (at.value === value) return at.copy;
    if (!this.#isData && hasGetters(value)) return this.#withGetters(value, around);
    const copy = shallowCopy(value);
    if (copy === null)
      return this.#iterators !== null && isIterator(value) ? this.#reader(value, this.#iterators) : value;
    if (Array.isArray(copy)) this.#copyItems(copy, value, around);
    else if (copy instanceof Map || copy instanceof Set) this.#copyEntries(copy, { value, copy, around });
    else if (!ArrayBuffer.isView(copy) && !(copy instanceof Date) && isRecord(copy))
      this.#copyProperties(copy, value, around);
    return copy;
  }

  #reader(iterator: AnyIterator, iterators: Map<object, SharedIterator>): object {
    let shared = iterators.get(iterator);
    if (shared === undefined) {
      shared = new SharedIterator(iterator, (item) => new Copier(false, iterators).copy(item));
      iterators.set(iterator, shared);
    }
    return shared.reader();
  }

  #withGetters(value: object, around: Around | null): object {
    this.#metGetters = true;
    const copy: object = Array.isArray(value) ? [] : Object.create(Object.getPrototypeOf(value));
    const own: Around = { value, copy, around };
    for (const name of Reflect.ownKeys(value)) {
      const property = Object.getOwnPropertyDescriptor(value, name) as PropertyDescriptor;
      const { value: part } = property;
      if (typeof part === 'object' && part !== null) property.value = this.#copyOf(part, own);
      Object.defineProperty(copy, name, property);
    }
    return copy;
  }

  #copyItems(copy: unknown[], value: object, around: Around | null): void {
    let own: Around | null = null;
    for (let index = 0; index < copy.length; index++) {
      const item = copy[index];
      if (typeof item !== 'object' || item === null) continue;
      own ??= { value, copy, around };
      copy[index] = this.#copyOf(item, own);
    }
  }

  /** Most rows hold nothing but texts and numbers: they are looked at, and that is all. */
  #copyProperties(copy: Record<string, unknown>, value: object, around: Around | null): void {
    let own: Around | null = null;
    for (const name in copy) {
      const part = copy[name];
      if (typeof part !== 'object' || part === null) continue;
      own ??= { value, copy, around };
      copy[name] = this.#copyOf(part, own);
    }
  }

  #copyEntries(copy: Map<unknown, unknown> | Set<unknown>, own: Around): void {
    const part = (item: unknown): unknown =>
      typeof item === 'object' && item !== null ? this.#copyOf(item, own) : item;
    if (copy instanceof Map) for (const [key, value] of copy) copy.set(key, part(value));
    else {
      const items = [...copy];
      copy.clear();
      for (const item of items) copy.add(part(item));
    }
  }
}

/** Whether plain data has a getter among its own properties. */
function hasGetters(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null && prototype !== Array.prototype) return false;
  return Reflect.ownKeys(value).some((name) => {
    const property = Object.getOwnPropertyDescriptor(value, name);
    return property !== undefined && !('value' in property);
  });
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
