import type { Answer, ResponseError } from './Answer.ts';
import { type AnyDocument, nameOf } from './document.ts';
import { type PatchOperation, patched } from './patch.ts';
import { pauseMs } from './pauseMs.ts';
import type { Query, Snapshot } from './Query.ts';
import { isObject, type JsonObject } from './Selection.ts';

/** A client that subscribes: those of graphql-ws and of graphql-sse are. */
export interface LiveSource {
  subscribe(
    payload: {
      readonly query: string;
      readonly operationName?: string;
      readonly variables: Record<string, unknown>;
      readonly extensions: Record<string, unknown>;
    },
    // biome-ignore lint/suspicious/noExplicitAny: each client has a type of its own for results
    sink: { next(result: any): void; error(error: unknown): void; complete(): void },
  ): () => void;
}

/** A result of a live query (spec 11.7.9). */
interface LiveResult {
  readonly data?: JsonObject | null;
  readonly errors?: readonly ResponseError[];
  readonly extensions?: {
    readonly live?: { readonly rev: number; readonly base?: number; readonly patch?: readonly PatchOperation[] };
  };
}

interface LiveHost {
  readonly source: LiveSource | undefined;
  readonly keepMs: number;
  failed(error: unknown): void;
}

/** A query as it is watched. */
interface Handle {
  readonly subscribe: (listener: () => void) => () => void;
  readonly getSnapshot: () => Snapshot<JsonObject>;
}

const MIN_RETRY_MS = 500;
const MAX_RETRY_MS = 30_000;

/** The live queries of a client. */
export class LiveWatches {
  readonly #host: LiveHost;
  readonly #handles = new WeakMap<Query, Handle>();
  readonly #open = new Set<LiveWatch>();

  constructor(host: LiveHost) {
    this.#host = host;
  }

  of(query: Query): Handle {
    const known = this.#handles.get(query);
    if (known !== undefined) return known;
    const { source } = this.#host;
    if (source === undefined) throw new TypeError('A live query needs the option "live" of createReactiveClient.');
    const watch = new LiveWatch(query, source, this.#host);
    const handle: Handle = {
      subscribe: (listener) => {
        this.#open.add(watch);
        const leave = watch.enter(() => this.#open.delete(watch));
        const stop = query.subscribe(listener, false);
        return () => {
          stop();
          leave();
        };
      },
      getSnapshot: () => query.snapshot,
    };
    this.#handles.set(query, handle);
    return handle;
  }

  close(): void {
    for (const watch of this.#open) watch.stop();
    this.#open.clear();
  }
}

/** One live query: as long as somebody listens, its results go into the store. While there are none, it is a query like others. */
class LiveWatch {
  readonly #query: Query;
  readonly #source: LiveSource;
  readonly #host: LiveHost;
  #listeners = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #unsubscribe: (() => void) | null = null;
  #failures = 0;
  #revision = 0;
  #data: unknown;

  constructor(query: Query, source: LiveSource, host: LiveHost) {
    this.#query = query;
    this.#source = source;
    this.#host = host;
  }

  /** `onStop`: nobody listens any more. */
  enter(onStop: () => void): () => void {
    if (this.#listeners++ === 0 && this.#unsubscribe === null) this.#start();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      if (--this.#listeners > 0) return;
      this.#after(this.#host.keepMs, () => {
        if (this.#listeners > 0) return;
        this.stop();
        onStop();
      });
    };
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#end();
  }

  #start(): void {
    this.#end();
    const { operation, variables } = this.#query;
    let unsubscribe: (() => void) | null = null;
    let isOver = false;
    this.#unsubscribe = () => {
      isOver = true;
      unsubscribe?.();
    };
    const lost = (error: unknown): void => {
      if (!isOver) this.#lost(error);
    };
    try {
      unsubscribe = this.#source.subscribe(
        {
          ...{ query: operation.text, variables: { ...variables } },
          ...(operation.name !== undefined && { operationName: operation.name }),
          extensions: { live: { patch: true } },
        },
        {
          next: (result: LiveResult) => {
            if (!isOver) this.#take(result);
          },
          error: lost,
          complete: () => lost(new Error('The server has ended the live query.')),
        },
      );
    } catch (error) {
      lost(error);
    }
    if (isOver) unsubscribe?.();
  }

  #end(): void {
    const unsubscribe = this.#unsubscribe;
    this.#unsubscribe = null;
    this.#query.isLive = false;
    unsubscribe?.();
  }

  #take({ data, errors, extensions }: LiveResult): void {
    const { rev = 0, base, patch } = extensions?.live ?? {};
    let next: unknown = data;
    if (patch !== undefined) {
      try {
        if (base !== this.#revision) throw new Error(`A patch for revision ${base} came to ${this.#revision}.`);
        next = patched(this.#data, patch);
      } catch (error) {
        this.#host.failed(error);
        return this.#start(); // the first result is whole
      }
    }
    this.#revision = rev;
    this.#data = next;
    this.#failures = 0;
    this.#query.isLive = true;
    const answer: Answer = { data: isObject(next) ? next : null, ...(errors !== undefined && { errors }) };
    this.#query.adopt(answer);
  }

  /** Until it is live again, it is fetched. */
  #lost(error: unknown): void {
    this.#end();
    this.#host.failed(error);
    this.#query.refetch(0);
    this.#after(pauseMs(this.#failures++, MIN_RETRY_MS, MAX_RETRY_MS), () => {
      if (this.#listeners > 0) this.#start();
    });
  }

  #after(ms: number, call: () => void): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      call();
    }, ms);
  }
}

const made = new WeakMap<object, AnyDocument>();

/** The document with `@live` on its operation. */
export function liveDocument(document: AnyDocument): AnyDocument {
  const known = made.get(document);
  if (known !== undefined) return known;
  const definitions = document.definitions.map((node) => {
    const { kind, directives = [] } = node;
    if (kind !== 'OperationDefinition' || directives.some((directive) => nameOf(directive) === 'live')) return node;
    return { ...node, directives: [...directives, { kind: 'Directive', name: { value: 'live' } }] };
  });
  const isAsItWas = definitions.every((node, at) => node === document.definitions[at]);
  const live = isAsItWas ? document : { ...document, definitions };
  made.set(document, live);
  return live;
}
