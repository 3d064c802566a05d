import { KvetchOptionError } from '../errors.ts';
import { LOGICAL_SHARDS } from '../ids/routing.ts';
import type { EdgePageRequest, EntryPageRequest } from '../shards/pageRequests.ts';
import type { EdgeRow, EntryRow, ObjectRow } from '../shards/rows.ts';
import type {
  BrowseRequest,
  CleanerState,
  CountRequest,
  EdgeKey,
  EdgePut,
  Entry,
  EntryClaim,
  EntryKey,
  EntryPut,
  LeaseRequest,
  ObjectInsert,
  ObjectReplacement,
  PurgeRequest,
  ScanPage,
  ScanRequest,
  ShardSpan,
  ShardStore,
} from '../shards/ShardStore.ts';
import { Fence, type Holdings } from './Fence.ts';
import { MysqlEdges } from './MysqlEdges.ts';
import { MysqlEntries } from './MysqlEntries.ts';
import { MysqlLeases } from './MysqlLeases.ts';
import { MysqlObjects } from './MysqlObjects.ts';
import { MysqlServer } from './MysqlServer.ts';
import type { MysqlSettings } from './mysqlOptions.ts';
import { purgeRows } from './purgeRows.ts';
import { isMissingTable, toFailure } from './serverErrors.ts';
import { giveShards } from './shardStates.ts';
import { createTable, tables } from './tables.ts';

type Answers<T> = Promise<ReadonlyArray<Entry<T>>>;

/** A shard store in one MySQL or MariaDB database. It opens with the first call, and again with the next if that failed. */
export class MysqlShardStore implements ShardStore {
  readonly name: string;
  readonly #settings: MysqlSettings;
  /** What the database must say about itself; the first to open it writes it. */
  readonly #facts: ReadonlyMap<string, string>;
  readonly #initial: ShardSpan | null;
  readonly #server: MysqlServer;
  readonly #fence: Fence;
  readonly #objects: MysqlObjects;
  readonly #edges: MysqlEdges;
  readonly #entries: MysqlEntries;
  readonly #leases: MysqlLeases;
  #opening: Promise<void> | null = null;
  #maxBodyBytes = 0;

  /** A new database is given the shards `initial`; `null` where others decide. */
  constructor(settings: MysqlSettings, initial: ShardSpan | null, place: string | null) {
    this.name = settings.name;
    this.#settings = settings;
    const facts: Array<[string, string]> = [
      ['format', '3'],
      ['logical_shards', String(LOGICAL_SHARDS)],
    ];
    if (place !== null) facts.push(['place', place]);
    this.#facts = new Map(facts);
    this.#initial = initial;
    this.#server = new MysqlServer(settings);
    this.#fence = new Fence(this.#server);
    const to = { server: this.#server, fence: this.#fence };
    this.#objects = new MysqlObjects(to, () => this.#maxBodyBytes);
    this.#edges = new MysqlEdges(to, (body) => this.#objects.checkBody(body));
    this.#entries = new MysqlEntries(to);
    this.#leases = new MysqlLeases(this.#server);
  }

  /** Creates what is missing and checks that the database is what it is taken for. Every call waits for it. */
  init(): Promise<void> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = null;
      throw toFailure(error);
    });
    return this.#opening;
  }

  async #open(): Promise<void> {
    if (this.#settings.createDatabase) await this.#server.createDatabase();
    const seen = await this.#readFacts();
    const missing = [...this.#facts].filter(([key]) => !seen.has(key));
    if (missing.length > 0) {
      await this.#server.write(async (session) => {
        for (const table of tables) await session.write(createTable(table));
        if (this.#initial !== null) await session.write(giveShards(this.#initial));
        // last, so that all of this is done again when it was not finished
        const keep = 'INSERT INTO kvetch_meta (k, v) VALUES (?, ?) ON DUPLICATE KEY UPDATE v = v';
        for (const [key, value] of [['epoch', '1'] as const, ...missing])
          await session.preparedWrite(keep, [Buffer.from(key), Buffer.from(value)]);
      });
    }
    const facts = missing.length === 0 ? seen : await this.#readFacts();
    for (const [key, value] of this.#facts) {
      if (facts.get(key) === value) continue;
      throw new KvetchOptionError(
        `The database of "${this.name}" was made with ${key} "${facts.get(key)}" and cannot be opened with "${value}".`,
      );
    }
    const [row] = await this.#server.read((session) => session.rows('SELECT @@max_allowed_packet, @@sql_mode'));
    if (!String(row?.[1]).includes('STRICT_ALL_TABLES')) {
      throw new KvetchOptionError(
        `The server of "${this.name}" does not let a session set its "sql_mode" to STRICT_ALL_TABLES, which the store needs.`,
      );
    }
    this.#maxBodyBytes = Math.min((1 << 24) - 1, Math.floor(Number(row?.[0]) / 4));
  }

  async #readFacts(): Promise<ReadonlyMap<string, string>> {
    try {
      const rows = await this.#server.read((session) => session.rows('SELECT k, v FROM kvetch_meta'));
      return new Map(rows.map(([key, value]) => [String(key), String(value)]));
    } catch (error) {
      if (error instanceof Error && isMissingTable(error.cause)) return new Map();
      throw error;
    }
  }

  /** Creates tables that have gone since the database was opened first. */
  async restoreTables(): Promise<void> {
    const database = await this.database();
    for (const table of tables) await database.write((session) => session.write(createTable(table)));
  }

  /** Which shards the database holds, as it says now. */
  async holdings(): Promise<Holdings> {
    await this.init();
    return this.#fence.load();
  }

  /** The database itself, for what goes past the interface of stores: the division and the moves of shards. */
  async database(): Promise<MysqlServer> {
    await this.init();
    return this.#server;
  }

  async readObjects(ids: readonly string[]): Answers<ObjectRow | null> {
    await this.init();
    return this.#objects.read(ids);
  }

  async readEdgePages(requests: readonly EdgePageRequest[]): Answers<readonly EdgeRow[]> {
    await this.init();
    return this.#edges.pages(requests);
  }

  async countEdges(requests: readonly CountRequest[]): Answers<number> {
    await this.init();
    return this.#edges.count(requests);
  }

  async readEntryPages(requests: readonly EntryPageRequest[]): Answers<readonly EntryRow[]> {
    await this.init();
    return this.#entries.pages(requests);
  }

  async browse(requests: readonly BrowseRequest[]): Answers<readonly ObjectRow[]> {
    await this.init();
    return this.#objects.browse(requests);
  }

  async readEdges(keys: readonly EdgeKey[]): Answers<EdgeRow | null> {
    await this.init();
    return this.#edges.read(keys);
  }

  async readEntries(keys: readonly EntryKey[]): Answers<EntryRow | null> {
    await this.init();
    return this.#entries.read(keys);
  }

  async readHolders(keys: ReadonlyArray<Pick<EntryRow, 'index' | 'value'>>): Answers<EntryRow | null> {
    await this.init();
    return this.#entries.holders(keys);
  }

  async scanObjects(request: ScanRequest): Promise<ScanPage<ObjectRow>> {
    await this.init();
    return this.#objects.scan(request);
  }

  async scanEdges(request: ScanRequest): Promise<ScanPage<EdgeRow>> {
    await this.init();
    return this.#edges.scan(request);
  }

  async scanEntries(request: ScanRequest): Promise<ScanPage<EntryRow>> {
    await this.init();
    return this.#entries.scan(request);
  }

  async insertObjects(inserts: readonly ObjectInsert[]): Answers<ObjectRow | null> {
    await this.init();
    return this.#objects.insert(inserts);
  }

  async replaceObjects(replacements: readonly ObjectReplacement[]): Answers<boolean> {
    await this.init();
    return this.#objects.replace(replacements);
  }

  async putEdges(puts: readonly EdgePut[]): Answers<null> {
    await this.init();
    return this.#edges.put(puts);
  }

  async putEntries(puts: readonly EntryPut[]): Answers<null> {
    await this.init();
    return this.#entries.put(puts);
  }

  async claimEntries(claims: readonly EntryClaim[]): Answers<EntryRow | null> {
    await this.init();
    return this.#entries.claim(claims);
  }

  async purge(request: PurgeRequest): Promise<number> {
    await this.init();
    return purgeRows(this.#server, request);
  }

  async acquireLease(request: LeaseRequest): Promise<CleanerState | null> {
    await this.init();
    return this.#leases.acquire(request);
  }

  async saveCleanerState(task: string, owner: string, state: CleanerState): Promise<boolean> {
    await this.init();
    return this.#leases.save(task, owner, state);
  }

  async releaseLease(task: string, owner: string): Promise<void> {
    await this.init();
    await this.#leases.release(task, owner);
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}
