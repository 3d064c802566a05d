import { getOrCreate } from '../../utils/getOrCreate.ts';
import { mergeClaim, mergeConfirm, mergeEntry, mergeRelease, stampEntry } from '../shards/mergeRows.ts';
import type { EntryPageRequest } from '../shards/pageRequests.ts';
import { type EntryRow, LIVE, TOMBSTONE } from '../shards/rows.ts';
import type { EntryClaim, EntryKey, EntryPut, EntryStore, ScanPage, ScanRequest, Stamp } from '../shards/ShardStore.ts';
import type { MemoryOutbox } from './MemoryOutbox.ts';
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
  readonly #outbox: MemoryOutbox;

  constructor(outbox: MemoryOutbox) {
    this.#outbox = outbox;
  }

  readEntryPages(requests: readonly EntryPageRequest[]): ReadonlyArray<readonly EntryRow[]> {
    return requests.map(({ index, value, afterId, limit, reverse = false }) => {
      const found = this.#indexes.get(index)?.get(value);
      if (found === undefined || limit === 0) return none;
      if (reverse) return found.live.pageBefore(afterId === null ? null : (row) => row.targetId >= afterId, limit);
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

  putEntries(puts: readonly EntryPut[]): ReadonlyArray<Stamp | null> {
    return puts.map(({ row, unique, stamped = false, note }) => {
      this.#outbox.put(note);
      const existing = unique ? this.#holder(row) : this.#read(row);
      const merged = unique ? mergeRelease(existing, row) : (stamped ? stampEntry : mergeEntry)(existing, row);
      if (merged !== null && merged !== existing) this.#set(existing, merged);
      return stamped && merged !== null ? { srcVersion: merged.srcVersion, pos: 0 } : null;
    });
  }

  /** Confirms claims for the write of their object: the first that is lost, or `null` when none is. */
  confirm(claims: readonly EntryRow[]): EntryRow | null {
    const lost = claims.find((claim) => mergeConfirm(this.#holder(claim), claim) === null) ?? null;
    for (const claim of lost === null ? claims : []) {
      const existing = this.#holder(claim);
      const confirmed = mergeConfirm(existing, claim);
      if (confirmed !== null) this.#set(existing, confirmed);
    }
    return lost;
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
