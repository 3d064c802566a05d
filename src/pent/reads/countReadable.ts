import type { EdgeObjectsPage, ReadExtra } from '../../kvetch/reads/KvetchReads.ts';
import type { EdgeRef, EdgeType } from '../../kvetch/schema/KvetchSchema.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { Context, PentObject } from '../contract.ts';
import { PentError } from '../errors.ts';
import { isRestricted, readRules } from '../privacy/readability.ts';
import { fillPages } from './fillPages.ts';

/** So many entries of a list are looked at to count the readable ones. */
const MAX_COUNTED = 10_000;
const PAGE = 1_000;
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
): Promise<ReadonlyArray<number | Error | null>> {
  const ids = owners.flatMap((owner) => (owner === null ? [] : [owner.id]));
  const edgeType = context.model.schema.edge(edge);
  const counts = isCountedByStore(context, edgeType)
    ? await context.kvetch.reads.counts(
        ids.map((fromId) => ({ edge, fromId })),
        OF_STEP,
      )
    : await countAll(context, edge, ids);
  let next = 0;
  return owners.map((owner) => (owner === null ? null : (counts[next++] ?? null)));
}

/** Whether the list's objects are readable all together. Their owner is: it was read. */
function isCountedByStore(context: Context, { toTypeId, storedIdAttr }: EdgeType): boolean {
  const target = context.model.find(toTypeId);
  if (target === null || !isRestricted(context, target)) return target !== null;
  const [rule, ...others] = readRules(target.privacy);
  return (
    others.length === 0 && storedIdAttr !== null && rule?.parent === storedIdAttr && context.model.byDefault === 'allow'
  );
}

async function countAll(context: Context, edge: EdgeRef, ids: readonly string[]): Promise<readonly (number | Error)[]> {
  const counts: (number | Error)[] = ids.map(() => 0);
  let open: { at: number; fromId: string; after: string | null }[] = ids.map((fromId, at) => ({
    at,
    fromId,
    after: null,
  }));
  for (let scanned = 0; open.length > 0; scanned += PAGE) {
    if (scanned >= MAX_COUNTED) {
      for (const { at } of open) counts[at] = tooLong();
      break;
    }
    const requests = open.map(({ fromId, after }) => ({ edge, fromId, after, first: PAGE }));
    const pages = await context.kvetch.reads.edgeObjects(requests, OF_STEP);
    const goals = open.map(() => ({ first: PAGE, wantsNext: false, wantsEntries: false }));
    // Hidden objects are left out, and a page is not filled up: the next page follows.
    const readable = await fillPages(context, goals, pages.map(withoutNext), () => [], null);
    open = open.flatMap(({ at, fromId }, n) => {
      const page = itemAt(pages, n);
      const own = readable[n];
      const failed = page instanceof Error ? page : own instanceof Error ? own : null;
      const before = counts[at];
      if (failed !== null) counts[at] = failed;
      else if (typeof before === 'number' && !(own instanceof Error)) counts[at] = before + (own?.objects.length ?? 0);
      if (page instanceof Error || failed !== null) return [];
      return page.hasNextPage ? [{ at, fromId, after: page.endCursor }] : [];
    });
  }
  return counts;
}

function withoutNext(page: EdgeObjectsPage | Error): EdgeObjectsPage | Error {
  return page instanceof Error ? page : { ...page, hasNextPage: false };
}

function tooLong(): PentError<'COUNT_TOO_LONG'> {
  return new PentError(
    'COUNT_TOO_LONG',
    `A list has more than ${MAX_COUNTED} entries, and its privacy rules decide on each alone. Make them readable together (sameAs), or do not count them.`,
  );
}
