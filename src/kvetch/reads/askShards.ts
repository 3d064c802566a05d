import type { KvetchContext } from '../KvetchContext.ts';
import type { Batch, ReadOptions, ShardStore } from '../shards/ShardStore.ts';
import type { ReadExtra } from './KvetchReads.ts';

/** One batched read of one kind of row. */
interface Question<TKey, TOut> {
  /** An `Error` among the keys is the answer of its entry. */
  readonly keys: ReadonlyArray<TKey | Error>;
  readonly shardOf: (key: TKey) => number;
  readonly call: (store: ShardStore, keys: readonly TKey[], options: ReadOptions) => Batch<TOut>;
}

/** Asks all nodes that are concerned in one round, as fresh as the context wants it, and says so to `extra.trace`. */
export function askShards<TKey, TOut>(
  { shards, stats, fresh }: KvetchContext,
  extra: ReadExtra | undefined,
  { keys, shardOf, call }: Question<TKey, TOut>,
): Batch<TOut> {
  if (keys.length === 0) return [];
  stats.rounds++;
  const trace = extra?.trace ?? null;
  const options: ReadOptions = { fresh, trace };
  trace?.('rounds', 1);
  trace?.('keys', keys.length);
  return shards.scatter({
    keys,
    shardOf,
    effect: 'not-applied',
    call: (store, batch: readonly TKey[]) => {
      trace?.(`keys at ${store.name}`, batch.length);
      return call(store, batch, options);
    },
  });
}
