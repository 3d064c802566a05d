import { isRecord } from '../../utils/isRecord.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { decodeEdge } from '../codec/decodeEdge.ts';
import { isListed, partOf } from '../codec/listSource.ts';
import { parseId } from '../ids/parseId.ts';
import { type KvetchContext, reportRepair } from '../KvetchContext.ts';
import type { KvetchEdge } from '../KvetchEdge.ts';
import type { KvetchObject } from '../KvetchObject.ts';
import { type EdgeRef, type EdgeType, followsObjects, type IndexRef, type IndexType } from '../schema/KvetchSchema.ts';
import { chainEntries, isPromise } from '../shards/chain.ts';
import type { EdgeRow } from '../shards/rows.ts';
import type { Batch, Entry } from '../shards/ShardStore.ts';
import { entryKey, valueListOf, valueListsOf } from '../writes/derive.ts';
import { wantedOf } from './askShards.ts';
import { attempt, mapEntries } from './attempt.ts';
import { eitherWay } from './eitherWay.ts';
import { Guess, type ListName, type ListTraits } from './Guesses.ts';
import type {
  EdgeObjectsPage,
  EdgesRequest,
  IndexPage,
  IndexRequest,
  ObjectPage,
  PageWays,
  ReadExtra,
  TargetIds,
} from './KvetchReads.ts';
import { endCursor, isWanted, type RowPage, readRowPages } from './readEdges.ts';
import { isList, readIndex, valueKey } from './readIndex.ts';
import { readKnownObjects } from './readObjects.ts';
import { readValueLists, type ValuePage } from './readValueLists.ts';
import { recorderOf } from './track.ts';

/** Reads lists and then all their targets at once. Entries that their target contradicts are left out and reported. */
export function readEdgeObjects(
  context: KvetchContext,
  requests: readonly EdgesRequest[],
  extra: ReadExtra | undefined,
): Batch<EdgeObjectsPage> {
  const wantsEdges = isWanted(extra, 'edges');
  const endOf = endsOf(extra);
  const read = readRowPages(context, requests, extra);
  const guess = guessTargets(context, requests, read, extra, edgeLists);
  return chainEntries(read, requests.length, (pages) =>
    withTargets(context, requests, pages, extra, guess, toIds, (page: RowPage, targets, from, at): EdgeObjectsPage => {
      const edge = context.schema.edge(requests[at]?.edge);
      const isTarget = targetTest(edge);
      const edges: KvetchEdge[] = [];
      const objects: Entry<KvetchObject>[] = [];
      const { rows } = page;
      for (let i = 0; i < rows.length; i++) {
        const row = itemAt(rows, i);
        const target = itemAt(targets, from + i);
        // a target that could not be loaded is an error in its place: a list without it would be a wrong list
        const isThere = target instanceof Error || (target?.typeId === edge.toTypeId && isTarget(row.fromId, target));
        if (target === null || !isThere) {
          const { edgeId, fromId, toId } = row;
          reportRepair(context, { reason: 'stale-edge', id: toId, edgeId, fromId, index: null });
          continue;
        }
        if (wantsEdges) edges.push(decodeEdge(row, page.mark));
        objects.push(target);
      }
      const found = { edges, objects, hasNextPage: page.hasNextPage, ...endOf(() => endCursor(rows, page.mark)) };
      return withStale(found, rows.length);
    }),
  );
}

/** How pages tell where they end: by a cursor, by a function that makes it, or not at all. */
function endsOf(extra: ReadExtra | undefined): (make: () => string | null) => Pick<ObjectPage, 'endCursor' | 'end'> {
  if (isWanted(extra, 'endCursor')) return (make) => ({ endCursor: make() });
  return isWanted(extra, 'end') ? (end) => ({ endCursor: null, end }) : () => ({ endCursor: null });
}

/** Reads index pages and then all their objects at once. */
export function readIndexObjects(
  context: KvetchContext,
  requests: readonly IndexRequest[],
  extra: ReadExtra | undefined,
): Batch<ObjectPage> {
  const areLists = requests.map(({ index }) => isList(context, index));
  if (areLists.includes(true)) {
    return eitherWay(
      requests,
      areLists,
      (some) => readIndexObjects(context, some, extra),
      (some) => readListObjects(context, some, extra),
    );
  }
  const read = readIndex(context, requests, extra);
  const guess = guessTargets(context, requests, read, extra, valueLists);
  return chainEntries(read, requests.length, (pages) =>
    withTargets(
      context,
      requests,
      pages,
      extra,
      guess,
      ({ ids }: IndexPage) => ids,
      (page, targets, from, at): ObjectPage => {
        const index = context.schema.index(requests[at]?.index);
        const key = valueKey(index, requests[at]?.value);
        const objects: Entry<KvetchObject>[] = [];
        for (const [i, id] of page.ids.entries()) {
          const target = itemAt(targets, from + i);
          const isThere =
            target instanceof Error || (target?.typeId === index.typeId && hasIndexKey(index, key, target));
          if (target !== null && isThere) objects.push(target);
          else reportRepair(context, { reason: 'stale-entry', id, edgeId: null, fromId: null, index: index.name });
        }
        return withStale({ objects, hasNextPage: page.hasNextPage, endCursor: page.endCursor }, page.ids.length);
      },
    ),
  );
}

/** Reads lists by values and then all their objects at once. */
function readListObjects(
  context: KvetchContext,
  requests: readonly IndexRequest[],
  extra: ReadExtra | undefined,
): Batch<EdgeObjectsPage> {
  const wantsEdges = isWanted(extra, 'edges');
  const endOf = endsOf(extra);
  return chainEntries(readValueLists(context, requests, extra, wantsEdges), requests.length, (pages) =>
    withTargets(context, requests, pages, extra, null, toIds, (page: ValuePage, targets, from, at): EdgeObjectsPage => {
      const { rows, edge, hasNextPage, cursorOf } = page;
      const isTarget = targetTest(edge);
      const edges: KvetchEdge[] = [];
      const objects: Entry<KvetchObject>[] = [];
      for (const [i, row] of rows.entries()) {
        const target = itemAt(targets, from + i);
        const isThere = target instanceof Error || (target?.typeId === edge.toTypeId && isTarget(row.fromId, target));
        if (target === null || !isThere) {
          reportRepair(context, { reason: 'stale-entry', id: row.toId, edgeId: null, fromId: null, index: edge.name });
          continue;
        }
        if (wantsEdges) edges.push(listedEdge(row, page));
        objects.push(target);
      }
      const end = (): string | null => {
        const last = rows.at(-1);
        return last === undefined ? null : cursorOf(last);
      };
      const found = withStale({ edges, objects, hasNextPage, ...endOf(end) }, rows.length);
      const [first] = rows;
      return requests[at]?.isTurned === true && first !== undefined
        ? { ...found, startCursor: cursorOf(first) }
        : found;
    }),
  );
}

/** The record of a row. Cursors of a list that is spread name its first source. */
function listedEdge(row: EdgeRow, { mark, isSpread, cursorOf }: ValuePage): KvetchEdge {
  return decodeEdge(row, mark, isSpread ? cursorOf(row) : null);
}

function hasRange(request: unknown): boolean {
  return isRecord(request) && request.range != null;
}

/** The page with the number of left-out entries: a reader of the next page has looked at them. */
function withStale<TPage extends ObjectPage>(page: TPage, entries: number): TPage {
  return page.objects.length === entries ? page : { ...page, stale: entries - page.objects.length };
}

/** Whether the target of an edge agrees that it is: its stored id or values must say so, and it must be as the list wants. */
export function isTargetOf(edge: EdgeType, fromId: string, target: Readonly<Record<string, unknown>>): boolean {
  const { storedIdAttr, source, where, name } = edge;
  if (source !== null) return attempt(() => valueListOf(edge, String(target.id), target, name)) === fromId;
  if (storedIdAttr === null) return true;
  const stored = target[storedIdAttr];
  if (stored !== fromId && parseId(stored) !== fromId) return false;
  return where.length === 0 || attempt(() => isListed(where, target, name)) === true;
}

/**
 * The same for the targets of one page. Those of a list of values have the values of the one before: then only its part
 * of the list is looked at.
 */
function targetTest(edge: EdgeType): (fromId: string, target: KvetchObject) => boolean {
  const { source, where, name } = edge;
  if (source === null) return (fromId, target) => isTargetOf(edge, fromId, target);
  const deciding = [...source.attrs, ...where].map(({ attr }) => attr);
  let known: KvetchObject | null = null;
  let sources: readonly string[] | null = null;
  return (fromId, target) => {
    const before = known;
    if (before === null || deciding.some((attr) => target[attr] !== before[attr])) {
      const found = attempt(() => valueListsOf(edge, target, name));
      sources = found instanceof Error ? null : found;
      known = target;
    }
    return sources?.[partOf(source, target.id)] === fromId;
  };
}

/** Whether an object has the value of an index entry. */
export function hasIndexKey(index: IndexType, key: string, target: Readonly<Record<string, unknown>>): boolean {
  return !followsObjects(index) || attempt(() => entryKey(index, target, 'The value')) === key;
}

const toIds = ({ rows }: RowPage): readonly string[] => rows.map(({ toId }) => toId);

/** Asks for likely targets together with their lists; `null` where lists are there at once, or are not remembered. */
function guessTargets<TRequest>(
  context: KvetchContext,
  requests: readonly TRequest[],
  read: Batch<unknown>,
  extra: ReadExtra | undefined,
  traits: ListTraits<TRequest>,
): Guess<TRequest> | null {
  const { guesses, scope } = context;
  if (guesses === null || scope === null || !isPromise(read)) return null;
  if (requests.some(hasRange)) return null; // bounds may be any: nothing is remembered of them
  const guess = new Guess(guesses, requests, traits);
  if (guess.ids.every((ids) => ids === null)) return guess;
  scope.guess(guess.ids, extra, wantedOf(context, extra));
  extra?.onTargets?.(
    guess.ids.map((ids) => targetsOf(ids ?? NO_IDS)),
    requests,
  );
  return guess;
}

const NO_IDS: readonly string[] = [];
const NO_TARGETS: TargetIds = { objects: [] };

function targetsOf(ids: readonly string[]): TargetIds {
  return ids.length === 0 ? NO_TARGETS : { objects: ids.map((id) => ({ id })) };
}

const edgeLists: ListTraits<EdgesRequest> = {
  subjectOf: ({ fromId }) => fromId,
  nameOf: ({ edge, ...page }) => ({ of: nameOfRef(edge), ...windowOf(page) }),
  isNamed: ({ edge, ...page }, name) => nameOfRef(edge) === name.of && isWindow(page, name),
};

const valueLists: ListTraits<IndexRequest> = {
  subjectOf: ({ value }) => `${typeof value} ${value}`,
  nameOf: ({ index, ...page }) => ({ of: nameOfRef(index), ...windowOf(page) }),
  isNamed: ({ index, ...page }, name) => nameOfRef(index) === name.of && isWindow(page, name),
};

function windowOf({ first, after, reverse, before }: PageWays): Omit<ListName, 'of'> {
  return { first, after, reverse: reverse === true, before };
}

function isWindow({ first, after, reverse, before }: PageWays, name: ListName): boolean {
  return first === name.first && after === name.after && (reverse === true) === name.reverse && before === name.before;
}

function nameOfRef(ref: EdgeRef | IndexRef): string | number {
  return typeof ref === 'object' ? ref.name : ref;
}

/** `join` makes a page of one and of the targets, in which its own begin at `from`. */
function withTargets<TPage, TOut>(
  context: KvetchContext,
  requests: readonly unknown[],
  pages: ReadonlyArray<Entry<TPage>>,
  extra: ReadExtra | undefined,
  guess: Pick<Guess<unknown>, 'isRight'> | null,
  idsOf: (page: TPage) => readonly string[],
  join: (page: TPage, targets: ReadonlyArray<Entry<KvetchObject | null>>, from: number, at: number) => TOut,
): Batch<TOut> {
  const targetIds = tellTargets(requests, pages, extra, guess, idsOf);
  const starts: number[] = [];
  let count = 0;
  for (const own of targetIds) {
    starts.push(count);
    count += own.length;
  }
  const ids = new Array<string>(count);
  const given = recorderOf(context, extra) === null ? null : new Array<unknown>(count);
  let next = 0;
  for (let at = 0; at < pages.length; at++) {
    for (const id of itemAt(targetIds, at)) ids[next++] = id;
    given?.fill(requests[at], starts[at], next);
  }
  if (extra?.isAhead === true && extra.asked) extra.asked.starts = starts;
  return chainEntries(readKnownObjects(context, ids, extra, given), pages.length, (objects) =>
    mapEntries(pages, (page, at): Entry<TOut> => join(page, objects, itemAt(starts, at), at)),
  );
}

/** The ids on pages. Readers that want them early get those that were not guessed. */
function tellTargets<TPage>(
  requests: readonly unknown[],
  pages: ReadonlyArray<Entry<TPage>>,
  extra: ReadExtra | undefined,
  guess: Pick<Guess<unknown>, 'isRight'> | null,
  idsOf: (page: TPage) => readonly string[],
): ReadonlyArray<readonly string[]> {
  let isNew = false;
  const told: TargetIds[] = [];
  const all = pages.map((page, at): readonly string[] => {
    const ids = page instanceof Error ? NO_IDS : idsOf(page);
    const isKnown = page instanceof Error || guess?.isRight(at, ids) === true;
    if (!isKnown) isNew = true;
    told.push(isKnown ? NO_TARGETS : targetsOf(ids));
    return ids;
  });
  if (isNew) extra?.onTargets?.(told, requests);
  return all;
}
