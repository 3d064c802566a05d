import { chain, isPromise } from '../shards/chain.ts';
import type { EdgePageRequest } from '../shards/pageRequests.ts';
import type { EdgeRow } from '../shards/rows.ts';
import type { Batch, Entry } from '../shards/ShardStore.ts';

type Page = Entry<readonly EdgeRow[]>;

type Key = EdgePageRequest | Error;

type ReadPages = (keys: readonly Key[]) => Batch<readonly EdgeRow[]>;

/** Where a page is, or will be. */
interface Place {
  readonly read: { pages: Batch<readonly EdgeRow[]> };
  readonly at: number;
}

/** The first pages of an edge's lists, of one size, by source. */
interface Lists {
  readonly edgeId: number;
  readonly limit: number;
  readonly places: Map<string, Place>;
}

/**
 * The first pages of lists that were asked for together with the objects that the lists belong to, as a plan had said
 * that they would be wanted. They live as long as their request: who asks for them takes them from here.
 */
export class PagesAhead {
  /** As few as the plan has edges. */
  readonly #lists: Lists[] = [];

  /** Begins to read pages of one edge and size. What comes at once came no earlier by being asked for ahead, and is not kept. */
  begin(keys: readonly EdgePageRequest[], readPages: ReadPages): void {
    const [first] = keys;
    if (first === undefined) return;
    const pages = readPages(keys);
    if (!isPromise(pages)) return;
    const read: Place['read'] = { pages };
    let lists = this.#listsOf(first);
    if (lists === undefined) {
      lists = { edgeId: first.edgeId, limit: first.limit, places: new Map() };
      this.#lists.push(lists);
    }
    for (let at = 0; at < keys.length; at++) lists.places.set((keys[at] as EdgePageRequest).fromId, { read, at });
    void pages.then((landed) => {
      read.pages = landed;
    });
  }

  /** Gives what was begun, and reads the rest. */
  take(keys: readonly Key[], readPages: ReadPages): Batch<readonly EdgeRow[]> {
    if (this.#lists.length === 0) return readPages(keys);
    const places = keys.map((key) => this.#find(key));
    const rest = keys.filter((_, at) => places[at] === undefined);
    if (rest.length === keys.length) return readPages(keys);
    const restPages = rest.length === 0 ? [] : readPages(rest);
    const place = (others: readonly Page[]): readonly Page[] => {
      let next = 0;
      return places.map((found) =>
        found === undefined ? (others[next++] as Page) : ((found.read.pages as readonly Page[])[found.at] as Page),
      );
    };
    const landing = new Set<PromiseLike<unknown>>();
    for (const found of places) if (found !== undefined && isPromise(found.read.pages)) landing.add(found.read.pages);
    if (landing.size === 0) return chain(restPages, place);
    return Promise.all(landing).then(() => chain(restPages, place));
  }

  #find(key: Key): Place | undefined {
    if (key instanceof Error || key.afterId !== null) return undefined;
    return this.#listsOf(key)?.places.get(key.fromId);
  }

  #listsOf({ edgeId, limit }: EdgePageRequest): Lists | undefined {
    for (const lists of this.#lists) if (lists.edgeId === edgeId && lists.limit === limit) return lists;
    return undefined;
  }
}
