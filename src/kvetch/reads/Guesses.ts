import { LRUCache } from 'lru-cache';
import { itemAt } from '../../utils/itemAt.ts';

/** Which list, or part of one: its edge or index, and its window. */
export interface ListName {
  readonly of: string | number;
  readonly first: unknown;
  readonly after: unknown;
  readonly reverse: boolean;
  readonly before: unknown;
}

interface Remembered {
  readonly name: ListName;
  ids: readonly string[];
  /** Whether the list was much the same when it was read twice: where it is not, its ids are no guess. */
  isSteady: boolean;
}

/** How lists are identified: by the object that has them, and then by their names. */
export interface ListTraits<TRequest> {
  /** The source of an edge; a value of an index, marked as one. */
  readonly subjectOf: (request: TRequest) => string;
  readonly isNamed: (request: TRequest, name: ListName) => boolean;
  readonly nameOf: (request: TRequest) => ListName;
}

/**
 * Which objects lists named when this process read them last. Reads of lists with their objects ask for these objects
 * together with the list: mostly it names them still, and the second round is over before it begins (spec/10-loads.md).
 */
export class Guesses {
  /** By source or value. */
  readonly #lists: LRUCache<string, Remembered[]>;

  /** `maxIds` of all lists together are remembered. */
  constructor(maxIds: number) {
    this.#lists = new LRUCache({ maxSize: maxIds, sizeCalculation: sizeOf });
  }

  /** The remembered ids of a list, or `null`. */
  of<TRequest>(request: TRequest, { subjectOf, isNamed }: ListTraits<TRequest>): Remembered | null {
    for (const known of this.#lists.get(subjectOf(request)) ?? []) if (isNamed(request, known.name)) return known;
    return null;
  }

  /** A list was read. */
  learn<TRequest>(request: TRequest, traits: ListTraits<TRequest>, ids: readonly string[]): void {
    const known = this.of(request, traits);
    if (known?.isSteady === true && areEqual(known.ids, ids)) return;
    const subject = traits.subjectOf(request);
    const lists = this.#lists.peek(subject) ?? [];
    if (known === null) lists.push({ name: traits.nameOf(request), ids, isSteady: true });
    else {
      known.isSteady = isMostly(known.ids, ids);
      known.ids = ids;
    }
    if (lists.length > MAX_LISTS) lists.shift();
    this.#lists.delete(subject); // the size of a present entry is not looked at again
    this.#lists.set(subject, lists);
  }
}

/** Windows of one source or value that are remembered: cursors may be any. */
const MAX_LISTS = 16;

function sizeOf(lists: Remembered[]): number {
  let size = 0;
  for (const { ids } of lists) size += 1 + ids.length;
  return size;
}

/** The guessed ids of the lists in one batch. */
export class Guess<TRequest> {
  readonly #guesses: Guesses;
  readonly #requests: readonly TRequest[];
  readonly #traits: ListTraits<TRequest>;
  /** By list; `null` where nobody knows. */
  readonly ids: ReadonlyArray<readonly string[] | null>;

  constructor(guesses: Guesses, requests: readonly TRequest[], traits: ListTraits<TRequest>) {
    this.#guesses = guesses;
    this.#requests = requests;
    this.#traits = traits;
    this.ids = requests.map((request) => {
      const known = guesses.of(request, traits);
      return known?.isSteady === true ? known.ids : null;
    });
  }

  /** Learns the ids of a list, and returns whether they were guessed. */
  isRight(at: number, ids: readonly string[]): boolean {
    const guessed = itemAt(this.ids, at);
    if (guessed !== null && areEqual(guessed, ids)) return true;
    this.#guesses.learn(itemAt(this.#requests, at), this.#traits, ids);
    return false;
  }
}

function areEqual(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

/** Whether at least half of the guessed ids are there. */
function isMostly(guessed: readonly string[], found: readonly string[]): boolean {
  const there = new Set(found);
  let right = 0;
  for (const id of guessed) if (there.has(id)) right++;
  return 2 * right >= guessed.length;
}
