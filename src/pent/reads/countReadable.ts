import type { Range } from '../../kvetch/codec/orderKey.ts';
import type { ObjectPage, ReadExtra } from '../../kvetch/reads/KvetchReads.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import type { Context, PentPage } from '../contract.ts';
import { PentError } from '../errors.ts';
import { allowAll } from '../privacy/always.ts';
import { hasRules, mayHideEntries, parentOf } from '../privacy/readability.ts';
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

/** A list to count: of an edge from an object, or of an index under a value. */
export interface CountedList {
  readonly kind: 'edge' | 'index';
  readonly name: string | number;
  readonly of: unknown;
  readonly range?: Range | undefined;
}

/**
 * For each list how many objects of it the viewer may read; null for null. Where all of a list are readable, or its
 * objects are readable as the list's owner is (`sameAs`), the store counts; else the list is read.
 */
export async function countReadable(
  context: Context,
  lists: ReadonlyArray<CountedList | null>,
  call: { readonly isOver: boolean } = { isOver: false },
): Promise<ReadonlyArray<number | Error | null>> {
  const counts = new Array<number | Error | null>(lists.length).fill(null);
  const count = async (isWanted: (list: CountedList) => boolean, read: CountLists): Promise<void> => {
    const places = lists.flatMap((list, at) => (list !== null && isWanted(list) ? [at] : []));
    if (places.length === 0) return;
    const found = await read(places.map((at) => lists[at] as CountedList));
    for (const [n, at] of places.entries()) counts[at] = found[n] ?? null;
  };
  const { reads } = context.kvetch;
  const isKept = (list: CountedList): boolean => isCountedByStore(context, list);
  await Promise.all([
    count(
      (list) => list.kind === 'edge' && isKept(list),
      (some) =>
        reads.counts(
          some.map(({ name, of, range }) => ({ edge: name, fromId: of as string, range })),
          OF_STEP,
        ),
    ),
    count(
      (list) => list.kind === 'index' && isKept(list),
      (some) =>
        reads.indexCounts(
          some.map(({ name, of, range }) => ({ index: name, value: of, range })),
          OF_STEP,
        ),
    ),
    count(
      (list) => !isKept(list),
      (some) => countAll(context, some, call),
    ),
  ]);
  return counts;
}

type CountLists = (lists: readonly CountedList[]) => MaybePromise<ReadonlyArray<number | Error>>;

/** Whether the list's objects are readable all together. Their owner is: it was read. */
function isCountedByStore(context: Context, list: CountedList): boolean {
  const { typeId, attribute: storedIdAttr } = targetOf(context, list);
  const target = context.model.find(typeId);
  if (target === null || !mayHideEntries(context, target, storedIdAttr)) return target !== null;
  const { rules, fallback } = context.model.objectRules.get(target) ?? { rules: [], fallback: true };
  const [rule, ...others] = rules;
  const isDecided = others.length === 0 ? fallback : others[0] === allowAll;
  return (
    list.kind === 'edge' &&
    isDecided &&
    !hasRules(context.model, target, storedIdAttr) &&
    storedIdAttr !== null &&
    rule !== undefined &&
    parentOf(rule) === storedIdAttr
  );
}

/** The type of a list's objects, and the attribute that the list follows from, if it is one. */
function targetOf(
  { model: { schema } }: Context,
  { kind, name }: CountedList,
): { readonly typeId: number; readonly attribute: string | null } {
  if (kind === 'index') {
    const { typeId, attr } = schema.index(name);
    return { typeId, attribute: attr };
  }
  const { toTypeId, storedIdAttr } = schema.edge(name);
  return { typeId: toTypeId, attribute: storedIdAttr };
}

/** Of lists that follow from one attribute, if from any. `call`: nobody waits for the counts when it is over. */
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
  const [first] = lists;
  const attribute = first === undefined ? null : targetOf(context, first).attribute;
  for (let scanned = 0; open.length > 0 && scanned < MAX_SCANNED && !call.isOver; scanned += PAGE) {
    if (scanned > 0 && scanned % BREATH === 0) await new Promise(setImmediate);
    const pages = await readPages(context, open);
    const goals = open.map(() => ({ first: PAGE, wantsNext: false, wantsEntries: false }));
    // Hidden objects are left out, and a page is not filled up: the next page follows.
    const readable = await fillPages(context, goals, pages.map(withoutNext), () => [], null, attribute);
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
  const ofKind = (kind: CountedList['kind']) => open.filter(({ list }) => list.kind === kind);
  const part = ({ list: { range }, after }: (typeof open)[number]) => ({ after, first: PAGE, range });
  const [edges, indexes] = await Promise.all([
    reads.edgeObjects(
      ofKind('edge').map((one) => ({ ...part(one), edge: one.list.name, fromId: one.list.of as string })),
      OF_STEP,
    ),
    reads.indexObjects(
      ofKind('index').map((one) => ({ ...part(one), index: one.list.name, value: one.list.of })),
      OF_STEP,
    ),
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

function tooLong(): PentError<'COUNT_TOO_LONG'> {
  return new PentError(
    'COUNT_TOO_LONG',
    `A list has more than ${MAX_COUNTED} readable objects, and its privacy rules decide on each alone. Make them readable together (sameAs), or do not count them.`,
  );
}
