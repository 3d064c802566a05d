import { appendAll } from '../../utils/appendAll.ts';
import { attributesOf } from '../codec/objectBody.ts';
import { readObjectRows } from '../reads/readObjects.ts';
import { isTargetOf } from '../reads/readTargets.ts';
import { type EdgeType, followsObjects, type IndexType, isDerived } from '../schema/KvetchSchema.ts';
import { type EdgeRow, type EntryRow, LIVE, type ObjectRow, TOMBSTONE } from '../shards/rows.ts';
import type { Entry } from '../shards/ShardStore.ts';
import { holdsValue } from '../writes/claimUnique.ts';
import { newWrites, write } from './derivedRows.ts';
import { settledRows } from './forwardPass.ts';
import { ripeUs } from './purgePasses.ts';
import { reordered } from './reorderedRows.ts';
import type { CleanPage, CleanPass } from './runPass.ts';

/**
 * From edges to their objects: buries edges to objects that are gone or do not point back, and plain edges from such; puts
 * plain edges in the order that their list has now.
 */
export const reverseEdgesPass: CleanPass = {
  name: 'reverse-edges',
  judges: 'edges',
  sees: 'edges',
  async run(page) {
    const { rows, next } = await page.store.scanEdges(page.request);
    page.found.note(page.store, 'edges', rows, ripeUs(page));
    const live = rows.filter((row) => row.state === LIVE && !page.found.seesEdge(row));
    const { schema } = page.context;
    // an edge that follows from an attribute of the target has no attribute of its source
    const isPlain = ({ edgeId }: EdgeRow): boolean => {
      const edge = schema.findEdge(edgeId) ?? schema.findReordered(edgeId);
      return edge !== null && !isDerived(edge);
    };
    const plain = live.filter(isPlain);
    const ids = [...new Set([...live.map(({ toId }) => toId), ...plain.map(({ fromId }) => fromId)])];
    const objects = await settledRows(page, await readObjectRows(page.context, ids));
    const byId = new Map(ids.map((id, at) => [id, objects[at] ?? null]));
    const writes = newWrites();
    const placed: EdgeRow[] = [];
    for (const row of live) {
      const edge = schema.findEdge(row.edgeId) ?? schema.findReordered(row.edgeId);
      const target = byId.get(row.toId) ?? null;
      const source = isPlain(row) ? (byId.get(row.fromId) ?? null) : null;
      if (edge === null) page.counters.unknown++;
      else if (target instanceof Error || source instanceof Error) page.counters.errors++;
      else if (isOrphan(edge, row, target, source))
        writes.edges.push(buried(page, row, isDerived(edge) ? target : null));
      else if (!isDerived(edge)) appendAll(placed, reordered(schema, row, page.context.nowUs()));
    }
    page.counters.orphanEdges += writes.edges.length;
    page.counters.missingEdges += placed.filter(({ state }) => state === LIVE).length;
    appendAll(writes.edges, placed);
    await write(page, writes);
    return { rows: rows.length, next };
  },
};

/** From index entries to their objects: buries entries of objects that are gone or have another value. */
export const reverseEntriesPass: CleanPass = {
  name: 'reverse-entries',
  judges: 'entries',
  sees: 'entries',
  async run(page) {
    const { rows, next } = await page.store.scanEntries(page.request);
    page.found.note(page.store, 'entries', rows, ripeUs(page));
    const { schema } = page.context;
    const isSeen = (row: EntryRow): boolean => page.found.seesEntry(row, schema.findIndex(row.index)?.unique === true);
    const live = rows.filter((row) => row.state === LIVE && !isSeen(row));
    const ids = live.map(({ targetId }) => targetId);
    const targets = await settledRows(page, await readObjectRows(page.context, ids));
    const writes = newWrites();
    for (const [at, row] of live.entries()) {
      const index = schema.findIndex(row.index);
      const target: Entry<ObjectRow | null> = targets[at] ?? null;
      if (index === null) page.counters.unknown++;
      else if (target instanceof Error) page.counters.errors++;
      else if (isStale(page, index, row, target))
        writes.entries.push(buried(page, row, followsObjects(index) ? target : null));
    }
    page.counters.staleIndex += writes.entries.length;
    await write(page, writes);
    return { rows: rows.length, next };
  },
};

function isOrphan(edge: EdgeType, row: EdgeRow, target: ObjectRow | null, source: ObjectRow | null): boolean {
  if (!isDerived(edge)) return source?.state !== LIVE || target?.state !== LIVE;
  if (target === null) return true;
  // an edge that knows a newer object than was just read belongs to a write under way
  if (row.srcVersion > target.version) return false;
  if (target.state === TOMBSTONE || target.typeId !== edge.toTypeId) return true;
  const attributes = attributesOf(target);
  return attributes !== null && !isTargetOf(edge, row.fromId, attributes);
}

function isStale({ context }: CleanPage, index: IndexType, row: EntryRow, target: ObjectRow | null): boolean {
  if (target === null || target.state === TOMBSTONE) return true;
  if (!followsObjects(index)) return false;
  // a unique value is claimed with the version that its object was to get: when that never came, the grace has passed
  if (!index.unique && row.srcVersion > target.version) return false;
  return !holdsValue(context, row, target);
}

/** The tombstone of a derived row: as new as the object that it contradicts, so that later writes win over it. */
function buried<TRow extends EdgeRow | EntryRow>({ context }: CleanPage, row: TRow, target: ObjectRow | null): TRow {
  const srcVersion = Math.max(row.srcVersion, target?.version ?? 0);
  return { ...row, state: TOMBSTONE, srcVersion, updatedUs: context.nowUs() };
}
