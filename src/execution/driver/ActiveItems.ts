/** Items that come and go, each in a slot of its own while it is here: like a `Set` without hashing. */
export class ActiveItems<T> {
  readonly #items: (T | null)[] = [];
  readonly #free: number[] = [];

  /** Returns the slot of the item. */
  add(item: T): number {
    const slot = this.#free.pop() ?? this.#items.length;
    this.#items[slot] = item;
    return slot;
  }

  /** Whether the item was still there. */
  remove(slot: number, item: T): boolean {
    if (this.#items[slot] !== item) return false;
    this.#items[slot] = null;
    this.#free.push(slot);
    return true;
  }

  /** Removes all items and returns them. */
  takeAll(): T[] {
    const all = this.#items.filter((item) => item !== null);
    this.#items.length = 0;
    this.#free.length = 0;
    return all;
  }
}
