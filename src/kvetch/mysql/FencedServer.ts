import { BodyTooLargeError, KvetchOptionError } from '../errors.ts';
import { LOGICAL_SHARDS } from '../ids/routing.ts';
import { NodeFailure } from '../shards/NodeFailure.ts';
import type { ShardSpan } from '../shards/ShardStore.ts';
import { Fence } from './Fence.ts';
import { MysqlServer } from './MysqlServer.ts';
import type { MysqlSettings } from './mysqlOptions.ts';
import { isMissingTable, isUnknownDatabase, toFailure } from './serverErrors.ts';
import { giveShards } from './shardStates.ts';
import { createTable, tables } from './tables.ts';

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

  /** A new database is given the shards `initial`; `null` where others decide. */
  constructor(
    settings: MysqlSettings,
    initial: ShardSpan | null,
    place: string | null,
    newFence: (server: MysqlServer) => Fence = (server) => new Fence(server),
  ) {
    this.#settings = settings;
    const facts: Array<[string, string]> = [
      ['format', '3'],
      ['logical_shards', String(LOGICAL_SHARDS)],
      // a database from before they came gets their tables when it is opened next
      ['outbox', '1'],
      ['ordered', '1'],
    ];
    if (place !== null) facts.push(['place', place]);
    this.#facts = new Map(facts);
    this.#initial = initial;
    this.server = new MysqlServer(settings);
    this.fence = newFence(this.server);
  }

  /** Creates missing tables and checks that the database is the right one. */
  open(): Promise<void> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = null;
      throw toFailure(error);
    });
    return this.#opening;
  }

  /** Refuses a body that would break the connection for every other statement on it. */
  checkBody(body: string | null): void {
    if (body === null || body.length * 3 <= this.#maxBodyBytes) return;
    const bytes = Buffer.byteLength(body);
    if (bytes > this.#maxBodyBytes) throw new BodyTooLargeError(bytes, this.#maxBodyBytes);
  }

  async #open(): Promise<void> {
    const seen = await this.#readFacts();
    const missing = [...this.#facts].filter(([key]) => !seen.has(key));
    if (missing.length > 0) {
      if (this.#settings.readOnly) throw new NodeFailure('not-applied', new Error('it has no tables of the store yet'));
      await this.server.write(async (session) => {
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
        `The database of "${this.#settings.name}" was made with ${key} "${facts.get(key)}" and cannot be opened with "${value}".`,
      );
    }
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
