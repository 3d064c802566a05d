import { BodyTooLargeError, KvetchOptionError } from '../errors.ts';
import { LOGICAL_SHARDS } from '../ids/routing.ts';
import { NodeFailure } from '../shards/NodeFailure.ts';
import type { ShardSpan } from '../shards/ShardStore.ts';
import { CHANGES, FEED, fact, GONE } from './changeFacts.ts';
import { Fence } from './Fence.ts';
import { MysqlServer } from './MysqlServer.ts';
import { spansOf } from './move/spans.ts';
import type { MysqlSettings } from './mysqlOptions.ts';
import type { Session } from './Session.ts';
import { isMissingTable, isUnknownDatabase, toFailure } from './serverErrors.ts';
import { CLOSED, giveShards, isReadable, obeyChanges } from './shardStates.ts';
import { changesTable, createTable, tables } from './tables.ts';

/** So many shards learn of a feed at once. */
const PART = 64;
const FORMAT = 'format';
const PLACE = 'place';

/**
 * The database of a store on its server, and the fence that keeps other shards out. Its user opens it
 * before, which is done once, and again if it failed.
 */
export class FencedServer {
  readonly server: MysqlServer;
  readonly fence: Fence;
  readonly #settings: MysqlSettings;
  /** The facts that the database must hold; the first to open it writes them. */
  readonly #facts: ReadonlyMap<string, string>;
  readonly #initial: ShardSpan | null;
  #opening: Promise<void> | null = null;
  /** A quarter of the largest packet that the server takes. */
  #maxBodyBytes = 0;
  /** For how long changes are to be kept, where this process says so. */
  #retentionMs: number | null = null;

  /** A new database is given the shards `initial`; `null` where others decide. */
  constructor(
    settings: MysqlSettings,
    initial: ShardSpan | null,
    place: string | null,
    newFence: (server: MysqlServer) => Fence = (server) => new Fence(server),
  ) {
    this.#settings = settings;
    const facts: Array<[string, string]> = [
      [FORMAT, '3'],
      ['logical_shards', String(LOGICAL_SHARDS)],
      // a database from before they came gets their tables when it is opened next
      ['outbox', '1'],
      ['ordered', '1'],
    ];
    if (place !== null) facts.push([PLACE, place]);
    this.#facts = new Map(facts);
    this.#initial = initial;
    this.server = new MysqlServer(settings);
    this.fence = newFence(this.server);
  }

  /** The next opening has all processes that open the database later keep their changes for so long; 0: not at all. */
  keepChanges(retentionMs: number): void {
    this.#retentionMs = retentionMs;
    this.#opening = null;
  }

  /** Creates missing tables and checks that the database is the right one. */
  open(): Promise<void> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = null;
      throw toFailure(error);
    });
    return this.#opening;
  }

  /** Creates what has gone since the database was opened first: tables, and the facts about it. */
  async restore(): Promise<void> {
    const seen = await this.#readFacts();
    // processes may remember shards by the numbers of before, which were counted one by one
    if (await this.#isCut(seen)) await this.#make(this.#facts, Math.floor(Date.now() / 1000));
    await this.open();
    await this.server.write(createTables);
    if (this.server.keepsChanges) await this.#makeChanges();
  }

  /** Refuses a body that would break the connection for every other statement on it. */
  checkBody(body: string | null): void {
    if (body === null || body.length * 3 <= this.#maxBodyBytes) return;
    const bytes = Buffer.byteLength(body);
    if (bytes > this.#maxBodyBytes) throw new BodyTooLargeError(bytes, this.#maxBodyBytes);
  }

  async #open(): Promise<void> {
    const seen = await this.#readFacts();
    const missing = new Map([...this.#facts].filter(([key]) => !seen.has(key)));
    if (missing.size > 0) {
      if (this.#settings.readOnly) throw new NodeFailure('not-applied', new Error('it has no tables of the store yet'));
      if (await this.#isCut(seen)) {
        throw new KvetchOptionError(
          `The database of "${this.#settings.name}" has objects, but what it is was lost: its table kvetch_meta is gone or empty. Restore the table from a backup, or have "kvetch init" write it as this configuration says.`,
        );
      }
      await this.#make(missing, 1);
    }
    const facts = missing.size === 0 ? seen : await this.#readFacts();
    for (const [key, value] of this.#facts) {
      if (facts.get(key) === value) continue;
      throw new KvetchOptionError(
        `The database of "${this.#settings.name}" was made with ${key} "${facts.get(key)}" and cannot be opened with "${value}".`,
      );
    }
    if (this.#retentionMs !== null && !this.#settings.readOnly) await this.#agreeOnChanges(this.#retentionMs);
    this.server.keepsChanges = this.#retentionMs === null ? facts.has(CHANGES) : this.#retentionMs > 0;
    if (this.#facts.has(PLACE) && !this.#settings.readOnly)
      await this.#checkShards(this.#initial ?? [0, LOGICAL_SHARDS - 1]);
    const { session: variables } = this.#settings; // connections set them too, where nobody hears of a failure
    if (variables !== '') await this.server.write((session) => session.write(`SET SESSION ${variables}`));
    const [row] = await this.server.read((session) => session.rows('SELECT @@max_allowed_packet, @@sql_mode'));
    if (!String(row?.[1]).includes('STRICT_ALL_TABLES')) {
      throw new KvetchOptionError(
        `The server of "${this.#settings.name}" does not let a session set its "sql_mode" to STRICT_ALL_TABLES, which the store needs.`,
      );
    }
    this.#maxBodyBytes = Math.min((1 << 24) - 1, Math.floor(Number(row?.[0]) / 4));
  }

  /** A table that has gone begins with the first number again: positions of before must not be taken for its own. */
  async #makeChanges(): Promise<void> {
    const looking = this.server.read((session) => session.rows('SELECT 1 FROM kvetch_changes LIMIT 1'));
    const isGone = await looking.then(
      () => false,
      (error: Error) => {
        if (isMissingTable(error.cause)) return true;
        throw error;
      },
    );
    if (!isGone) return;
    await this.server.write(async (session) => {
      await session.write(`DELETE FROM kvetch_meta WHERE k IN (${fact(FEED)}, ${fact(GONE)})`);
      await session.write(createTable(changesTable));
    });
  }

  /** The table comes before the fact, which has others write to it. */
  async #agreeOnChanges(retentionMs: number): Promise<void> {
    if (retentionMs > 0) {
      await this.#makeChanges();
      const put = 'INSERT INTO kvetch_meta (k, v) VALUES (?, ?) ON DUPLICATE KEY UPDATE v = VALUES(v)';
      const values = [Buffer.from(CHANGES), Buffer.from(String(retentionMs))];
      await this.server.write((session) => session.preparedWrite(put, values));
      return;
    }
    const forget = `DELETE FROM kvetch_meta WHERE k IN (${fact(CHANGES)}, ${fact(FEED)})`;
    await this.server.write((session) => session.write(forget));
    await this.obeyChanges();
  }

  /**
   * Has the rows of all shards say whether changes are kept, as the database was told. Each waits for the writes that are under
   * way in it, and those of its part wait for it: so the parts are small.
   */
  async obeyChanges(): Promise<void> {
    for (let from = 0; from < LOGICAL_SHARDS; from += PART) {
      const part: ShardSpan = [from, from + PART - 1];
      await this.server.transaction(async (session) => {
        await session.pick(`SELECT shard FROM kvetch_shards WHERE shard BETWEEN ${part.join(' AND ')} FOR UPDATE`);
        await session.write(obeyChanges(part));
      });
    }
  }

  async #make(facts: ReadonlyMap<string, string>, epoch: number): Promise<void> {
    await this.server.write(async (session) => {
      await createTables(session);
      const given = this.#initial === null ? [] : giveShards(this.#initial);
      await session.transaction(async () => {
        for (const sql of given) await session.write(sql);
      });
      // last, so that all of this is done again when it was not finished
      const keep = 'INSERT INTO kvetch_meta (k, v) VALUES (?, ?) ON DUPLICATE KEY UPDATE v = v';
      for (const [key, value] of [['epoch', String(epoch)] as const, ...facts])
        await session.preparedWrite(keep, [Buffer.from(key), Buffer.from(value)]);
    });
  }

  /** Whether there are objects and no facts: to open it as new would forget its format, place and epoch. */
  async #isCut(facts: ReadonlyMap<string, string>): Promise<boolean> {
    if (facts.has(FORMAT)) return false;
    const looking = this.server.read((session) => session.rows('SELECT 1 FROM kvetch_objects LIMIT 1'));
    const rows = await looking.catch((error: Error) => {
      if (isMissingTable(error.cause)) return [];
      throw error;
    });
    return rows.length > 0 && !(await this.#readFacts()).has(FORMAT); // another process may have made it meanwhile
  }

  /** A list of databases cannot follow a move. It would work until somebody asks for what is elsewhere. */
  async #checkShards([from, to]: ShardSpan): Promise<void> {
    const { states } = await this.fence.load();
    const gone = spansOf([from, to], (shard) => !isReadable(states[shard] ?? CLOSED)).filter(({ of }) => of);
    if (gone.length === 0) return;
    const ranges = gone.map(({ span }) => span.join('-')).join(', ');
    throw new KvetchOptionError(
      `The database of "${this.#settings.name}" does not hold shards ${ranges} any more: they were moved, and mysqlShards cannot know where to. Name all servers in mysqlCluster.`,
    );
  }

  async #readFacts(): Promise<ReadonlyMap<string, string>> {
    try {
      const rows = await this.server.read((session) => session.rows('SELECT k, v FROM kvetch_meta'));
      return new Map(rows.map(([key, value]) => [String(key), String(value)]));
    } catch (error) {
      const cause = error instanceof Error ? error.cause : null;
      const isNew = isUnknownDatabase(cause) && this.#settings.createDatabase && !this.#settings.readOnly;
      if (isNew) await this.server.createDatabase();
      else if (!isMissingTable(cause)) throw error;
      return new Map();
    }
  }
}

async function createTables(session: Session): Promise<void> {
  for (const table of tables) await session.write(createTable(table));
}
