import type { ResponseError } from './Answer.ts';
import { type AnyDocument, nameOf } from './document.ts';
import { misfit, type PatchOperation, patched } from './patch.ts';
import { pauseMs } from './pauseMs.ts';
import type { Query, WatchedQuery } from './Query.ts';
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

const MIN_RETRY_MS = 500;
const MAX_RETRY_MS = 30_000;

/**
 * Watches a live query: as long as it is kept, its results go into the store. While there are none, it is a query like others.
 */
export function liveWatch(
  query: Query,
  source: LiveSource,
  failed: (error: unknown) => void,
): WatchedQuery<JsonObject> {
  let end: (() => void) | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** How often it was lost, one time after the other. */
  let failures = 0;
  /** How many results came since it was asked for. */
  let results = 0;
  let revision = 0;
  let shown: unknown;

  function start(): void {
    stop();
    results = 0;
    const { operation, variables } = query;
    let unsubscribe: (() => void) | null = null;
    let isOver = false;
    end = () => {
      isOver = true;
      unsubscribe?.();
    };
    const lose = (error: unknown): void => {
      if (!isOver) lost(error);
    };
    try {
      unsubscribe = source.subscribe(
        {
          ...{ query: operation.text, variables: { ...variables } },
          ...(operation.name !== undefined && { operationName: operation.name }),
          extensions: { live: { patch: true } },
        },
        {
          next(result: LiveResult) {
            if (isOver) return;
            try {
              take(result);
            } catch (error) {
              misread(error);
            }
          },
          error: lose,
          complete: () => lose(new Error('The live query has ended.')),
        },
      );
    } catch (error) {
      lose(error);
    }
    if (isOver) unsubscribe?.();
  }

  function stop(): void {
    clearTimeout(timer);
    query.isLive = false;
    const ending = end;
    end = null;
    ending?.();
  }

  function take({ data, errors, extensions }: LiveResult): void {
    const { rev = 0, base, patch } = extensions?.live ?? {};
    if (patch !== undefined && base !== revision) throw misfit(`revision ${base}`);
    shown = patch === undefined ? data : patched(shown, patch);
    revision = rev;
    // A first result is no sign that it goes well.
    if (results++ > 0) failures = 0;
    query.isLive = true;
    query.adopt({ data: isObject(shown) ? shown : null, ...(errors !== undefined && { errors }) });
  }

  /** A result cannot be read, or applied: it is asked for again, as the first result is whole. */
  function misread(error: unknown): void {
    if (failures > 0) return lost(error);
    failures++;
    failed(error);
    start();
  }

  /** Until it is live again, it is fetched. */
  function lost(error: unknown): void {
    stop();
    failed(error);
    query.refetch(0);
    timer = setTimeout(start, pauseMs(failures++, MIN_RETRY_MS, MAX_RETRY_MS));
    end = () => undefined;
  }

  query.onClose = stop;
  return {
    subscribe(listener) {
      if (end === null) start();
      return query.subscribe(listener, false);
    },
    getSnapshot: () => query.snapshot,
  };
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
