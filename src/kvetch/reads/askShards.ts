import type { KvetchContext } from '../KvetchContext.ts';
import { inOwnContext } from '../shards/chain.ts';
import type { Batch, ReadKey, ReadKind, ReadOptions, ReadRow } from '../shards/ShardStore.ts';
import type { ReadExtra } from './KvetchReads.ts';
import { kindOf } from './readKinds.ts';
import { recorderOf } from './track.ts';

/**
 * Asks all nodes of the keys, as fresh as the context wants it, and counts it in `extra.trace`: as a round of its
 * own, or with the other keys of its request. An `Error` among the keys is the answer of its entry.
 */
export function askShards<K extends ReadKind>(
  context: KvetchContext,
  extra: ReadExtra | undefined,
  kind: K,
  keys: ReadonlyArray<ReadKey<K> | Error>,
): Batch<ReadRow<K>> {
  if (keys.length === 0) return [];
  const { shards, stats, scope } = context;
  const wanted = wantedOf(context, extra);
  if (scope !== null) return inOwnContext(scope.ask(kind, keys, extra, wanted));
  stats.rounds++;
  stats.keysAsked += keys.length;
  const { trace } = wanted;
  trace?.('rounds', 1);
  trace?.('keys', keys.length);
  const { shardOf, call } = kindOf(kind);
  const answers = shards.scatter({
    keys,
    shardOf,
    effect: 'not-applied',
    call: (store, batch: ReadonlyArray<ReadKey<K>>) => {
      trace?.(`keys at ${store.name}`, batch.length);
      return call(store, batch, wanted);
    },
  });
  return inOwnContext(answers);
}

/** How fresh the answers to a read must be, and who counts it. */
export function wantedOf(context: KvetchContext, extra: ReadExtra | undefined): ReadOptions {
  return { fresh: context.fresh, isTracked: recorderOf(context, extra) !== null, trace: extra?.trace ?? null };
}
