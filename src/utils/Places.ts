/** Things that come and go, each at a place that it has while it is here: like a `Set` that hashes nothing. */
export class Places<T> {
  readonly #items: (T | null)[] = [];
  readonly #free: number[] = [];

  /** Returns the place of the item. */
  add(item: T): number {
    const place = this.#free.pop() ?? this.#items.length;
    this.#items[place] = item;
    return place;
  }

  /** Whether the item was still there. */
  remove(place: number, item: T): boolean {
    if (this.#items[place] !== item) return false;
    this.#items[place] = null;
    this.#free.push(place);
    return true;
  }

  /** What is here now, which is then gone. */
  takeAll(): T[] {
    const all = this.#items.filter((item) => item !== null);
    this.#items.length = 0;
    this.#free.length = 0;
    return all as T[];
  }
}
