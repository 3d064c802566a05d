import { checkKeys } from '../../../utils/checkKeys.ts';
import type { Answer } from '../Answer.ts';
import { Client } from '../createReactiveClient.ts';
import type { AnyDocument, Variables } from '../document.ts';
import type { FetchPlug } from '../FetchPlug.ts';
import type { Query, Reactive } from '../Query.ts';
import { isObject, type JsonObject, type PossibleTypes, Selection } from '../Selection.ts';
import { isEqual } from '../Store.ts';
import type { Transport } from '../transports/Transport.ts';
import { ROOT, Writer } from '../write.ts';

/**
 * The options of `makeReactive` and `reactiveExchange`.
 * @inline
 */
export interface AdapterOptions {
  /** How to hear of changes: `webSocket(…)`, `eventStream(…)` or `polling(…)`. */
  readonly transport: Transport;
  /** The types of each interface and union. Without it, fragments on them are told apart by the fields of whole objects. */
  readonly possibleTypes?: PossibleTypes;
  /** Shows why data is fetched: `fetchPanel()` of `planql/reactive/client/panel`. Default: nothing does. */
  readonly panel?: FetchPlug;
  /** The age at which data is fetched again without news of a change; 0: never. Milliseconds. Default 300,000. */
  readonly maxAgeMs?: number;
  /** Called with errors of work that is tried again. Default: nobody. */
  readonly onError?: (error: unknown) => void;
}

/** A query of another client, which shows it from a cache of its own. */
export interface Adopted {
  readonly document: AnyDocument;
  readonly variables: Variables;
  /** Asks the server for positions of the query, or for all of it, in the way of its client. */
  ask(reactive: Reactive, signal: AbortSignal): Promise<Answer>;
  /** Gives the client the new data of the query. */
  show(data: JsonObject): void;
}

/** Keeps queries of another client up to date: it hears of stale data, and fetches it. */
export class AdoptedQueries extends Client {
  readonly #adopted = new Map<Query, { adopted: Adopted; shown: unknown; readonly stop: () => void }>();
  /** The query whose answer is taken: the other client shows it by itself. */
  #adopting: Query | null = null;

  constructor(adapter: string, options: AdapterOptions) {
    checkKeys(adapter, options, 'transport possibleTypes panel maxAgeMs onError');
    super({ ...options, url: '', addTypename: false, keepMs: 0 });
  }

  /** Takes the answer to a query whose request asked for its dependencies. */
  adopt(adopted: Adopted, answer: Answer): void {
    const query = this.open(adopted.document, adopted.variables);
    const known = this.#adopted.get(query);
    if (known === undefined) {
      const stop = query.subscribe(() => this.#show(query), false);
      this.#adopted.set(query, { adopted, shown: undefined, stop });
    } else known.adopted = adopted;
    this.#adopting = query;
    query.adopt(answer);
    this.#adopting = null;
    this.#showNewer(adopted, answer);
  }

  /** Takes the answer to a mutation. `held`: what it was asked with. */
  mutated(mutation: Pick<Adopted, 'document' | 'variables'>, answer: Answer, held: string): void {
    this.changed(answer.extensions?.reactive?.invalidated, held);
    this.#showNewer(mutation, answer);
  }

  /** Lets go of queries that nobody shows any more. */
  letGo(isGone: (adopted: Adopted) => boolean): void {
    for (const [query, { adopted, stop }] of this.#adopted) {
      if (!isGone(adopted)) continue;
      stop();
      this.#adopted.delete(query);
      // at once: a fetch that is due has nobody to ask
      query.close();
      this.forget(query);
    }
  }

  override came(query: Query, turn: number, apply: () => void): void {
    super.came(query, turn, apply);
    this.#show(query); // another query may have brought its data before, when it was stale
  }

  override async ask(query: Query, _part: null, reactive: Reactive, signal: AbortSignal): Promise<Answer> {
    const adopted = this.#adopted.get(query)?.adopted;
    if (adopted === undefined) throw new Error('The query is no longer shown.');
    return adopted.ask(reactive, signal);
  }

  /** The other client puts an answer into its cache. Where the store has newer data of the same objects, it is shown again. */
  #showNewer({ document, variables }: Pick<Adopted, 'document' | 'variables'>, { data }: Answer): void {
    if (!isObject(data)) return;
    const scope = this.scope(document, variables);
    const newer = new Set<string>();
    const put = (record: string, key: string, value: unknown): void => {
      const own = this.store.base.value(record, key);
      if (own !== undefined && !isEqual(own, value)) newer.add(record);
    };
    const root = scope.operation.kind === 'query' ? ROOT : '';
    new Writer({ put }).whole(root, new Selection([scope.operation.selectionSet], scope), data);
    if (newer.size === 0) return;
    const concerned = [...this.#adopted].filter(([query]) => [...newer].some((record) => query.data.ids.has(record)));
    for (const [, kept] of concerned) kept.shown = undefined;
    setTimeout(() => {
      for (const [query] of concerned) this.#show(query);
    });
  }

  #show(query: Query): void {
    const kept = this.#adopted.get(query);
    const { data, errors } = query.snapshot;
    if (kept === undefined || data === undefined || data === kept.shown) return;
    const isAdopted = query === this.#adopting;
    // While something is stale, the other client may have newer data than this one.
    if (!isAdopted && (errors !== undefined || query.isStale)) return;
    kept.shown = data;
    if (!isAdopted) kept.adopted.show(data);
  }
}
