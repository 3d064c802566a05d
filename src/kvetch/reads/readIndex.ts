import { isRecord } from '../../utils/isRecord.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { indexKey } from '../codec/indexKey.ts';
import { joinKeys, keysOf } from '../codec/listSource.ts';
import { BadValueError } from '../errors.ts';
import { checkFilled, type KvetchContext } from '../KvetchContext.ts';
import type { IndexRef, IndexType } from '../schema/KvetchSchema.ts';
import { chainEntries } from '../shards/chain.ts';
import type { EntryPageRequest } from '../shards/pageRequests.ts';
import type { Batch } from '../shards/ShardStore.ts';
import { askShards } from './askShards.ts';
import { mapEntries } from './attempt.ts';
import { parseFirst, parseIdStart, shownById } from './cursors.ts';
import { eitherWay } from './eitherWay.ts';
import { withoutExpired } from './judged.ts';
import type { IndexPage, IndexRequest, ReadExtra } from './KvetchReads.ts';
import { noBounds } from './readEdges.ts';
import { readValueLists } from './readValueLists.ts';
import { track } from './track.ts';

/** Reads the ids that indexes hold for values, by id. One value lives on one node. */
export function readIndex(
  context: KvetchContext,
  requests: readonly IndexRequest[],
  extra: ReadExtra | undefined,
): Batch<IndexPage> {
  if (requests.length === 0) return [];
  const areLists = requests.map(({ index }) => isList(context, index));
  if (areLists.includes(true)) {
    return eitherWay(
      requests,
      areLists,
      (some) => readIndex(context, some, extra),
      (some) => readListIds(context, some, extra),
    );
  }
  const keys = mapEntries(requests, (request) => toPageRequest(context, request));
  track(context, extra, 'i:', keys, ({ index, value }) => `${index}:${value}`, requests);
  const wantsCursors = extra?.attributes?.includes('cursors') === true;
  const pages = askShards(context, extra, 'entries', keys);
  return chainEntries(pages, keys.length, (rows) =>
    mapEntries(rows, (found, at): IndexPage => {
      const { limit } = keys[at] as EntryPageRequest; // an error among the keys is an error among the rows
      const { shown, hasNextPage } = shownById(found, ({ targetId }) => targetId, limit, itemAt(requests, at));
      const ids = shown.map(({ targetId }) => targetId);
      const page = { ids, hasNextPage, endCursor: ids.at(-1) ?? null };
      return wantsCursors ? { ...page, cursors: ids } : page;
    }),
  );
}

/** The same without the ids of objects that have expired. */
export function readShownIndex(
  context: KvetchContext,
  requests: readonly IndexRequest[],
  extra: ReadExtra | undefined,
): Batch<IndexPage> {
  return withoutExpired(context, readIndex(context, requests, extra), requests, extra, {
    typeOf: ({ index }) => context.schema.index(index).typeId,
    idsOf: ({ ids }) => ids,
    keep: (page, isThere) => ({
      ...page,
      ids: page.ids.filter((_, at) => isThere(at)),
      ...(page.cursors && { cursors: page.cursors.filter((_, at) => isThere(at)) }),
    }),
  });
}

function toPageRequest(context: KvetchContext, request: IndexRequest): EntryPageRequest {
  const { schema, limits } = context;
  const index = schema.index(request.index);
  checkFilled(context, index);
  const { name } = index;
  const { reverse, range = null } = request;
  if (range !== null && Object.keys(range).length > 0) throw noBounds(`The index "${name}"`, range);
  const value = valueKey(index, request.value);
  const first = parseFirst(request.first, limits.defaultFirst, limits.maxFirst);
  const page = { index: name, value, afterId: parseIdStart(request.after), limit: first === 0 ? 0 : first + 1 };
  return reverse === true ? { ...page, reverse } : page;
}

/** The index key of a value as it is asked for: that of several attributes is an object of them. */
export function valueKey({ name, kind, attrs }: IndexType, value: unknown): string {
  const place = `The value of the index "${name}"`;
  if (attrs.length < 2) return indexKey(kind, value, place);
  const keys = isRecord(value) ? keysOf(attrs, value, place) : null;
  if (keys !== null) return joinKeys(keys, place);
  throw new BadValueError(
    `${place} must be an object of these attributes: ${attrs.map(({ attr }) => attr).join(', ')}.`,
  );
}

/** Whether an index' objects are listed in an order. An unknown one is not. */
export function isList({ schema }: KvetchContext, ref: IndexRef): boolean {
  const name = typeof ref === 'object' ? ref.name : ref;
  return schema.indexes.length > 0 && schema.hasList(name);
}

function readListIds(
  context: KvetchContext,
  requests: readonly IndexRequest[],
  extra: ReadExtra | undefined,
): Batch<IndexPage> {
  // a page that is turned ends where it began
  const wantsCursors =
    extra?.attributes?.includes('cursors') === true || requests.some(({ reverse }) => reverse === true);
  return chainEntries(readValueLists(context, requests, extra, false), requests.length, (pages) =>
    mapEntries(pages, ({ rows, hasNextPage, cursorOf }): IndexPage => {
      const last = rows.at(-1);
      const endCursor = last === undefined ? null : cursorOf(last);
      const page = { ids: rows.map(({ toId }) => toId), hasNextPage, endCursor };
      return wantsCursors ? { ...page, cursors: rows.map(cursorOf) } : page;
    }),
  );
}
