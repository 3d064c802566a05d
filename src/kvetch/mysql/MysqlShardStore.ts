import { ComposedStore, type StoreParts } from '../shards/ComposedStore.ts';
import { EdgeTables } from '../shards/EdgeTables.ts';
import type { EntryRow, ObjectRow, StoredRows } from '../shards/rows.ts';
import type {
  Batch,
  EdgePut,
  EntryClaim,
  EntryPut,
  ObjectInsert,
  ObjectReplacement,
  PurgeRequest,
  ShardSpan,
  Stamp,
  UnitStamps,
  UnitWrite,
} from '../shards/ShardStore.ts';
import type { Holdings } from './Fence.ts';
import { FencedServer } from './FencedServer.ts';
import { GroupedWrites } from './GroupedWrites.ts';
import { MysqlChanges } from './MysqlChanges.ts';
import { MysqlEdges } from './MysqlEdges.ts';
import { MysqlEntries } from './MysqlEntries.ts';
import { MysqlLeases } from './MysqlLeases.ts';
import { MysqlObjects } from './MysqlObjects.ts';
import { MysqlOutbox } from './MysqlOutbox.ts';
import type { MysqlServer } from './MysqlServer.ts';
import { MysqlUnits } from './MysqlUnits.ts';
import type { MysqlSettings } from './mysqlOptions.ts';
import { purgeRows } from './purgeRows.ts';
import { snapshotShards } from './snapshotShards.ts';

/** A replica as a process sees it. */
export interface ReplicaStatus {
  readonly name: string;
  /** Why it is not read from, or `null`. */
  readonly problem: string | null;
  /** Keys that it answered, and keys that the primary was asked for instead. */
  readonly counts: { readonly answered: number; readonly lacking: number };
}

/** A shard store in one MySQL or MariaDB database. It opens with the first call, and again with the next if that failed. */
export class MysqlShardStore extends ComposedStore<StoreParts> {
  readonly changes: MysqlChanges;
  protected readonly to: FencedServer;
  protected readonly settings: MysqlSettings;
  readonly #inserts = new GroupedWrites((all: readonly ObjectInsert[]) => this.#own.objects.insertObjects(all));
  readonly #replacements = new GroupedWrites((all: readonly ObjectReplacement[]) =>
    this.#own.objects.replaceObjects(all),
  );
  readonly #edges = new GroupedWrites(async (all: readonly EdgePut[]) => this.#own.edges.putEdges(all));
  readonly #entries = new GroupedWrites((all: readonly EntryPut[]) => this.#own.entries.putEntries(all));
  readonly #claims = new GroupedWrites((all: readonly EntryClaim[]) => this.#own.entries.claimEntries(all));
  readonly #units: MysqlUnits;
  readonly #own: { readonly objects: MysqlObjects; readonly edges: EdgeTables; readonly entries: MysqlEntries };

  /** A new database is given the shards `initial`; `null` where others decide. */
  constructor(settings: MysqlSettings, initial: ShardSpan | null, place: string | null) {
    const to = new FencedServer(settings, initial, place);
    const edges = new EdgeTables(new MysqlEdges(to, 'pos'), new MysqlEdges(to, 'sort_key'));
    const objects = new MysqlObjects(to);
    const [entries, leases, outbox] = [new MysqlEntries(to), new MysqlLeases(to), new MysqlOutbox(to)];
    super(settings.name, { objects, edges, entries, leases, outbox });
    this.changes = new MysqlChanges(to);
    this.#units = new MysqlUnits(to);
    this.#own = { objects, edges, entries };
    this.to = to;
    this.settings = settings;
  }

  /** Creates missing tables and checks that the database is the right one. Every call waits for it. */
  init(): Promise<void> {
    return this.to.open();
  }

  /** Creates tables that have gone since the database was opened first, and the facts that were in them. */
  restoreTables(): Promise<void> {
    return this.to.restore();
  }

  /** The shards that the database holds, as it reports now. */
  async holdings(): Promise<Holdings> {
    await this.init();
    return this.to.fence.load();
  }

  /** The database itself, for work beyond the interface of stores: the division and the moves of shards. */
  async database(): Promise<MysqlServer> {
    await this.init();
    return this.to.server;
  }

  /** The replicas of the database, as this process knows them. */
  get replicas(): readonly ReplicaStatus[] {
    return [];
  }

  /** A sentence for each replica that cannot be read from. */
  async checkReplicas(): Promise<readonly string[]> {
    return [];
  }

  override insertObjects(inserts: readonly ObjectInsert[]): Batch<ObjectRow | null> {
    return this.#inserts.write(inserts);
  }

  override replaceObjects(replacements: readonly ObjectReplacement[]): Batch<boolean> {
    return this.#replacements.write(replacements);
  }

  override putEdges(puts: readonly EdgePut[]): Batch<Stamp | null> {
    return this.#edges.write(puts);
  }

  override putEntries(puts: readonly EntryPut[]): Batch<Stamp | null> {
    return this.#entries.write(puts);
  }

  override claimEntries(claims: readonly EntryClaim[]): Batch<EntryRow | null> {
    return this.#claims.write(claims);
  }

  writeUnits(units: readonly UnitWrite[]): Batch<UnitStamps> {
    return this.#units.writeUnits(units);
  }

  override snapshot(shards: ShardSpan, visit: (rows: StoredRows) => Promise<void>): Promise<void> {
    return snapshotShards(this.to, shards, visit);
  }

  async othersPerSecond(): Promise<number> {
    return (await this.database()).othersPerSecond();
  }

  purge(request: PurgeRequest): Promise<number> {
    return purgeRows(this.to, request);
  }

  /** Ends its connections. Calls after it fail. */
  close(): Promise<void> {
    return this.to.server.close();
  }
}
