import { getOrCreate } from '../../utils/getOrCreate.ts';
import { mergeEdge } from '../shards/mergeRows.ts';
import type { EdgePageRequest } from '../shards/pageRequests.ts';
import { type EdgeRow, LIVE } from '../shards/rows.ts';
import type { CountRequest, EdgeKey, EdgePut } from '../shards/ShardStore.ts';
import { SortedRows } from './SortedRows.ts';

interface List {
  readonly byTarget: Map<string, EdgeRow>;
  readonly live: SortedRows<EdgeRow>;
}

const none: readonly EdgeRow[] = Object.freeze([]);

/** The edges of one memory store: per source a list in order and the rows by target. */
export class MemoryEdges {
  readonly #lists = new Map<number, Map<string, List>>();

  page({ edgeId, fromId, afterPos, afterId, limit }: EdgePageRequest): readonly EdgeRow[] {
    const list = this.#lists.get(edgeId)?.get(fromId);
    if (list === undefined || limit === 0) return none;
    if (afterId === null) return list.live.page(null, limit);
    const pos = afterPos ?? list.byTarget.get(afterId)?.pos;
    if (pos === undefined) return none;
    return list.live.page((row) => row.pos > pos || (row.pos === pos && row.toId > afterId), limit);
  }

  count({ edgeId, fromId }: CountRequest): number {
    return this.#lists.get(edgeId)?.get(fromId)?.live.rows.length ?? 0;
  }

  read({ edgeId, fromId, toId }: EdgeKey): EdgeRow | null {
    return this.#lists.get(edgeId)?.get(fromId)?.byTarget.get(toId) ?? null;
  }

  put({ row, keepPosition }: EdgePut): void {
    const list = this.#list(row.edgeId, row.fromId);
    const existing = list.byTarget.get(row.toId) ?? null;
    const merged = mergeEdge(existing, row, keepPosition);
    if (merged === existing) return;
    if (existing?.state === LIVE) list.live.remove(existing);
    list.byTarget.set(row.toId, merged);
    if (merged.state === LIVE) list.live.put(merged);
  }

  remove(row: EdgeRow): void {
    const list = this.#lists.get(row.edgeId)?.get(row.fromId);
    list?.byTarget.delete(row.toId);
    if (list?.byTarget.size === 0) this.#lists.get(row.edgeId)?.delete(row.fromId);
  }

  *rows(): Generator<EdgeRow> {
    for (const lists of this.#lists.values()) for (const list of lists.values()) yield* list.byTarget.values();
  }

  #list(edgeId: number, fromId: string): List {
    const lists = getOrCreate(this.#lists, edgeId, () => new Map<string, List>());
    return getOrCreate(lists, fromId, () => ({ byTarget: new Map(), live: new SortedRows(compareEdges) }));
  }
}

function compareEdges(a: EdgeRow, b: EdgeRow): number {
  return a.pos - b.pos || (a.toId < b.toId ? -1 : a.toId > b.toId ? 1 : 0);
}
