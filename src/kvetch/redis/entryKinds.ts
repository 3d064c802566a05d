import { isDecodable } from '../codec/decodeEdge.ts';
import { attributesOf } from '../codec/objectBody.ts';
import { isOrdered } from '../schema/listNumbers.ts';
import { type EdgePageRequest, type EntryPageRequest, hasBounds, isOfAll } from '../shards/pageRequests.ts';
import { isBehind, isEntryBehind } from '../shards/reflectsWrite.ts';
import { type EdgeRow, type EntryRow, LIVE, type ObjectRow } from '../shards/rows.ts';
import type { CountRequest } from '../shards/ShardStore.ts';
import type { CacheKeys } from './cacheKeys.ts';
import type { EntryKind } from './Reading.ts';
import {
  COMPLETE,
  countText,
  entriesText,
  FULL,
  isPastBounds,
  listText,
  objectText,
  PREFIX,
  parseCount,
  parseEntries,
  parseList,
  parseObject,
  parseSum,
  sumText,
} from './rowText.ts';

/** Shared by the kinds of entries: names, and how long entries live. */
export interface EntryContext {
  readonly keys: CacheKeys;
  readonly objectTtl: (row: ObjectRow | null) => number;
  readonly listTtl: (length: number) => number;
  /** How many edges or index entries of one list are kept at most: the first ones. */
  readonly maxList: number;
}

const MAX_LIST_CHARS = 1 << 18;
/** A longer list costs more to read than to ask the store for some of its edges. */
const MAX_MEMBERS = 200;

/** All kinds of entries. */
export interface EntryKinds {
  readonly objects: EntryKind<string, ObjectRow | null>;
  readonly lists: EntryKind<EdgePageRequest, readonly EdgeRow[]>;
  readonly counts: EntryKind<CountRequest, number>;
  readonly entries: EntryKind<EntryPageRequest, readonly EntryRow[]>;
  /** A list of no more edges than this answers whether an edge is in it. */
  readonly maxMembers: number;
}

export function entryKinds(context: EntryContext): EntryKinds {
  return {
    ...{ objects: objectKind(context), lists: listKind(context), counts: countKind(context) },
    ...{ entries: entriesKind(context), maxMembers: Math.min(MAX_MEMBERS, context.maxList) },
  };
}

function objectKind({ keys, objectTtl }: EntryContext): EntryKind<string, ObjectRow | null> {
  return {
    keyOf: (id) => keys.object(id),
    parse: (id, reply) => {
      const row = parseObject(id, reply);
      if (row === undefined || (row?.state === LIVE && attributesOf(row) === null)) return 'miss';
      return row;
    },
    signOf: () => 0,
    isFresh: (freshness, id, row) => freshness.isShownByObject(id, row),
    settle: (freshness, id, row) => freshness.settleObject(id, row),
    load: (store, ids, options) => store.readObjects(ids, options),
    toFill: (id) => id,
    answer: (_id, row) => row,
    fillArgs: (_id, row) => [objectText(row), objectTtl(row)],
  };
}

/**
 * The first edges of a list, in one text that notes whether the list ends there, and the last ones likewise, the last of all
 * first. A page that begins at the start fills as much as it asks for; a page further on fills the list as far as it is kept.
 */
function listKind({ keys, listTtl, maxList }: EntryContext): EntryKind<EdgePageRequest, readonly EdgeRow[]> {
  return {
    keyOf: ({ edgeId, fromId, afterPos, afterId, limit, reverse = false }) => {
      const needsStore = limit === 0 || limit > maxList + 1 || (afterId !== null && afterPos === null);
      return needsStore ? null : keys.list(edgeId, fromId, reverse);
    },
    parse: (request, reply) => {
      const found = parseList(request, reply);
      if (found === undefined || !found.rows.every(isDecodable)) return 'miss';
      if (found.rows.length === request.limit || found.end === COMPLETE) return found.rows;
      return found.end === FULL ? 'uncachable' : 'miss';
    },
    signOf: (request) => {
      const { limit, afterPos, afterId, afterKey, low, high } = request;
      if (isWhole(request)) return limit;
      return isOrdered(request.edgeId)
        ? `${limit} ${afterKey} ${afterId} ${low} ${high}`
        : `${limit} ${afterPos} ${afterId}`;
    },
    isFresh: (freshness, request, rows) => freshness.isShownByList(request, rows),
    settle: (freshness, request, rows) => freshness.settleList(request, rows),
    load: (store, requests, options) => store.readEdgePages(requests, options),
    toFill: (request) => {
      const { edgeId, fromId, reverse, isBrief } = request;
      if (isWhole(request)) return isBrief === true ? { ...request, isBrief: false } : request;
      const way = reverse === true ? { reverse } : null;
      return { edgeId, fromId, afterPos: null, afterId: null, limit: maxList, ...way };
    },
    answer: (request, loaded) => {
      if (isWhole(request)) return loaded;
      const last = loaded.at(-1);
      const isPast = last !== undefined && isPastBounds(last, request);
      return pageOf(request, loaded, isPast ? Number.POSITIVE_INFINITY : maxList, (row) => isBehind(row, request));
    },
    fillArgs: ({ limit, reverse = false }, loaded) => {
      const text = listText(loaded, endOf(loaded.length, limit, maxList), MAX_LIST_CHARS, reverse);
      return [text, listTtl(loaded.length)];
    },
  };
}

/** Whether a page begins where its list does, and has no bounds. */
function isWhole(request: EdgePageRequest): boolean {
  return request.afterId === null && !hasBounds(request);
}

/** The number of edges in a list, or the sum of what it is ordered by. The same writes remove it and the list. */
function countKind({ keys, listTtl }: EntryContext): EntryKind<CountRequest, number> {
  return {
    keyOf: (request, fresh) => {
      if (!isOfAll(request) || (fresh instanceof Object && fresh.hasWritten(request))) return null;
      const { edgeId, fromId, sum } = request;
      return sum === undefined ? keys.count(edgeId, fromId) : keys.sum(edgeId, fromId);
    },
    parse: ({ sum }, reply) => (sum === undefined ? parseCount(reply) : parseSum(reply)) ?? 'miss',
    signOf: () => 0,
    isFresh: () => true, // the reader's own writes do not matter here
    settle: () => undefined,
    load: (store, requests, options) => store.countEdges(requests, options),
    toFill: (request) => request,
    answer: (_request, count) => count,
    fillArgs: ({ sum }, count) => [sum === undefined ? countText(count) : sumText(count), listTtl(count)],
  };
}

/** The first entries of an index value, in one text, and the last ones in another, the last of all first. */
function entriesKind({ keys, listTtl, maxList }: EntryContext): EntryKind<EntryPageRequest, readonly EntryRow[]> {
  return {
    keyOf: ({ index, value, limit, reverse = false }) =>
      limit === 0 || limit > maxList + 1 ? null : keys.entries(index, value, reverse),
    parse: (request, reply) => {
      const { index, value, limit } = request;
      const found = parseEntries(index, value, reply);
      if (found === undefined) return 'miss';
      const rows = request.afterId === null ? found.rows : found.rows.filter((row) => isEntryBehind(row, request));
      if (rows.length >= limit || found.end === COMPLETE) return rows.slice(0, limit);
      return found.end === FULL ? 'uncachable' : 'miss';
    },
    // keys of long values are digests
    signOf: ({ value, limit, afterId }) => `${limit} ${afterId} ${value}`,
    isFresh: (freshness, request, rows) => freshness.isShownByEntries(request, rows),
    settle: (freshness, request, rows) => freshness.settleEntries(request, rows),
    load: (store, requests, options) => store.readEntryPages(requests, options),
    toFill: (request) => (request.afterId === null ? request : { ...request, afterId: null, limit: maxList }),
    answer: (request, loaded) =>
      request.afterId === null ? loaded : pageOf(request, loaded, maxList, (row) => isEntryBehind(row, request)),
    fillArgs: ({ value, limit }, loaded) => [
      entriesText(value, endOf(loaded.length, limit, maxList), loaded),
      listTtl(loaded.length),
    ],
  };
}

/** The requested page, out of the loaded beginning of a list. Undefined: the page ends behind that. */
function pageOf<TRow>(
  { limit }: { readonly limit: number },
  loaded: readonly TRow[],
  maxList: number,
  isIn: (row: TRow) => boolean,
): readonly TRow[] | undefined {
  const rows = loaded.filter(isIn);
  return rows.length >= limit || loaded.length < maxList ? rows.slice(0, limit) : undefined;
}

function endOf(length: number, limit: number, maxList: number): string {
  if (length < limit) return COMPLETE;
  return limit >= maxList ? FULL : PREFIX;
}
