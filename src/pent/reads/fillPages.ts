import type { KvetchEdge } from '../../kvetch/KvetchEdge.ts';
import type { KvetchObject } from '../../kvetch/KvetchObject.ts';
import type { ObjectPage } from '../../kvetch/reads/KvetchReads.ts';
import { chain } from '../../kvetch/shards/chain.ts';
import { isPromiseLike } from '../../utils/isPromiseLike.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { Context, PentClass, PentObject, PentPage } from '../contract.ts';
import { PentError } from '../errors.ts';
import { isRestricted } from '../privacy/readability.ts';
import { admit, type Loaded } from './admit.ts';

/** A page as Kvetch has it; edges are there for lists that are read by edge. */
export type RawPage = ObjectPage & { readonly edges?: readonly KvetchEdge[] };

/** What is wanted of one list. */
export interface PageGoal {
  /** How many readable objects. */
  readonly first: number;
  /** Whether it is asked if another readable object follows. */
  readonly wantsNext: boolean;
  /** Whether cursors or data of each entry are asked for. */
  readonly wantsEntries: boolean;
}

/** Reads on in some of the lists: `at` says in which. */
export type ReadOn = (
  next: ReadonlyArray<{ readonly at: number; readonly first: number; readonly after: string }>,
) => MaybePromise<ReadonlyArray<RawPage | Error | null>>;

/** So many hidden entries are passed over for one page. */
const MAX_SCANNED = 10_000;
const MAX_FIRST = 1_000;

interface Filling {
  readonly goal: PageGoal;
  readonly objects: (PentObject | Error)[];
  /** The edges of the objects, where edges were read. */
  readonly edges: KvetchEdge[];
  scanned: number;
  /** What to read on behind; null at the end of the list. */
  after: string | null;
  error: Error | null;
}

type Filled = PentPage | Error | null;

/**
 * Makes full pages of raw ones: hidden and stale entries are left out, and lists are read on, all lists together, until
 * each page has its readable objects or its list ends.
 *
 * @param isWanted - by type id; objects of other types are left out. Null: all types.
 */
export function fillPages(
  context: Context,
  goals: readonly PageGoal[],
  pages: ReadonlyArray<RawPage | Error | null>,
  readOn: ReadOn,
  isWanted: ((typeId: number) => boolean) | null,
): MaybePromise<readonly Filled[]> {
  const atOnce = takeAtOnce(context, goals, pages, isWanted);
  if (atOnce !== null) return atOnce;
  const fillings = pages.map((page, at): Filling | null => {
    const goal = goals[at] as PageGoal;
    const nothing = { goal, objects: [], edges: [], scanned: 0, after: null };
    if (page === null) return null;
    return { ...nothing, error: page instanceof Error ? page : null };
  });
  const done = take(pages.map((page, at) => ({ at, page })));
  const finish = (): readonly Filled[] => fillings.map((filling) => (filling === null ? null : toPage(filling)));
  return isPromiseLike(done) ? done.then(finish) : finish();

  function take(
    read: ReadonlyArray<{ readonly at: number; readonly page: RawPage | Error | null }>,
  ): MaybePromise<void> {
    const records: Loaded[] = [];
    for (const { page } of read) {
      if (page === null || page instanceof Error) continue;
      for (const object of page.objects) records.push(object);
    }
    return chain(admit(context, records), (pents) => {
      let from = 0;
      for (const { at, page } of read) {
        const filling = fillings[at];
        if (filling === null || filling === undefined || page === null) continue;
        if (page instanceof Error) filling.error = page;
        else from = add(filling, page, pents, from, isWanted);
      }
      return goOn();
    });
  }

  function goOn(): MaybePromise<void> {
    const next: { at: number; first: number; after: string }[] = [];
    for (const [at, filling] of fillings.entries()) {
      const missing = filling === null ? 0 : missingOf(filling);
      if (filling === null || missing === 0 || filling.after === null) continue;
      // What was mostly hidden up to here mostly is: larger pages, fewer rounds.
      const first = Math.min(MAX_FIRST, Math.max(missing, filling.scanned));
      next.push({ at, first, after: filling.after });
    }
    if (next.length === 0) return undefined;
    return chain(readOn(next), (more) =>
      take(next.map(({ at }, n) => ({ at, page: more[n] ?? new PentError('NO_PAGE', 'A list was not read on.') }))),
    );
  }
}

/** Pages as they are, where nothing can be hidden of them and nothing is missing: so it mostly is. Else null. */
function takeAtOnce(
  context: Context,
  goals: readonly PageGoal[],
  pages: ReadonlyArray<RawPage | Error | null>,
  isWanted: ((typeId: number) => boolean) | null,
): readonly Filled[] | null {
  const done = new Array<Filled>(pages.length);
  let open: unknown = null;
  for (let at = 0; at < pages.length; at++) {
    const page = pages[at] ?? null;
    if (page === null || page instanceof Error) {
      done[at] = page;
      continue;
    }
    const goal = goals[at] as PageGoal;
    const { objects, hasNextPage, endCursor, edges } = page;
    if (hasNextPage && objects.length < goal.first + (goal.wantsNext ? 1 : 0)) return null;
    const pents = new Array<PentObject | Error>(objects.length);
    for (let n = 0; n < objects.length; n++) {
      const record = objects[n] as KvetchObject | Error;
      if (record instanceof Error) {
        pents[n] = record;
        continue;
      }
      const pent = context.wrap(record);
      if (pent === null || (isWanted !== null && !isWanted(record.typeId))) return null;
      if (pent.constructor !== open) {
        if (isRestricted(context, pent.constructor as PentClass)) return null;
        open = pent.constructor;
      }
      pents[n] = pent;
    }
    const own = edges !== undefined && edges.length === pents.length ? edges : NO_EDGES;
    done[at] = toPage({
      goal,
      objects: pents,
      edges: own,
      scanned: 0,
      after: hasNextPage ? endCursor : null,
      error: null,
    });
  }
  return done;
}

const NO_EDGES: readonly KvetchEdge[] = [];

function missingOf({ goal, objects, error }: Filling): number {
  if (error !== null || goal.first === 0) return 0;
  return Math.max(0, goal.first + (goal.wantsNext ? 1 : 0) - objects.length);
}

/** Takes over what is readable of a page, whose objects begin at `from`. Returns where those of the next page do. */
function add(
  filling: Filling,
  page: RawPage,
  pents: ReadonlyArray<PentObject | Error | null>,
  from: number,
  isWanted: ((typeId: number) => boolean) | null,
): number {
  const { objects, hasNextPage, endCursor, edges } = page;
  const hasEdges = edges !== undefined && edges.length === objects.length;
  for (let n = 0; n < objects.length; n++) {
    const pent = pents[from + n] ?? null;
    if (pent === null) continue;
    if (isWanted !== null && !(pent instanceof Error || isWanted(pent.typeId))) continue;
    filling.objects.push(pent);
    if (hasEdges) filling.edges.push(edges[n] as KvetchEdge);
  }
  filling.scanned += objects.length;
  filling.after = hasNextPage ? endCursor : null;
  if (filling.scanned >= MAX_SCANNED && missingOf(filling) > 0 && filling.after !== null) filling.error = tooSparse();
  return from + objects.length;
}

function toPage({
  goal: { first, wantsEntries },
  objects,
  edges,
  after,
  error,
}: Readonly<Omit<Filling, 'objects' | 'edges'>> & {
  readonly objects: ReadonlyArray<PentObject | Error>;
  readonly edges: readonly KvetchEdge[];
}): PentPage | Error {
  if (error !== null) return error;
  const isCut = objects.length > first;
  const kept = isCut ? objects.slice(0, first) : objects;
  const last = kept.length - 1;
  return {
    objects: kept,
    entries: wantsEntries
      ? kept.map((pent, at) => ({ cursor: cursorOf(pent, edges[at]), data: edges[at]?.data ?? null }))
      : [],
    hasNextPage: isCut || (after !== null && first > 0),
    endCursor: last < 0 ? null : cursorOf(kept[last] as PentObject | Error, edges[last]),
  };
}

/** An id will do as a cursor; that of an edge is found faster. */
function cursorOf(pent: PentObject | Error, edge: KvetchEdge | undefined): string {
  return edge?.cursor ?? (pent instanceof Error ? '' : pent.id);
}

function tooSparse(): PentError<'PAGE_TOO_SPARSE'> {
  return new PentError(
    'PAGE_TOO_SPARSE',
    `A page was given up after ${MAX_SCANNED} entries that the viewer may not read. Read this list by an edge or index that holds fewer of them.`,
  );
}
