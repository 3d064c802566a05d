import { itemAt } from '../../utils/itemAt.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { KvetchEdge } from '../KvetchEdge.ts';
import type { KvetchObject } from '../KvetchObject.ts';
import { chain, isPromise } from '../shards/chain.ts';
import type { ObjectPage } from './KvetchReads.ts';

/** A page as it was read; edges are there for lists that are read by edge. */
export type RawPage = ObjectPage & { readonly edges?: readonly KvetchEdge[] };

/** The part of one list that a page asks for. */
export interface FillGoal {
  /** How many objects. */
  readonly first: number;
  /** Whether it is asked if another object follows. */
  readonly wantsNext: boolean;
}

/** Reads on in some of the lists, those at `at`. */
export type ReadOn = (
  next: ReadonlyArray<{ readonly at: number; readonly first: number; readonly after: string }>,
) => MaybePromise<ReadonlyArray<RawPage | Error | null>>;

/** The shown value of each record of a page: null for none, an error where the check failed. */
export type Admit<T> = (
  records: ReadonlyArray<KvetchObject | Error>,
) => MaybePromise<ReadonlyArray<T | KvetchObject | Error | null>>;

/** A page that is being filled with records that may be shown. */
export interface Filling<T = KvetchObject> {
  readonly objects: ReadonlyArray<T | Error>;
  /** The edges of the objects, where edges were read. */
  readonly edges: readonly KvetchEdge[];
  /** How many entries were looked at. */
  readonly scanned: number;
  /** The cursor to read on behind, or what makes it; null at the end of the list. */
  readonly after: string | (() => string | null) | null;
  readonly error: Error | null;
}

const NOTHING: Filling<never> = { objects: [], edges: [], scanned: 0, after: null, error: null };

/** A page that could not be read. */
export function failedFilling(error: Error): Filling<never> {
  return { ...NOTHING, error };
}

/** The cursor of a page that is read on. */
export function afterOf({ after }: Filling<unknown>): string {
  return (typeof after === 'function' ? after() : after) as string;
}

/** Where to read on behind a page. */
export function endOf({ hasNextPage, end, endCursor }: RawPage): Filling['after'] {
  return hasNextPage ? (end ?? endCursor) : null;
}

const MAX_FIRST = 1_000;

/** How many objects a page lacks that its list may have. */
export function missingOf({ first, wantsNext }: FillGoal, { objects, error, after }: Filling<unknown>): number {
  if (error !== null || first === 0 || after === null) return 0;
  return Math.max(0, first + (wantsNext ? 1 : 0) - objects.length);
}

/**
 * How many entries to look at next for objects that are missing: the number expected from the share shown so far, twice,
 * so that fewer rounds are needed.
 */
export function nextFirst(missing: number, { objects, scanned }: Filling<unknown>): number {
  const share = (objects.length + 1) / (scanned + 1);
  return Math.min(MAX_FIRST, Math.max(missing, Math.ceil((missing / share) * 2)));
}

/** The page with the records of another raw page: `shown[from]`, `shown[from + 1]`, ... are their shown values. */
export function withPage<T>(
  filling: Filling<T> | null,
  page: RawPage,
  shown: ReadonlyArray<T | Error | null>,
  from = 0,
): Filling<T> {
  const { objects, edges, stale = 0 } = page;
  const { scanned, ...before } = filling ?? NOTHING;
  const kept = [...before.objects];
  const keptEdges = [...before.edges];
  const hasEdges = edges !== undefined && edges.length === objects.length;
  for (let n = 0; n < objects.length; n++) {
    const object = shown[from + n] ?? null;
    if (object === null) continue;
    kept.push(object);
    if (hasEdges) keptEdges.push(itemAt(edges, n));
  }
  return {
    objects: kept,
    edges: keptEdges,
    scanned: scanned + objects.length + stale,
    after: endOf(page),
    error: null,
  };
}

export interface FillOptions<T> {
  readonly readOn: ReadOn;
  readonly admit: Admit<T>;
  /** After so many entries that are not shown a page is given up. */
  readonly maxScanned: number;
  readonly tooSparse: () => Error;
}

interface ReadPage {
  readonly at: number;
  readonly page: RawPage | Error | null;
}

/**
 * Makes full pages of raw ones: hidden and stale entries are left out, and lists are read on, all lists together, until
 * each page has its objects or its list ends.
 */
export function fillPages<T>(
  goals: readonly FillGoal[],
  pages: ReadonlyArray<RawPage | Error | null>,
  { readOn, admit, maxScanned, tooSparse }: FillOptions<T>,
): MaybePromise<ReadonlyArray<Filling<T> | null>> {
  const fillings = new Array<Filling<T> | null>(pages.length).fill(null);
  return chain(fill(pages.map((page, at) => ({ at, page }))), () => fillings);

  /** No recursion: a list may give one hidden entry at a time. */
  function fill(begin: readonly ReadPage[]): MaybePromise<void> {
    let read = begin;
    while (read.length > 0) {
      const next = chain(take(read), goOn);
      if (isPromise(next)) return next.then(fill);
      read = next;
    }
  }

  function take(read: readonly ReadPage[]): MaybePromise<void> {
    const records: (KvetchObject | Error)[] = [];
    for (const { page } of read) {
      if (page === null || page instanceof Error) continue;
      for (const object of page.objects) records.push(object);
    }
    return chain(admit(records), (shown) => {
      let from = 0;
      for (const { at, page } of read) {
        if (page === null) continue;
        if (page instanceof Error) {
          fillings[at] = { ...(fillings[at] ?? NOTHING), error: page };
          continue;
        }
        fillings[at] = withPage<T>(fillings[at] ?? null, page, shown as ReadonlyArray<T | Error | null>, from);
        from += page.objects.length;
      }
    });
  }

  function goOn(): MaybePromise<readonly ReadPage[]> {
    const next: { at: number; first: number; after: string }[] = [];
    for (let at = 0; at < fillings.length; at++) {
      const filling = fillings[at] ?? null;
      const missing = filling === null ? 0 : missingOf(itemAt(goals, at), filling);
      if (filling === null || missing === 0) continue;
      if (filling.scanned >= maxScanned) fillings[at] = { ...filling, error: tooSparse() };
      else next.push({ at, first: nextFirst(missing, filling), after: afterOf(filling) });
    }
    if (next.length === 0) return [];
    return chain(readOn(next), (more) =>
      next.map(({ at }, n) => ({ at, page: more[n] ?? new Error('A list was not read on.') })),
    );
  }
}
