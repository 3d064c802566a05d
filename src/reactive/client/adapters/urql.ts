import type { Answer } from '../Answer.ts';
import { type AnyDocument, prepare } from '../document.ts';
import type { Reactive } from '../Query.ts';
import type { JsonObject } from '../Selection.ts';
import { send } from '../send.ts';
import { type AdapterOptions, type Adopted, AdoptedQueries } from './AdoptedQueries.ts';

/** The used part of an operation of urql. */
export interface UrqlOperation {
  readonly key: number;
  readonly kind: 'query' | 'mutation' | 'subscription' | 'teardown';
  readonly query: AnyDocument;
  // biome-ignore lint/suspicious/noExplicitAny: urql is not imported, so that nobody has to have it
  readonly variables: any;
  readonly extensions?: JsonObject | undefined;
  readonly context: {
    readonly url: string;
    readonly fetch?: typeof fetch;
    readonly fetchOptions?: RequestInit | (() => RequestInit);
    readonly [name: string]: unknown;
  };
}

interface UrqlResult extends Answer {
  readonly operation: UrqlOperation;
}

/** A stream of wonka: signals are 0 (the end), or lists with a tag: 0 for the start, 1 for a value. */
// biome-ignore lint/suspicious/noExplicitAny: wonka is not imported
type Source<_T> = (sink: (signal: any) => void) => void;

/** Has the shape of urql's `Exchange`. */
export type ReactiveExchange = (input: {
  readonly client: {
    /** All operations, before any exchange has seen them. */
    // biome-ignore lint/suspicious/noExplicitAny: as above
    readonly operations$: any;
    // biome-ignore lint/suspicious/noExplicitAny: as above
    reexecuteOperation(operation: any): void;
  };
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly forward: (operations: any) => any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
}) => (operations: any) => any;

const SHOWN = 'planqlShown';
/** Exchanges before this one may hold an operation back for so long, such as for a token. */
const PASSING_MS = 50;

/** An operation that is answered here, once. */
class Shown {
  isDone = false;
  readonly context: UrqlOperation['context'];
  /** The data that it is answered with. */
  data: JsonObject | undefined;

  constructor(context: UrqlOperation['context'], data: JsonObject | undefined) {
    this.context = context;
    this.data = data;
  }
}

function shownIn(context: UrqlOperation['context']): readonly Shown[] {
  return Object.values(context).filter((value) => value instanceof Shown);
}

/**
 * Makes the queries of a urql client reactive. Put it between the cache and `fetchExchange`: data that changes on the
 * server is fetched and goes through the cache, as the answer to the query would.
 */
export function reactiveExchange(options: AdapterOptions): ReactiveExchange {
  return ({ client, forward }) => {
    const queries = new AdoptedQueries('reactiveExchange', options);
    const shown = new Map<number, Adopted>();
    /** The keys of watched queries that the server was asked for. */
    const asked = new Set<number>();
    /** The data that queries are to show, by key. */
    const due = new Map<number, JsonObject>();
    // The query is executed again, and is answered here with its new data: caches take it as they take all answers. While an
    // operation of the query is under way, the client drops another one. `after` sees that end, and shows what is due.
    const showDue = (operation: UrqlOperation): void => {
      const { key, context } = operation;
      const own = new Shown(context, due.get(key));
      const answer = async (): Promise<Response> => {
        own.data = due.get(key) ?? own.data;
        return new Response(JSON.stringify({ data: own.data }), { headers: { 'content-type': 'application/json' } });
      };
      client.reexecuteOperation({
        ...operation,
        context: { ...context, requestPolicy: 'network-only', fetch: answer, [SHOWN]: own },
      });
    };
    const adoptedOf = (operation: UrqlOperation): Adopted => ({
      ...{ document: operation.query, variables: operation.variables ?? {} },
      ask: (reactive, signal) => ask(operation, reactive, signal),
      show: (data) => {
        due.set(operation.key, data);
        showDue(operation);
      },
    });
    each<UrqlOperation>(client.operations$, (operation) => {
      const { key, kind, context } = operation;
      if (kind !== 'query' || context.requestPolicy === 'cache-only') return;
      setTimeout(() => {
        if (asked.has(key)) return;
        // The cache has answered it, so nothing is known of what it depends on. The client drops this if nobody watches the query.
        client.reexecuteOperation({ ...operation, context: { ...context, requestPolicy: 'network-only' } });
      }, PASSING_MS);
    });
    const before = (operation: UrqlOperation): UrqlOperation => {
      const { key, kind, extensions, context } = operation;
      if (kind === 'teardown') {
        const gone = shown.get(key);
        shown.delete(key);
        asked.delete(key);
        due.delete(key);
        queries.letGo((adopted) => adopted === gone);
      }
      if (kind !== 'query' && kind !== 'mutation') return operation;
      if (kind === 'query') asked.add(key);
      const [own] = shownIn(context);
      if (own !== undefined && !own.isDone) {
        own.isDone = true;
        return operation;
      }
      // A cache has kept the operation that was answered here, and executes it again: now the server is asked.
      const { requestPolicy } = context;
      return {
        ...operation,
        // By POST: shared caches must not keep the answer of one subject.
        context: { ...(own?.context ?? context), requestPolicy, preferGetMethod: false },
        extensions: { ...extensions, reactive: kind === 'mutation' ? { v: 1, held: queries.held() } : { v: 1 } },
      };
    };
    const after = (result: UrqlResult): void => {
      const { operation } = result;
      const { key, kind, query: document, variables = {}, context, extensions } = operation;
      if (kind === 'mutation') {
        const { held = '' } = Object(extensions?.reactive);
        return queries.mutated({ document, variables }, result, String(held));
      }
      if (kind !== 'query') return;
      const [own] = shownIn(context);
      if (own !== undefined) {
        if (due.get(key) === own.data) due.delete(key);
        else if (due.has(key)) showDue({ ...operation, context: own.context }); // there was newer data meanwhile
        return;
      }
      if (result.data == null) {
        // When it is executed again, the server is asked, even if the cache answers.
        if (!shown.has(key)) asked.delete(key);
        if (due.has(key)) showDue(operation);
        return;
      }
      due.delete(key);
      const adopted = adoptedOf(operation);
      shown.set(key, adopted);
      queries.adopt(adopted, result);
    };
    return (operations) =>
      mapped<UrqlResult, UrqlResult>(forward(mapped(operations, before)), (result) => {
        after(result);
        return result;
      });
  };
}

/** Asks as `fetchExchange` does. */
function ask(operation: UrqlOperation, reactive: Reactive, signal: AbortSignal): Promise<Answer> {
  const { query: document, variables = {}, extensions, context } = operation;
  const { fetch: own = fetch, fetchOptions = {} } = context;
  const options = typeof fetchOptions === 'function' ? fetchOptions() : fetchOptions;
  const { text: query, name: operationName } = prepare(document, false);
  const request = { query, operationName, variables, extensions: { ...extensions, reactive } };
  const withOptions: typeof fetch = (url, init) => {
    const headers = new Headers(init?.headers);
    new Headers(options.headers).forEach((value, name) => void headers.set(name, value));
    return own(url, { ...options, ...init, headers });
  };
  return send({ url: context.url, fetch: withOptions }, request, document, signal);
}

/** Calls with each value of a stream. */
function each<T>(source: Source<T>, call: (value: T) => void): void {
  source((signal) => {
    if (signal !== 0 && signal.tag === 1) call(signal[0]);
  });
}

/** The stream with other values. */
function mapped<T, U>(source: Source<T>, change: (value: T) => U): Source<U> {
  return (sink) =>
    source((signal) => {
      sink(signal === 0 || signal.tag === 0 ? signal : Object.assign([change(signal[0])], { tag: 1 }));
    });
}
