import { getOrCreate } from '../../../utils/getOrCreate.ts';
import type { Answer } from '../Answer.ts';
import { type AnyDocument, prepare, type Variables } from '../document.ts';
import type { Reactive } from '../Query.ts';
import { type JsonObject, stableText } from '../Selection.ts';
import { type AdapterOptions, type Adopted, AdoptedQueries } from './AdoptedQueries.ts';

/** The used part of an observable: those of RxJS (Apollo Client 4) and of zen-observable (3) have it. */
export interface ObservableLike<T> {
  subscribe(observer: { next?(value: T): void; error?(error: unknown): void; complete?(): void }): {
    unsubscribe(): void;
  };
}

/** The used part of an operation in a link. */
export interface LinkOperation {
  readonly query: AnyDocument;
  readonly variables: Variables;
  readonly extensions: JsonObject;
  getContext(): JsonObject;
  setContext(context: JsonObject): unknown;
}

/** The used part of a link. */
export interface LinkLike {
  // biome-ignore lint/suspicious/noExplicitAny: Apollo is not imported, so that nobody has to have it
  request(operation: any, forward?: any): any;
}

/** The used part of an `ApolloClient`. */
export interface ApolloClientLike {
  link: LinkLike;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  setLink(link: any): void;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly cache: { writeQuery(options: any): unknown };
  // biome-ignore lint/suspicious/noExplicitAny: as above
  getObservableQueries(include: 'active'): { forEach(call: (query: any) => void): void };
}

/** A query that somebody watches. */
interface ActiveQuery {
  readonly query: AnyDocument;
  readonly variables: Variables | undefined;
  readonly options: { readonly fetchPolicy?: string };
  getCurrentResult(): { readonly data?: unknown; readonly error?: unknown; readonly loading: boolean };
  refetch(): Promise<unknown>;
}

const LOOK_MS = 1000;

/**
 * Makes the queries of an `ApolloClient` reactive: data that changes on the server is fetched and written into the
 * client's cache. Call it once, after links were set. The function that it returns ends it.
 */
export function makeReactive(client: ApolloClientLike, options: AdapterOptions): () => void {
  const queries = new AdoptedQueries('makeReactive', options);
  const { link } = client;
  /** The names of queries that are kept up to date. */
  const names = new Set<string>();
  const request = (operation: LinkOperation, forward: unknown): unknown => {
    const { kind } = prepare(operation.query, false);
    if (kind === 'subscription') return link.request(operation, forward);
    const { query: document, variables } = operation;
    const adopted: Adopted = {
      ...{ document, variables },
      ask: (reactive, signal) => firstOf(link.request(asking(operation, reactive), forward), signal),
      show: (data) => show(document, variables, data),
    };
    const held = queries.held();
    const reactive = kind === 'mutation' ? { v: 1, held } : { v: 1 };
    const answers: ObservableLike<Answer> = link.request(asking(operation, reactive), forward);
    return tapped(answers, (answer) => {
      if (kind === 'mutation') return queries.mutated(adopted, answer, held);
      names.add(nameOf(document, variables));
      queries.adopt(adopted, answer);
    });
  };
  client.setLink(Object.create(link, { request: { value: request } }));
  const show = (query: AnyDocument, variables: Variables, data: JsonObject): void => {
    const watching = activeQueries(client).get(nameOf(query, variables)) ?? [];
    const uncached = watching.filter(({ options: own }) => own.fetchPolicy === 'no-cache');
    for (const one of uncached) void refetch(one);
    if (uncached.length === 0 || uncached.length < watching.length) client.cache.writeQuery({ query, variables, data });
  };
  const refetch = (query: ActiveQuery): Promise<unknown> => query.refetch().catch((error) => options.onError?.(error));
  /** The names of queries that are fetched because the cache has answered them. */
  const asked = new Set<string>();
  const look = (): void => {
    const active = activeQueries(client);
    for (const name of names) if (!active.has(name)) names.delete(name);
    queries.letGo(({ document, variables }) => !names.has(nameOf(document, variables)));
    for (const [name, watching] of active) {
      // The cache has answered it, so nothing is known of what it depends on.
      const shown = names.has(name) || asked.has(name) ? undefined : watching.find(isFromCache);
      if (shown === undefined) continue;
      asked.add(name);
      void refetch(shown).then(() => asked.delete(name));
    }
  };
  const timer = setInterval(look, LOOK_MS);
  return () => {
    clearInterval(timer);
    client.setLink(link);
    queries.close();
  };
}

/** The queries that are watched, by name. */
function activeQueries(client: ApolloClientLike): ReadonlyMap<string, readonly ActiveQuery[]> {
  const byName = new Map<string, ActiveQuery[]>();
  client.getObservableQueries('active').forEach((active: ActiveQuery) => {
    getOrCreate(byName, nameOf(active.query, active.variables ?? {}), () => []).push(active);
  });
  return byName;
}

/** Whether a query shows data, and may be fetched. */
function isFromCache(query: ActiveQuery): boolean {
  const { data, error, loading } = query.getCurrentResult();
  return !loading && error === undefined && data != null && query.options.fetchPolicy !== 'cache-only';
}

/** Apollo takes local fields out of documents: they are compared by their names. Those without one have the same. */
function nameOf(document: AnyDocument, variables: Variables): string {
  return `${prepare(document, false).name} ${stableText(variables)}`;
}

/** The operation, with the reactive part of its request's extensions. */
function asking(operation: LinkOperation, reactive: Reactive): LinkOperation {
  const { http } = operation.getContext();
  operation.setContext({ http: { ...Object(http), includeExtensions: true } });
  const extensions = { value: { ...operation.extensions, reactive }, enumerable: true, writable: true };
  return Object.create(operation, { extensions });
}

function firstOf(answers: ObservableLike<Answer>, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const complete = (): void => reject(new Error('The link ended without an answer.'));
    const subscription = answers.subscribe({ next: resolve, error: reject, complete });
    signal.addEventListener('abort', () => {
      subscription.unsubscribe();
      reject(signal.reason);
    });
  });
}

/** The same observable, whose values are looked at before others get them. */
function tapped<T>(source: ObservableLike<T>, look: (value: T) => void): ObservableLike<T> {
  const subscribe = (observer: { next(value: T): void; error(error: unknown): void; complete(): void }) => {
    const next = (value: T): void => {
      look(value);
      observer.next(value);
    };
    const subscription = source.subscribe({
      next,
      error: (error) => observer.error(error),
      complete: () => observer.complete(),
    });
    return () => subscription.unsubscribe();
  };
  return Reflect.construct(source.constructor, [subscribe]);
}
