import { anything, checkOptions, type OptionTable } from '../../src/errors/checkOptions.ts';
import { asSafe } from '../../src/kvetch/reads/asSafe.ts';
import type {
  BrowsePageRequest,
  EdgesRequest,
  IndexRequest,
  ListArgs,
  ReadExtra,
} from '../../src/kvetch/reads/KvetchReads.ts';
import { isPromise, proceed } from '../../src/kvetch/shards/chain.ts';
import { constant } from '../../src/step/builtin/ConstantStep.ts';
import type { ReadPath } from '../../src/step/reads.ts';
import { valueAt } from '../../src/step/rowsAt.ts';
import { type MaxRows, Step } from '../../src/step/Step.ts';
import type { MaybePromise } from '../../src/utils/MaybePromise.ts';
import type { RecordDependencies } from '../../src/utils/RecordDependencies.ts';
import type { BatchOf } from '../load/BatchOptions.ts';
import { type LoadEntry, type Loader, type LoadInfo, type LoadOptions, loader } from '../load/loader.ts';
import { listsOfPages, loadOne } from '../load/loadOne.ts';
import { RequestInfo } from '../load/RequestInfo.ts';
import { optionalArgument } from '../optionalArgument.ts';
import { ListStep } from '../values/list.ts';
import { type RangeSteps, rangeStep } from './RangeStep.ts';

/** The wanted part of a list, as steps. Steps that are global and steps that are not may be mixed. */
export interface PageSteps {
  readonly $first?: Step<number | null | undefined>;
  readonly $after?: Step<string | null | undefined>;
  /** In place of `$first`: the last ones, or those right before `$before`. */
  readonly $last?: Step<number | null | undefined>;
  readonly $before?: Step<string | null | undefined>;
  /** The list in the opposite order. */
  readonly $reverse?: Step<boolean | null | undefined>;
  /** False: the page is read in its turn, never before (spec/10-loads.md). */
  readonly ahead?: boolean;
}

/** Which edge or index: a step where that is known when the operation runs. */
export type ListName = string | number | Step;

/** The part of an ordered list that a step reads: its size, its beginning, bounds. */
export interface ListSteps<TRange = RangeSteps> extends PageSteps {
  /**
   * Bounds by attribute of the order: `{ priceCents: $price }`, where the step yields a value or `{ from, to }`. A step
   * that yields null gives no bound; a null that is no step stands for objects without the attribute.
   */
  readonly range?: TRange | Step | undefined;
}

/**
 * All that a page depends on: the edge, index or type (by name or id), whose list it is (an id, a value), and which part
 * of it. A tuple, as its parts need no names to be told apart.
 */
export type PageKey = readonly [
  name: string | number,
  of: unknown,
  first: ListArgs['first'],
  after: ListArgs['after'],
  last?: ListArgs['last'],
  before?: ListArgs['before'],
  reverse?: boolean | null,
  range?: ListArgs['range'],
];

/** The wanted part of a list as its key says it, and the key. Requests are written out field by field: a spread costs half a microsecond. */
type Asked<TRequest> = TRequest & { readonly key: PageKey };

export function toEdgesRequest(key: PageKey): Asked<EdgesRequest> {
  return {
    edge: key[0],
    fromId: key[1] as string,
    first: key[2],
    after: key[3],
    last: key[4],
    before: key[5],
    reverse: key[6] ?? false,
    range: key[7],
    key,
  };
}

export function toIndexRequest(key: PageKey): Asked<IndexRequest> {
  return {
    index: key[0],
    value: key[1],
    first: key[2],
    after: key[3],
    last: key[4],
    before: key[5],
    reverse: key[6] ?? false,
    range: key[7],
    key,
  };
}

export function toBrowseRequest(key: PageKey): Asked<BrowsePageRequest> {
  return {
    type: key[0],
    first: key[2],
    after: key[3],
    last: key[4],
    before: key[5],
    reverse: key[6] ?? false,
    key,
  };
}

/** A key that names a list, and whose it is. */
type ListKey = readonly [name: string | number, of: unknown, ...rest: readonly unknown[]];

type ReadPages<TPage, TKey> = (
  requests: readonly TKey[],
  info: LoadInfo,
) => MaybePromise<ReadonlyArray<LoadEntry<TPage>>>;

/** Pages, counts and the like of a kind. Those of different lists share a call. */
export type PageLoader<TPage, TKey = PageKey> = Loader<TPage, TKey, undefined>;

export function pageLoader<TPage, TKey extends ListKey = PageKey>(
  name: string,
  read: ReadPages<TPage, TKey>,
  batch: BatchOf | null = null,
): PageLoader<TPage, TKey> {
  const pages = loader<TPage, TKey, undefined>({
    name,
    load: (keys, info) => {
      const pages = keys.some(isOfNothing) ? readSome(read, keys, info) : read(keys, info);
      return proceed(pages, withSafeErrors);
    },
    ...(batch === null ? null : { batch }),
  });
  listsOfPages.set(pages, listOfPage);
  return pages;
}

const LISTS: readonly unknown[] = ['objects', 'edges', 'ids'];

/** The store gives so many, whatever it is asked for, and so many at most where it is asked for nothing (createKvetch's `limits.maxFirst`). */
const MAX_FIRST = 1_000;

function listOfPage(path: ReadPath, $key: Step): MaxRows {
  if (path.length !== 1 || !LISTS.includes(path[0])) return null;
  if (!($key instanceof ListStep)) return MAX_FIRST;
  // `first`, and `last` where there are more parts
  const sizes = [$key.at(2), ...($key.dependencies.length > 4 ? [$key.at(4)] : [])];
  return { kind: 'smallest', of: [...sizes.map(($size) => valueAt($size)), MAX_FIRST] };
}

/** A client may read an error about the page that it asks for. */
function withSafeErrors<TPage>(pages: ReadonlyArray<LoadEntry<TPage>>): ReadonlyArray<LoadEntry<TPage>> {
  return pages.some((page) => page instanceof Error)
    ? pages.map((page) => (page instanceof Error ? asSafe(page) : page))
    : pages;
}

/** Gives the read the key that asked for it: requests carry theirs as `key`. */
export function byKey(info: LoadInfo): ReadExtra {
  return info instanceof RequestInfo && !info.recordsDependencies ? info : new KeyedExtra(info);
}

/** Hands on the `info` of a loader. Fields that hold a function for each instance made reads 1.4 times as slow. */
class KeyedExtra implements ReadExtra {
  readonly #info: LoadInfo;
  readonly #request: RequestInfo | null;

  constructor(info: LoadInfo) {
    this.#info = info;
    this.#request = info instanceof RequestInfo ? info : null;
  }

  get trace(): ReadExtra['trace'] {
    return this.#info.trace;
  }

  get attributes(): ReadExtra['attributes'] {
    return this.#info.attributes;
  }

  get onTargets(): ReadExtra['onTargets'] {
    return this.#request?.onTargets;
  }

  get isAhead(): boolean {
    return this.#request?.isAhead === true;
  }

  get asked(): ReadExtra['asked'] {
    return this.#request?.asked;
  }

  get isOver(): boolean {
    return this.#request?.isOver === true;
  }

  get recordsDependencies(): boolean {
    return this.#info.recordsDependencies;
  }

  get recordDependencies(): RecordDependencies {
    const { recordDependencies } = this.#info;
    return (prefix, names, requests) => recordDependencies(prefix, names, requests === null ? null : keysOf(requests));
  }
}

/** Mostly many in a row are of one request. */
function keysOf(requests: readonly unknown[]): readonly unknown[] {
  const keys = new Array<unknown>(requests.length);
  let last: unknown;
  let key: unknown;
  for (let at = 0; at < keys.length; at++) {
    if (requests[at] !== last) key = keyOf(requests[at]);
    last = requests[at];
    keys[at] = key;
  }
  return keys;
}

function keyOf(request: unknown): unknown {
  return typeof request === 'object' && request !== null && 'key' in request ? request.key : undefined;
}

/** Nothing has no list: its page is null, and nobody is asked. */
function readSome<TPage, TKey extends ListKey>(
  read: ReadPages<TPage, TKey>,
  keys: readonly TKey[],
  info: LoadInfo,
): ReturnType<ReadPages<TPage, TKey>> {
  const place = (pages: ReadonlyArray<LoadEntry<TPage>>): ReadonlyArray<LoadEntry<TPage>> => {
    let next = 0;
    return keys.map((key) => (isOfNothing(key) ? null : pages[next++]));
  };
  const pages = read(
    keys.filter((key) => !isOfNothing(key)),
    info,
  );
  return isPromise(pages) ? pages.then(place) : place(pages);
}

/** By index, as all else here that looks at each key: to take a tuple apart is to make an iterator. */
function isOfNothing(key: ListKey): boolean {
  return key[1] === null || key[1] === undefined;
}

const listSteps: OptionTable<ListSteps> = {
  $first: anything,
  $after: anything,
  $last: anything,
  $before: anything,
  $reverse: anything,
  ahead: anything,
  range: anything,
};

/** Represents a page of the list that belongs to `$of`. */
export function loadPage<TPage>(
  pages: PageLoader<TPage>,
  name: ListName,
  $of: Step,
  page: ListSteps,
): Step<TPage | null> {
  // The `fieldArgs` of a field may hold other arguments as well.
  if (Object.getPrototypeOf(page) === Object.prototype) checkOptions('A page', page, listSteps);
  const $range = rangeStep(page.range);
  const names = ['$first', '$after', '$last', '$before', '$reverse'] as const;
  const $args = names.map((argument) => optionalArgument(page, argument));
  const isPlain = $range === null && $args.slice(2).every(($argument) => $argument === undefined);
  const $none = constant(undefined);
  const $wanted = (isPlain ? $args.slice(0, 2) : [...$args, $range]).map(($argument) => $argument ?? $none);
  const key = [name instanceof Step ? name : constant(name), $of, ...$wanted];
  return loadKey(pages, key, { ahead: page.ahead });
}

/** Represents the entry for a key whose parts are steps. */
export function loadKey<TData, TKey>(
  of: Loader<TData, TKey, undefined>,
  $key: readonly Step[],
  options: LoadOptions,
): Step<TData | null> {
  return loadOne($key as never, of as never, null, options);
}
