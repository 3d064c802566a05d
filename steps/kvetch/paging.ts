import type { PageArgs } from '../../src/kvetch/reads/KvetchReads.ts';
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

/** A list of Kvetch that is read page by page: an edge, an index. */
interface PagedList {
  /** The edge or index, by name or id. */
  readonly name: string | number;
}

type PagedGlobals = PagedList & PageArgs;

/** The key of a row that has a page of its own. */
interface RowPage extends PageArgs {
  readonly of: unknown;
}

/** One request of a page, as the store takes it. */
export interface PagedRequest extends PagedList, PageArgs {
  readonly of: unknown;
}

type ReadPages<TPage> = (
  requests: readonly PagedRequest[],
  info: LoadInfo,
) => MaybePromise<ReadonlyArray<LoadEntry<TPage>>>;

/**
 * Two loaders over one read. Usually `first` and `after` are the same for the whole request: then the keys are plain
 * values. Where they differ from row to row they are part of the key.
 */
export interface PageLoaders<TPage> {
  readonly shared: Loader<TPage, unknown, PagedGlobals>;
  readonly byRow: Loader<TPage, RowPage, PagedList>;
}

export function pageLoaders<TPage>(name: string, read: ReadPages<TPage>): PageLoaders<TPage> {
  return {
    shared: loader<TPage, unknown, PagedGlobals>({
      name,
      load: (keys, info) =>
        read(
          keys.map((of) => ({ ...info.global, of })),
          info,
        ),
      batch: storeBatching,
    }),
    byRow: loader<TPage, RowPage, PagedList>({
      name: `${name}.byRow`,
      load: (keys, info) =>
        read(
          keys.map((key) => ({ ...info.global, ...key })),
          info,
        ),
      batch: storeBatching,
    }),
  };
}

/** Represents a page of the list that belongs to `$of`. */
export function loadPage<TPage>(
  loaders: PageLoaders<TPage>,
  name: string | number,
  $of: Step,
  { $first = constant(undefined), $after = constant(undefined) }: PageSteps,
): Step<TPage | null> {
  const { graph } = $of;
  const $name = constant(name);
  if (graph.isGlobal($first as Step) && graph.isGlobal($after as Step)) {
    return loadOne($of as Step, loaders.shared as never, { name: $name, first: $first, after: $after } as never);
  }
  return loadOne({ of: $of, first: $first, after: $after } as never, loaders.byRow as never, { name: $name } as never);
}
