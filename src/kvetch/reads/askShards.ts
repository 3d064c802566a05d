import { errorOf } from '../../errors/errorOf.ts';
import type { KvetchContext } from '../KvetchContext.ts';
import { inOwnContext } from '../shards/chain.ts';
import type { Batch, Entry, ReadKey, ReadKind, ReadOptions, ReadRow } from '../shards/ShardStore.ts';
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
  const wanted = wantedOf(context, extra);
  const answers = ask(context, extra, kind, keys, wanted);
  if (wanted.trace === null) return inOwnContext(answers);
  const orFailure = (entries: ReadonlyArray<Entry<ReadRow<K>>>): ReadonlyArray<Entry<ReadRow<K>>> => {
    const { failure } = wanted;
    return failure === null ? entries : entries.map(() => failure);
  };
  return inOwnContext(answers, orFailure);
}

function ask<K extends ReadKind>(
  { shards, stats, scope }: KvetchContext,
  extra: ReadExtra | undefined,
  kind: K,
  keys: ReadonlyArray<ReadKey<K> | Error>,
  wanted: ReadOptions,
): Batch<ReadRow<K>> {
  if (scope !== null) return scope.ask(kind, keys, extra, wanted);
  stats.rounds++;
  stats.keysAsked += keys.length;
  const { trace } = wanted;
  trace?.('rounds', 1);
  trace?.('keys', keys.length);
  const { shardOf, call } = kindOf(kind);
  return shards.scatter({
    keys,
    shardOf,
    effect: 'not-applied',
    call: (store, batch: ReadonlyArray<ReadKey<K>>) => {
      trace?.(`keys at ${store.name}`, batch.length);
      return call(store, batch, wanted);
    },
  });
}

class Wanted implements ReadOptions {
  readonly fresh: ReadOptions['fresh'];
  readonly isTracked: boolean;
  trace: ReadOptions['trace'] = null;
  /** The error that `trace` threw. */
  failure: Error | null = null;

  constructor(fresh: ReadOptions['fresh'], isTracked: boolean) {
    this.fresh = fresh;
    this.isTracked = isTracked;
  }
}

/** How fresh the answers to a read must be, and its `trace`. */
export function wantedOf(context: KvetchContext, extra: ReadExtra | undefined): Wanted {
  const wanted = new Wanted(context.fresh, recorderOf(context, extra) !== null);
  if (extra?.trace !== undefined) wanted.trace = guarded(extra.trace, wanted);
  return wanted;
}

/** A `trace` that throws fails its own read. It does not stop a call that other reads share. */
function guarded(trace: NonNullable<ReadExtra['trace']>, wanted: Wanted): ReadOptions['trace'] {
  return (name, count) => {
    try {
      trace(name, count);
    } catch (cause) {
      wanted.failure ??= errorOf(cause);
    }
  };
}
