import { watchPromise } from '../../utils/watchPromise.ts';

/** After so many objects with data under a key, others of their prototype are taken to have data there. */
export const SAMPLES = 16;

const NONE: readonly string[] = [];

/**
 * The leaves of an object output that are properties of its value. Promises in them are watched, and getters are not
 * called. To know getters takes a descriptor of each property, which costs as much as writing it. So the first objects
 * tell which keys hold data, and the others of their prototype are just read.
 */
export class OwnLeaves {
  /** Keys that hold data in all samples. */
  #data: readonly string[];
  #others: readonly string[] = NONE;
  #prototype: object | null = null;
  #samples = 0;
  #mayRead = false;

  constructor(keys: readonly string[]) {
    this.#data = keys;
  }

  watch(value: object): void {
    if (!this.#mayRead || this.#readAlike([value], 0) === 0) this.#sample(value);
  }

  /** `other` is given the objects in a list that are not read here; null: none are. */
  watchAll(list: readonly unknown[], other: ((value: object) => void) | null): void {
    for (let index = this.#readAlike(list, 0); index < list.length; index = this.#readAlike(list, index + 1)) {
      const value = list[index];
      if (typeof value !== 'object' || value === null) continue;
      if (other === null) this.#sample(value);
      else other(value);
    }
  }

  /** Returns the index of the first item that is not like the samples. */
  #readAlike(list: readonly unknown[], first: number): number {
    if (!this.#mayRead) return first;
    try {
      const next = readKeys(this.#data, list, first, this.#prototype);
      if (this.#others.length > 0)
        for (let index = first; index < next; index++) watchData(list[index] as object, this.#others);
      return next;
    } catch {
      // A proxy, or a getter after all.
      this.#mayRead = false;
      return first;
    }
  }

  #sample(value: object): void {
    watchData(value, this.#others);
    const isSample = this.#isSample(value);
    const getters = this.#others.length;
    for (const key of this.#data) {
      const descriptor = descriptorAt(value, key);
      if (descriptor !== undefined && 'value' in descriptor) watchFound(descriptor.value);
      else if (isSample) this.#others = [...this.#others, key];
    }
    if (!isSample) return;
    if (this.#others.length > getters) this.#data = this.#data.filter((key) => !this.#others.includes(key));
    this.#mayRead = ++this.#samples === SAMPLES && this.#data.length > 0;
  }

  /** Objects of the first one's prototype are samples, until there are enough. */
  #isSample(value: object): boolean {
    if (this.#samples === SAMPLES) return false;
    const prototype = prototypeOf(value);
    if (this.#samples === 0) this.#prototype = prototype;
    return prototype === this.#prototype;
  }
}

function readKeys(keys: readonly string[], list: readonly unknown[], first: number, prototype: object | null): number {
  let index = first;
  for (; index < list.length; index++) {
    const value = list[index] as Record<string, unknown>;
    if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== prototype) break;
    for (let at = 0; at < keys.length; at++) {
      watchFound(value[keys[at] as string]);
    }
  }
  return index;
}

/** Watches promises that are properties of an object. */
export function watchData(value: object, keys: readonly string[]): void {
  for (const key of keys) watchFound(dataAt(value, key));
}

function watchFound(found: unknown): void {
  if (typeof found === 'object' && found !== null) watchPromise(found);
}

/** An own property that holds a value; undefined for getters, inherited properties, and where a proxy refuses. */
export function dataAt(value: object, key: PropertyKey): unknown {
  return descriptorAt(value, key)?.value;
}

function descriptorAt(value: object, key: PropertyKey): PropertyDescriptor | undefined {
  try {
    return Object.getOwnPropertyDescriptor(value, key);
  } catch {
    return undefined;
  }
}

function prototypeOf(value: object): object | null {
  try {
    return Object.getPrototypeOf(value);
  } catch {
    return null;
  }
}
