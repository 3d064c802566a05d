import { itemAt } from '../../utils/itemAt.ts';
import { decodeObject } from '../codec/objectBody.ts';
import { type KvetchContext, seenRow } from '../KvetchContext.ts';
import type { KvetchObject } from '../KvetchObject.ts';
import { chain, inOwnContext } from '../shards/chain.ts';
import { LIVE, type ObjectRow } from '../shards/rows.ts';
import type { Batch, Entry } from '../shards/ShardStore.ts';
import { attempt, mapEntries } from './attempt.ts';
import type { BrowseWindow } from './Browsed.ts';
import { parseFirst, parseIdStart, shownById } from './cursors.ts';
import type { BrowsePageRequest, ObjectPage, ReadExtra } from './KvetchReads.ts';
import { track } from './track.ts';

/** The rows of each window. */
type StoreAnswer = Batch<readonly ObjectRow[]>;

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
  const good = keys.filter((key): key is BrowseWindow => !(key instanceof Error));
  if (good.length === 0) return keys as readonly Error[];
  return chain(readRows(context, good), (found) => {
    let next = 0;
    return mapEntries(keys, (request, at) => {
      const rows = itemAt(found, next++);
      if (rows instanceof Error) return rows;
      const page = toPage(context, rows, request, itemAt(requests, at));
      const given = page.objects.map(() => requests[at]);
      track(context, extra, 'o:', page.objects, ({ id }: KvetchObject) => id, given);
      return page;
    });
  });
}

/** The rows of windows: a request asks for each once. */
function readRows({ shards, stats, scope }: KvetchContext, windows: readonly BrowseWindow[]): StoreAnswer {
  const load = (missing: readonly BrowseWindow[]): StoreAnswer =>
    chain(
      shards.all({
        keys: missing,
        call: (store, batch, ofStore) => store.browse(batch.map((window) => ({ ...window, shards: ofStore }))),
      }),
      (answers) => missing.map((request, at) => attempt(() => mergeRows(answers, at, request))),
    );
  if (scope !== null) return inOwnContext(scope.browse(windows, load));
  stats.rounds++;
  return load(windows);
}

function toBrowseRequest({ schema, limits }: KvetchContext, request: BrowsePageRequest): BrowseWindow {
  const { typeId } = schema.type(request.type);
  const first = parseFirst(request.first, limits.defaultFirst, limits.maxFirst);
  const window = { typeId, afterId: parseIdStart(request.after), limit: first === 0 ? 0 : first + 1 };
  return request.reverse === true ? { ...window, reverse: true } : window;
}

/** The first rows of all nodes. */
function mergeRows(
  answers: ReadonlyArray<ReadonlyArray<Entry<readonly ObjectRow[]>>>,
  at: number,
  { limit, reverse = false }: BrowseWindow,
): readonly ObjectRow[] {
  const rows: ObjectRow[] = [];
  for (const answer of answers) {
    const page = answer[at] ?? [];
    if (page instanceof Error) throw page;
    for (const row of page) rows.push(row);
  }
  return rows.sort((a, b) => (a.id < b.id !== reverse ? -1 : 1)).slice(0, limit);
}

function toPage(
  context: KvetchContext,
  rows: readonly ObjectRow[],
  { limit }: BrowseWindow,
  request: BrowsePageRequest,
): ObjectPage {
  const { shown, hasNextPage } = shownById(rows, ({ id }) => id, limit, request);
  const live = context.expiry === null ? shown : shown.filter((row) => seenRow(context, row).state === LIVE);
  const page = { objects: mapEntries(live, decodeObject), hasNextPage, endCursor: shown.at(-1)?.id ?? null };
  return live.length === shown.length ? page : { ...page, stale: shown.length - live.length };
}
