import { attempt } from '../reads/attempt.ts';
import { isOrdered } from '../schema/listNumbers.ts';
import { ComposedStore, type StoreParts } from '../shards/ComposedStore.ts';
import { EdgeTables } from '../shards/EdgeTables.ts';
import type { EdgeRow } from '../shards/rows.ts';
import type { Entry, PurgeRequest, UnitStamps, UnitWrite } from '../shards/ShardStore.ts';
import type { SqlDatabase } from './openDatabase.ts';
import { SqliteChanges } from './SqliteChanges.ts';
import { SqliteEdges } from './SqliteEdges.ts';
import { SqliteEntries } from './SqliteEntries.ts';
import { SqliteLeases } from './SqliteLeases.ts';
import { SqliteObjects } from './SqliteObjects.ts';
import { SqliteOutbox } from './SqliteOutbox.ts';
import { Statements } from './Statements.ts';
import { tables } from './tables.ts';

interface SqliteParts extends StoreParts {
  readonly objects: SqliteObjects;
  readonly entries: SqliteEntries;
}

/** A shard store in one SQLite database. Every call answers at once; each batch of writes is one transaction. */
export class SqliteShardStore extends ComposedStore<SqliteParts> {
  readonly answersAtOnce = true;
  readonly changes: SqliteChanges;
  readonly #database: SqlDatabase;
  readonly #edgesOf: (row: Pick<EdgeRow, 'edgeId'>) => SqliteEdges;
  #isClosed = false;
  readonly #statements: Statements;

  constructor(name: string, database: SqlDatabase) {
    // readers never wait for a writer; a power cut can take away the last transactions, never consistency
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000');
    database.exec(tables);
    const statements = new Statements(database);
    const outbox = new SqliteOutbox(statements);
    const changes = new SqliteChanges(statements);
    const tablesOfEdges = [
      new SqliteEdges(statements, outbox, changes, 'pos'),
      new SqliteEdges(statements, outbox, changes, 'sort_key'),
    ] as const;
    const edges = new EdgeTables(...tablesOfEdges);
    const edgesOf = ({ edgeId }: Pick<EdgeRow, 'edgeId'>): SqliteEdges => tablesOfEdges[isOrdered(edgeId) ? 1 : 0];
    const entries = new SqliteEntries(statements, outbox);
    const objects = new SqliteObjects(statements, edgesOf, entries, outbox, changes);
    super(name, { objects, edges, entries, leases: new SqliteLeases(statements), outbox });
    this.changes = changes;
    this.#database = database;
    this.#edgesOf = edgesOf;
    this.#statements = statements;
  }

  /** Keeps a fact about this store, or returns the one that was kept before. */
  meta(key: string, value: string): string {
    this.#statements.run('INSERT INTO kvetch_meta VALUES (?, ?) ON CONFLICT (k) DO NOTHING', key, value);
    return this.#statements.one<{ readonly v: string }>('SELECT v FROM kvetch_meta WHERE k = ?', key)?.v ?? value;
  }

  /** The problems that SQLite finds in its file: a sentence each. */
  check(): readonly string[] {
    const found = this.#statements.all<object>('PRAGMA quick_check').map((row) => String(Object.values(row)[0]));
    return found.filter((text) => text !== 'ok').map((text) => `The file of "${this.name}" is damaged: ${text}`);
  }

  /** The number of rows by kind, tombstones included. */
  countRows(): Readonly<Record<'objects' | 'edges' | 'entries', number>> {
    const count = (table: string): number =>
      this.#statements.one<{ readonly n: number }>(`SELECT COUNT(*) AS n FROM ${table}`)?.n ?? 0;
    const edges = count('kvetch_edges') + count('kvetch_ordered');
    return { objects: count('kvetch_objects'), edges, entries: count('kvetch_entries') };
  }

  writeUnits(units: readonly UnitWrite[]): ReadonlyArray<Entry<UnitStamps>> {
    return units.map((unit) => attempt(() => this.#statements.transaction(() => this.parts.objects.writeUnit(unit))));
  }

  purge({ objects, edges, entries }: PurgeRequest): number {
    const { parts } = this;
    return this.#statements.transaction(() => {
      const ofEdges = edges.reduce((purged, row) => purged + this.#edgesOf(row).purge([row]), 0);
      return parts.objects.purge(objects) + ofEdges + parts.entries.purge(entries);
    });
  }

  /** Closing twice is no mistake: stores of one file may be shared. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#database.close();
  }
}
