import { indexKey } from '../codec/indexKey.ts';
import { checkFilled, type KvetchContext } from '../KvetchContext.ts';
import { chainEntries } from '../shards/chain.ts';
import type { EntryPageRequest } from '../shards/pageRequests.ts';
import type { Batch } from '../shards/ShardStore.ts';
import { askShards } from './askShards.ts';
import { mapEntries } from './attempt.ts';
import { parseFirst, parseIdStart } from './cursors.ts';
import type { IndexPage, IndexRequest, ReadExtra } from './KvetchReads.ts';
import { track } from './track.ts';

/** Reads the ids that indexes hold for values, by id. One value lives on one node. */
export function readIndex(
  context: KvetchContext,
  requests: readonly IndexRequest[],
  extra: ReadExtra | undefined,
): Batch<IndexPage> {
  if (requests.length === 0) return [];
  const keys = mapEntries(requests, (request) => toPageRequest(context, request));
  track(context, extra, 'i:', keys, ({ index, value }) => `${index}:${value}`, requests);
  const pages = askShards(context, extra, 'entries', keys);
  return chainEntries(pages, keys.length, (rows) =>
    mapEntries(rows, (page, at): IndexPage => {
      const { limit } = keys[at] as EntryPageRequest; // an error among the keys is an error among the rows
      const ids = (page.length < limit ? page : page.slice(0, limit - 1)).map(({ targetId }) => targetId);
      return { ids, hasNextPage: limit > 1 && page.length === limit, endCursor: ids.at(-1) ?? null };
    }),
  );
}

function toPageRequest(context: KvetchContext, request: IndexRequest): EntryPageRequest {
  const { schema, limits } = context;
  const index = schema.index(request.index);
  checkFilled(context, index);
  const { name, kind } = index;
  const value = indexKey(kind, request.value, `The value of the index "${name}"`);
  const first = parseFirst(request.first, limits.defaultFirst, limits.maxFirst);
  return { index: name, value, afterId: parseIdStart(request.after), limit: first === 0 ? 0 : first + 1 };
}
