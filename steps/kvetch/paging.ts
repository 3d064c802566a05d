import { asSafe } from '../../src/kvetch/reads/asSafe.ts';
import type { PageArgs, ReadExtra } from '../../src/kvetch/reads/KvetchReads.ts';
import { isPromise, proceed } from '../../src/kvetch/shards/chain.ts';
import { constant } from '../../src/step/builtin/ConstantStep.ts';
import type { ReadPath } from '../../src/step/reads.ts';
import { valueAt } from '../../src/step/rowsAt.ts';
import type { MaxRows, Step } from '../../src/step/Step.ts';
import type { MaybePromise } from '../../src/utils/MaybePromise.ts';
import type { RecordDependencies } from '../../src/utils/RecordDependencies.ts';
import type { BatchOf } from '../load/BatchOptions.ts';
import { type LoadEntry, type Loader, type LoadInfo, loader } from '../load/loader.ts';
import { listsOfPages, loadOne } from '../load/loadOne.ts';
import { RequestInfo } from '../load/RequestInfo.ts';
import { optionalArgument } from '../optionalArgument.ts';
import { ListStep } from '../values/list.ts';

/** The wanted part of a list, as steps. Steps that are global and steps that are not may be mixed. */
export interface PageSteps {
  readonly $first?: Step<number | null | undefined>;
  readonly $after?: Step<string | null | undefined>;
  /** False: the page is read in its turn, never before (spec/10-loads.md). */
  readonly ahead?: boolean;
}

/** Of lists of edges: from which end they are read, and where a page ends. */
export interface PageEnds {
  readonly $reverse: Step<boolean>;
  readonly $until: Step<string | null>;
}

/**
 * All that a page depends on: the edge, index or type (by name or id), whose list it is (an id, a value), and which part
 * of it. A tuple, as its parts need no names to be told apart.
 */
export type PageKey = readonly [
  name: string | number,
  of: unknown,
  first: PageArgs['first'],
  after: PageArgs['after'],
  reverse?: boolean,
  until?: string | null,
];

type ReadPages<TPage> = (requests: readonly PageKey[], info: LoadInfo) => MaybePromise<ReadonlyArray<LoadEntry<TPage>>>;

/** Pages of a kind. Those of different lists share a call. */
export type PageLoader<TPage> = Loader<TPage, PageKey, undefined>;

export function pageLoader<TPage>(
  name: string,
  read: ReadPages<TPage>,
  batch: BatchOf | null = null,
): PageLoader<TPage> {
  const pages = loader<TPage, PageKey, undefined>({
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
  const $first = $key instanceof ListStep ? $key.at(2) : null;
  return $first === null ? MAX_FIRST : { kind: 'smallest', of: [valueAt($first), MAX_FIRST] };
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
function readSome<TPage>(
  read: ReadPages<TPage>,
  keys: readonly PageKey[],
  info: LoadInfo,
): ReturnType<ReadPages<TPage>> {
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
function isOfNothing(key: PageKey): boolean {
  return key[1] === null || key[1] === undefined;
}

/** Represents a page of the list that belongs to `$of`. */
export function loadPage<TPage>(
  pages: PageLoader<TPage>,
  name: string | number,
  $of: Step,
  page: PageSteps,
  ends: PageEnds | null = null,
): Step<TPage | null> {
  const $first = optionalArgument(page, '$first') ?? constant(undefined);
  const $after = optionalArgument(page, '$after') ?? constant(undefined);
  const key = [constant(name), $of, $first, $after];
  if (ends !== null) key.push(ends.$reverse, ends.$until);
  return loadOne(key as never, pages as never, null, { ahead: page.ahead });
}
