import type { EdgePageRequest, EntryPageRequest } from '../shards/pageRequests.ts';
import { type EdgeRow, type EntryRow, type ObjectRow, TOMBSTONE } from '../shards/rows.ts';
import type {
  BrowseRequest,
  CleanerState,
  CountRequest,
  EdgeKey,
  EdgePut,
  EntryClaim,
  EntryKey,
  EntryPut,
  LeaseRequest,
  ObjectInsert,
  ObjectReplacement,
  PurgeRequest,
  ScanPage,
  ScanRequest,
  ShardStore,
} from '../shards/ShardStore.ts';
import { MemoryEdges } from './MemoryEdges.ts';
import { MemoryEntries } from './MemoryEntries.ts';
import { MemoryLeases } from './MemoryLeases.ts';
import { MemoryObjects } from './MemoryObjects.ts';
import { scanRows } from './scanRows.ts';

/** A shard store in this process' memory. Every call answers at once. */
export class MemoryShardStore implements ShardStore {
  readonly name: string;
  readonly #objects = new MemoryObjects();
  readonly #edges = new MemoryEdges();
  readonly #entries = new MemoryEntries();
  readonly #leases = new MemoryLeases();

  constructor(name: string) {
    this.name = name;
  }

  readObjects(ids: readonly string[]): ReadonlyArray<ObjectRow | null> {
    return ids.map((id) => this.#objects.read(id));
  }

  readEdgePages(requests: readonly EdgePageRequest[]): ReadonlyArray<readonly EdgeRow[]> {
    return requests.map((request) => this.#edges.page(request));
  }

  countEdges(requests: readonly CountRequest[]): readonly number[] {
    return requests.map((request) => this.#edges.count(request));
  }

  readEntryPages(requests: readonly EntryPageRequest[]): ReadonlyArray<readonly EntryRow[]> {
    return requests.map((request) => this.#entries.page(request));
  }

  browse(requests: readonly BrowseRequest[]): ReadonlyArray<readonly ObjectRow[]> {
    return requests.map((request) => this.#objects.browse(request));
  }

  readEdges(keys: readonly EdgeKey[]): ReadonlyArray<EdgeRow | null> {
    return keys.map((key) => this.#edges.read(key));
  }

  readEntries(keys: readonly EntryKey[]): ReadonlyArray<EntryRow | null> {
    return keys.map((key) => this.#entries.read(key));
  }

  readHolders(keys: ReadonlyArray<Pick<EntryRow, 'index' | 'value'>>): ReadonlyArray<EntryRow | null> {
    return keys.map(({ index, value }) => this.#entries.holder(index, value));
  }

  scanObjects(request: ScanRequest): ScanPage<ObjectRow> {
    return scanRows(this.#objects.rows(), request, (row) => row.id);
  }

  scanEdges(request: ScanRequest): ScanPage<EdgeRow> {
    return scanRows(this.#edges.rows(), request, (row) => `${row.edgeId} ${row.fromId} ${row.toId}`);
  }

  scanEntries(request: ScanRequest): ScanPage<EntryRow> {
    return scanRows(this.#entries.rows(), request, (row) => `${row.index} ${row.targetId} ${row.value}`);
  }

  insertObjects(inserts: readonly ObjectInsert[]): ReadonlyArray<ObjectRow | null> {
    return inserts.map(({ row, edges }) => {
      const existing = this.#objects.insert(row);
      if (existing === null) for (const edge of edges) this.#edges.put(edge);
      return existing;
    });
  }

  replaceObjects(replacements: readonly ObjectReplacement[]): readonly boolean[] {
    return replacements.map((replacement) => this.#objects.replace(replacement));
  }

  putEdges(puts: readonly EdgePut[]): readonly null[] {
    for (const put of puts) this.#edges.put(put);
    return puts.map(() => null);
  }

  putEntries(puts: readonly EntryPut[]): readonly null[] {
    for (const put of puts) this.#entries.put(put);
    return puts.map(() => null);
  }

  claimEntries(claims: readonly EntryClaim[]): ReadonlyArray<EntryRow | null> {
    return claims.map((claim) => this.#entries.claim(claim));
  }

  purge({ objects, edges, entries }: PurgeRequest): number {
    const goneObjects = objects.filter((row) => isSameTombstone(this.#objects.read(row.id), row.version, 'version'));
    const goneEdges = edges.filter((row) => isSameTombstone(this.#edges.read(row), row.srcVersion, 'srcVersion'));
    const goneEntries = entries.filter((row) => isSameTombstone(this.#entries.read(row), row.srcVersion, 'srcVersion'));
    for (const row of goneObjects) this.#objects.remove(row);
    for (const row of goneEdges) this.#edges.remove(row);
    for (const row of goneEntries) this.#entries.remove(row);
    return goneObjects.length + goneEdges.length + goneEntries.length;
  }

  acquireLease(request: LeaseRequest): CleanerState | null {
    return this.#leases.acquire(request);
  }

  saveCleanerState(task: string, owner: string, state: CleanerState): boolean {
    return this.#leases.save(task, owner, state);
  }

  releaseLease(task: string, owner: string): void {
    this.#leases.release(task, owner);
  }

  close(): void {}
}

/** Whether a row is still the tombstone that was seen, which may have come through a cache as a copy. */
function isSameTombstone<TKey extends 'version' | 'srcVersion'>(
  row: ({ readonly state: number } & Readonly<Record<TKey, number>>) | null,
  version: number,
  key: TKey,
): boolean {
  return row !== null && row.state === TOMBSTONE && row[key] === version;
}
