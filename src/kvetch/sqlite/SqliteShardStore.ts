import type { EdgePageRequest, EntryPageRequest } from '../shards/pageRequests.ts';
import type { EdgeRow, EntryRow, ObjectRow } from '../shards/rows.ts';
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
import type { SqlDatabase } from './openDatabase.ts';
import { SqliteEdges } from './SqliteEdges.ts';
import { SqliteEntries } from './SqliteEntries.ts';
import { SqliteLeases } from './SqliteLeases.ts';
import { SqliteObjects } from './SqliteObjects.ts';
import { Statements } from './Statements.ts';
import { tables } from './tables.ts';

/** A shard store in one SQLite database. Every call answers at once; each batch of writes is one transaction. */
export class SqliteShardStore implements ShardStore {
  readonly name: string;
  readonly #database: SqlDatabase;
  readonly #statements: Statements;
  readonly #objects: SqliteObjects;
  readonly #edges: SqliteEdges;
  readonly #entries: SqliteEntries;
  readonly #leases: SqliteLeases;

  constructor(name: string, database: SqlDatabase) {
    this.name = name;
    this.#database = database;
    // readers never wait for a writer; what a power cut can take away is the last transactions, never consistency
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000');
    database.exec(tables);
    this.#statements = new Statements(database);
    this.#objects = new SqliteObjects(this.#statements);
    this.#edges = new SqliteEdges(this.#statements);
    this.#entries = new SqliteEntries(this.#statements);
    this.#leases = new SqliteLeases(this.#statements);
  }

  /** Keeps a fact about this store, or returns what was kept before. */
  meta(key: string, value: string): string {
    this.#statements.run('INSERT INTO kvetch_meta VALUES (?, ?) ON CONFLICT (k) DO NOTHING', key, value);
    return (this.#statements.one('SELECT v FROM kvetch_meta WHERE k = ?', key)?.v ?? value) as string;
  }

  readObjects(ids: readonly string[]): ReadonlyArray<ObjectRow | null> {
    return this.#objects.read(ids);
  }

  readEdgePages(requests: readonly EdgePageRequest[]): ReadonlyArray<readonly EdgeRow[]> {
    return this.#edges.pages(requests);
  }

  countEdges(requests: readonly CountRequest[]): readonly number[] {
    return this.#edges.count(requests);
  }

  readEntryPages(requests: readonly EntryPageRequest[]): ReadonlyArray<readonly EntryRow[]> {
    return this.#entries.pages(requests);
  }

  browse(requests: readonly BrowseRequest[]): ReadonlyArray<readonly ObjectRow[]> {
    return this.#objects.browse(requests);
  }

  readEdges(keys: readonly EdgeKey[]): ReadonlyArray<EdgeRow | null> {
    return this.#edges.read(keys);
  }

  readEntries(keys: readonly EntryKey[]): ReadonlyArray<EntryRow | null> {
    return this.#entries.read(keys);
  }

  readHolders(keys: ReadonlyArray<Pick<EntryRow, 'index' | 'value'>>): ReadonlyArray<EntryRow | null> {
    return this.#entries.holders(keys);
  }

  scanObjects(request: ScanRequest): ScanPage<ObjectRow> {
    return this.#objects.scan(request);
  }

  scanEdges(request: ScanRequest): ScanPage<EdgeRow> {
    return this.#edges.scan(request);
  }

  scanEntries(request: ScanRequest): ScanPage<EntryRow> {
    return this.#entries.scan(request);
  }

  insertObjects(inserts: readonly ObjectInsert[]): ReadonlyArray<ObjectRow | null> {
    return this.#write(inserts, ({ row, edges }) => {
      const existing = this.#objects.insert(row);
      if (existing === null) for (const edge of edges) this.#edges.put(edge);
      return existing;
    });
  }

  replaceObjects(replacements: readonly ObjectReplacement[]): readonly boolean[] {
    return this.#write(replacements, (replacement) => this.#objects.replace(replacement));
  }

  putEdges(puts: readonly EdgePut[]): readonly null[] {
    return this.#write(puts, (put) => {
      this.#edges.put(put);
      return null;
    });
  }

  putEntries(puts: readonly EntryPut[]): readonly null[] {
    return this.#write(puts, (put) => {
      this.#entries.put(put);
      return null;
    });
  }

  claimEntries(claims: readonly EntryClaim[]): ReadonlyArray<EntryRow | null> {
    return this.#write(claims, (claim) => this.#entries.claim(claim));
  }

  purge({ objects, edges, entries }: PurgeRequest): number {
    return this.#statements.transaction(
      () => this.#objects.purge(objects) + this.#edges.purge(edges) + this.#entries.purge(entries),
    );
  }

  acquireLease(request: LeaseRequest): CleanerState | null {
    return this.#statements.transaction(() => this.#leases.acquire(request));
  }

  saveCleanerState(task: string, owner: string, state: CleanerState): boolean {
    return this.#leases.save(task, owner, state);
  }

  releaseLease(task: string, owner: string): void {
    this.#leases.release(task, owner);
  }

  close(): void {
    this.#database.close();
  }

  #write<TIn, TOut>(batch: readonly TIn[], write: (entry: TIn) => TOut): readonly TOut[] {
    return this.#statements.transaction(() => batch.map(write));
  }
}
