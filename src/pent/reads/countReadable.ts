import type { EdgesRequest, IndexRequest, ObjectPage, ReadExtra } from '../../kvetch/reads/KvetchReads.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { Context, PentPage } from '../contract.ts';
import { PentError, safeError } from '../errors.ts';
import { type CountedList, isCountedByStore, targetOf } from './countedLists.ts';
import { fillPages } from './fillPages.ts';

/** A list with more readable objects is not counted. */
export const MAX_COUNTED = 10_000;
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
 * For each list how many objects of it the viewer may read; null for null. Where they are readable together, the store
 * counts; else the list is read.
 */
export async function countReadable(
  context: Context,
  lists: ReadonlyArray<CountedList | null>,
  call: { readonly isOver: boolean } = { isOver: false },
): Promise<ReadonlyArray<number | Error | null>> {
  const counts = new Array<number | Error | null>(lists.length).fill(null);
  const kept: { readonly at: number; readonly list: CountedList }[] = [];
  const read: typeof kept = [];
  for (const [at, list] of lists.entries()) {
    if (list !== null) (isCountedByStore(context, list) ? kept : read).push({ at, list });
  }
  const tell = (asked: typeof kept, found: ReadonlyArray<number | Error>): void => {
    for (const [n, { at }] of asked.entries()) counts[at] = found[n] ?? null;
  };
  await Promise.all([
    Promise.resolve(countInStore(context, kept)).then((found) => tell(kept, found)),
    read.length === 0
      ? null
      : countAll(
          context,
          read.map(({ list }) => list),
          call,
        ).then((found) => tell(read, found)),
  ]);
  return counts;
}

async function countInStore(
  { kvetch: { reads } }: Context,
  asked: ReadonlyArray<{ readonly list: CountedList }>,
): Promise<ReadonlyArray<number | Error>> {
  const edges = asked.flatMap(({ list }) => (list.kind === 'edge' ? [list] : []));
  const indexes = asked.flatMap(({ list }) => (list.kind === 'index' ? [list] : []));
  const [ofEdges, ofIndexes] = await Promise.all([
    edges.length === 0
      ? []
      : reads.counts(
          edges.map(({ name, of, range }) => ({ edge: name, fromId: of, range })),
          OF_STEP,
        ),
    indexes.length === 0
      ? []
      : reads.indexCounts(
          indexes.map(({ name, of, range }) => ({ index: name, value: of, range })),
          OF_STEP,
        ),
  ]);
  const next = { edge: 0, index: 0 };
  return asked.map(({ list: { kind } }) => itemAt(kind === 'edge' ? ofEdges : ofIndexes, next[kind]++));
}

/** `call`: nobody waits for the counts when it is over. */
async function countAll(
  context: Context,
  lists: readonly CountedList[],
  call: { readonly isOver: boolean },
): Promise<readonly (number | Error)[]> {
  const counts: (number | Error)[] = lists.map(() => 0);
  let open: { at: number; list: CountedList; after: string | null }[] = lists.map((list, at) => ({
    at,
    list,
    after: null,
  }));
  const told = [...new Set(lists.flatMap((list) => targetOf(context, list).told))];
  for (let scanned = 0; open.length > 0 && scanned < MAX_SCANNED && !call.isOver; scanned += PAGE) {
    if (scanned > 0 && scanned % BREATH === 0) await new Promise(setImmediate);
    const pages = await readPages(context, open);
    const goals = open.map(() => ({ first: PAGE, wantsNext: false, wantsEntries: false }));
    // Hidden objects are left out, and a page is not filled up: the next page follows.
    const readable = await fillPages(context, goals, pages.map(withoutNext), () => [], null, told);
    open = open.flatMap(({ at, list }, n) => {
      const page = itemAt(pages, n);
      const count = countWith(counts[at] ?? 0, page, readable[n] ?? null);
      counts[at] = count;
      const isOpen = !(count instanceof Error || page instanceof Error) && page.hasNextPage;
      return isOpen ? [{ at, list, after: page.endCursor }] : [];
    });
  }
  return counts;
}

async function readPages(
  { kvetch: { reads } }: Context,
  open: ReadonlyArray<{ readonly list: CountedList; readonly after: string | null }>,
): Promise<ReadonlyArray<ObjectPage | Error>> {
  const ofEdges: EdgesRequest[] = [];
  const ofIndexes: IndexRequest[] = [];
  for (const { list, after } of open) {
    const page = { after, first: PAGE, range: list.range };
    if (list.kind === 'edge') ofEdges.push({ ...page, edge: list.name, fromId: list.of });
    else ofIndexes.push({ ...page, index: list.name, value: list.of });
  }
  const [edges, indexes] = await Promise.all([
    ofEdges.length === 0 ? [] : reads.edgeObjects(ofEdges, OF_STEP),
    ofIndexes.length === 0 ? [] : reads.indexObjects(ofIndexes, OF_STEP),
  ]);
  const next = { edge: 0, index: 0 };
  return open.map(({ list: { kind } }) => itemAt<ObjectPage | Error>(kind === 'edge' ? edges : indexes, next[kind]++));
}

/** A count with the readable objects of one more page. */
function countWith(
  before: number | Error,
  page: ObjectPage | Error,
  readable: PentPage | Error | null,
): number | Error {
  if (before instanceof Error) return before;
  if (page instanceof Error) return page;
  if (readable instanceof Error) return readable;
  const count = before + (readable?.objects.length ?? 0);
  return count > MAX_COUNTED ? tooLong() : count;
}

function withoutNext(page: ObjectPage | Error): ObjectPage | Error {
  return page instanceof Error ? page : { ...page, hasNextPage: false };
}

/** That a list has more readable objects than are counted. */
export function tooLong(): Error {
  const cause = new PentError(
    'COUNT_TOO_LONG',
    'Rules decide on each object of the list alone. Make them readable together (sameAs, allowWhere), or do not count them.',
  );
  const message = `This list is not counted: you may read more than ${MAX_COUNTED} objects of it.`;
  return safeError('COUNT_TOO_LONG', message, {}, cause);
}
