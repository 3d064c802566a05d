import { storeChannel } from '../../telemetry/channels.ts';
import { Eventual } from '../../utils/Eventual.ts';
import { itemAt } from '../../utils/itemAt.ts';
import type { MaybePromise } from '../../utils/MaybePromise.ts';
import { type Effect, KvetchError, ShardUnavailableError } from '../errors.ts';
import type { KvetchStats } from '../KvetchStats.ts';
import { chainAll, isPromise, proceed, together } from './chain.ts';
import { NodeFailure } from './NodeFailure.ts';
import { isElsewhere, isUnavailable, ShardMap, type ShardTopology } from './ShardMap.ts';
import type { Batch, Entry, ShardSpan, ShardStore } from './ShardStore.ts';

/** One batch of a scatter: the keys, where each lives, and the call on its store. */
export interface Scatter<TKey, TOut> {
  /** An `Error` among the keys becomes the answer of its entry; no store sees it. */
  readonly keys: ReadonlyArray<TKey | Error>;
  readonly shardOf: (key: TKey) => number;
  readonly call: (store: ShardStore, keys: readonly TKey[]) => Batch<TOut>;
  /** The effect of a failed call: reads change nothing, writes may have. */
  readonly effect: Effect;
}

/** The keys of a batch that go to one node. */
interface NodeKeys<TKey> {
  readonly keys: TKey[];
  readonly positions: number[];
}

/** One batch that every store answers for its part of all shards. */
export interface AllCall<TKey, TOut> {
  readonly keys: readonly TKey[];
  /** Asks one store about the shards that the map gives it. */
  readonly call: (store: ShardStore, keys: readonly TKey[], shards: readonly ShardSpan[]) => Batch<TOut>;
}

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

  /** Whether no read has to wait: then it gains nothing to gather ready keys. */
  get answerAtOnce(): boolean {
    for (const store of this.stores) if (store.answersAtOnce !== true) return false;
    return this.#map.isFixed;
  }

  /** Whether calls of one turn of the event loop go out together. */
  get gatherCalls(): boolean {
    for (const store of this.stores) if (store.gathersCalls !== true) return false;
    return true;
  }

  /** The store that the map gives a shard. */
  storeOf(shard: number): ShardStore {
    return itemAt(this.stores, this.#map.nodeOf(shard));
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
    if (failure !== null) {
      const toError = (key: TKey): Error => shardError(failure, SHARD_MAP, batch.shardOf(key), 'not-applied');
      return keys.map((key) => (key instanceof Error ? key : toError(key)));
    }
    const first = await this.#scatterOnce(batch);
    if (first.some(isUnavailable)) this.#map.suspect();
    if (!first.some(isElsewhere)) return first;
    const out = [...first];
    await this.#map.repeat(async () => {
      const moved = keys.map((_, at) => at).filter((at) => !(keys[at] instanceof Error) && isElsewhere(out[at]));
      if (moved.length === 0) return true;
      const again = await this.#scatterOnce({ ...batch, keys: moved.map((at) => keys[at] as TKey) });
      for (const [i, at] of moved.entries()) out[at] = itemAt(again, i);
      return !again.some(isElsewhere);
    });
    return out;
  }

  /** One call per node. */
  #scatterOnce<TKey, TOut>(batch: Scatter<TKey, TOut>): Batch<TOut> {
    const { keys } = batch;
    const only = this.#onlyNode(batch);
    // The happy case of one node: lists are handed on as they are.
    if (only !== -1) return this.#ask(itemAt(this.stores, only), keys as readonly TKey[], batch);
    const out: Entry<TOut>[] = new Array(keys.length);
    const parts: MaybePromise<void>[] = [];
    const groups = this.#group(batch, out);
    for (let node = 0; node < groups.length; node++) {
      const group = groups[node];
      if (group === undefined) continue;
      const { positions } = group;
      const place = (answers: ReadonlyArray<Entry<TOut>>): void => {
        for (let i = 0; i < positions.length; i++) out[itemAt(positions, i)] = itemAt(answers, i);
      };
      parts.push(proceed(this.#ask(itemAt(this.stores, node), group.keys, batch), place));
    }
    return together(parts, () => out);
  }

  /** The one node of all keys; -1 where there are several, or an error is among the keys. */
  #onlyNode<TKey, TOut>({ keys, shardOf }: Scatter<TKey, TOut>): number {
    const isOne = this.stores.length === 1;
    let only = -1;
    for (let at = 0; at < keys.length; at++) {
      const key = itemAt(keys, at);
      if (key instanceof Error) return -1;
      const node = isOne ? 0 : this.#map.nodeOf(shardOf(key));
      if (at > 0 && node !== only) return -1;
      only = node;
    }
    return only;
  }

  /** The keys of each node, and their places. */
  #group<TKey, TOut>(
    { keys, shardOf }: Scatter<TKey, TOut>,
    out: Entry<TOut>[],
  ): ReadonlyArray<NodeKeys<TKey> | undefined> {
    const groups: (NodeKeys<TKey> | undefined)[] = this.stores.map(() => undefined);
    for (let at = 0; at < keys.length; at++) {
      const key = itemAt(keys, at);
      if (key instanceof Error) {
        out[at] = key;
        continue;
      }
      const node = this.#map.nodeOf(shardOf(key));
      const group = groups[node];
      if (group === undefined) groups[node] = { keys: [key], positions: [at] };
      else {
        group.keys.push(key);
        group.positions.push(at);
      }
    }
    return groups;
  }

  /** One call to one store. It never throws or rejects: failures are entries. */
  #ask<TKey, TOut>(store: ShardStore, keys: readonly TKey[], batch: Scatter<TKey, TOut>): Batch<TOut> {
    if (keys.length === 0) return [];
    this.#stats.call(store.name, keys.length);
    const failed = (cause: unknown): ReadonlyArray<Entry<TOut>> => {
      this.#stats.failure(store.name);
      return keys.map((key) => shardError(cause, store, batch.shardOf(key), batch.effect));
    };
    const check = (answers: ReadonlyArray<Entry<TOut>>): ReadonlyArray<Entry<TOut>> => {
      if (!Array.isArray(answers) || answers.length !== keys.length)
        return failed(new TypeError('wrong number of answers'));
      if (!answers.some(isForeignError)) return answers;
      return answers.map((answer, at) =>
        isForeignError(answer) ? shardError(answer, store, batch.shardOf(itemAt(keys, at)), batch.effect) : answer,
      );
    };
    try {
      const answers = storeChannel.isHeard
        ? storeChannel.trace({ store: store.name, keys: keys.length }, () => batch.call(store, keys))
        : batch.call(store, keys);
      if (isPromise(answers) && !(answers instanceof Eventual)) return answers.then(check, failed);
      return proceed(answers, check);
    } catch (cause) {
      return failed(cause);
    }
  }

  /** Asks every store for its part of all shards: for each store that has one, an answer per key. */
  all<TKey, TOut>(batch: AllCall<TKey, TOut>): MaybePromise<ReadonlyArray<ReadonlyArray<Entry<TOut>>>> {
    return this.#map.isFixed ? this.#allOnce(batch) : this.#allMoving(batch);
  }

  async #allMoving<TKey, TOut>(batch: AllCall<TKey, TOut>): Promise<ReadonlyArray<ReadonlyArray<Entry<TOut>>>> {
    const failure = await this.#map.learn();
    if (failure !== null) return [batch.keys.map(() => shardError(failure, SHARD_MAP, 0, 'not-applied'))];
    let answers = await this.#allOnce(batch);
    const has = (test: (answer: unknown) => boolean): boolean => answers.some((ofStore) => ofStore.some(test));
    if (has(isUnavailable)) this.#map.suspect();
    if (!has(isElsewhere)) return answers;
    await this.#map.repeat(async () => {
      answers = await this.#allOnce(batch);
      return !has(isElsewhere);
    });
    return answers;
  }

  #allOnce<TKey, TOut>({ keys, call }: AllCall<TKey, TOut>): MaybePromise<ReadonlyArray<ReadonlyArray<Entry<TOut>>>> {
    return chainAll(
      [...this.#map.spans()].map(([store, shards]) =>
        this.#ask(store, keys, {
          keys,
          shardOf: () => shards[0]?.[0] ?? 0,
          call: (to, batch) => call(to, batch, shards),
          effect: 'not-applied',
        }),
      ),
    );
  }

  /** The store of each part of some shards, as far as the map knows. Throws when the map does not know one. */
  async partsOf(
    from: number,
    to: number,
  ): Promise<ReadonlyArray<{ readonly store: ShardStore; readonly span: ShardSpan }>> {
    const failure = await this.#map.learn();
    if (failure !== null) throw shardError(failure, SHARD_MAP, from, 'not-applied');
    return [...this.#map.spans()].flatMap(([store, spans]) =>
      spans
        .filter((span) => span[0] <= to && span[1] >= from)
        .map((span) => ({ store, span: [Math.max(from, span[0]), Math.min(to, span[1])] as const })),
    );
  }

  /** How often this process has seen shards move. */
  get mapVersion(): number {
    return this.#map.version;
  }

  /** Loads the shard map again. If no server can tell, the map stays as it was. */
  async relearn(): Promise<void> {
    await this.#map.refresh().catch(() => false);
  }

  /** Whether a store that fails is not needed for these shards: the newest map has all of them elsewhere. */
  async isSpare(store: ShardStore, from: number, to: number): Promise<boolean> {
    if (this.#map.isFixed) return false;
    await this.relearn();
    return !(this.#map.spans().get(store) ?? []).some((span) => span[0] <= to && span[1] >= from);
  }
}

/** Stands for the servers in the error of a shard that none of them could be asked about. */
const SHARD_MAP = { name: 'shard map' };

/**
 * The error that callers see: errors of drivers may hold SQL or hosts, so they become the cause of one that does not.
 * Every failure of a store passes here.
 */
export function shardError(
  cause: unknown,
  { name }: Pick<ShardStore, 'name'>,
  shard: number,
  effect: Effect,
): KvetchError {
  if (cause instanceof KvetchError) return cause;
  if (!(cause instanceof NodeFailure)) return new ShardUnavailableError(name, shard, effect, cause);
  return new ShardUnavailableError(name, shard, cause.effect, cause.cause, cause.next);
}

function isForeignError(answer: unknown): boolean {
  return answer instanceof Error && !(answer instanceof KvetchError);
}
