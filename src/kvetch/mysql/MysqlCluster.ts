import { anything, checkOptions, type OptionTable } from '../../errors/checkOptions.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { KvetchError, KvetchOptionError, quote, ServerUnavailableError } from '../errors.ts';
import { LOGICAL_SHARDS } from '../ids/routing.ts';
import { checkRanges, evenSpan, type ShardRange } from '../shards/ranges.ts';
import type { ShardCluster } from '../shards/ShardCluster.ts';
import { checkCluster, clusterStats, type ServerStats } from './checkCluster.ts';
import type { MysqlShardStore } from './MysqlShardStore.ts';
import { mapOf, type ServerRange, type Told } from './mapOf.ts';
import type { MoveOptions, MoveReport } from './move/moveOptions.ts';
import { moveShards } from './move/moveShards.ts';
import { spansOf } from './move/spans.ts';
import { asOptions, type MysqlShardOptions, shardOptions, toSettings } from './mysqlOptions.ts';
import { openStore } from './openStore.ts';
import { CLOSED, giveShards, markShards } from './shardStates.ts';

/** The first division of the logical shards: both ends included, all 4,096 once. */
export interface InitialRange {
  readonly from: number;
  readonly to: number;
  /** A name among the servers. */
  readonly server: string;
}

/** The options of `mysqlCluster`. */
export interface MysqlClusterOptions extends Omit<MysqlShardOptions, 'name' | 'replicas'> {
  /** The servers by name: a URI, or options that go before the common ones. A name stays with its database for ever. */
  readonly servers: Readonly<Record<string, Omit<MysqlShardOptions, 'name'> | string>>;
  /** How `init` divides the shards when that was never done. Default evenly, in the order of servers. It is not read later. */
  readonly map?: readonly InitialRange[];
}

const { name: _name, ...serverOptions } = shardOptions;
const { replicas: _replicas, ...commonOptions } = serverOptions;
const clusterOptions: OptionTable<MysqlClusterOptions> = { ...commonOptions, servers: anything, map: anything };
const rangeOptions: OptionTable<InitialRange> = { from: anything, to: anything, server: anything };

/** Shards in MySQL databases that can be moved from one to another while programs run. */
export class MysqlCluster implements ShardCluster {
  readonly stores: readonly MysqlShardStore[];
  readonly #initial: readonly InitialRange[];
  #map: readonly ServerRange[] | null = null;

  constructor(options: MysqlClusterOptions) {
    checkOptions('mysqlCluster', options, clusterOptions, KvetchOptionError);
    const { servers, map, ...common } = options;
    const names = Object.keys(servers);
    if (names.length === 0) throw new KvetchOptionError('mysqlCluster needs at least one server in "servers".');
    this.stores = names.map((name) => {
      const own = asOptions(servers[name] ?? '');
      checkOptions<Omit<MysqlShardOptions, 'name'>>(
        `mysqlCluster: the server ${quote(name)}`,
        own,
        serverOptions,
        KvetchOptionError,
      );
      const settings = toSettings({ ...common, ...own, name });
      return openStore(settings, null, null);
    });
    for (const range of map ?? []) checkOptions('mysqlCluster: the map', range, rangeOptions, KvetchOptionError);
    this.#initial = map ?? names.map((server, at) => ({ ...spanOf(evenSpan(at, names.length)), server }));
    checkRanges(this.#initial);
    for (const { server } of this.#initial) this.store(server);
  }

  /** The store of a server. */
  store(name: string): MysqlShardStore {
    const found = this.stores.find((store) => store.name === name);
    if (found !== undefined) return found;
    const names = this.stores.map((store) => quote(store.name)).join(', ');
    throw new KvetchOptionError(`The cluster has no server ${quote(name)}; it has ${names}.`);
  }

  /**
   * Creates missing parts: tables on each server, and the division of the shards, if nobody has them yet. Every server
   * must answer. Doing it again changes nothing; a server that was added to the list gets tables and no shards. Throws a
   * `KvetchOptionError` when shards were divided and no server has them.
   */
  async init(): Promise<void> {
    const known = await Promise.all(this.stores.map(knownShards));
    for (const { from, to, server } of this.#initial) {
      const database = await this.store(server).database();
      for (const { span, of: isNew } of spansOf([from, to], (shard) => !known.some((shards) => shards.has(shard)))) {
        if (isNew)
          await database.transaction(async (session) => {
            for (const sql of giveShards(span)) await session.write(sql);
          });
      }
    }
    // not before all are given: an interrupted division goes on when it is repeated
    for (const store of this.stores) await (await store.database()).transaction((session) => session.write(markShards));
    const told = await Promise.all(this.stores.map((store) => store.holdings()));
    const isSomewhere = (shard: number): boolean => told.some(({ states }) => (states[shard] ?? CLOSED) !== CLOSED);
    for (const { span, of } of spansOf([0, LOGICAL_SHARDS - 1], isSomewhere)) {
      if (of) continue;
      throw new KvetchOptionError(
        `No server has the shards ${span.join('-')}, which were divided once: is a server missing among "servers", or is its database another one?`,
      );
    }
  }

  async loadRanges(): Promise<readonly ShardRange[]> {
    const told: Told = await Promise.all(this.stores.map((store) => store.holdings().catch(() => null)));
    this.#map = mapOf(told, this.#map);
    return this.#map.map(({ from, to, server }) => ({ from, to, store: itemAt(this.stores, server) }));
  }

  /** Moves shards from one server to another while programs read and write them; see `MoveOptions`. */
  move(options: MoveOptions): Promise<MoveReport> {
    return moveShards((name) => this.store(name), options);
  }

  /** All problems of servers and map; empty when all is well. */
  check(): Promise<readonly string[]> {
    return checkCluster(this.stores);
  }

  /** The shards of each server. */
  stats(): Promise<readonly ServerStats[]> {
    return clusterStats(this.stores);
  }

  /** Ends the connections to all servers. */
  async close(): Promise<void> {
    await Promise.all(this.stores.map((store) => store.close()));
  }
}

/** The shards that a server has, had, or knows to have been divided, after its tables were created. */
async function knownShards(store: MysqlShardStore): Promise<ReadonlySet<number>> {
  try {
    await store.restoreTables();
    const database = await store.database();
    const rows = await database.read((session) => session.rows<[shard: number]>('SELECT shard FROM kvetch_shards'));
    return new Set(rows.map(([shard]) => shard));
  } catch (cause) {
    throw cause instanceof KvetchError ? cause : new ServerUnavailableError(store.name, cause);
  }
}

function spanOf([from, to]: readonly [number, number]): { readonly from: number; readonly to: number } {
  return { from, to };
}
