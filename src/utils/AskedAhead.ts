/** A key that a request has asked for. */
interface Place {
  isUsed: boolean;
}

/** The keys that one call has asked for ahead of its turn. A needed answer is used: no key is asked for twice. */
export class AskedAhead {
  #use: (place: Place) => void = () => {};
  /** The places that were asked for: by key; and behind these the objects of lists, those of a list together. */
  readonly #places: (readonly unknown[])[] = [];
  /** Where the objects of each list begin. */
  starts: readonly number[] = [];

  add(places: readonly unknown[], use: (place: Place) => void): void {
    this.#places.push(places);
    this.#use = use;
  }

  /** The answer to a key is needed. */
  use(at: number): void {
    const [keys, targets] = this.#places;
    this.#useOne(keys?.[at]);
    if (targets === undefined) return;
    const end = this.starts[at + 1] ?? targets.length;
    for (let target = this.starts[at] ?? end; target < end; target++) this.#useOne(targets[target]);
  }

  #useOne(place: unknown): void {
    if (isPlace(place)) this.#use(place);
  }
}

function isPlace(place: unknown): place is Place {
  return typeof place === 'object' && place !== null && 'isUsed' in place;
}
