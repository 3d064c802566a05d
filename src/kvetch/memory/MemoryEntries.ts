import { getOrCreate } from '../../utils/getOrCreate.ts';
import { mergeClaim, mergeEntry, mergeRelease } from '../shards/mergeRows.ts';
import type { EntryPageRequest } from '../shards/pageRequests.ts';
import { type EntryRow, LIVE } from '../shards/rows.ts';
import type { EntryClaim, EntryKey, EntryPut } from '../shards/ShardStore.ts';
import { SortedRows } from './SortedRows.ts';

interface Value {
  readonly byTarget: Map<string, EntryRow>;
  readonly live: SortedRows<EntryRow>;
}

const none: readonly EntryRow[] = Object.freeze([]);

/** The index entries of one memory store: per value the live ones by target. A unique value has at most one row. */
export class MemoryEntries {
  readonly #indexes = new Map<string, Map<string, Value>>();

  page({ index, value, afterId, limit }: EntryPageRequest): readonly EntryRow[] {
    const found = this.#indexes.get(index)?.get(value);
    if (found === undefined || limit === 0) return none;
    return found.live.page(afterId === null ? null : (row) => row.targetId > afterId, limit);
  }

  read({ index, value, targetId }: EntryKey): EntryRow | null {
    return this.#indexes.get(index)?.get(value)?.byTarget.get(targetId) ?? null;
  }

  holder(index: string, value: string): EntryRow | null {
    for (const row of this.#indexes.get(index)?.get(value)?.byTarget.values() ?? []) return row;
    return null;
  }

  put({ row, unique }: EntryPut): void {
    const existing = unique ? this.holder(row.index, row.value) : this.read(row);
    const merged = unique ? mergeRelease(existing, row) : mergeEntry(existing, row);
    if (merged !== null && merged !== existing) this.#set(existing, merged);
  }

  claim({ row, replaces }: EntryClaim): EntryRow | null {
    const existing = this.holder(row.index, row.value);
    const merged = mergeClaim(existing, row, replaces);
    if (merged === null) return existing;
    this.#set(existing, merged);
    return null;
  }

  remove(row: EntryRow): void {
    const values = this.#indexes.get(row.index);
    const value = values?.get(row.value);
    value?.byTarget.delete(row.targetId);
    if (value?.byTarget.size === 0) values?.delete(row.value);
  }

  *rows(): Generator<EntryRow> {
    for (const values of this.#indexes.values()) for (const value of values.values()) yield* value.byTarget.values();
  }

  #set(existing: EntryRow | null, row: EntryRow): void {
    const value = this.#value(row.index, row.value);
    if (existing !== null) {
      if (existing.state === LIVE) value.live.remove(existing);
      value.byTarget.delete(existing.targetId);
    }
    value.byTarget.set(row.targetId, row);
    if (row.state === LIVE) value.live.put(row);
  }

  #value(index: string, key: string): Value {
    const values = getOrCreate(this.#indexes, index, () => new Map<string, Value>());
    return getOrCreate(values, key, () => ({ byTarget: new Map(), live: new SortedRows(compareTargets) }));
  }
}

function compareTargets(a: EntryRow, b: EntryRow): number {
  return a.targetId < b.targetId ? -1 : a.targetId > b.targetId ? 1 : 0;
}
