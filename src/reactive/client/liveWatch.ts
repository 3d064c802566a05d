import { getOrCreate } from '../../utils/getOrCreate.ts';
import type { ResponseError } from './Answer.ts';
import { type AnyDocument, nameOf } from './document.ts';
import { misfit, type PatchOperation, patched } from './patch.ts';
import type { Query, WatchedQuery } from './Query.ts';
import { isObject, type JsonObject } from './Selection.ts';
import { backOff } from './transports/backOff.ts';

/** A client with subscriptions, as those of graphql-ws and of graphql-sse. */
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

/**
 * Watches a live query: as long as it is kept, its results go into the store. While there are none, it is a query like others.
 */
export function liveWatch(
  query: Query,
  source: LiveSource,
  failed: (error: unknown) => void,
): WatchedQuery<JsonObject> {
  let end: (() => void) | null = null;
  const attempts = backOff();
  /** A result could not be read since it last went well. */
  let isMisread = false;
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
    attempts.cancel();
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
    if (results++ > 0) {
      attempts.reset();
      isMisread = false;
    }
    query.isLive = true;
    query.adopt({ data: isObject(shown) ? shown : null, ...(errors !== undefined && { errors }) });
  }

  /** A result cannot be read, or applied: it is asked for again, as the first result is whole. */
  function misread(error: unknown): void {
    if (isMisread) return lost(error);
    isMisread = true;
    failed(error);
    start();
  }

  /** Until it is live again, it is fetched. */
  function lost(error: unknown): void {
    stop();
    failed(error);
    query.refetch(0, 'live');
    attempts.retry(start);
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
  return getOrCreate(made, document, () => {
    const definitions = document.definitions.map((node) => {
      const { kind, directives = [] } = node;
      if (kind !== 'OperationDefinition' || directives.some((directive) => nameOf(directive) === 'live')) return node;
      return { ...node, directives: [...directives, { kind: 'Directive', name: { value: 'live' } }] };
    });
    const isAsItWas = definitions.every((node, at) => node === document.definitions[at]);
    return isAsItWas ? document : { ...document, definitions };
  });
}
