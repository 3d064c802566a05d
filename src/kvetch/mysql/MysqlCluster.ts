import { KvetchError, KvetchOptionError, quote, ServerUnavailableError } from '../errors.ts';
import { LOGICAL_SHARDS } from '../ids/routing.ts';
import { checkRanges, evenSpan, type ShardRange } from '../shards/ranges.ts';
import type { ShardCluster } from '../shards/ShardCluster.ts';
import { checkCluster, clusterStats, type ServerStats } from './checkCluster.ts';
import type { Holdings } from './Fence.ts';
import { MysqlShardStore } from './MysqlShardStore.ts';
import { mapOf, type ServerRange, type Told } from './mapOf.ts';
import type { MoveOptions, MoveReport } from './move/moveOptions.ts';
import { moveShards } from './move/moveShards.ts';
import { asOptions, type MysqlShardOptions, toSettings } from './mysqlOptions.ts';
import { giveShards } from './shardStates.ts';

/** Who gets which logical shards at first: both ends included, all 4,096 once. */
export interface InitialRange {
  readonly from: number;
  readonly to: number;
  /** A name among the servers. */
  readonly server: string;
}

export interface MysqlClusterOptions extends Omit<MysqlShardOptions, 'uri' | 'name'> {
  /** The servers by name: a URI, or options that go before the common ones. A name stays with its database for ever. */
  readonly servers: Readonly<Record<string, MysqlShardOptions | string>>;
  /** How `init` divides the shards when that was never done. Default evenly, in the order of servers. It is not read later. */
  readonly map?: readonly InitialRange[];
}

/** Shards in MySQL databases that can be moved from one to another while programs run. */
export class MysqlCluster implements ShardCluster {
  readonly stores: readonly MysqlShardStore[];
  readonly #initial: readonly InitialRange[];
  #map: readonly ServerRange[] | null = null;

  constructor({ servers, map, ...common }: MysqlClusterOptions) {
    const names = Object.keys(servers);
    if (names.length === 0) throw new KvetchOptionError('mysqlCluster needs at least one server in "servers".');
    this.stores = names.map((name) => {
      const settings = toSettings({ ...common, ...asOptions(servers[name] ?? ''), name });
      return new MysqlShardStore(settings, null, null);
    });
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
   * Creates what is missing: tables on each server, and the division of the shards, if nobody has them yet. Every server
   * must answer. Doing it again changes nothing; a server that was added to the list gets tables and no shards.
   */
  async init(): Promise<void> {
    const told = await Promise.all(this.stores.map(restored));
    const isNew = Array.from({ length: LOGICAL_SHARDS }, (_, shard) => told.every(({ epochs }) => epochs[shard] === 0));
    for (const { from, to, server } of this.#initial) {
      const database = await this.store(server).database();
      for (let start = from; start <= to; start++) {
        if (!isNew[start]) continue;
        let end = start;
        while (end < to && isNew[end + 1]) end++;
        await database.write((session) => session.transaction(() => session.write(giveShards([start, end]))));
        start = end;
      }
    }
    await Promise.all(this.stores.map((store) => store.holdings())); // what stores remember is from before
  }

  async loadRanges(): Promise<readonly ShardRange[]> {
    const told: Told = await Promise.all(this.stores.map((store) => store.holdings().catch(() => null)));
    this.#map = mapOf(told, this.#map);
    return this.#map.map(({ from, to, server }) => ({ from, to, store: this.stores[server] as MysqlShardStore }));
  }

  /** Moves shards from one server to another while programs read and write them; see `MoveOptions`. */
  move(options: MoveOptions): Promise<MoveReport> {
    return moveShards((name) => this.store(name), options);
  }

  /** Everything that is wrong with servers and map; nothing when all is well. */
  check(): Promise<readonly string[]> {
    return checkCluster(this.stores);
  }

  /** What each server holds. */
  stats(): Promise<readonly ServerStats[]> {
    return clusterStats(this.stores);
  }

  async close(): Promise<void> {
    await Promise.all(this.stores.map((store) => store.close()));
  }
}

async function restored(store: MysqlShardStore): Promise<Holdings> {
  try {
    await store.restoreTables();
    return await store.holdings();
  } catch (cause) {
    throw cause instanceof KvetchError ? cause : new ServerUnavailableError(store.name, cause);
  }
}

function spanOf([from, to]: readonly [number, number]): { readonly from: number; readonly to: number } {
  return { from, to };
}
