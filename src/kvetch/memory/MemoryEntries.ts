import { getOrCreate } from '../../utils/getOrCreate.ts';
import { mergeClaim, mergeEntry, mergeRelease } from '../shards/mergeRows.ts';
import type { EntryPageRequest } from '../shards/pageRequests.ts';
import { type EntryRow, LIVE, TOMBSTONE } from '../shards/rows.ts';
import type { EntryClaim, EntryKey, EntryPut, EntryStore, ScanPage, ScanRequest } from '../shards/ShardStore.ts';
import { SortedRows } from './SortedRows.ts';
import { scanRows } from './scanRows.ts';

interface Value {
  readonly byTarget: Map<string, EntryRow>;
  readonly live: SortedRows<EntryRow>;
}

const none: readonly EntryRow[] = Object.freeze([]);

/** The index entries of one memory store: per value the live ones by target. A unique value has at most one row. */
export class MemoryEntries implements EntryStore {
  readonly #indexes = new Map<string, Map<string, Value>>();

  readEntryPages(requests: readonly EntryPageRequest[]): ReadonlyArray<readonly EntryRow[]> {
    return requests.map(({ index, value, afterId, limit }) => {
      const found = this.#indexes.get(index)?.get(value);
      if (found === undefined || limit === 0) return none;
      return found.live.page(afterId === null ? null : (row) => row.targetId > afterId, limit);
    });
  }

  readEntries(keys: readonly EntryKey[]): ReadonlyArray<EntryRow | null> {
    return keys.map((key) => this.#read(key));
  }

  readHolders(keys: ReadonlyArray<Pick<EntryRow, 'index' | 'value'>>): ReadonlyArray<EntryRow | null> {
    return keys.map((key) => this.#holder(key));
  }

  scanEntries(request: ScanRequest): ScanPage<EntryRow> {
    return scanRows(this.#rows(), request, (row) => `${row.index} ${row.targetId} ${row.value}`);
  }

  putEntries(puts: readonly EntryPut[]): readonly null[] {
    return puts.map(({ row, unique }) => {
      const existing = unique ? this.#holder(row) : this.#read(row);
      const merged = unique ? mergeRelease(existing, row) : mergeEntry(existing, row);
      if (merged !== null && merged !== existing) this.#set(existing, merged);
      return null;
    });
  }

  claimEntries(claims: readonly EntryClaim[]): ReadonlyArray<EntryRow | null> {
    return claims.map(({ row, replaces }) => {
      const existing = this.#holder(row);
      const merged = mergeClaim(existing, row, replaces);
      if (merged === null) return existing;
      this.#set(existing, merged);
      return null;
    });
  }

  /** Removes the rows that still are the tombstones that were seen, which may have come through a cache as copies. */
  purge(rows: readonly EntryRow[]): number {
    return rows.filter((row) => this.#purge(row)).length;
  }

  #read({ index, value, targetId }: EntryKey): EntryRow | null {
    return this.#indexes.get(index)?.get(value)?.byTarget.get(targetId) ?? null;
  }

  #holder({ index, value }: Pick<EntryRow, 'index' | 'value'>): EntryRow | null {
    for (const row of this.#indexes.get(index)?.get(value)?.byTarget.values() ?? []) return row;
    return null;
  }

  *#rows(): Generator<EntryRow> {
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

  #purge(seen: EntryRow): boolean {
    const row = this.#read(seen);
    if (row?.state !== TOMBSTONE || row.srcVersion !== seen.srcVersion) return false;
    const values = this.#indexes.get(row.index);
    const value = values?.get(row.value);
    value?.byTarget.delete(row.targetId);
    if (value?.byTarget.size === 0) values?.delete(row.value);
    return true;
  }
}

function compareTargets(a: EntryRow, b: EntryRow): number {
  return a.targetId < b.targetId ? -1 : a.targetId > b.targetId ? 1 : 0;
}
