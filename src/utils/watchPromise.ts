import { isRecord } from './isRecord.ts';

const subscribe = Promise.prototype.then;

const ignore = (): void => {};

/**
 * Marks the rejection of a promise as handled, and calls `onValue` with its value. Does nothing for other values. Other
 * thenables are left alone: calling `then` may begin their work, and the runtime does not track their rejections.
 */
export function watchPromise(value: unknown, onValue: (value: unknown) => void = ignore): boolean {
  if (!isNativePromise(value)) return false;
  try {
    Reflect.apply(subscribe, value, [onValue, ignore]);
  } catch {
    // Its class does not let a promise be derived.
  }
  return true;
}

/** Marks the rejections of a promise as handled, or those of the promises in a list, and in lists that promises give. */
export function watchNested(value: unknown): void {
  if (typeof value === 'object' && value !== null && !watchPromise(value, watchNested)) watchList(value);
}

/**
 * The same for objects too: those of their properties that hold data, and what is in these. Getters are not called:
 * they have handed nothing over.
 */
export function watchData(value: unknown, readEarly: ReadEarly = leave): void {
  watchInside(value, readEarly, null, new Set());
}

/**
 * Gives the items of a list that gives them once: they are kept for its reader. `attribute`: the outermost property that the
 * list lies in; null where it lies in none.
 */
export type ReadEarly = (list: Iterable<unknown>, attribute: string | null) => readonly unknown[];

const leave = (): readonly unknown[] => [];

/** `seen`: objects may hold themselves. */
function watchInside(value: unknown, readEarly: ReadEarly, attribute: string | null, seen: Set<object>): void {
  if (typeof value !== 'object' || value === null) return;
  if (watchPromise(value, (found) => watchInside(found, readEarly, attribute, new Set())) || seen.has(value)) return;
  seen.add(value);
  try {
    const items = itemsOf(value) ?? (isIterator(value) ? readEarly(value, attribute) : null);
    if (items !== null) for (const item of items) watchInside(item, readEarly, attribute, seen);
    else if (isRecord(value)) {
      for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(value)))
        watchInside(property.value, readEarly, attribute ?? name, seen);
    }
  } catch {
    // A proxy or a getter of the list threw.
  }
}

/**
 * Marks the rejections of all promises in a list as handled, also in lists of lists. Returns whether the value is a list: an
 * array or a `Set`. Other iterables give their items once.
 */
export function watchList(value: object): boolean {
  try {
    const items = itemsOf(value);
    if (items === null) return false;
    watchItems(items, null);
  } catch {
    // A proxy or a getter of the list threw.
  }
  return true;
}

/**
 * Marks the rejections of all promises as handled that an iterator of an array, a `Set` or a `Map` would still give: it ends, and
 * its items are there. Other iterators make their items when they are asked.
 */
export function watchRest(iterator: object): void {
  try {
    if (ofCollections.includes(Object.getPrototypeOf(iterator))) watchItems([...(iterator as Iterable<unknown>)], null);
  } catch {
    // A proxy, or a getter of the list threw.
  }
}

const ofCollections: readonly object[] = [[], new Set(), new Map()].map((list) =>
  Object.getPrototypeOf(list[Symbol.iterator]()),
);

function itemsOf(value: object): readonly unknown[] | null {
  if (Array.isArray(value)) return value;
  return value instanceof Set ? [...Set.prototype.values.call(value)] : null;
}

/** `seen`: lists may hold themselves. */
function watchItems(items: readonly unknown[], seen: Set<object> | null): void {
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    if (typeof item !== 'object' || item === null || !holdsPromises(item) || watchPromise(item, watchNested)) continue;
    const inner = itemsOf(item);
    if (inner === null) continue;
    seen ??= new Set([items]);
    if (!seen.has(item)) watchItems(inner, seen.add(item));
  }
}

/** False where a proxy hides it. `instanceof` takes 4 ns here, looking at the prototype 10. */
function holdsPromises(value: object): boolean {
  try {
    return value instanceof Promise || Array.isArray(value) || value instanceof Set;
  } catch {
    return false;
  }
}

/** Whether an object gives its items once and at once, as generators do. Rows have attributes that are named `next`. */
function isIterator(value: object): value is Iterable<unknown> {
  return typeof Reflect.get(value, Symbol.iterator) === 'function' && typeof Reflect.get(value, 'next') === 'function';
}

export function isNativePromise(value: unknown): boolean {
  try {
    return value instanceof Promise;
  } catch {
    return false; // A proxy hides its prototype.
  }
}
