import { LOGICAL_SHARDS } from '../../../src/kvetch/ids/routing.ts';
import { isReadable, isWritable, stateNames } from '../../../src/kvetch/mysql/shardStates.ts';
import type { History } from './History.ts';
import type { Server } from './Server.ts';

/** Looks at every change of a shard's state: no two servers may have one readable, nor may one be written that another shows. */
export class ShardWatch {
  readonly #servers: readonly Server[];
  readonly #history: History;
  /** By shard: the server where it can be read, or -1. */
  readonly #readers = new Int32Array(LOGICAL_SHARDS).fill(-1);
  readonly #versions: number[];

  constructor(servers: readonly Server[], history: History) {
    this.#servers = servers;
    this.#history = history;
    this.#versions = servers.map(() => -1);
    for (const [at, server] of servers.entries()) server.onCommit.push(() => this.#look(at, server));
  }

  /** The server where a shard is open. */
  placeOf(shard: number): Server | undefined {
    return this.#servers[this.#readers[shard] ?? -1];
  }

  #look(at: number, server: Server): void {
    const version = server.versionOf('kvetch_shards');
    if (version === this.#versions[at]) return;
    this.#versions[at] = version;
    const mine = new Set<number>();
    for (const { shard, state, epoch } of server.shards()) {
      if (!isReadable(state)) continue;
      mine.add(shard);
      const reader = this.#readers[shard] ?? -1;
      if (reader === at) continue;
      const other = this.#servers[reader];
      const its = other?.shards().find((one) => one.shard === shard);
      this.#history.note(
        `shard ${shard} is ${stateNames[state]} on ${server.name} with epoch ${epoch}`,
        `shard ${shard}`,
      );
      if (its !== undefined && isReadable(its.state)) {
        const what = isWritable(state) && isWritable(its.state) ? 'written' : 'read';
        this.#history.fail(`Shard ${shard} can be ${what} at ${other?.name} and at ${server.name}.`, `shard ${shard}`);
      }
      this.#readers[shard] = at;
    }
    for (let shard = 0; shard < LOGICAL_SHARDS; shard++) {
      if (this.#readers[shard] !== at || mine.has(shard)) continue;
      this.#readers[shard] = -1;
      this.#history.note(`shard ${shard} is closed on ${server.name}`, `shard ${shard}`);
    }
  }
}
