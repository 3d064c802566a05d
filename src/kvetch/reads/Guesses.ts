import { LRUCache } from 'lru-cache';
import { itemAt } from '../../utils/itemAt.ts';

interface Remembered {
  readonly ids: readonly string[];
  /** Whether the list was much the same when it was read twice: where it is not, its ids are no guess. */
  readonly isSteady: boolean;
}

/**
 * Which objects lists named when this process read them last. Reads of lists with their objects ask for these objects
 * together with the list: mostly it names them still, and the second round is over before it begins (spec/10-loads.md).
 */
export class Guesses {
  readonly #lists: LRUCache<string, Remembered>;

  /** `maxIds` of all lists together are remembered. */
  constructor(maxIds: number) {
    this.#lists = new LRUCache({ maxSize: maxIds, sizeCalculation: ({ ids }) => 1 + ids.length });
  }

  /** The ids that a list may name, or `null`. */
  of(list: string): readonly string[] | null {
    const known = this.#lists.get(list);
    return known?.isSteady === true ? known.ids : null;
  }

  /** A list was read. */
  learn(list: string, ids: readonly string[]): void {
    const known = this.#lists.peek(list);
    if (known === undefined) this.#lists.set(list, { ids, isSteady: true });
    else if (!known.isSteady || !areEqual(known.ids, ids))
      this.#lists.set(list, { ids, isSteady: isMostly(known.ids, ids) });
  }
}

/** What the lists of one batch are guessed to name. */
export class Guess {
  readonly #guesses: Guesses;
  readonly #names: readonly string[];
  /** By list; `null` where nobody knows. */
  readonly ids: ReadonlyArray<readonly string[] | null>;

  constructor(guesses: Guesses, names: readonly string[]) {
    this.#guesses = guesses;
    this.#names = names;
    this.ids = names.map((name) => guesses.of(name));
  }

  /** Learns what a list names, and says whether this was guessed. */
  isRight(at: number, ids: readonly string[]): boolean {
    const guessed = itemAt(this.ids, at);
    if (guessed !== null && areEqual(guessed, ids)) return true;
    this.#guesses.learn(itemAt(this.#names, at), ids);
    return false;
  }
}

function areEqual(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

/** Whether at least half of what was guessed is there. */
function isMostly(guessed: readonly string[], found: readonly string[]): boolean {
  const there = new Set(found);
  let right = 0;
  for (const id of guessed) if (there.has(id)) right++;
  return 2 * right >= guessed.length;
}
