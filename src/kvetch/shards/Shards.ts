import { storeChannel } from '../../telemetry/channels.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import { type Effect, KvetchError, KvetchOptionError, ShardMovedError, ShardUnavailableError } from '../errors.ts';
import { LOGICAL_SHARDS } from '../ids/routing.ts';
import type { KvetchStats } from '../KvetchStats.ts';
import { chain, chainAll, isPromise } from './chain.ts';
import { NodeFailure } from './NodeFailure.ts';
import type { Batch, Entry, ShardSpan, ShardStore } from './ShardStore.ts';

/** A range of logical shards and the node that holds it. */
export interface ShardRange {
  readonly from: number;
  readonly to: number;
  readonly store: ShardStore;
}

/** One batch of a scatter: the keys, where each lives, and what to call on its store. */
export interface Scatter<TKey, TOut> {
  /** An `Error` among the keys becomes the answer of its entry; no store sees it. */
  readonly keys: ReadonlyArray<TKey | Error>;
  readonly shardOf: (key: TKey) => number;
  readonly call: (store: ShardStore, keys: readonly TKey[]) => Batch<TOut>;
  /** What a failure of the call leaves behind: reads change nothing, writes may have. */
  readonly effect: Effect;
}

/** The stores and who holds what. */
export interface ShardTopology {
  readonly stores: readonly ShardStore[];
  /** `null` while nobody has asked. */
  readonly ranges: readonly ShardRange[] | null;
  /** `null` where shards do not move. */
  readonly loadRanges: (() => Promise<readonly ShardRange[]>) | null;
  /** For how many milliseconds a call is repeated while a shard is between two stores. */
  readonly moveWaitMs: number;
}

/** Routes batches over the nodes, and puts the answers together in the order of the requests. */
export class Shards {
  readonly stores: readonly ShardStore[];
  readonly #topology: ShardTopology;
  readonly #nodeOfShard = new Uint16Array(LOGICAL_SHARDS);
  readonly #stats: KvetchStats;
  #ranges: readonly ShardRange[] | null = null;
  #loading: Promise<boolean> | null = null;

  constructor(topology: ShardTopology, stats: KvetchStats) {
    this.stores = topology.stores;
    this.#topology = topology;
    this.#stats = stats;
    if (topology.ranges !== null) this.#setRanges(topology.ranges);
  }

  #setRanges(ranges: readonly ShardRange[]): boolean {
    checkRanges(ranges);
    const before = this.#nodeOfShard.slice();
    const isFirst = this.#ranges === null;
    this.#ranges = ranges;
    for (const { from, to, store } of ranges) this.#nodeOfShard.fill(this.stores.indexOf(store), from, to + 1);
    return isFirst || this.#nodeOfShard.some((node, shard) => node !== before[shard]);
  }

  /** Learns the map anew; whether it changed. All who want that at the same time share one question. */
  refresh(): Promise<boolean> {
    const { loadRanges } = this.#topology;
    if (loadRanges === null) return Promise.resolve(false);
    this.#loading ??= loadRanges()
      .then((ranges) => this.#setRanges(ranges))
      .finally(() => {
        this.#loading = null;
      });
    return this.#loading;
  }

  /**
   * Asks every node that is concerned once, in parallel. A node that fails costs its own entries only. Entries whose
   * shard has moved are asked for again where it is now.
   */
  scatter<TKey, TOut>(batch: Scatter<TKey, TOut>): Batch<TOut> {
    if (this.#topology.loadRanges === null) return this.#scatterOnce(batch);
    return this.#scatterMoving(batch);
  }

  async #scatterMoving<TKey, TOut>(batch: Scatter<TKey, TOut>): Promise<ReadonlyArray<Entry<TOut>>> {
    const { keys } = batch;
    if (this.#ranges === null) {
      const failure = await this.refresh().then(() => null, toError);
      if (failure !== null) return keys.map((key) => (key instanceof Error ? key : failure));
    }
    const out = [...(await this.#scatterOnce(batch))];
    await this.#whileMoving(async () => {
      const moved = keys.map((_, at) => at).filter((at) => !(keys[at] instanceof Error) && isElsewhere(out[at]));
      if (moved.length === 0) return true;
      const again = await this.#scatterOnce({ ...batch, keys: moved.map((at) => keys[at] as TKey) });
      for (const [i, at] of moved.entries()) out[at] = again[i] as Entry<TOut>;
      return !again.some(isElsewhere);
    }, out.some(isElsewhere));
    return out;
  }

  /** Repeats on newer and newer maps until it is done, or the time is over. */
  async #whileMoving(repeat: () => Promise<boolean>, isMoving: boolean): Promise<void> {
    const end = performance.now() + this.#topology.moveWaitMs;
    for (let attempt = 0; isMoving && performance.now() < end; attempt++) {
      // a store that is down does not keep the others from being asked again
      const isNew = await this.refresh().catch(() => false);
      // in the middle of a move nobody has the shard
      if (!isNew) await sleep(Math.min(MAX_BACKOFF_MS, 2 ** attempt) * (0.5 + Math.random()));
      isMoving = !(await repeat());
    }
  }

  /** One call per node. */
  #scatterOnce<TKey, TOut>(batch: Scatter<TKey, TOut>): Batch<TOut> {
    const { keys } = batch;
    const only = this.stores.length === 1 ? this.stores[0] : undefined;
    if (only !== undefined && !keys.some((key) => key instanceof Error)) {
      return this.#ask(only, keys as readonly TKey[], batch); // the happy case of one node: lists are handed on as they are
    }
    const out: Entry<TOut>[] = new Array(keys.length);
    const waits: PromiseLike<void>[] = [];
    for (const [node, positions] of this.#group(batch, out)) {
      const nodeKeys = positions.map((at) => keys[at] as TKey); // errors among the keys are in no group
      const place = (answers: ReadonlyArray<Entry<TOut>>): void => {
        for (let i = 0; i < positions.length; i++) out[positions[i] as number] = answers[i] as Entry<TOut>;
      };
      const answered = chain(this.#ask(this.stores[node] as ShardStore, nodeKeys, batch), place);
      if (isPromise(answered)) waits.push(answered);
    }
    return waits.length === 0 ? out : Promise.all(waits).then(() => out);
  }

  #group<TKey, TOut>({ keys, shardOf }: Scatter<TKey, TOut>, out: Entry<TOut>[]): Map<number, number[]> {
    const groups = new Map<number, number[]>();
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at] as TKey | Error;
      if (key instanceof Error) {
        out[at] = key;
        continue;
      }
      const node = this.#nodeOfShard[shardOf(key)] as number;
      const group = groups.get(node);
      if (group === undefined) groups.set(node, [at]);
      else group.push(at);
    }
    return groups;
  }

  /** One call to one store. It never throws or rejects: failures are entries. */
  #ask<TKey, TOut>(store: ShardStore, keys: readonly TKey[], batch: Scatter<TKey, TOut>): Batch<TOut> {
    if (keys.length === 0) return [];
    this.#stats.call(store.name, keys.length);
    const failed = (cause: unknown): ReadonlyArray<Entry<TOut>> => {
      this.#stats.failure(store.name);
      return keys.map((key) => toShardError(cause, store, batch.shardOf(key), batch.effect));
    };
    const check = (answers: ReadonlyArray<Entry<TOut>>): ReadonlyArray<Entry<TOut>> => {
      if (!Array.isArray(answers) || answers.length !== keys.length)
        return failed(new TypeError('wrong number of answers'));
      if (!answers.some(isForeignError)) return answers;
      return answers.map((answer, at) =>
        isForeignError(answer) ? toShardError(answer, store, batch.shardOf(keys[at] as TKey), batch.effect) : answer,
      );
    };
    try {
      const answers = storeChannel.isHeard
        ? storeChannel.trace({ store: store.name, keys: keys.length }, () => batch.call(store, keys))
        : batch.call(store, keys);
      return isPromise(answers) ? answers.then(check, failed) : check(answers);
    } catch (cause) {
      return failed(cause);
    }
  }

  /** Asks every store for its part of all shards: one answer per store that has one. */
  all<TOut>(
    keys: number,
    call: (store: ShardStore, shards: readonly ShardSpan[]) => MaybePromise<TOut>,
  ): MaybePromise<ReadonlyArray<Entry<TOut>>> {
    if (this.#topology.loadRanges === null) return chainAll(this.#allOnce(keys, call));
    return this.#allMoving(keys, call);
  }

  async #allMoving<TOut>(
    keys: number,
    call: (store: ShardStore, shards: readonly ShardSpan[]) => MaybePromise<TOut>,
  ): Promise<ReadonlyArray<Entry<TOut>>> {
    const failure = this.#ranges === null ? await this.refresh().then(() => null, toError) : null;
    if (failure !== null) return [failure];
    let answers = await Promise.all(this.#allOnce(keys, call));
    await this.#whileMoving(async () => {
      answers = await Promise.all(this.#allOnce(keys, call));
      return !answers.some(isElsewhere);
    }, answers.some(isElsewhere));
    return answers;
  }

  #allOnce<TOut>(
    keys: number,
    call: (store: ShardStore, shards: readonly ShardSpan[]) => MaybePromise<TOut>,
  ): ReadonlyArray<MaybePromise<Entry<TOut>>> {
    const spans = new Map<ShardStore, ShardSpan[]>();
    for (const { store, from, to } of this.#ranges ?? []) spans.set(store, [...(spans.get(store) ?? []), [from, to]]);
    return [...spans].map(([store, shards]) => {
      const failed = (cause: unknown): Error => {
        this.#stats.failure(store.name);
        return toShardError(cause, store, shards[0]?.[0] ?? 0, 'not-applied');
      };
      this.#stats.call(store.name, keys);
      try {
        const answer = call(store, shards);
        return isPromise(answer) ? answer.then((value): Entry<TOut> => value, failed) : answer;
      } catch (cause) {
        return failed(cause);
      }
    });
  }

  /** The stores that may have rows of these shards. */
  storesOf(from: number, to: number): readonly ShardStore[] {
    if (this.#topology.loadRanges !== null) return this.stores;
    const ranges = (this.#ranges ?? []).filter((range) => range.from <= to && range.to >= from);
    return [...new Set(ranges.map(({ store }) => store))];
  }
}

const MAX_BACKOFF_MS = 100;

/** Divides the logical shards evenly among stores. */
export function evenRanges(stores: readonly ShardStore[]): readonly ShardRange[] {
  return stores.map((store, at) => {
    const [from, to] = evenSpan(at, stores.length);
    return { from, to, store };
  });
}

/** The shards of one of so many that share them evenly. */
export function evenSpan(at: number, count: number): ShardSpan {
  const start = (place: number): number => Math.floor((place * LOGICAL_SHARDS) / count);
  return [start(at), start(at + 1) - 1];
}

/** Refuses ranges that do not cover all shards exactly once. */
export function checkRanges(ranges: ReadonlyArray<Omit<ShardRange, 'store'>>): void {
  let next = 0;
  for (const { from, to } of [...ranges].sort((a, b) => a.from - b.from)) {
    if (from !== next || to < from)
      throw new KvetchOptionError(`The shard map must cover 0..4095 once; it breaks at ${next}.`);
    next = to + 1;
  }
  if (next !== LOGICAL_SHARDS) throw new KvetchOptionError(`The shard map must cover 0..4095; it ends at ${next - 1}.`);
}

/** Errors of drivers may hold SQL or hosts: they become the cause of one that does not. */
function toShardError(cause: unknown, store: ShardStore, shard: number, effect: Effect): Error {
  if (cause instanceof KvetchError) return cause;
  if (!(cause instanceof NodeFailure)) return new ShardUnavailableError(store.name, shard, effect, cause);
  return new ShardUnavailableError(store.name, shard, cause.effect, cause.cause, cause.next);
}

function isForeignError(answer: unknown): boolean {
  return answer instanceof Error && !(answer instanceof KvetchError);
}

/** Nothing was done, as the shard is somewhere else: the call can be made there without harm. */
function isElsewhere(answer: unknown): boolean {
  return answer instanceof ShardMovedError;
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error('The shard map could not be loaded.', { cause: error });
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
