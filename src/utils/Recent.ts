/** A value that tells how much room it takes. */
export interface Sized {
  readonly size: number;
  /** The size by which it is counted. */
  counted: number;
}

/**
 * The values that were used of late, up to a number and a total size. When the young ones take half of that they become the
 * old ones, and those that were old are forgotten; an old one that is asked for is young again. A young one is found by one
 * look into a map. An exact order of last use would cost as much again.
 */
export class Recent<T extends Sized> {
  readonly #most: number;
  readonly #mostSize: number;
  #young = new Map<string, T>();
  #old = new Map<string, T>();
  /** Of the young ones. */
  #size = 0;

  constructor(max: number, maxSize: number) {
    this.#most = max / 2;
    this.#mostSize = maxSize / 2;
  }

  get(key: string): T | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.add(key, old);
    return old;
  }

  /** Without using it. */
  has(key: string): boolean {
    return this.#young.has(key) || this.#old.has(key);
  }

  /** One that takes more than half of the room is not kept. */
  add(key: string, value: T): void {
    const { size } = value;
    if (size > this.#mostSize) return;
    if (this.#young.size + 1 > this.#most || this.#size + size > this.#mostSize) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#size = 0;
    }
    this.#young.set(key, value);
    this.#size += size;
    value.counted = size;
  }

  /** The size of a value has changed. One that was forgotten meanwhile is added. */
  resized(key: string, value: T): void {
    if (this.#young.get(key) !== value) {
      this.#old.delete(key);
      return this.add(key, value);
    }
    const before = value.counted;
    value.counted = value.size;
    this.#size += value.counted - before;
    if (this.#size <= this.#mostSize) return;
    this.#young.delete(key);
    this.#old.delete(key); // it may be there, too
    this.#size -= value.counted;
    this.add(key, value);
  }
}
