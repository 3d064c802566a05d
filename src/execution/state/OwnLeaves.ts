import { watchPromise } from '../../utils/watchPromise.ts';

/** After so many objects with data under a key, objects of that prototype are taken to have data there. */
const SAMPLES = 16;

/**
 * The properties of objects that leaves read. Promises in them are watched, getters are not called: that takes a
 * descriptor for each property, which costs as much as writing it. Objects of one prototype are built alike, so that the
 * first ones tell which keys can just be read in the others.
 */
export class OwnLeaves {
  /** Keys that can just be read, once there were samples enough. */
  #data: string[];
  #others: string[] = [];
  #prototype: object | null = null;
  #samples = 0;

  constructor(keys: readonly string[]) {
    this.#data = [...keys];
  }

  watch(value: object): void {
    if (this.#samples < SAMPLES || this.#watchAlike([value], 0) === 0) this.#sample(value);
  }

  /** Watches the leaves of the objects in a list. `other` is given those that are not like the first ones. */
  watchAll(list: readonly unknown[], other: (value: object) => void): void {
    for (let index = 0; index < list.length; index++) {
      if (this.#samples === SAMPLES) index = this.#watchAlike(list, index);
      const value = list[index];
      if (typeof value === 'object' && value !== null) other(value);
    }
  }

  /** Watches the leaves of objects in a list from an index on. Returns the index of the first that is not alike. */
  #watchAlike(list: readonly unknown[], first: number): number {
    const prototype = this.#prototype;
    const keys = this.#data;
    let index = first;
    try {
      for (; index < list.length; index++) {
        const value = list[index] as Record<string, unknown>;
        if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== prototype) return index;
        for (let at = 0; at < keys.length; at++) {
          const found = value[keys[at] as string];
          if (typeof found === 'object' && found !== null) watchPromise(found);
        }
        if (this.#others.length > 0) watchData(value, this.#others);
      }
    } catch {
      // A proxy.
    }
    return index;
  }

  #sample(value: object): void {
    watchData(value, this.#data);
    watchData(value, this.#others);
    if (this.#samples === SAMPLES) return;
    const prototype = Object.getPrototypeOf(value);
    if (this.#samples === 0) this.#prototype = prototype;
    else if (this.#prototype !== prototype) return;
    this.#samples++;
    const getters = this.#data.filter((key) => !holdsData(value, key));
    if (getters.length === 0) return;
    this.#data = this.#data.filter((key) => !getters.includes(key));
    this.#others.push(...getters);
  }
}

function watchData(value: object, keys: readonly string[]): void {
  for (let index = 0; index < keys.length; index++) {
    const found = dataAt(value, keys[index] as string);
    if (typeof found === 'object' && found !== null) watchPromise(found);
  }
}

/** An own property that holds a value; undefined for getters, for what is inherited, and where a proxy refuses. */
export function dataAt(value: object, key: PropertyKey): unknown {
  try {
    return Object.getOwnPropertyDescriptor(value, key)?.value;
  } catch {
    return undefined;
  }
}

function holdsData(value: object, key: string): boolean {
  try {
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    return descriptor !== undefined && 'value' in descriptor;
  } catch {
    return false;
  }
}
