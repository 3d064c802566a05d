import type { ResponseError } from './Answer.ts';
import type { AnyDocument, Variables } from './document.ts';
import type { HasChanged } from './HeldSet.ts';
import type { Optimism } from './Optimism.ts';
import type { Query, QueryHost } from './Query.ts';
import type { Layer } from './Store.ts';

/** How a mutation is kept while there is no connection. One of `key` and `isRepeatable` says why it can be sent again. */
export interface OfflineMutation {
  /** The variable that takes the idempotency key: that of an argument with `@idempotent`, say. `data.key` is a field of `$data`. */
  readonly key?: string;
  /**
   * Running the mutation twice does no harm: it sets values, or the server goes by `extensions.planql.idempotencyKey`.
   * Default false.
   */
  readonly isRepeatable?: boolean;
  /** The mutation creates the object that the page calls `id` (of `newId`). `at`: where the answer has its real id, as `createTask.task.id`. */
  readonly creates?: { readonly id: string; readonly at: string };
}

/** `extensions.planql` of a request that may come twice, or under the session of another user. Spec 12.9. */
export interface OnceExtension {
  readonly idempotencyKey: string;
  readonly user: string;
}

/** `extensions.planql` of a query whose answer is kept. Spec 12.10. */
export type Asker = Pick<OnceExtension, 'user'>;

/** What the caller of a mutation gets. */
export interface Outcome<TData = unknown> {
  readonly data: TData | null | undefined;
  readonly errors: readonly ResponseError[] | undefined;
}

/** An answer to a mutation, and what it has changed. */
export interface Answered<TData = unknown> extends Partial<Outcome<TData>> {
  /** Of HTTP. */
  readonly status: number;
  readonly hasChanged: HasChanged | null;
}

/** The part of the client that a queue, and kept queries, need. */
export interface OfflineHost extends Pick<QueryHost, 'store' | 'came'> {
  begin(run: Layer['run']): Optimism;
  /** Sends a mutation. Rejects where no answer came. */
  request<TData>(document: AnyDocument, variables: Variables, once: OnceExtension): Promise<Answered<TData>>;
  /** A mutation is over; null: it has changed nothing. Its optimistic changes end. */
  end(optimism: Optimism | null, answered: Answered | null): void;
  failed(error: unknown): void;
}

/** The part of `offline` that a client needs. */
export interface OfflinePlug {
  /** @internal */
  attach(host: OfflineHost): void;
  /** @internal */
  mutate<TData>(
    document: AnyDocument,
    variables: Variables,
    optimistic: Layer['run'] | null,
    how: OfflineMutation,
  ): Promise<Outcome<TData>>;
  /** Queries are watched, or may show other data. @internal */
  seen(queries: readonly Query[]): void;
  /** Who asks queries; undefined: they are not kept. @internal */
  readonly asker: Asker | undefined;
  /** The server has answered something. @internal */
  isBack(): void;
  /** @internal */
  detach(): void;
}
