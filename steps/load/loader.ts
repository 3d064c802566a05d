import { anything, checkOptions } from '../../src/errors/checkOptions.ts';
import { PlanqlError } from '../../src/errors/PlanqlError.ts';
import { nameReference } from '../../src/step/references.ts';
import type { Exit, Failure } from '../../src/step/signals.ts';
import { callerOf } from '../../src/utils/codePlace.ts';
import { inspect } from '../../src/utils/inspect.ts';
import type { MaybePromise } from '../../src/utils/MaybePromise.ts';
import type { RecordDependencies } from '../../src/utils/RecordDependencies.ts';
import { assertBatch, type BatchOf } from './BatchOptions.ts';

/** The arguments of a load function beside the keys. */
// biome-ignore lint/suspicious/noExplicitAny: contexts and globals have the application's types
export interface LoadInfo<TGlobal = any> {
  /** The globals of `loadOne` or `loadMany`: one value, or a record of values. Equal for all keys. */
  readonly global: TGlobal;
  /** The attributes that are read of the loaded values, sorted; null where all may be needed. */
  readonly attributes: readonly string[] | null;
  /** The part of each list to load; null for all of it, and always without `pagination`. */
  readonly page: LoadPage | null;
  /** The request's `contextValue`. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly context: any;
  /** Is aborted when no request needs the call any more. Spec 5.5. */
  readonly signal: AbortSignal;
  /** Records that the entry of `key`, or without one those of all keys, depend on the dependency key `dependency`. */
  readonly recordDependency: (dependency: string, key?: unknown) => void;
  /** Whether dependencies are recorded: else there is no need to name them. */
  readonly recordsDependencies: boolean;
  /** The same as `recordDependency` for many dependencies that begin alike: `prefix` before each name, and by place the keys that they concern. */
  readonly recordDependencies: RecordDependencies;
  /** Reports a count or a note to `explain({ analyze: true })`. */
  trace(name: string, value: number | string): void;
}

/** The part of a list that a connection wants. A loader honours the parts that its `pagination` names. */
export interface LoadPage {
  /** How many rows at most; null for all. */
  readonly limit: number | null;
  /** How many rows to leave out at the beginning. Always 0 without `pagination.offset`. */
  readonly offset: number;
  /** Only rows after the one with this cursor, and before the one with that. Always null without `pagination.cursor`. */
  readonly after: string | null;
  readonly before: string | null;
  /** Count from the end of the list, and give the rows in opposite order. Only with `pagination.reverse`. */
  readonly reverse: boolean;
}

/** The options of one step that loads: `loadOne`, `loadMany`. */
export interface LoadOptions {
  /** False: it starts in its turn, never before (spec/10-loads.md). */
  readonly ahead?: boolean | undefined;
}

/** Which parts of a page a loader reads by itself. `connection` does the rest by cutting the loaded list. */
export interface Pagination<TItem = unknown, TKey = unknown, TGlobal = unknown> {
  /** The loader can leave out rows at the beginning. */
  readonly offset?: boolean;
  /** The loader gives each row a cursor, and finds its place by it (`after`, `before`). */
  readonly cursor?: (item: TItem) => string;
  /** The loader can begin at the end. Only together with `cursor`. */
  readonly reverse?: boolean;
  /** Counts the rows of the whole list for each key. */
  readonly totalCount?: (
    keys: readonly TKey[],
    info: LoadInfo<TGlobal>,
  ) => MaybePromise<ReadonlyArray<LoadEntry<number>>>;
}

/** The attributes that are the key itself: one, or for a tuple or a record as key one for each of its parts. */
export type IoEquivalence = string | readonly (string | null)[] | Readonly<Record<string, string | null>>;

/** The result of a load function for one key. */
export type LoadEntry<TData> = MaybePromise<TData | Failure | Exit | Error | null | undefined>;

/** Gives one entry for each key. */
export type LoadFunction<TData, TKey, TGlobal> = (
  keys: readonly TKey[],
  info: LoadInfo<TGlobal>,
) => MaybePromise<ReadonlyArray<LoadEntry<TData>>>;

/** The options of `loader`. */
// biome-ignore lint/suspicious/noExplicitAny: keys and globals of a loader that declares none may be any
export interface LoaderConfig<TData = any, TKey = any, TGlobal = any> {
  /** Its identity in exported plans, traces and messages: `vendor.name`. */
  readonly name: string;
  /** Gives one entry for each key, in their order: a value, `null`, `fail(error)`, or a promise of one. */
  readonly load: LoadFunction<TData, TKey, TGlobal>;
  /** Attributes that need no loading, since they are the key. It promises that the key's object exists. */
  readonly ioEquivalence?: IoEquivalence;
  /**
   * Attributes that equal the key (or its parts) where there is something, without the promise that there is: loads by
   * them need not wait for it. Default: `ioEquivalence`.
   */
  readonly identity?: IoEquivalence;
  /** False: loads start in their turn, never before (spec/10-loads.md). */
  readonly ahead?: boolean;
  /**
   * How many items a list has at most, for the bound of an operation's cost (docs/cost.md): a number, the name of the
   * global that says so (`global`, where the global is one value), or `unbounded`, the default. Of `loadMany`.
   */
  readonly maxRows?: number | string;
  /** Which parts of a page the loader reads by itself, for `connection`. Default: none, so lists are cut after loading. Of `loadMany`. */
  readonly pagination?: Pagination<TData extends readonly (infer TItem)[] ? TItem : never, TKey, TGlobal>;
  /** Shares calls between requests that run at the same time (rule R16). Without it each request loads for itself. */
  readonly batch?: BatchOf;
}

/** A batch function with its name, as `loader` makes it. */
// biome-ignore lint/suspicious/noExplicitAny: as above
export interface Loader<TData = any, TKey = any, TGlobal = any> extends LoaderConfig<TData, TKey, TGlobal> {}

/** A loader, or a bare load function, which has no name and makes the plan not portable. */
export type LoaderLike<TData, TKey, TGlobal> = Loader<TData, TKey, TGlobal> | LoadFunction<TData, TKey, TGlobal>;

const paginationOptions: Readonly<Record<keyof Pagination, typeof anything>> = {
  ...{ offset: anything, cursor: anything, reverse: anything, totalCount: anything },
};

type LoaderChecks = Record<Exclude<keyof LoaderConfig, 'pagination'>, typeof anything>;

const loaderOptions: Readonly<LoaderChecks> & { readonly pagination: typeof paginationOptions } = {
  name: anything,
  load: anything,
  ioEquivalence: anything,
  identity: anything,
  ahead: anything,
  maxRows: (given) =>
    typeof given === 'string' || (Number.isSafeInteger(given) && (given as number) >= 0)
      ? null
      : 'must be a whole number, the name of a global, or "unbounded"',
  pagination: paginationOptions,
  batch: anything,
};

/**
 * Names a batch function, for `loadOne` and `loadMany`.
 *
 * ```ts
 * const userById = loader<User, string>({
 *   name: 'app.userById',
 *   load: (ids, { attributes, context, signal }) => context.db.usersByIds(ids, attributes, signal),
 *   ioEquivalence: 'id',
 * });
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: as above
export function loader<TData = any, TKey = any, TGlobal = any>(
  config: LoaderConfig<TData, TKey, TGlobal>,
): Loader<TData, TKey, TGlobal> {
  if (typeof config.name !== 'string' || config.name === '') {
    throw new PlanqlError('LOADER_WITHOUT_NAME', `A loader needs a name, but was given ${inspect(config.name)}.`);
  }
  if (typeof config.load !== 'function') {
    const seen = inspect(config.load);
    throw new PlanqlError('LOADER_WITHOUT_LOAD', `Loader "${config.name}" needs a function "load", but has ${seen}.`);
  }
  if (config.pagination?.reverse && config.pagination.cursor === undefined) {
    throw new PlanqlError(
      'LOADER_PAGINATION',
      `Loader "${config.name}" offers pagination.reverse without pagination.cursor. Add a cursor, or drop reverse.`,
    );
  }
  checkOptions(`Loader "${config.name}"`, config, loaderOptions);
  assertBatch(config.name, config.batch);
  const load = config.pagination?.totalCount;
  // Made now, so that plans from other processes find it.
  const counter = load && loader({ ...batchOf(config), name: `${config.name}.totalCount`, load });
  const options = { parts: counter === undefined ? [] : [counter], place: callerOf(loader) };
  const named = Object.freeze(nameReference('loader', config.name, { ...config }, options));
  if (counter !== undefined) counters.set(named, counter);
  return named;
}

function batchOf({ batch }: LoaderConfig): Pick<LoaderConfig, 'batch'> {
  return batch === undefined ? {} : { batch };
}

const counters = new WeakMap<object, Loader<number>>();

/** The loader that counts the entries of another one's lists; null where that has none. */
export function totalCounter(listing: object): Loader<number> | null {
  return counters.get(listing) ?? null;
}
