import { appendAll } from '../../utils/appendAll.ts';
import { checkKeys } from '../../utils/checkKeys.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { ALL_KEYS, splitKeys } from '../../utils/wireKeys.ts';
import type { Answer, ResponseError } from './Answer.ts';
import { type Draft, draftOf } from './Draft.ts';
import { type AnyDocument, type Operation, prepare, type TypedDocument, type Variables } from './document.ts';
import type { Cause, FetchPlug } from './FetchPlug.ts';
import type { HasChanged, HeldSet } from './HeldSet.ts';
import { type LiveSource, liveDocument, liveWatch } from './liveWatch.ts';
import type { Answered, OfflineHost, OfflineMutation, OfflinePlug, OnceExtension } from './OfflinePlug.ts';
import { awaited, holds, isComplete, type Optimism } from './Optimism.ts';
import { onOnline } from './onOnline.ts';
import type { MakeDocument, PartDocument } from './parts.ts';
import { QUERY_LIMITS, Query, type QueryHost, type QueryLimits, type Reactive, type WatchedQuery } from './Query.ts';
import { type JsonObject, type PossibleTypes, Scope, stableText } from './Selection.ts';
import { type Layer, Store } from './Store.ts';
import { type GraphQLRequest, type SendOptions, type Sent, send } from './send.ts';
import type { Connection, Transport } from './transports/Transport.ts';

/** The options of `createReactiveClient`. */
export interface ReactiveClientOptions extends SendOptions {
  /** How to hear of changes: `webSocket(…)`, `eventStream(…)` or `polling(…)`. */
  readonly transport: Transport;
  /** A client of graphql-ws or graphql-sse, for queries that are watched with `live: true`. Default: none. */
  readonly live?: LiveSource;
  /** The types of each interface and union. Without it, fragments on them are told apart by the fields of whole objects. */
  readonly possibleTypes?: PossibleTypes;
  /** Adds `__typename` to all selections, by which objects are known. Default true; false for documents that are sent by id. */
  readonly addTypename?: boolean;
  /** For servers other than planql that send dependencies: `refetchByDocument(…)`. Default: planql is asked for parts. */
  readonly documents?: MakeDocument;
  /** Keeps mutations while there is no connection: `offline(…)` of `planql/reactive/client/offline`. Default: they fail. */
  readonly offline?: OfflinePlug;
  /** Shows why data is fetched: `fetchPanel()` of `planql/reactive/client/panel`. Default: nothing does. */
  readonly panel?: FetchPlug;
  /** The age at which data is fetched again without news of a change; 0: never. Milliseconds. Default 300,000. */
  readonly maxAgeMs?: number;
  /** How long a query that nobody watches is kept. Default 5,000. */
  readonly keepMs?: number;
  /** Called with errors of work that is tried again. Default: `console.warn`, where it is not the error before. */
  readonly onError?: (error: unknown) => void;
}

export interface WatchOptions {
  /**
   * The server sends changed data by itself (`@live`), so that nothing is asked for. Where it cannot, the query is
   * watched like others. Default false.
   */
  readonly live?: boolean;
}

export interface MutateOptions {
  /** The changes that the user sees at once. It may run again, on newer data; the server's answer replaces its changes. */
  readonly optimistic?: (draft: Draft) => void;
  /** Where the server does not answer, the mutation waits and is sent again, also after a reload. The client needs `offline`. Default: it fails. */
  readonly offline?: OfflineMutation;
}

/** The answer to a mutation. */
export interface MutationResult<TData> {
  /** The mutation's data. It is not written into the store. */
  readonly data: TData | null | undefined;
  /** The mutation's errors; undefined where there are none. */
  readonly errors: readonly ResponseError[] | undefined;
}

/** Fetches queries, keeps them in a store of objects by type and id, and fetches changed data again. */
export interface ReactiveClient {
  /** A query that is kept up to date while somebody is subscribed to it. Equal calls give the same object. */
  watch<TData, TVariables extends Variables>(
    document: TypedDocument<TData, TVariables>,
    variables?: TVariables,
    options?: WatchOptions,
  ): WatchedQuery<TData>;
  /** Runs a mutation. Data that it has changed is fetched again. */
  mutate<TData, TVariables extends Variables>(
    document: TypedDocument<TData, TVariables>,
    variables?: TVariables,
    options?: MutateOptions,
  ): Promise<MutationResult<TData>>;
  /** How many records are in the store, and how many queries are kept. */
  readonly size: { readonly records: number; readonly queries: number };
  /** Ends connections and fetches. Watched queries keep their last data. */
  close(): void;
}

/** The names of the options of `send`, of the client, and of both adapters. */
const OPTIONS =
  'url headers fetch toBody timeoutMs maxLength transport live possibleTypes addTypename documents offline panel maxAgeMs keepMs onError';

/**
 * Makes a client that keeps queries up to date. Spec 12, docs/reactive-client.md.
 *
 * @throws TypeError with the code `BAD_OPTION`.
 */
export function createReactiveClient(options: ReactiveClientOptions): ReactiveClient {
  checkKeys('createReactiveClient', options, OPTIONS);
  return new Client(options);
}

interface Kept {
  readonly query: Query;
  readonly handle: WatchedQuery<unknown>;
  live: WatchedQuery<unknown> | null;
}

interface Arrival {
  readonly query: Query;
  readonly apply: () => void;
}

/** No answer waits longer for a mutation, and no optimistic change for queries to be fetched. */
const PATIENCE_MS = 5000;
/** A set that cannot be watched is fetched again some time within this. */
const UNWATCHED_MS = 10_000;
const MAX_SPREAD_MS = 600_000;
const SWEEP_ABOVE = 1000;
const EXPIRED_AGAIN = 'The server refused its own grant twice. Its log and planql_deps_expired_total say why.';

export class Client implements ReactiveClient, QueryHost, OfflineHost {
  readonly limits: QueryLimits;
  readonly store: Store;
  readonly options: ReactiveClientOptions;
  readonly #connection: Connection;
  readonly #queries = new Set<Query>();
  readonly failed = (error: unknown): void => {
    if (this.options.onError) return this.options.onError(error);
    // A server that is away is told of once, not with each attempt.
    const text = String(error);
    if (text !== this.#lastError) console.warn(`planql: ${text}`);
    this.#lastError = text;
  };
  #lastError = '';
  readonly #over = new AbortController();
  /** The network is back: failed fetches are repeated. */
  readonly #stop: () => void = onOnline(() => {
    for (const query of this.#queries) if (query.isStale) query.refetch(0, 'online');
  });
  #byDocument = new WeakMap<object, Map<string, Kept>>();
  readonly #sets = new Set<HeldSet>();
  readonly #objectTypes = new Set<string>();
  readonly #optimisms = new Set<Optimism>();
  /** Answers that are shown together with others. */
  #arrived: Arrival[] = [];
  /** Optimistic changes that end when other answers have come, too. */
  readonly #incomplete = new Set<Optimism>();
  #turn = 0;
  #sweepAt = SWEEP_ABOVE;

  constructor(options: ReactiveClientOptions) {
    const { maxAgeMs = QUERY_LIMITS.maxAgeMs, keepMs = QUERY_LIMITS.keepMs } = options;
    this.options = options;
    this.limits = { ...QUERY_LIMITS, maxAgeMs, keepMs };
    this.store = new Store(this.failed);
    options.offline?.attach(this);
    this.#connection = options.transport({
      stale: (versions, asOf, sets) => {
        const news = Object.entries(versions).filter(([, version]) => typeof version === 'number');
        for (const set of this.#sets) set.told(news, sets?.includes(set) ? asOf : undefined);
        for (const query of this.#queries) query.tell(news);
      },
      reset: (spreadMs) => {
        for (const set of [...this.#sets]) this.removeSet(set);
        const withinMs = Math.min(Number(spreadMs) || 0, MAX_SPREAD_MS);
        for (const query of this.#queries) if (!query.isLive) query.restart(withinMs, 'reset');
      },
      expired: (set) => {
        if (this.#lose(set, 0, 'expired')) this.failed(new Error(EXPIRED_AGAIN));
      },
      refused: (set) => this.#lose(set, UNWATCHED_MS, 'refused'),
      failed: this.failed,
    });
  }

  get size(): ReactiveClient['size'] {
    return { records: this.store.size, queries: this.#queries.size };
  }

  watch<TData>(
    document: TypedDocument<TData, never>,
    variables: Variables = {},
    options: WatchOptions = {},
  ): WatchedQuery<TData> {
    checkKeys('client.watch', options, 'live');
    const { live = false } = options;
    const kept = this.#kept(live ? liveDocument(document) : document, variables);
    return (live ? this.#live(kept) : kept.handle) as WatchedQuery<TData>;
  }

  /** The query that is watched with an operation and its variables. */
  open(document: AnyDocument, variables: Variables): Query {
    return this.#kept(document, variables).query;
  }

  async mutate<TData>(
    document: TypedDocument<TData, never>,
    variables: Variables = {},
    options: MutateOptions = {},
  ): Promise<MutationResult<TData>> {
    checkKeys('client.mutate', options, 'optimistic offline');
    const { optimistic } = options;
    const run = optimistic ? this.#runOf(optimistic) : null;
    if (options.offline) {
      const queue = this.options.offline;
      if (!queue) throw new TypeError('The client needs the option "offline".');
      return queue.mutate<TData>(document, variables, run, options.offline);
    }
    const optimism = run && this.begin(run);
    try {
      const answered = await this.request<TData>(document, variables);
      this.end(optimism, answered);
      return { data: answered.data, errors: answered.errors };
    } catch (error) {
      this.end(optimism, null);
      throw error;
    }
  }

  close(): void {
    this.options.offline?.detach();
    this.#stop();
    this.#over.abort(new Error('The client was closed.'));
    for (const query of [...this.#queries]) query.close();
    for (const { timer } of this.#optimisms) clearTimeout(timer);
    this.#queries.clear();
    this.#byDocument = new WeakMap();
    this.#connection.close();
  }

  // The host of mutations.

  async request<TData>(document: AnyDocument, variables: Variables, once?: OnceExtension): Promise<Answered<TData>> {
    const held = this.held();
    const extended = { reactive: { v: 1, held }, planql: once };
    const answer = await this.#send<TData>(this.#prepare(document), variables, extended, document, this.#over.signal);
    return { ...answer, hasChanged: changesOf(answer.extensions?.reactive?.invalidated, held) };
  }

  end(optimism: Optimism | null, answered: Answered | null): void {
    this.#mutated(optimism, answered?.hasChanged ?? null, answered !== null && !answered.errors);
  }

  // The host of queries.

  async ask(query: Query, part: PartDocument | null, reactive: Reactive, signal: AbortSignal): Promise<Answer> {
    const { operation, variables } = part ?? query;
    const answer = await this.#send<JsonObject>(
      operation,
      variables,
      { reactive, planql: this.options.offline?.asker },
      query.document,
      signal,
    );
    this.options.offline?.isBack();
    return part === null ? answer : part.read(answer);
  }

  addSet(set: HeldSet): void {
    this.#sets.add(set);
    this.#connection.add(set);
  }

  removeSet(set: HeldSet): void {
    if (this.#sets.delete(set)) this.#connection.remove(set);
  }

  turn(): number {
    return ++this.#turn;
  }

  came(query: Query, turn: number, apply: () => void): void {
    for (const optimism of this.#optimisms) {
      if (turn <= (optimism.waits?.get(query) ?? turn)) continue;
      optimism.waits?.delete(query);
      this.#incomplete.add(optimism);
    }
    this.#arrived.push({ query, apply });
    this.#show();
  }

  remember(query: Query): void {
    this.#queries.add(query);
    this.options.offline?.seen([query]);
  }

  forget(query: Query): void {
    this.#queries.delete(query);
    this.#byDocument.get(query.document)?.delete(stableText(query.variables));
    for (const { waits } of this.#optimisms) waits?.delete(query);
    this.#show();
    this.#sweep();
  }

  /** The positions whose keys are held: a mutation names its changes for them. */
  held(): string {
    return [...new Set([...this.#sets].flatMap(({ seeds }) => seeds))].join('');
  }

  /** A mutation has changed keys: the queries that show them are fetched again. `held`: what it was asked with. */
  changed(invalidated: string | undefined, held: string): void {
    this.#mutated(null, changesOf(invalidated, held));
  }

  #kept(document: AnyDocument, variables: Variables): Kept {
    const byVariables = getOrCreate(this.#byDocument, document, () => new Map<string, Kept>());
    return getOrCreate(byVariables, stableText(variables), () => {
      const query = new Query(this, this.scope(document, variables), document);
      query.release(); // forgotten where nobody subscribes
      return {
        query,
        live: null,
        handle: { subscribe: (listener) => query.subscribe(listener), getSnapshot: () => query.snapshot },
      };
    });
  }

  #live(kept: Kept): WatchedQuery<unknown> {
    const { live } = this.options;
    if (!live) throw new TypeError('The client needs the option "live".');
    kept.live ??= liveWatch(kept.query, live, this.failed);
    return kept.live;
  }

  // Optimistic changes.

  #runOf(optimistic: (draft: Draft) => void): Layer['run'] {
    const scope = (document: AnyDocument, variables: Variables) => this.scope(document, variables);
    return (view, sink) => optimistic(draftOf(scope, view, sink));
  }

  begin(run: Layer['run']): Optimism {
    run(this.store.view, { put: () => undefined }); // an error is the caller's
    const layer: Layer = { run, patch: new Map() };
    const late = (): void => {
      optimism.isLate = true;
      this.#show();
    };
    const optimism: Optimism = { layer, waits: null, isLate: false, timer: setTimeout(late, PATIENCE_MS) };
    this.#optimisms.add(optimism);
    this.#commit(() => this.store.addLayer(layer), []);
    return optimism;
  }

  /** A mutation has come back, `isDone`: without errors. Queries that show changed data are fetched, and then its optimistic changes end. */
  #mutated(optimism: Optimism | null, hasChanged: HasChanged | null, isDone = false): void {
    const turn = ++this.#turn;
    const waiting = [...this.#queries].filter((query) => hasChanged !== null && query.tellChanged(hasChanged, turn));
    if (optimism === null) return;
    if (isDone || hasChanged) appendAll(waiting, awaited(optimism, this.#queries, hasChanged && this.#arrived));
    optimism.waits = new Map(waiting.map((query) => [query, turn]));
    clearTimeout(optimism.timer);
    optimism.timer = setTimeout(() => {
      optimism.waits?.clear();
      this.#show();
    }, PATIENCE_MS);
    this.#show();
  }

  /** Shows new data, unless optimistic changes wait for more of it. */
  #show(): void {
    for (const optimism of this.#incomplete) if (isComplete(optimism)) this.#incomplete.delete(optimism);
    const optimisms = [...this.#optimisms];
    const isHeld = this.#arrived.some(({ query }) => optimisms.some((optimism) => holds(optimism, query)));
    if (this.#incomplete.size > 0 || isHeld) return;
    const done = optimisms.filter(isComplete);
    if (this.#arrived.length === 0 && done.length === 0) return;
    const arrived = this.#arrived;
    this.#arrived = [];
    for (const optimism of done) {
      clearTimeout(optimism.timer);
      this.#optimisms.delete(optimism);
    }
    this.#commit(
      () => {
        for (const { apply } of arrived) apply();
        for (const { layer } of done) this.store.dropLayer(layer);
      },
      arrived.map(({ query }) => query),
    );
    if (this.store.size > this.#sweepAt) this.#sweep();
  }

  /** Changes the store, then reads the queries that this concerns, then calls their listeners. */
  #commit(work: () => void, queries: readonly Query[]): void {
    const changed = this.store.transact(work);
    const concerned = [...this.#queries].filter(
      (query) => queries.includes(query) || [...changed].some((id) => query.data.ids.has(id)),
    );
    const news = concerned.filter((query) => query.read());
    for (const query of news) query.notify();
    this.options.offline?.seen(concerned);
  }

  // Requests and messages to servers.

  #prepare(document: AnyDocument): Operation {
    return prepare(document, this.options.addTypename ?? true);
  }

  scope(document: AnyDocument, variables: Variables): Scope {
    return new Scope(this.#prepare(document), variables, this.options.possibleTypes ?? null, this.#objectTypes);
  }

  #send<TData>(
    { text: query, name: operationName }: Operation,
    variables: Variables,
    extensions: GraphQLRequest['extensions'],
    document: AnyDocument,
    signal: AbortSignal,
  ): Promise<Sent<TData>> {
    return send(this.options, { query, operationName, variables, extensions }, document, signal);
  }

  /** Whether a query has lost its keys lately already. */
  #lose(set: HeldSet, withinMs: number, cause: Cause): boolean {
    this.removeSet(set);
    let isAgain = false;
    for (const query of this.#queries) {
      if (query.sets.has(set) && query.restart(withinMs, cause)) isAgain = true;
    }
    return isAgain;
  }

  /** Forgets the records that no query shows. */
  #sweep(): void {
    this.store.keep(new Set([...this.#queries].flatMap((query) => [...query.data.ids])));
    this.#sweepAt = Math.max(SWEEP_ABOVE, this.store.size * 2);
  }
}

/** The changes of a mutation that was asked for those at the `held` positions; null: there are none. */
function changesOf(invalidated: string | undefined, held: string): HasChanged | null {
  if (invalidated === undefined) return null;
  const keys = new Set(splitKeys(invalidated));
  // Positions that have come since may show what was before.
  return (key, { seeds }) => invalidated === ALL_KEYS || keys.has(key) || seeds.some((seed) => !held.includes(seed));
}
