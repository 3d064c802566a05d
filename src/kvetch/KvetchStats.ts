/** The requests to one node. */
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
  readonly keysAsked: number;
  readonly requestHits: number;
  readonly ahead: number;
  readonly aheadUsed: number;
  /** Keys that were sent ahead of their turn and that no load has needed (so far). */
  readonly aheadWasted: number;
  readonly failures: number;
  readonly repairs: number;
  readonly derivedFailures: number;
  readonly splitUnits: number;
  readonly hookErrors: number;
  readonly relayed: number;
  readonly joined: number;
  readonly memoryHits: number;
  /** The counts of the cache, or `null`: for Redis its rounds, hits, misses and loads, see `RedisCacheStats`. */
  readonly cache: Readonly<Record<string, unknown>> | null;
  readonly nodes: Readonly<Record<string, NodeStats>>;
}

/**
 * Counts the work of the store since it was created or `reset`.
 *
 * A round is a wait: the keys that a request asks for in one turn of the event loop, over all kinds of rows and all
 * shards, and rounds are counted one after the other: two that overlap are one. A call of the facade (`getObjects`,
 * ...) is a round of its own. A store call is one call to one shard store; keys are the entries in it. Of the keys that
 * were asked for, the request knew some (`requestHits`), the others were sent (`keys`); of these this process knew some
 * (`memoryHits`, `joined`), the cache others (`cache.hits`), the databases the rest.
 */
export class KvetchStats {
  rounds = 0;
  writeRounds = 0;
  storeCalls = 0;
  keys = 0;
  /** Objects, pages, counts and index values that were asked for, however often. */
  keysAsked = 0;
  /** Keys that the request had asked for before, or that another key's answer held. */
  requestHits = 0;
  /** Keys that were sent ahead of their turn (spec/10-loads.md), and how many of them some load needed. */
  ahead = 0;
  aheadUsed = 0;
  failures = 0;
  /** Stale derived rows that readers came across. */
  repairs = 0;
  /** Writes whose edges or index entries could not all be written. */
  derivedFailures = 0;
  /** Units that were written over several servers. */
  splitUnits = 0;
  /** Hooks (`onWrite`, `onRepair`, the cache) that threw. */
  hookErrors = 0;
  /** Notes of writes that this process finished for others (or for itself, later). */
  relayed = 0;
  /** Children of deleted objects that this process has deleted, or whose stored id it has cleared (`onDelete`). */
  cascaded = 0;
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

  get aheadWasted(): number {
    return this.ahead - this.aheadUsed;
  }

  reset(): void {
    this.rounds = this.writeRounds = this.storeCalls = this.keys = 0;
    this.failures = this.repairs = this.derivedFailures = this.splitUnits = this.hookErrors = 0;
    this.relayed =
      this.cascaded =
      this.joined =
      this.memoryHits =
      this.keysAsked =
      this.requestHits =
      this.ahead =
      this.aheadUsed =
        0;
    this.#nodes.clear();
  }

  snapshot(): KvetchStatsSnapshot {
    const { rounds, writeRounds, storeCalls, keys, failures, repairs, derivedFailures, splitUnits, hookErrors } = this;
    const { joined, memoryHits, keysAsked, requestHits, ahead, aheadUsed, aheadWasted, relayed, cascaded } = this;
    const cache = this.#cache === null ? null : { ...this.#cache };
    const nodes = Object.fromEntries([...this.#nodes].map(([name, stats]) => [name, { ...stats }]));
    return {
      ...{ rounds, writeRounds, storeCalls, keys, failures, repairs, derivedFailures, splitUnits, hookErrors },
      ...{ keysAsked, requestHits, ahead, aheadUsed, aheadWasted, joined, memoryHits, relayed, cascaded, cache, nodes },
    };
  }
}
