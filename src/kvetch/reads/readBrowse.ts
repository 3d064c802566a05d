import { decodeObject } from '../codec/objectBody.ts';
import type { KvetchContext } from '../KvetchContext.ts';
import type { KvetchObject } from '../KvetchObject.ts';
import { chain } from '../shards/chain.ts';
import type { ObjectRow } from '../shards/rows.ts';
import type { Batch, BrowseRequest, Entry } from '../shards/ShardStore.ts';
import { mapEntries } from './attempt.ts';
import { parseFirst, parseIdStart } from './cursors.ts';
import type { BrowsePageRequest, ObjectPage, ReadExtra } from './KvetchReads.ts';
import { track } from './track.ts';

/** One page per request. */
type StoreAnswer = ReadonlyArray<Entry<readonly ObjectRow[]>>;

/**
 * Reads pages of all objects of a type, by id. Every node gives its first rows and they are merged; a page without
 * those of a node that is down would skip ids for ever, so it is an error.
 */
export function readBrowse(
  context: KvetchContext,
  requests: readonly BrowsePageRequest[],
  extra: ReadExtra | undefined,
): Batch<ObjectPage> {
  if (requests.length === 0) return [];
  const keys = mapEntries(requests, (request) => toBrowseRequest(context, request));
  track(context, extra, 't:', keys, ({ typeId }) => String(typeId), requests);
  const good = keys.filter((key): key is Omit<BrowseRequest, 'shards'> => !(key instanceof Error));
  if (good.length === 0) return keys as readonly Error[];
  context.stats.rounds++;
  return chain(
    context.shards.all({
      keys: good,
      call: (store, batch, shards) => store.browse(batch.map((request) => ({ ...request, shards }))),
    }),
    (answers: readonly StoreAnswer[]) => {
      let next = 0;
      return mapEntries(keys, (request, at) => {
        const page = mergePage(answers, next++, request.limit);
        const given = page.objects.map(() => requests[at]);
        track(context, extra, 'o:', page.objects, ({ id }: KvetchObject) => id, given);
        return page;
      });
    },
  );
}

function toBrowseRequest({ schema, limits }: KvetchContext, request: BrowsePageRequest): Omit<BrowseRequest, 'shards'> {
  const { typeId } = schema.type(request.type);
  const first = parseFirst(request.first, limits.defaultFirst, limits.maxFirst);
  return { typeId, afterId: parseIdStart(request.after), limit: first === 0 ? 0 : first + 1 };
}

function mergePage(answers: readonly StoreAnswer[], at: number, limit: number): ObjectPage {
  const rows: ObjectRow[] = [];
  for (const answer of answers) {
    const page = answer[at] ?? [];
    if (page instanceof Error) throw page;
    rows.push(...page);
  }
  rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  const page = rows.slice(0, Math.max(0, limit - 1));
  const objects = mapEntries(page, decodeObject);
  return { objects, hasNextPage: limit > 0 && rows.length >= limit, endCursor: page.at(-1)?.id ?? null };
}
