import type { Answer } from '../Answer.ts';
import type { Dependencies } from '../Dependencies.ts';
import type { Cause, FetchedQuery, FetchPlug } from '../FetchPlug.ts';
import type { Wanted } from '../wanted.ts';
import { changedKeys } from './changedKeys.ts';
import { cut } from './cut.ts';
import type { Fetch } from './Fetch.ts';
import { whyOf } from './whyOf.ts';

const MOST_CHANGES = 20;

interface Known {
  readonly number: number;
  count: number;
}

/** The last fetches of all queries, the newest first. */
export class FetchLog implements FetchPlug {
  fetches: readonly Fetch[] = [];
  readonly #most: number;
  readonly #known = new WeakMap<FetchedQuery, Known>();
  readonly #listeners = new Set<() => void>();
  #queries = 0;

  constructor(most: number) {
    this.#most = most;
  }

  subscribe(listener: () => void): () => void {
    const own = (): void => listener();
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  clear(): void {
    this.#show([]);
  }

  readonly asks: FetchPlug['asks'] = (query, dependencies, causes, wanted, answered) => {
    const begun = performance.now();
    let fetch = this.#begin(query, dependencies, [...causes], wanted);
    causes.clear();
    this.#show([fetch, ...this.fetches].slice(0, this.#most));
    const end = (outcome: Pick<Fetch, 'bytes' | 'error'>): void => {
      const before = fetch;
      fetch = { ...fetch, ms: Math.round(performance.now() - begun), ...outcome };
      if (this.fetches.includes(before)) this.#show(this.fetches.map((one) => (one === before ? fetch : one)));
    };
    answered
      .then((answer) => ({ bytes: bytesOf(answer), error: null }))
      .catch((error) => ({ bytes: null, error: cut(String(error), 500) }))
      .then(end);
  };

  #begin(query: FetchedQuery, dependencies: Dependencies, causes: readonly Cause[], wanted: Wanted | null): Fetch {
    const known = this.#known.get(query) ?? { number: ++this.#queries, count: 0 };
    this.#known.set(query, known);
    const keys = changedKeys(dependencies);
    const { name, text } = query.operation;
    const cause = { causes, changes: keys.slice(0, MOST_CHANGES), changed: keys.length };
    return {
      ...{ query: known.number, nth: ++known.count, at: Date.now() },
      ...{ name: cut(name ?? text, 100), variables: cut(JSON.stringify(query.variables), 500) },
      ...cause,
      ...{ why: whyOf(cause), parts: wanted && partsOf(wanted) },
      ...{ ms: null, bytes: null, error: null },
    };
  }

  #show(fetches: readonly Fetch[]): void {
    this.fetches = fetches;
    for (const listener of [...this.#listeners]) {
      try {
        listener();
      } catch (error) {
        console.error(error); // the other listeners are called all the same, and the fetch goes on
      }
    }
  }
}

function partsOf({ positions, objects }: Wanted): readonly string[] {
  const named = objects.flatMap(({ at, ids, below = [at] }) => below.map((part) => `${part} (${ids.join(', ')})`));
  return [...positions, ...named].map((part) => cut(part, 400));
}

/** The order of its members does not matter. */
export function bytesOf({ data, errors, extensions }: Answer): number {
  return new TextEncoder().encode(JSON.stringify({ data, errors, extensions })).length;
}
