import { useCallback, useRef, useState, useSyncExternalStore } from 'react';
import { checkKeys } from '../../../utils/checkKeys.ts';
import type { MutateOptions, MutationResult, ReactiveClient } from '../createReactiveClient.ts';
import type { TypedDocument, Variables } from '../document.ts';
import type { Snapshot, WatchedQuery } from '../Query.ts';

interface LiveOptions {
  /** The server sends changes by itself (`@live`); the client needs `live` for it. Default false. */
  readonly live?: boolean;
}

interface SuspendedOptions extends LiveOptions {
  /**
   * The component waits for the first answer in the nearest `Suspense`; a failure without an answer is thrown to the nearest error
   * boundary. Only in pages: a server that renders React has to leave this out.
   */
  readonly suspense: true;
}

/** The state of a mutation of a component. */
interface MutationState<TData> {
  /** Whether one of its calls is under way. */
  readonly isRunning: boolean;
  /** The answer to the last call that has ended; undefined before, and where it failed. */
  readonly result: MutationResult<TData> | undefined;
  /** Why the last call that has ended got no answer; undefined where it got one. */
  readonly error: unknown;
}

type Mutate<TData, TVariables> = (variables?: TVariables, options?: MutateOptions) => Promise<MutationResult<TData>>;

/** The hooks of one client. */
interface ReactiveHooks {
  /**
   * A query that is kept up to date while the component is mounted. `variables: null` leaves it out: the component waits for
   * something. Its objects are the same as long as they have not changed, so that `memo` works.
   */
  useLive<TData, TVariables extends Variables>(
    document: TypedDocument<TData, TVariables>,
    variables: TVariables | undefined,
    options: SuspendedOptions,
  ): Snapshot<TData>;
  useLive<TData, TVariables extends Variables>(
    document: TypedDocument<TData, TVariables>,
    variables?: TVariables | null,
    options?: LiveOptions,
  ): Snapshot<TData>;
  /**
   * `[mutate, state]`: `mutate(variables, options)` runs the mutation, and gives its answer. It is the same function as long as
   * the document is the same, and rejects as `client.mutate` does.
   */
  useMutation<TData, TVariables extends Variables>(
    document: TypedDocument<TData, TVariables>,
  ): readonly [mutate: Mutate<TData, TVariables>, state: MutationState<TData>];
}

const LOADING: Snapshot<never> = { status: 'loading', data: undefined, errors: undefined, error: undefined };
const loading = (): Snapshot<never> => LOADING;
const NONE: WatchedQuery<never> = { subscribe: () => () => {}, getSnapshot: loading };
const AT_FIRST: MutationState<never> = { isRunning: false, result: undefined, error: undefined };

/**
 * The hooks of a client: queries that stay up to date while a component shows them, and mutations. Needs React 18 or newer.
 *
 * ```ts
 * export const { useLive, useMutation } = reactiveHooks(client);
 * ```
 *
 * A server that renders React shows all queries as `loading`: a client belongs to one user.
 */
export function reactiveHooks(client: ReactiveClient): ReactiveHooks {
  function useLive<TData, TVariables extends Variables>(
    document: TypedDocument<TData, TVariables>,
    variables: TVariables | undefined,
    options: SuspendedOptions,
  ): Snapshot<TData>;
  function useLive<TData, TVariables extends Variables>(
    document: TypedDocument<TData, TVariables>,
    variables?: TVariables | null,
    options?: LiveOptions,
  ): Snapshot<TData>;
  function useLive<TData, TVariables extends Variables>(
    document: TypedDocument<TData, TVariables>,
    variables?: TVariables | null,
    options: LiveOptions & { readonly suspense?: boolean } = {},
  ): Snapshot<TData> {
    checkKeys('useLive', options, 'live suspense');
    const { suspense = false, live = false } = options;
    const query = variables === null ? null : client.watch(document, variables, { live });
    const { subscribe, getSnapshot }: WatchedQuery<TData> = query ?? NONE;
    const snapshot = useSyncExternalStore(subscribe, getSnapshot, loading);
    if (suspense && query !== null && isEmpty(snapshot)) suspend(query);
    return snapshot;
  }

  function useMutation<TData, TVariables extends Variables>(
    document: TypedDocument<TData, TVariables>,
  ): readonly [Mutate<TData, TVariables>, MutationState<TData>] {
    const [state, setState] = useState<MutationState<TData>>(AT_FIRST);
    const running = useRef(0);
    const mutate: Mutate<TData, TVariables> = useCallback(
      async (variables, options) => {
        const end = (outcome: Pick<MutationState<TData>, 'result' | 'error'>): void => {
          const isRunning = --running.current > 0;
          setState({ isRunning, ...outcome });
        };
        running.current++;
        setState((before) => ({ ...before, isRunning: true }));
        try {
          const result = await client.mutate(document, variables, options);
          end({ result, error: undefined });
          return result;
        } catch (error) {
          end({ result: undefined, error });
          throw error;
        }
      },
      [document],
    );
    return [mutate, state];
  }

  return { useLive, useMutation };
}

/** There is nothing to show: no answer, and none that an earlier page has kept. */
function isEmpty({ status, data }: Snapshot<unknown>): boolean {
  return status !== 'ready' && data === undefined;
}

/** How long a query is kept up to date that no component has mounted with: React shows an answer that has come, or a boundary is reset. */
const HOLD_MS = 5000;

interface Hold {
  /** Resolves when the query is not loading any more. */
  readonly isAnswered: Promise<void>;
  timer: ReturnType<typeof setTimeout> | undefined;
}

const holds = new WeakMap<WatchedQuery<unknown>, Hold>();

/** A component cannot be shown: React waits for what is thrown, or looks for a boundary that shows the error. */
function suspend(query: WatchedQuery<unknown>): never {
  if (!('window' in globalThis))
    throw new TypeError('useLive: "suspense" works in pages only. A server shows what is "loading".');
  const { isAnswered } = held(query);
  const { status, error } = query.getSnapshot();
  throw status === 'failed' ? error : isAnswered;
}

/** Nobody is subscribed to a query before its component is mounted, so this is: a query that nobody watches is not fetched. */
function held(query: WatchedQuery<unknown>): Hold {
  const known = holds.get(query);
  if (known !== undefined) return known;
  let answered = (): void => {};
  const hold: Hold = { isAnswered: new Promise((resolve) => (answered = resolve)), timer: undefined };
  const look = (): void => {
    const snapshot = query.getSnapshot();
    if (snapshot.status === 'loading' && isEmpty(snapshot)) return;
    answered();
    hold.timer ??= setTimeout(() => {
      holds.delete(query);
      stop();
    }, HOLD_MS);
  };
  holds.set(query, hold);
  const stop = query.subscribe(look);
  look();
  return hold;
}
