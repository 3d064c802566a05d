import { errorOf } from '../../src/errors/errorOf.ts';
import { BadIdError, quote } from '../../src/kvetch/errors.ts';
import type { KvetchObject } from '../../src/kvetch/KvetchObject.ts';
import { asSafe } from '../../src/kvetch/reads/asSafe.ts';
import type { RawPage } from '../../src/kvetch/reads/fillPages.ts';
import { chain } from '../../src/kvetch/shards/chain.ts';
import type { Batch } from '../../src/kvetch/shards/ShardStore.ts';
import type { Loaded, PentPage } from '../../src/pent/contract.ts';
import { PentError } from '../../src/pent/errors.ts';
import type { PentContext } from '../../src/pent/PentContext.ts';
import { Ref, type RefPage } from '../../src/pent/Ref.ts';
import { fillPages, type PageGoal } from '../../src/pent/reads/fillPages.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import { namedFunction, type ParamShapes, text } from '../../src/step/paramShapes.ts';
import { Step, type StepResult } from '../../src/step/Step.ts';
import type { StepLoad } from '../../src/step/StepLoad.ts';
import { isPromiseLike } from '../../src/utils/isPromiseLike.ts';
import { isRecord } from '../../src/utils/isRecord.ts';
import { itemAt } from '../../src/utils/itemAt.ts';
import type { MaybePromise } from '../../src/utils/MaybePromise.ts';
import type { ListWindow } from '../kvetch/connection/ListWindowStep.ts';
import { CallExtra } from '../kvetch/listSource.ts';
import { contextOf } from './contextOf.ts';
import { type TypeNames, typeNames, typeTest } from './PentStep.ts';

/** Finds a part of a list by hand; null where there is none. */
export type FindPage = (of: unknown, args: object, context: PentContext) => MaybePromise<RefPage | null>;

/** A method is asked for so many entries at once. */
const MOST = 1_000;

/**
 * Represents pages of readable objects that a hand-written method finds. Yields them full: the method is called again with
 * the last id as `after` where objects of its page are hidden or gone.
 */
export class PentMethodPageStep extends Step<PentPage | null> {
  static override readonly op = 'pent.methodPage';
  static override readonly paramShapes: ParamShapes = { f: namedFunction, place: text, types: typeNames };
  declare params: { readonly f: FindPage; readonly place: string; readonly types: TypeNames } & Record<string, unknown>;

  constructor($of: Step, $args: Step, $window: Step, f: FindPage, place: string, types: TypeNames) {
    super();
    this.addDependency($of);
    this.addDependency($args);
    this.addDependency($window);
    this.params = { f, place, types };
  }

  /** A method may do anything: the bound of a cost does not count that. */
  override get load(): StepLoad | null {
    return null;
  }

  override execute(
    count: number,
    [ofs, args, windows]: readonly [readonly unknown[], readonly object[], readonly ListWindow[]],
    extra: ExecuteExtra,
  ): StepResult<PentPage> {
    const context = contextOf(extra);
    const goals: PageGoal[] = [];
    const wanted: Wanted[] = [];
    for (let at = 0; at < count; at++) {
      const { first, after, wantsNext } = itemAt(windows, at);
      goals.push({ first, wantsNext, wantsEntries: true });
      wanted.push({ at, first: wantsNext ? first + 1 : first, after });
    }
    const read = (next: readonly Wanted[]): MaybePromise<ReadonlyArray<RawPage | Error | null>> =>
      chain(find(this.params, next, ofs, args, extra), (found) => withObjects(context, found, extra));
    return chain(read(wanted), (pages) =>
      chain(fillPages(context, goals, pages, read, typeTest(context, this.params.types), []), (filled) =>
        filled.map((page) => (page instanceof Error ? asSafe(page) : page)),
      ),
    ) as StepResult<PentPage>;
  }
}

interface Wanted {
  readonly at: number;
  readonly first: number;
  readonly after: string | null;
}

/** Calls the method for each list. All calls start together. */
function find(
  { f, place }: PentMethodPageStep['params'],
  wanted: readonly Wanted[],
  ofs: readonly unknown[],
  args: readonly object[],
  extra: ExecuteExtra,
): MaybePromise<ReadonlyArray<RefPage | Error | null>> {
  const context = contextOf(extra);
  const found = wanted.map(({ at, first, after }) => {
    const check = (page: RefPage | null | undefined): RefPage | Error | null => checked(page, after, place);
    const of = ofs[at];
    if (of === null) return null;
    try {
      const page = f(of, { ...args[at], first: Math.min(first, MOST), after }, context);
      return isPromiseLike(page) ? Promise.resolve(page).then(check, errorOf) : check(page);
    } catch (error) {
      return errorOf(error);
    }
  });
  const now = found.flatMap((page) => (isPromiseLike(page) ? [] : [page]));
  if (now.length < found.length) return Promise.all(found);
  if (extra.recordsDependencies) extra.recordDependencies('', []);
  return now;
}

function checked(page: RefPage | null | undefined, after: string | null, place: string): RefPage | Error | null {
  if (page === null || page === undefined) return null;
  const isPage = isRecord(page) && Array.isArray(page.refs) && page.refs.every((one) => one instanceof Ref);
  if (isPage && typeof page.hasNextPage === 'boolean') {
    if (after === null || !page.hasNextPage || page.refs.at(-1)?.id !== after) return page;
    return new PentError(
      'BAD_REF_PAGE',
      `${place} was asked for what follows an object, and gave a page that ends with it. Begin behind "after", or say that nothing follows.`,
    );
  }
  return new PentError(
    'BAD_REF_PAGE',
    `${place} gave no page. Return { refs, hasNextPage }, with what Ref.to(Type, id) gives for each object.`,
  );
}

/** The pages with their objects, read in one call. */
function withObjects(
  context: PentContext,
  pages: ReadonlyArray<RefPage | Error | null>,
  extra: ExecuteExtra,
): MaybePromise<ReadonlyArray<RawPage | Error | null>> {
  const refs = pages.flatMap((page) => (page === null || page instanceof Error ? [] : page.refs));
  return chain(readRefs(context, refs, extra), (records) => {
    let next = 0;
    return pages.map((page): RawPage | Error | null => {
      if (page === null || page instanceof Error) return page;
      const own = page.refs.map(() => records[next++]);
      const objects = own.filter((record): record is KvetchObject | Error => record != null);
      const endCursor = page.refs.at(-1)?.id ?? null;
      return { objects, hasNextPage: page.hasNextPage, endCursor, stale: own.length - objects.length };
    });
  });
}

/** The records of references: null where there is none of this type. */
export function readRefs(
  { kvetch: { reads }, model }: PentContext,
  refs: readonly Ref[],
  extra: ExecuteExtra,
): MaybePromise<readonly Loaded[]> {
  if (refs.length === 0) return [];
  const records: Batch<Loaded> = reads.objects(
    refs.map(({ id }) => id),
    new CallExtra(extra),
  );
  return chain(records, (found) =>
    found.map((record, at): Loaded => {
      const { type, id } = itemAt(refs, at);
      if (record instanceof BadIdError) return noId(type, id);
      if (record == null || record instanceof Error) return record;
      return type === '' || model.find(record.typeId)?.definition?.name === type ? record : null;
    }),
  );
}

function noId(type: string, id: unknown): PentError<'BAD_REF'> {
  return new PentError(
    'BAD_REF',
    `A reference to an object of the type ${type} has the id ${quote(id)}, which is no UUID. Give Ref.to the id of an object, or leave this item out.`,
  );
}
