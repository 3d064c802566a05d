import { getOrCreate } from '../../utils/getOrCreate.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { edgeChange } from '../changes/changeKey.ts';
import { countNumber, endOfNumbers, sumOfKeys } from '../codec/sumOfKeys.ts';
import { mapEntries } from '../reads/attempt.ts';
import { mergeEdge, stampEdge } from '../shards/mergeRows.ts';
import type { EdgePageRequest } from '../shards/pageRequests.ts';
import { compareEdges, type Place, placeBefore } from '../shards/reflectsWrite.ts';
import { type EdgeRow, LIVE, TOMBSTONE } from '../shards/rows.ts';
import type {
  CountRequest,
  EdgeKey,
  EdgePut,
  EdgeStore,
  Entry,
  ScanPage,
  ScanRequest,
  Stamp,
} from '../shards/ShardStore.ts';
import type { MemoryChanges } from './MemoryChanges.ts';
import type { MemoryOutbox } from './MemoryOutbox.ts';
import { SortedRows } from './SortedRows.ts';
import { scanRows } from './scanRows.ts';

interface List {
  readonly byTarget: Map<string, EdgeRow>;
  readonly live: SortedRows<EdgeRow>;
}

const none: readonly EdgeRow[] = Object.freeze([]);

/** The edges of one memory store: per source a list in order and the rows by target. */
export class MemoryEdges implements EdgeStore {
  readonly #lists = new Map<number, Map<string, List>>();
  readonly #outbox: MemoryOutbox;
  readonly #changes: MemoryChanges;

  constructor(outbox: MemoryOutbox, changes: MemoryChanges) {
    this.#outbox = outbox;
    this.#changes = changes;
  }

  readEdgePages(requests: readonly EdgePageRequest[]): ReadonlyArray<readonly EdgeRow[]> {
    return requests.map((request) => this.#page(request));
  }

  countEdges(requests: readonly CountRequest[]): ReadonlyArray<Entry<number>> {
    return mapEntries(requests, (request): number => {
      const { edgeId, fromId, low, upTo = Number.POSITIVE_INFINITY, sum } = request;
      const high = sum === undefined ? request.high : endOfNumbers(request.high);
      const live = this.#lists.get(edgeId)?.get(fromId)?.live;
      if (live === undefined) return 0;
      const end = high === undefined ? live.rows.length : live.countBefore(({ key = '' }) => key >= high);
      const start = low === undefined ? 0 : live.countBefore(({ key = '' }) => key >= low);
      if (sum === undefined) return Math.min(Math.max(0, end - start), upTo);
      const counts = new Map<string, number>();
      for (let at = start; at < end; at++) countNumber(sum, counts, itemAt(live.rows, at).key ?? '');
      return sumOfKeys(sum, counts);
    });
  }

  readEdges(keys: readonly EdgeKey[]): ReadonlyArray<EdgeRow | null> {
    return keys.map((key) => this.#read(key));
  }

  scanEdges(request: ScanRequest): ScanPage<EdgeRow> {
    return scanRows(this.#rows(), request, (row) => `${row.edgeId} ${row.fromId} ${row.toId}`);
  }

  putEdges(puts: readonly EdgePut[]): ReadonlyArray<Stamp | null> {
    return puts.map((put) => this.#put(put));
  }

  /** Removes the rows that still are the tombstones that were seen, which may have come through a cache as copies. */
  purge(rows: readonly EdgeRow[]): number {
    return rows.filter((row) => this.#purge(row)).length;
  }

  #page(request: EdgePageRequest): readonly EdgeRow[] {
    const { edgeId, fromId, afterPos, afterId, afterKey, low, high, limit, reverse = false } = request;
    const list = this.#lists.get(edgeId)?.get(fromId);
    if (list === undefined || limit === 0) return none;
    let place: Place | null = null;
    if (afterId !== null) {
      place = afterPos === null ? (list.byTarget.get(afterId) ?? null) : placeBefore(afterPos, afterKey, afterId);
      if (place === null) return none;
    }
    const isLow = ({ key = '' }: EdgeRow): boolean => low !== undefined && key < low;
    const isHigh = ({ key = '' }: EdgeRow): boolean => high !== undefined && key >= high;
    if (reverse) {
      const isFrom = (row: EdgeRow): boolean => isHigh(row) || (place !== null && compareEdges(row, place) >= 0);
      return list.live.pageBefore(isFrom, limit).filter((row) => !isLow(row));
    }
    const isBehind = (row: EdgeRow): boolean => !isLow(row) && (place === null || compareEdges(row, place) > 0);
    return list.live.page(isBehind, limit).filter((row) => !isHigh(row));
  }

  #read({ edgeId, fromId, toId }: EdgeKey): EdgeRow | null {
    return this.#lists.get(edgeId)?.get(fromId)?.byTarget.get(toId) ?? null;
  }

  #put(put: EdgePut): Stamp | null {
    const { row, keepPosition, stamped = false, note } = put;
    this.#outbox.put(note);
    this.#changes.add(edgeChange(put));
    const list = this.#list(row.edgeId, row.fromId);
    const existing = list.byTarget.get(row.toId) ?? null;
    const merged = stamped ? stampEdge(existing, row) : mergeEdge(existing, row, keepPosition);
    if (merged === existing) return null;
    if (existing?.state === LIVE) list.live.remove(existing);
    list.byTarget.set(row.toId, merged);
    if (merged.state === LIVE) list.live.put(merged);
    return stamped ? { srcVersion: merged.srcVersion, pos: merged.pos } : null;
  }

  *#rows(): Generator<EdgeRow> {
    for (const lists of this.#lists.values()) for (const list of lists.values()) yield* list.byTarget.values();
  }

  #list(edgeId: number, fromId: string): List {
    const lists = getOrCreate(this.#lists, edgeId, () => new Map<string, List>());
    return getOrCreate(lists, fromId, () => ({ byTarget: new Map(), live: new SortedRows<EdgeRow>(compareEdges) }));
  }

  #purge(seen: EdgeRow): boolean {
    const row = this.#read(seen);
    if (row?.state !== TOMBSTONE || row.srcVersion !== seen.srcVersion) return false;
    const list = this.#lists.get(row.edgeId)?.get(row.fromId);
    list?.byTarget.delete(row.toId);
    if (list?.byTarget.size === 0) this.#lists.get(row.edgeId)?.delete(row.fromId);
    return true;
  }
}
