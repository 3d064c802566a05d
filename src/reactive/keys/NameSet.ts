import { NAME_WORDS } from './WireKeys.ts';

/** Different names, in the order in which they came. Names are as good as random: their first word is their hash. */
export class NameSet {
  size = 0;
  readonly #words: Int32Array;
  /** Places from 1, by hash; at most half of it is taken. */
  readonly #places: Int32Array;
  readonly #last: number;

  /** `most`: no more names are added. */
  constructor(most: number) {
    this.#words = new Int32Array(most * NAME_WORDS);
    this.#places = new Int32Array(2 ** Math.ceil(Math.log2(2 * most + 1)));
    this.#last = this.#places.length - 1;
  }

  /** The names that are there. */
  get words(): Int32Array {
    return this.#words.subarray(0, this.size * NAME_WORDS);
  }

  /** The place of the name at `at` of `names`: a new name is added behind the others. */
  placeOf(names: Int32Array, at: number): number {
    let hash = (names[at] ?? 0) & this.#last;
    for (;;) {
      const found = this.#places[hash] ?? 0;
      if (found === 0) break;
      if (this.#isAt(found - 1, names, at)) return found - 1;
      hash = (hash + 1) & this.#last;
    }
    const place = this.size++;
    this.#places[hash] = place + 1;
    for (let word = 0; word < NAME_WORDS; word++) this.#words[place * NAME_WORDS + word] = names[at + word] ?? 0;
    return place;
  }

  #isAt(place: number, names: Int32Array, at: number): boolean {
    for (let word = 0; word < NAME_WORDS; word++) {
      if (this.#words[place * NAME_WORDS + word] !== names[at + word]) return false;
    }
    return true;
  }
}
