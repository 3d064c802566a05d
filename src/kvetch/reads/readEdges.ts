import { decodeEdge } from '../codec/decodeEdge.ts';
import { BadIdError, BadPageError } from '../errors.ts';
import { parseId } from '../ids/parseId.ts';
import { checkFilled, type KvetchContext } from '../KvetchContext.ts';
import type { EdgeType } from '../schema/KvetchSchema.ts';
import { chain } from '../shards/chain.ts';
import type { EdgePageRequest } from '../shards/pageRequests.ts';
import { compareEdges } from '../shards/reflectsWrite.ts';
import type { EdgeRow } from '../shards/rows.ts';
import type { Batch, CountRequest } from '../shards/ShardStore.ts';
import { askShards } from './askShards.ts';
import { mapEntries } from './attempt.ts';
import { edgeCursor, parseEdgeStart, parseFirst } from './cursors.ts';
import type { EdgePage, EdgesRequest, ReadExtra } from './KvetchReads.ts';
import { track } from './track.ts';

/** A page as it is stored. */
export interface RowPage {
  readonly rows: readonly EdgeRow[];
  readonly hasNextPage: boolean;
}

/** Reads pages of lists, each with its own source, `first` and `after`. */
export function readEdges(
  context: KvetchContext,
  requests: readonly EdgesRequest[],
  extra: ReadExtra | undefined,
): Batch<EdgePage> {
  const wantsCursor = isWanted(extra, 'endCursor');
  return chain(readRowPages(context, requests, extra), (pages) =>
    mapEntries(pages, ({ rows, hasNextPage }): EdgePage => {
      return { edges: rows.map(decodeEdge), hasNextPage, endCursor: wantsCursor ? endCursor(rows) : null };
    }),
  );
}

/** Whether an attribute of the loaded values is read. */
export function isWanted(extra: ReadExtra | undefined, attribute: string): boolean {
  return extra?.attributes?.includes(attribute) ?? true;
}

export function endCursor(rows: readonly EdgeRow[]): string | null {
  const last = rows.at(-1);
  return last === undefined ? null : edgeCursor(last.pos, last.toId);
}

/** Reads pages, or takes those that are being read already. */
export function readRowPages(
  context: KvetchContext,
  requests: readonly EdgesRequest[],
  extra: ReadExtra | undefined,
): Batch<RowPage> {
  const keys = mapEntries(requests, (request) => toPageRequest(context, request));
  return chain(askForPages(context, keys, extra, requests), (found) =>
    mapEntries(found, (rows, at): RowPage => {
      const key = keys[at] as EdgePageRequest; // an error among the keys is an error among the rows
      const { limit } = key;
      const page =
        rows.length < limit
          ? { rows, hasNextPage: false }
          : { rows: rows.slice(0, Math.max(0, limit - 1)), hasNextPage: limit > 1 };
      return cutAt(page, key, requests[at]?.until);
    }),
  );
}

/** The part of a page before a place. */
function cutAt(page: RowPage, { edgeId, fromId, reverse = false }: EdgePageRequest, until: unknown): RowPage {
  const end = parseEdgeStart(until, edgeId, fromId);
  if (end === null) return page;
  if (end.pos === null) throw new BadPageError('"before" must be a cursor, and not an id.');
  const place = { pos: end.pos, toId: end.id };
  const isBefore = (row: EdgeRow): boolean => (reverse ? compareEdges(place, row) : compareEdges(row, place)) < 0;
  const length = page.rows.findIndex((row) => !isBefore(row));
  return length === -1 ? page : { rows: page.rows.slice(0, length), hasNextPage: false };
}

type PageKeys = ReadonlyArray<EdgePageRequest | Error>;

function askForPages(
  context: KvetchContext,
  keys: PageKeys,
  extra: ReadExtra | undefined,
  given: readonly EdgesRequest[] | null = null,
): Batch<readonly EdgeRow[]> {
  track(context, extra, 'e:', keys, edgeName, given);
  return askShards(context, extra, 'pages', keys);
}

function toPageRequest(context: KvetchContext, { edge, fromId, first, after, reverse }: EdgesRequest): EdgePageRequest {
  const { edgeId } = filledEdge(context, edge);
  const source = sourceId(fromId);
  const start = parseEdgeStart(after, edgeId, source);
  const limit = toLimit(context, first);
  const page = { edgeId, fromId: source, afterPos: start?.pos ?? null, afterId: start?.id ?? null, limit };
  // A spread that mostly has nothing in it costs more than all else here.
  return reverse === true ? { ...page, reverse } : page;
}

function filledEdge(context: KvetchContext, ref: EdgesRequest['edge']): EdgeType {
  const edge = context.schema.edge(ref);
  checkFilled(context, edge);
  return edge;
}

/** How many rows to read: one more than wanted tells whether more follow. */
function toLimit({ limits }: KvetchContext, wanted: EdgesRequest['first']): number {
  const first = parseFirst(wanted, limits.defaultFirst, limits.maxFirst);
  return first === 0 ? 0 : first + 1;
}

/** Counts the live edges of lists. */
export function readCounts(
  context: KvetchContext,
  requests: ReadonlyArray<Pick<EdgesRequest, 'edge' | 'fromId'>>,
  extra: ReadExtra | undefined,
): Batch<number> {
  if (requests.length === 0) return [];
  const keys = mapEntries(
    requests,
    (request): CountRequest => ({
      edgeId: filledEdge(context, request.edge).edgeId,
      fromId: sourceId(request.fromId),
    }),
  );
  track(context, extra, 'e:', keys, edgeName, requests);
  return askShards(context, extra, 'counts', keys);
}

function sourceId(given: unknown): string {
  const id = parseId(given);
  if (id === null) throw new BadIdError(given);
  return id;
}

function edgeName({ edgeId, fromId }: { readonly edgeId: number; readonly fromId: string }): string {
  return `${edgeId}:${fromId}`;
}
