import type { PageArgs } from '../../src/kvetch/reads/KvetchReads.ts';
import { isPromise } from '../../src/kvetch/shards/chain.ts';
import { constant } from '../../src/step/builtin/ConstantStep.ts';
import type { Step } from '../../src/step/Step.ts';
import type { MaybePromise } from '../../src/utils/MaybePromise.ts';
import { type LoadEntry, type Loader, type LoadInfo, loader } from '../load/loader.ts';
import { loadOne } from '../load/loadOne.ts';
import { storeBatching } from './storeOf.ts';

/** Which part of a list is wanted, as steps. What is the same for the whole request and what is not may be mixed. */
export interface PageSteps {
  readonly $first?: Step<number | null | undefined>;
  readonly $after?: Step<string | null | undefined>;
}

/** A page, as the store is asked for it. */
export interface PagedRequest extends PageArgs {
  /** The edge, index or type, by name or id. */
  readonly name: string | number;
  /** Whose list it is: an id, a value. */
  readonly of: unknown;
}

type ReadPages<TPage> = (
  requests: readonly PagedRequest[],
  info: LoadInfo,
) => MaybePromise<ReadonlyArray<LoadEntry<TPage>>>;

/** Pages of a kind. All that a page depends on is its key, so that pages of different lists share a call. */
export type PageLoader<TPage> = Loader<TPage, PagedRequest, undefined>;

export function pageLoader<TPage>(name: string, read: ReadPages<TPage>): PageLoader<TPage> {
  return loader<TPage, PagedRequest, undefined>({
    name,
    load: (keys, info) => (keys.some(isOfNothing) ? readSome(read, keys, info) : read(keys, info)),
    batch: storeBatching,
  });
}

/** Nothing has no list: its page is null, and nobody is asked. */
function readSome<TPage>(
  read: ReadPages<TPage>,
  keys: readonly PagedRequest[],
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

function isOfNothing({ of }: PagedRequest): boolean {
  return of === null || of === undefined;
}

/** Represents a page of the list that belongs to `$of`. */
export function loadPage<TPage>(
  pages: PageLoader<TPage>,
  name: string | number,
  $of: Step,
  { $first = constant(undefined), $after = constant(undefined) }: PageSteps,
): Step<TPage | null> {
  return loadOne({ name: constant(name), of: $of, first: $first, after: $after } as never, pages as never);
}
