import { itemAt } from '../../utils/itemAt.ts';
import { decodeEdge } from '../codec/decodeEdge.ts';
import { indexKey } from '../codec/indexKey.ts';
import { parseId } from '../ids/parseId.ts';
import { type KvetchContext, reportRepair } from '../KvetchContext.ts';
import type { KvetchEdge } from '../KvetchEdge.ts';
import type { KvetchObject } from '../KvetchObject.ts';
import type { EdgeType, IndexType } from '../schema/KvetchSchema.ts';
import { chain } from '../shards/chain.ts';
import type { Batch, Entry } from '../shards/ShardStore.ts';
import { attempt, mapEntries } from './attempt.ts';
import type { EdgeObjectsPage, EdgesRequest, IndexPage, IndexRequest, ObjectPage, ReadExtra } from './KvetchReads.ts';
import { endCursor, isWanted, type RowPage, readRowPages } from './readEdges.ts';
import { readIndex } from './readIndex.ts';
import { readKnownObjects } from './readObjects.ts';
import { recorderOf } from './track.ts';

/** Reads lists and then all their targets at once. What the target contradicts is left out and reported. */
export function readEdgeObjects(
  context: KvetchContext,
  requests: readonly EdgesRequest[],
  extra: ReadExtra | undefined,
): Batch<EdgeObjectsPage> {
  const wantsEdges = isWanted(extra, 'edges');
  const wantsCursor = isWanted(extra, 'endCursor');
  return chain(readRowPages(context, requests, extra), (pages) =>
    withTargets(context, requests, pages, extra, toIds, (page: RowPage, targets, from, at): EdgeObjectsPage => {
      const edge = context.schema.edge(requests[at]?.edge);
      const edges: KvetchEdge[] = [];
      const objects: Entry<KvetchObject>[] = [];
      const { rows } = page;
      for (let i = 0; i < rows.length; i++) {
        const row = itemAt(rows, i);
        const target = itemAt(targets, from + i);
        // what could not be loaded is an error in its place: a list without it would be a wrong list
        const isThere =
          target instanceof Error || (target?.typeId === edge.toTypeId && isTargetOf(edge, row.fromId, target));
        if (target === null || !isThere) {
          const { edgeId, fromId, toId } = row;
          reportRepair(context, { reason: 'stale-edge', id: toId, edgeId, fromId, index: null });
          continue;
        }
        if (wantsEdges) edges.push(decodeEdge(row));
        objects.push(target);
      }
      const { hasNextPage } = page;
      const found = { edges, objects, hasNextPage, endCursor: wantsCursor ? endCursor(rows) : null };
      return withStale(found, rows.length);
    }),
  );
}

/** Reads index pages and then all their objects at once. */
export function readIndexObjects(
  context: KvetchContext,
  requests: readonly IndexRequest[],
  extra: ReadExtra | undefined,
): Batch<ObjectPage> {
  return chain(readIndex(context, requests, extra), (pages) =>
    withTargets(
      context,
      requests,
      pages,
      extra,
      ({ ids }: IndexPage) => ids,
      (page, targets, from, at): ObjectPage => {
        const index = context.schema.index(requests[at]?.index);
        const key = indexKey(index.kind, requests[at]?.value, 'The value');
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

/** Says of a page of so many entries how many it has left out: who reads on has looked at them. */
function withStale<TPage extends ObjectPage>(page: TPage, entries: number): TPage {
  return page.objects.length === entries ? page : { ...page, stale: entries - page.objects.length };
}

/** Whether the target of an edge agrees that it is: a stored id must point back. */
export function isTargetOf(edge: EdgeType, fromId: string, target: Readonly<Record<string, unknown>>): boolean {
  if (edge.storedIdAttr === null) return true;
  const stored = target[edge.storedIdAttr];
  return stored === fromId || parseId(stored) === fromId;
}

/** Whether an object has the value that an index entry says. */
export function hasIndexKey(index: IndexType, key: string, target: Readonly<Record<string, unknown>>): boolean {
  if (index.attr === null) return true;
  const value = target[index.attr];
  return value !== null && value !== undefined && attempt(() => indexKey(index.kind, value, 'The value')) === key;
}

const toIds = ({ rows }: RowPage): readonly string[] => rows.map(({ toId }) => toId);

/** `join` makes a page of one and of the targets, in which its own begin at `from`. */
function withTargets<TPage, TOut>(
  context: KvetchContext,
  requests: readonly unknown[],
  pages: ReadonlyArray<Entry<TPage>>,
  extra: ReadExtra | undefined,
  idsOf: (page: TPage) => readonly string[],
  join: (page: TPage, targets: ReadonlyArray<Entry<KvetchObject | null>>, from: number, at: number) => TOut,
): Batch<TOut> {
  extra?.onTargets?.(
    mapEntries(pages, (page) => ({ objects: idsOf(page).map((id) => ({ id })) })),
    requests,
  );
  const ids: string[] = [];
  const starts: number[] = [];
  const given: unknown[] | null = recorderOf(context, extra) === null ? null : [];
  for (let at = 0; at < pages.length; at++) {
    const page = itemAt(pages, at);
    starts.push(ids.length);
    if (page instanceof Error) continue;
    for (const id of idsOf(page)) {
      ids.push(id);
      given?.push(requests[at]);
    }
  }
  return chain(readKnownObjects(context, ids, extra, given), (objects) =>
    mapEntries(pages, (page, at): Entry<TOut> => join(page, objects, itemAt(starts, at), at)),
  );
}
