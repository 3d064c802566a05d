import { attributesOf } from '../codec/objectBody.ts';
import { HasChildrenError } from '../errors.ts';
import { parseId } from '../ids/parseId.ts';
import { checkFilled, fromStore, type KvetchContext } from '../KvetchContext.ts';
import { askShards } from '../reads/askShards.ts';
import { RequestScope } from '../reads/RequestScope.ts';
import { readObjectRows } from '../reads/readObjects.ts';
import type { EdgeType, KvetchSchema } from '../schema/KvetchSchema.ts';
import { type EdgeRow, LIVE, type ObjectRow, TOMBSTONE } from '../shards/rows.ts';
import type { Entry } from '../shards/ShardStore.ts';
import { isPrepared, isUndone } from './unit/prepared.ts';

/** An object whose stored id names another one. */
export interface Child {
  readonly edge: EdgeType;
  readonly row: ObjectRow;
  readonly parentId: string;
}

/** A place in a list. */
export interface ListPlace {
  readonly edge: EdgeType;
  readonly fromId: string;
  readonly after: EdgeRow | null;
}

/** The children among a page of a list; `next`: where the page ended, if it was full. */
export interface ChildrenPage {
  readonly children: readonly Child[];
  readonly next: EdgeRow | null;
}

/** Whether the delete of an object goes on to others. */
export function leavesChildren(schema: KvetchSchema, row: ObjectRow): boolean {
  if (row.state !== TOMBSTONE || (schema.findType(row.typeId)?.boundLists ?? []).length === 0) return false;
  return !isPrepared(row) && !isUndone(row); // these are of objects that never were
}

/** Reads a page of each list, and of its objects those that point back. An object that cannot be read fails its page. */
export async function readChildren(
  context: KvetchContext,
  places: readonly ListPlace[],
  limit: number,
): Promise<ReadonlyArray<Entry<ChildrenPage>>> {
  const keys = places.map(({ edge: { edgeId }, fromId, after }) => ({
    ...{ edgeId, fromId, limit, afterPos: after?.pos ?? null, afterId: after?.toId ?? null },
    ...(after?.key !== undefined && { afterKey: after.key }),
  }));
  const pages = await askShards(context, undefined, 'pages', keys);
  const ids = [...new Set(pages.flatMap((page) => (page instanceof Error ? [] : page.map(({ toId }) => toId))))];
  const found = await readObjectRows(context, ids);
  const rows = new Map(ids.map((id, at) => [id, found[at] ?? null]));
  return places.map(({ edge, fromId }, at): Entry<ChildrenPage> => {
    const page = pages[at] ?? [];
    if (page instanceof Error) return page;
    const children: Child[] = [];
    for (const { toId } of page) {
      const row = rows.get(toId) ?? null;
      if (row instanceof Error) return row;
      if (row !== null && isChild(edge, row, fromId)) children.push({ edge, row, parentId: fromId });
    }
    return { children, next: page.length < limit ? null : (page.at(-1) ?? null) };
  });
}

/** Whether the stored id of a live object names another one. */
export function isChild({ toTypeId, storedIdAttr }: EdgeType, row: ObjectRow, parentId: string): boolean {
  if (row.state !== LIVE || row.typeId !== toTypeId) return false;
  return parseId(attributesOf(row)?.[storedIdAttr ?? '']) === parentId;
}

/** More are looked at where the first ones have gone a moment ago. */
const LOOKED_AT = 10;

/**
 * Throws where an object has children in a list that refuses its delete, apart from `others`. Checks of one turn of the
 * event loop are one call for each server.
 * @throws HasChildrenError
 */
export async function refuseWithChildren(
  given: KvetchContext,
  id: string,
  others: ReadonlySet<string | null> = new Set(),
): Promise<void> {
  const refusing = given.schema.edges.filter(({ onDelete }) => onDelete === 'refuse');
  if (refusing.length === 0) return;
  await given.backfills.ready();
  const context = { ...fromStore(given), scope: new RequestScope(given.checks, given.stats) };
  let places = refusing.map((edge): ListPlace => ({ edge, fromId: id, after: null }));
  const [[row = null], first] = await Promise.all([
    readObjectRows(context, [id]),
    readChildren(context, places, LOOKED_AT),
  ]);
  if (row instanceof Error) throw row;
  for (let pages = first; ; pages = await readChildren(context, places, LOOKED_AT)) {
    const next: ListPlace[] = [];
    for (const [at, place] of places.entries()) {
      if (row === null || row.typeId !== place.edge.fromTypeId) continue;
      checkFilled(given, place.edge);
      const page = pages[at];
      if (page === undefined || page instanceof Error) throw page;
      if (page.children.some((child) => !others.has(child.row.id))) throw new HasChildrenError(id, place.edge.name);
      if (page.next !== null) next.push({ ...place, after: page.next });
    }
    if (next.length === 0) return;
    places = next;
  }
}
