import type { EdgesRequest, IndexRequest, ObjectPage, ReadExtra } from '../../kvetch/reads/KvetchReads.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { Context } from '../contract.ts';
import { type CountedList, isCountedByStore, targetOf } from './countedLists.ts';
import { fillPages } from './fillPages.ts';
import { averageOf, type Found, Tally } from './Tally.ts';

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
 * For each list how many objects of it the viewer may read, or the sum or the average of an attribute of these; null for
 * null, and for the average of none. Where they are readable together, the store counts; else the list is read.
 */
export async function countReadable(
  context: Context,
  lists: ReadonlyArray<CountedList | null>,
  call: { readonly isOver: boolean } = { isOver: false },
): Promise<readonly Found[]> {
  const counts = new Array<Found>(lists.length).fill(null);
  const kept: { readonly at: number; readonly list: CountedList }[] = [];
  const read: typeof kept = [];
  for (const [at, list] of lists.entries()) {
    if (list !== null) (isCountedByStore(context, list) ? kept : read).push({ at, list });
  }
  const tell = (asked: typeof kept, found: readonly Found[]): void => {
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
): Promise<readonly Found[]> {
  const requests = asked.map(({ list }) => (list.isAverage === true ? [list, { ...list, sum: undefined }] : [list]));
  const all = requests.flat();
  const edges = all.flatMap((list) => (list.kind === 'edge' ? [list] : []));
  const indexes = all.flatMap((list) => (list.kind === 'index' ? [list] : []));
  const [ofEdges, ofIndexes] = await Promise.all([
    edges.length === 0
      ? []
      : reads.counts(
          edges.map(({ name, of, range, sum }) => ({ edge: name, fromId: of, range, sum })),
          OF_STEP,
        ),
    indexes.length === 0
      ? []
      : reads.indexCounts(
          indexes.map(({ name, of, range, sum }) => ({ index: name, value: of, range, sum })),
          OF_STEP,
        ),
  ]);
  const next = { edge: 0, index: 0 };
  return requests.map((lists): Found => {
    const [value, count] = lists.map(({ kind }) => itemAt(kind === 'edge' ? ofEdges : ofIndexes, next[kind]++));
    return count === undefined ? (value ?? null) : averageOf(value ?? null, count);
  });
}

/** `call`: nobody waits for the counts when it is over. */
async function countAll(
  context: Context,
  lists: readonly CountedList[],
  call: { readonly isOver: boolean },
): Promise<readonly Found[]> {
  const tallies = lists.map((list) => new Tally(context, list));
  let open = tallies.map((tally): OpenList => ({ tally, after: null }));
  const told = [...new Set(lists.flatMap((list) => targetOf(context, list).told))];
  for (let scanned = 0; open.length > 0 && scanned < MAX_SCANNED && !call.isOver; scanned += PAGE) {
    if (scanned > 0 && scanned % BREATH === 0) await new Promise(setImmediate);
    const pages = await readPages(context, open);
    const goals = open.map(({ tally }) => ({ first: PAGE, wantsNext: false, wantsEntries: tally.isOfEntries }));
    // Hidden objects are left out, and a page is not filled up: the next page follows.
    const readable = await fillPages(context, goals, pages.map(withoutNext), () => [], null, told);
    open = open.flatMap(({ tally }, n) => {
      const page = itemAt(pages, n);
      tally.add(page instanceof Error ? page : (readable[n] ?? null));
      const isOpen = !(tally.isRefused || page instanceof Error) && page.hasNextPage;
      return isOpen ? [{ tally, after: page.endCursor }] : [];
    });
  }
  return tallies.map((tally) => tally.result);
}

interface OpenList {
  readonly tally: Tally;
  readonly after: string | null;
}

async function readPages(
  { kvetch: { reads } }: Context,
  open: readonly OpenList[],
): Promise<ReadonlyArray<ObjectPage | Error>> {
  const ofEdges: EdgesRequest[] = [];
  const ofIndexes: IndexRequest[] = [];
  for (const { tally, after } of open) {
    const { list } = tally;
    const page = { after, first: PAGE, range: list.range };
    if (list.kind === 'edge') ofEdges.push({ ...page, edge: list.name, fromId: list.of });
    else ofIndexes.push({ ...page, index: list.name, value: list.of });
  }
  const [edges, indexes] = await Promise.all([
    ofEdges.length === 0 ? [] : reads.edgeObjects(ofEdges, OF_STEP),
    ofIndexes.length === 0 ? [] : reads.indexObjects(ofIndexes, OF_STEP),
  ]);
  const next = { edge: 0, index: 0 };
  return open.map(({ tally: { list } }) =>
    itemAt<ObjectPage | Error>(list.kind === 'edge' ? edges : indexes, next[list.kind]++),
  );
}

function withoutNext(page: ObjectPage | Error): ObjectPage | Error {
  return page instanceof Error ? page : { ...page, hasNextPage: false };
}
