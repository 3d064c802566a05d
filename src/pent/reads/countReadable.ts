import type { EdgeObjectsPage, ReadExtra } from '../../kvetch/reads/KvetchReads.ts';
import type { EdgeRef, EdgeType } from '../../kvetch/schema/KvetchSchema.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { Context, PentObject, PentPage } from '../contract.ts';
import { PentError } from '../errors.ts';
import { allowAll } from '../privacy/always.ts';
import { hasRules, mayHideEntries, parentOf } from '../privacy/readability.ts';
import { toldByEdge } from '../privacy/toldAttributes.ts';
import { fillPages } from './fillPages.ts';

/** A list with more readable objects is not counted. */
const MAX_COUNTED = 10_000;
/**
 * So many entries of a list are looked at. What lies behind them counts as not readable: an error would tell that there is
 * something that the viewer may not read.
 */
const MAX_SCANNED = 100_000;
const PAGE = 1_000;
/** After so many entries other work gets its turn. */
const BREATH = 10_000;
/** Nobody keeps these reads. */
const OF_STEP: ReadExtra = { isOfStep: true };

/**
 * For each object how many objects of its list the viewer may read; null for null. Where all of a list are readable,
 * or its objects are readable as the list's owner is (`sameAs`), the store counts; else the list is read.
 */
export async function countReadable(
  context: Context,
  edge: EdgeRef,
  owners: ReadonlyArray<PentObject | null>,
  call: { readonly isOver: boolean } = { isOver: false },
): Promise<ReadonlyArray<number | Error | null>> {
  const ids = owners.flatMap((owner) => (owner === null ? [] : [owner.id]));
  const { schema } = context.model;
  const counts = isCountedByStore(context, schema.edge(edge), toldByEdge(schema, edge))
    ? await context.kvetch.reads.counts(
        ids.map((fromId) => ({ edge, fromId })),
        OF_STEP,
      )
    : await countAll(context, edge, ids, call);
  let next = 0;
  return owners.map((owner) => (owner === null ? null : (counts[next++] ?? null)));
}

/** Whether the list's objects are readable all together. Their owner is: it was read. */
function isCountedByStore(context: Context, { toTypeId, storedIdAttr }: EdgeType, told: readonly string[]): boolean {
  const target = context.model.find(toTypeId);
  if (target === null || !mayHideEntries(context, target, told)) return target !== null;
  const { rules, fallback } = context.model.objectRules.get(target) ?? { rules: [], fallback: true };
  const [rule, ...others] = rules;
  const isDecided = others.length === 0 ? fallback : others[0] === allowAll;
  return (
    isDecided &&
    !hasRules(context.model, target, told) &&
    storedIdAttr !== null &&
    rule !== undefined &&
    parentOf(rule) === storedIdAttr
  );
}

/** `call`: nobody waits for the counts when it is over. */
async function countAll(
  context: Context,
  edge: EdgeRef,
  ids: readonly string[],
  call: { readonly isOver: boolean },
): Promise<readonly (number | Error)[]> {
  const counts: (number | Error)[] = ids.map(() => 0);
  let open: { at: number; fromId: string; after: string | null }[] = ids.map((fromId, at) => ({
    at,
    fromId,
    after: null,
  }));
  const told = toldByEdge(context.model.schema, edge);
  for (let scanned = 0; open.length > 0 && scanned < MAX_SCANNED && !call.isOver; scanned += PAGE) {
    if (scanned > 0 && scanned % BREATH === 0) await new Promise(setImmediate);
    const requests = open.map(({ fromId, after }) => ({ edge, fromId, after, first: PAGE }));
    const pages = await context.kvetch.reads.edgeObjects(requests, OF_STEP);
    const goals = open.map(() => ({ first: PAGE, wantsNext: false, wantsEntries: false }));
    // Hidden objects are left out, and a page is not filled up: the next page follows.
    const readable = await fillPages(context, goals, pages.map(withoutNext), () => [], null, told);
    open = open.flatMap(({ at, fromId }, n) => {
      const page = itemAt(pages, n);
      const count = countWith(counts[at] ?? 0, page, readable[n] ?? null);
      counts[at] = count;
      const isOpen = !(count instanceof Error || page instanceof Error) && page.hasNextPage;
      return isOpen ? [{ at, fromId, after: page.endCursor }] : [];
    });
  }
  return counts;
}

/** A count with the readable objects of one more page. */
function countWith(
  before: number | Error,
  page: EdgeObjectsPage | Error,
  readable: PentPage | Error | null,
): number | Error {
  if (before instanceof Error) return before;
  if (page instanceof Error) return page;
  if (readable instanceof Error) return readable;
  const count = before + (readable?.objects.length ?? 0);
  return count > MAX_COUNTED ? tooLong() : count;
}

function withoutNext(page: EdgeObjectsPage | Error): EdgeObjectsPage | Error {
  return page instanceof Error ? page : { ...page, hasNextPage: false };
}

function tooLong(): PentError<'COUNT_TOO_LONG'> {
  return new PentError(
    'COUNT_TOO_LONG',
    `A list has more than ${MAX_COUNTED} readable objects, and its privacy rules decide on each alone. Make them readable together (sameAs), or do not count them.`,
  );
}
