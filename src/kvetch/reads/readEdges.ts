import { decodeEdge } from '../codec/decodeEdge.ts';
import { BadIdError } from '../errors.ts';
import { parseId } from '../ids/parseId.ts';
import { shardOfId } from '../ids/routing.ts';
import type { KvetchContext } from '../KvetchContext.ts';
import { chain } from '../shards/chain.ts';
import type { EdgePageRequest } from '../shards/pageRequests.ts';
import type { Batch, CountRequest } from '../shards/ShardStore.ts';
import { askShards } from './askShards.ts';
import { attempt, mapEntries } from './attempt.ts';
import { parseEdgeStart, parseFirst } from './cursors.ts';
import type { EdgePage, EdgesRequest, ReadExtra } from './KvetchReads.ts';
import { track } from './track.ts';

/** Reads pages of lists, each with its own source, `first` and `after`. */
export function readEdges(
  context: KvetchContext,
  requests: readonly EdgesRequest[],
  extra: ReadExtra | undefined,
): Batch<EdgePage> {
  if (requests.length === 0) return [];
  const keys = requests.map((request) => attempt(() => toPageRequest(context, request)));
  track(context, extra, keys, edgeDependency);
  const pages = askShards(context, extra, {
    keys,
    shardOf: ({ fromId }: EdgePageRequest) => shardOfId(fromId),
    call: (store, batch, options) => store.readEdgePages(batch, options),
  });
  return chain(pages, (rows) =>
    mapEntries(rows, (page, at): EdgePage => {
      const { limit } = keys[at] as EdgePageRequest; // an error among the keys is an error among the rows
      // one more than asked for was read, to know whether more follow
      const edges = (page.length < limit ? page : page.slice(0, limit - 1)).map(decodeEdge);
      return { edges, hasNextPage: limit > 1 && page.length === limit, endCursor: edges.at(-1)?.cursor ?? null };
    }),
  );
}

function toPageRequest({ schema, limits }: KvetchContext, request: EdgesRequest): EdgePageRequest {
  const { edgeId } = schema.edge(request.edge);
  const first = parseFirst(request.first, limits.defaultFirst, limits.maxFirst);
  const start = parseEdgeStart(request.after);
  return {
    edgeId,
    fromId: sourceId(request.fromId),
    afterPos: start?.pos ?? null,
    afterId: start?.id ?? null,
    limit: first === 0 ? 0 : first + 1,
  };
}

/** Counts the live edges of lists. */
export function readCounts(
  context: KvetchContext,
  requests: ReadonlyArray<Pick<EdgesRequest, 'edge' | 'fromId'>>,
  extra: ReadExtra | undefined,
): Batch<number> {
  if (requests.length === 0) return [];
  const keys = requests.map((request) =>
    attempt((): CountRequest => {
      const { edgeId, counted } = context.schema.edge(request.edge);
      return { edgeId, fromId: sourceId(request.fromId), counted };
    }),
  );
  track(context, extra, keys, edgeDependency);
  return askShards(context, extra, {
    keys,
    shardOf: ({ fromId }: CountRequest) => shardOfId(fromId),
    call: (store, batch) => store.countEdges(batch),
  });
}

function sourceId(given: unknown): string {
  const id = parseId(given);
  if (id === null) throw new BadIdError(given);
  return id;
}

function edgeDependency({ edgeId, fromId }: { readonly edgeId: number; readonly fromId: string }): string {
  return `e:${edgeId}:${fromId}`;
}
