import { areDistinct } from '../../src/utils/areDistinct.ts';
import { codeAt } from '../../src/utils/codeAt.ts';
import { valueKey } from '../../src/utils/valueKey.ts';

/** A key as a `Map` tells keys apart: primitives as they are, tuples and records by their content. */
export type MapKey = unknown;

export function mapKeyOf(key: unknown): MapKey {
  if (key === null) return null;
  if (typeof key === 'object' || typeof key === 'function')
    return isPlainTuple(key) ? tupleMapKey(key) : `\0${valueKey(key)}`;
  return typeof key === 'string' && key.startsWith('\0') ? `\0${valueKey(key)}` : key;
}

export type PlainTuple = readonly [unknown, string, ...unknown[]];

/** A tuple of primitives whose second part is a text: the keys of pages, and others that an id tells apart. */
export function isPlainTuple(key: object): key is PlainTuple {
  if (!Array.isArray(key) || typeof key[1] !== 'string') return false;
  for (let at = 0; at < key.length; at++) {
    const part: unknown = key[at];
    if (part !== null && (typeof part === 'object' || typeof part === 'function')) return false;
  }
  return true;
}

/** The map key of the last tuple's parts but its second: in a batch they are mostly the same. */
let lastParts: readonly unknown[] = [];
let lastStart = '';

/** The second part comes last, so that one join is enough where the others are as before. */
function tupleMapKey(key: PlainTuple): string {
  let isSame = key.length === lastParts.length;
  for (let at = 0; isSame && at < key.length; at++) isSame = at === 1 || key[at] === lastParts[at];
  if (!isSame) {
    lastParts = key.slice();
    lastStart = startOf(key);
  }
  return lastStart + key[1];
}

function startOf(key: PlainTuple): string {
  return `\0\0${valueKey(key.map((part, at) => (at === 1 ? null : part)))}`;
}

/**
 * Tuples that differ in their second part, and in nothing else: the keys of the lists of one edge. Their
 * map keys are made when they are needed, for mostly nobody asks for them again.
 */
export class DistinctTuples {
  readonly #like: PlainTuple;
  /** Loaders may change their keys. */
  readonly #seconds: readonly string[];
  #mapKeys: readonly MapKey[] | null = null;

  private constructor(like: PlainTuple, seconds: readonly string[]) {
    this.#like = like;
    this.#seconds = seconds;
  }

  /** Null where keys are anything else. */
  static of(keys: readonly unknown[]): DistinctTuples | null {
    const [like] = keys;
    if (typeof like !== 'object' || like === null || !isPlainTuple(like)) return null;
    const seconds: string[] = [];
    for (const key of keys) {
      if (!isLike(key, like)) return null;
      seconds.push(key[1]);
    }
    return areDistinct(seconds) ? new DistinctTuples([...like], seconds) : null;
  }

  get mapKeys(): readonly MapKey[] {
    if (this.#mapKeys === null) {
      const start = startOf(this.#like);
      this.#mapKeys = this.#seconds.map((second) => start + second);
    }
    return this.#mapKeys;
  }
}

function isLike(key: unknown, like: PlainTuple): key is PlainTuple {
  if (!Array.isArray(key) || key.length !== like.length || typeof key[1] !== 'string') return false;
  for (let at = 0; at < like.length; at++) if (at !== 1 && key[at] !== like[at]) return false;
  return true;
}

/** The map keys of the keys of a batch, or what makes them. */
export type MapKeys = readonly MapKey[] | DistinctTuples;

export function allMapKeys(mapKeys: MapKeys): readonly MapKey[] {
  return mapKeys instanceof DistinctTuples ? mapKeys.mapKeys : mapKeys;
}

/** The map keys of the first keys of a cache. */
export function firstMapKeys(keys: readonly unknown[]): MapKeys {
  return DistinctTuples.of(keys) ?? mapKeysOf(keys);
}

export function mapKeysOf(keys: readonly unknown[]): readonly MapKey[] {
  return keys.every(isOwnMapKey) ? keys : keys.map(mapKeyOf);
}

/** Whether a key is its own map key. */
export function isOwnMapKey(key: unknown): boolean {
  return typeof key === 'number' || key === null || (typeof key === 'string' && (key === '' || codeAt(key, 0) !== 0));
}
