import { codeAt } from '../../src/utils/codeAt.ts';
import { valueKey } from '../../src/utils/valueKey.ts';
import { isPlainTuple, type MapKey, mapKeyOf, type PlainTuple } from './mapKeys.ts';

/**
 * The places of keys in a list. Keys of pages mostly differ in the second part of their tuples alone: these are known by
 * it, and no text is made for a tuple.
 */
export class KeyIndex {
  readonly #places = new Map<MapKey, number>();
  /** The common parts of tuples that are known by their second part; null where the first key was none. */
  #like: PlainTuple | null = null;
  /** Whether keys of other kinds were added beside such tuples. */
  #hasOthers = false;

  get size(): number {
    return this.#places.size;
  }

  find(key: unknown): number | undefined {
    const like = this.#like;
    if (like === null) return this.#places.get(mapKeyOf(key));
    if (isLike(key, like)) return this.#places.get(key[1]);
    return this.#hasOthers ? this.#places.get(otherSlot(key)) : undefined;
  }

  /** Gives a key the next place, unless it has one. Whether it was new. */
  add(key: unknown): boolean {
    const { size } = this.#places;
    if (size === 0 && typeof key === 'object' && key !== null && isPlainTuple(key)) this.#like = key;
    const mapKey = this.#mapKeyOf(key);
    if (this.#places.has(mapKey)) return false;
    this.#places.set(mapKey, size);
    return true;
  }

  #mapKeyOf(key: unknown): MapKey {
    const like = this.#like;
    if (like === null) return mapKeyOf(key);
    if (isLike(key, like)) return key[1];
    this.#hasOthers = true;
    return otherSlot(key);
  }
}

function otherSlot(key: unknown): MapKey {
  return `\0${valueKey(key)}`;
}

function isLike(key: unknown, like: PlainTuple): key is PlainTuple {
  if (!Array.isArray(key) || key.length !== like.length) return false;
  for (let at = 0; at < like.length; at++) if (at !== 1 && key[at] !== like[at]) return false;
  const id: unknown = key[1];
  return typeof id === 'string' && (id === '' || codeAt(id, 0) !== 0);
}
