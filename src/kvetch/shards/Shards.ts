import type { MaybePromise } from '../../utils/MaybePromise.ts';
import { type Effect, KvetchError, KvetchOptionError, ShardUnavailableError } from '../errors.ts';
import { LOGICAL_SHARDS } from '../ids/routing.ts';
import type { KvetchStats } from '../KvetchStats.ts';
import { chain, isPromise } from './chain.ts';
import { NodeFailure } from './NodeFailure.ts';
import type { Batch, Entry, ShardStore } from './ShardStore.ts';

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

/** Routes batches over the nodes, and puts the answers together in the order of the requests. */
export class Shards {
  readonly stores: readonly ShardStore[];
  readonly ranges: readonly ShardRange[];
  readonly #nodeOfShard = new Uint16Array(LOGICAL_SHARDS);
  readonly #stats: KvetchStats;

  constructor(ranges: readonly ShardRange[], stats: KvetchStats) {
    this.ranges = ranges;
    this.stores = [...new Set(ranges.map(({ store }) => store))];
    this.#stats = stats;
    checkRanges(ranges);
    for (const { from, to, store } of ranges) this.#nodeOfShard.fill(this.stores.indexOf(store), from, to + 1);
  }

  /** Asks every node that is concerned once, in parallel. A node that fails costs its own entries only. */
  scatter<TKey, TOut>(batch: Scatter<TKey, TOut>): Batch<TOut> {
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
      const answers = batch.call(store, keys);
      return isPromise(answers) ? answers.then(check, failed) : check(answers);
    } catch (cause) {
      return failed(cause);
    }
  }

  /** Asks every store the same, one answer per store, in order of stores. */
  all<TOut>(keys: number, call: (store: ShardStore) => MaybePromise<TOut>): ReadonlyArray<MaybePromise<Entry<TOut>>> {
    return this.stores.map((store) => {
      const failed = (cause: unknown): Error => {
        this.#stats.failure(store.name);
        return toShardError(cause, store, this.firstShardOf(store), 'not-applied');
      };
      this.#stats.call(store.name, keys);
      try {
        const answer = call(store);
        return isPromise(answer) ? answer.then((value): Entry<TOut> => value, failed) : answer;
      } catch (cause) {
        return failed(cause);
      }
    });
  }

  firstShardOf(store: ShardStore): number {
    return this.ranges.find((range) => range.store === store)?.from ?? 0;
  }
}

/** Divides the logical shards evenly among stores. */
export function evenRanges(stores: readonly ShardStore[]): readonly ShardRange[] {
  const start = (at: number): number => Math.floor((at * LOGICAL_SHARDS) / stores.length);
  return stores.map((store, at) => ({ from: start(at), to: start(at + 1) - 1, store }));
}

function checkRanges(ranges: readonly ShardRange[]): void {
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
