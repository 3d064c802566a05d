/** What one node was asked. */
export interface NodeStats {
  calls: number;
  keys: number;
  failures: number;
}

/** The numbers of `kvetch.stats` as plain data. */
export interface KvetchStatsSnapshot {
  readonly rounds: number;
  readonly writeRounds: number;
  readonly storeCalls: number;
  readonly keys: number;
  readonly failures: number;
  readonly repairs: number;
  readonly derivedFailures: number;
  readonly hookErrors: number;
  readonly joined: number;
  readonly memoryHits: number;
  /** What the cache counts, or `null`: for Redis its rounds, hits, misses and loads, see `RedisCacheStats`. */
  readonly cache: Readonly<Record<string, unknown>> | null;
  readonly nodes: Readonly<Record<string, NodeStats>>;
}

/**
 * Counts what the store did since it was created or `reset`.
 *
 * A round is one batched read of one kind of row, over all shards at once: what a caller waits for, one after the
 * other. A store call is one call to one shard store; keys are the entries in it.
 */
export class KvetchStats {
  rounds = 0;
  writeRounds = 0;
  storeCalls = 0;
  keys = 0;
  failures = 0;
  /** Stale derived rows that readers came across. */
  repairs = 0;
  /** Writes whose edges or index entries could not all be written. */
  derivedFailures = 0;
  /** Hooks (`onWrite`, `onRepair`, the cache) that threw. */
  hookErrors = 0;
  /** Entries that were being read already by somebody else in this process. */
  joined = 0;
  /** Objects that were answered from the process cache. */
  memoryHits = 0;
  readonly #cache: object | null;
  readonly #nodes = new Map<string, NodeStats>();

  constructor(cache: object | null = null) {
    this.#cache = cache;
  }

  /** Notes one call to one node. */
  call(node: string, keys: number): void {
    const stats = this.node(node);
    stats.calls++;
    stats.keys += keys;
    this.storeCalls++;
    this.keys += keys;
  }

  /** Notes that a call to a node failed as a whole. */
  failure(node: string): void {
    this.node(node).failures++;
    this.failures++;
  }

  node(name: string): NodeStats {
    let stats = this.#nodes.get(name);
    if (stats === undefined) {
      stats = { calls: 0, keys: 0, failures: 0 };
      this.#nodes.set(name, stats);
    }
    return stats;
  }

  reset(): void {
    this.rounds = this.writeRounds = this.storeCalls = this.keys = 0;
    this.failures = this.repairs = this.derivedFailures = this.hookErrors = 0;
    this.joined = this.memoryHits = 0;
    this.#nodes.clear();
  }

  snapshot(): KvetchStatsSnapshot {
    const { rounds, writeRounds, storeCalls, keys, failures, repairs, derivedFailures, hookErrors } = this;
    const { joined, memoryHits } = this;
    const cache = this.#cache === null ? null : { ...this.#cache };
    const nodes = Object.fromEntries([...this.#nodes].map(([name, stats]) => [name, { ...stats }]));
    return {
      ...{ rounds, writeRounds, storeCalls, keys, failures, repairs, derivedFailures, hookErrors },
      ...{ joined, memoryHits, cache, nodes },
    };
  }
}
