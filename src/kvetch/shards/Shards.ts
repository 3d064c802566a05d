import { storeChannel } from '../../telemetry/channels.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import { type Effect, KvetchError, ShardUnavailableError } from '../errors.ts';
import type { KvetchStats } from '../KvetchStats.ts';
import { chain, chainAll, isPromise } from './chain.ts';
import { NodeFailure } from './NodeFailure.ts';
import { isElsewhere, isUnavailable, ShardMap, type ShardTopology } from './ShardMap.ts';
import type { Batch, Entry, ShardSpan, ShardStore } from './ShardStore.ts';

/** One batch of a scatter: the keys, where each lives, and what to call on its store. */
export interface Scatter<TKey, TOut> {
  /** An `Error` among the keys becomes the answer of its entry; no store sees it. */
  readonly keys: ReadonlyArray<TKey | Error>;
  readonly shardOf: (key: TKey) => number;
  readonly call: (store: ShardStore, keys: readonly TKey[]) => Batch<TOut>;
  /** What a failure of the call leaves behind: reads change nothing, writes may have. */
  readonly effect: Effect;
}

/** What to call on every store, with the shards that it holds. */
type AllCall<TOut> = (store: ShardStore, shards: readonly ShardSpan[]) => MaybePromise<TOut>;

/** Routes batches over the nodes, and puts the answers together in the order of the requests. */
export class Shards {
  readonly #map: ShardMap;
  readonly #stats: KvetchStats;

  constructor(topology: ShardTopology, stats: KvetchStats) {
    this.#map = new ShardMap(topology);
    this.#stats = stats;
  }

  get stores(): readonly ShardStore[] {
    return this.#map.stores;
  }

  /** The stores that may have rows of these shards. */
  storesOf(from: number, to: number): readonly ShardStore[] {
    return this.#map.storesOf(from, to);
  }

  /**
   * Asks every node that is concerned once, in parallel. A node that fails costs its own entries only. Entries whose
   * shard has moved are asked for again where it is now.
   */
  scatter<TKey, TOut>(batch: Scatter<TKey, TOut>): Batch<TOut> {
    return this.#map.isFixed ? this.#scatterOnce(batch) : this.#scatterMoving(batch);
  }

  async #scatterMoving<TKey, TOut>(batch: Scatter<TKey, TOut>): Promise<ReadonlyArray<Entry<TOut>>> {
    const { keys } = batch;
    const failure = this.#map.isLearnt ? null : await this.#map.learn();
    if (failure !== null) return keys.map((key) => (key instanceof Error ? key : failure));
    const first = await this.#scatterOnce(batch);
    if (first.some(isUnavailable)) this.#map.suspect();
    if (!first.some(isElsewhere)) return first;
    const out = [...first];
    await this.#map.repeat(async () => {
      const moved = keys.map((_, at) => at).filter((at) => !(keys[at] instanceof Error) && isElsewhere(out[at]));
      if (moved.length === 0) return true;
      const again = await this.#scatterOnce({ ...batch, keys: moved.map((at) => keys[at] as TKey) });
      for (const [i, at] of moved.entries()) out[at] = again[i] as Entry<TOut>;
      return !again.some(isElsewhere);
    });
    return out;
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
    const groups = this.#group(batch, out);
    for (let node = 0; node < groups.length; node++) {
      const positions = groups[node];
      if (positions === undefined) continue;
      const nodeKeys = positions.map((at) => keys[at] as TKey); // errors among the keys are in no group
      const place = (answers: ReadonlyArray<Entry<TOut>>): void => {
        for (let i = 0; i < positions.length; i++) out[positions[i] as number] = answers[i] as Entry<TOut>;
      };
      const answered = chain(this.#ask(this.stores[node] as ShardStore, nodeKeys, batch), place);
      if (isPromise(answered)) waits.push(answered);
    }
    return waits.length === 0 ? out : Promise.all(waits).then(() => out);
  }

  /** The places of the keys of each node. */
  #group<TKey, TOut>({ keys, shardOf }: Scatter<TKey, TOut>, out: Entry<TOut>[]): ReadonlyArray<number[] | undefined> {
    const groups: (number[] | undefined)[] = this.stores.map(() => undefined);
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at] as TKey | Error;
      if (key instanceof Error) {
        out[at] = key;
        continue;
      }
      const node = this.#map.nodeOf(shardOf(key));
      const group = groups[node];
      if (group === undefined) groups[node] = [at];
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
  all<TOut>(keys: number, call: AllCall<TOut>): MaybePromise<ReadonlyArray<Entry<TOut>>> {
    return this.#map.isFixed ? chainAll(this.#allOnce(keys, call)) : this.#allMoving(keys, call);
  }

  async #allMoving<TOut>(keys: number, call: AllCall<TOut>): Promise<ReadonlyArray<Entry<TOut>>> {
    const failure = await this.#map.learn();
    if (failure !== null) return [failure];
    let answers = await Promise.all(this.#allOnce(keys, call));
    if (answers.some(isUnavailable)) this.#map.suspect();
    if (!answers.some(isElsewhere)) return answers;
    await this.#map.repeat(async () => {
      answers = await Promise.all(this.#allOnce(keys, call));
      return !answers.some(isElsewhere);
    });
    return answers;
  }

  #allOnce<TOut>(keys: number, call: AllCall<TOut>): ReadonlyArray<MaybePromise<Entry<TOut>>> {
    return [...this.#map.spans()].map(([store, shards]) => {
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
