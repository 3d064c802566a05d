import type { KvetchEdge } from '../../kvetch/KvetchEdge.ts';
import type { KvetchObject } from '../../kvetch/KvetchObject.ts';
import {
  endOf,
  type FillGoal,
  type Filling,
  fillPages as fillRawPages,
  type RawPage,
  type ReadOn,
} from '../../kvetch/reads/fillPages.ts';
import { shownPage } from '../../kvetch/reads/shownPage.ts';
import { chain } from '../../kvetch/shards/chain.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import type { Context, Loaded, PentObject, PentPage } from '../contract.ts';
import { PentError } from '../errors.ts';
import { isAnyHidden } from '../privacy/hiddenFields.ts';
import { admit, wrapEach } from './admit.ts';

/** The wanted part of one list. */
export interface PageGoal extends FillGoal {
  /** Whether cursors or data of each entry are asked for. */
  readonly wantsEntries: boolean;
}

/** So many hidden entries are passed over for one page. */
const MAX_SCANNED = 10_000;

type Filled = PentPage | Error | null;

/**
 * Makes full pages of raw ones: hidden and stale entries are left out, and lists are read on, all lists together, until
 * each page has its readable objects or its list ends.
 *
 * @param isWanted - by type id; objects of other types are left out. Null: all types.
 * @param told - the attributes that an entry tells of. Who may not see one of them of an object may not see its entry.
 */
export function fillPages(
  context: Context,
  goals: readonly PageGoal[],
  pages: ReadonlyArray<RawPage | Error | null>,
  readOn: ReadOn,
  isWanted: ((typeId: number) => boolean) | null,
  told: readonly string[],
): MaybePromise<readonly Filled[]> {
  const atOnce = takeAtOnce(context, goals, pages, isWanted);
  if (atOnce !== null) return atOnce;
  const shownOf = (records: readonly Loaded[]): MaybePromise<ReadonlyArray<PentObject | Error | null>> =>
    chain(admit(context, records), (pents) =>
      isWanted === null && (told.length === 0 || context.model.fieldRules.size === 0)
        ? pents
        : pents.map((pent) => (pent === null || pent instanceof Error || isEntry(pent) ? pent : null)),
    );
  const isEntry = ({ typeId, $record }: PentObject): boolean =>
    (isWanted === null || isWanted(typeId)) && !isAnyHidden($record, told);
  const filled = fillRawPages<PentObject>(goals, pages, {
    readOn,
    admit: shownOf,
    maxScanned: MAX_SCANNED,
    tooSparse,
  });
  return chain(filled, (fillings) =>
    fillings.map((filling, at) => (filling === null ? null : toPage(itemAt(goals, at), filling))),
  );
}

/** Pages as they are, where nothing can be hidden of them and nothing is missing: so it mostly is. Else null. */
function takeAtOnce(
  context: Context,
  goals: readonly PageGoal[],
  pages: ReadonlyArray<RawPage | Error | null>,
  isWanted: ((typeId: number) => boolean) | null,
): readonly Filled[] | null {
  const lists: ReadonlyArray<KvetchObject | Error>[] = [];
  let openType = -1;
  for (let at = 0; at < pages.length; at++) {
    const page = pages[at] ?? null;
    if (page === null || page instanceof Error) continue;
    const { first, wantsNext } = itemAt(goals, at);
    if (page.hasNextPage && page.objects.length < first + (wantsNext ? 1 : 0)) return null;
    for (const record of page.objects) {
      if (record instanceof Error || record.typeId === openType) continue;
      if (!isOpen(context, record.typeId, isWanted)) return null;
      openType = record.typeId;
    }
    lists.push(page.objects);
  }
  const first = context.wrapFirst(lists);
  const wrapped = first ?? lists.map((records) => wrapEach(context, { records, made: null }));
  let next = 0;
  return pages.map((page, at): Filled => {
    if (page === null || page instanceof Error) return page;
    const { edges } = page;
    const objects = nodeAt(wrapped, next++) as ReadonlyArray<PentObject | Error>; // each type has a class
    const own = edges !== undefined && edges.length === objects.length ? edges : NO_EDGES;
    const { first: wanted, wantsEntries } = itemAt(goals, at);
    return shownPage(wanted, wantsEntries, { objects, edges: own, after: endOf(page) }, first === null);
  });
}

/** Whether all objects of a type are wanted and readable, with all of their fields. */
function isOpen(context: Context, typeId: number, isWanted: ((typeId: number) => boolean) | null): boolean {
  const pentClass = context.model.find(typeId);
  if (pentClass === null || (isWanted !== null && !isWanted(typeId))) return false;
  const { objectRules, fieldRules } = context.model;
  return context.seesAll || !(objectRules.has(pentClass) || fieldRules.has(pentClass));
}

const NO_EDGES: readonly KvetchEdge[] = [];

function toPage(
  { first, wantsEntries }: PageGoal,
  filling: Pick<Filling<PentObject>, 'objects' | 'edges' | 'after' | 'error'>,
): PentPage | Error {
  return filling.error ?? shownPage(first, wantsEntries, filling);
}

function tooSparse(): PentError<'PAGE_TOO_SPARSE'> {
  return new PentError(
    'PAGE_TOO_SPARSE',
    `A page was given up after ${MAX_SCANNED} entries that the viewer may not read. Read this list by an edge or index that holds fewer of them.`,
  );
}
