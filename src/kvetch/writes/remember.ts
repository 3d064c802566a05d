import { itemAt } from '../../utils/itemAt.ts';
import { freshnessOf, type KvetchContext } from '../KvetchContext.ts';
import type { ConsistencyToken } from '../shards/ConsistencyToken.ts';
import { chain } from '../shards/chain.ts';
import type { Batch, Entry } from '../shards/ShardStore.ts';

/** Returns the answers to a write, and notes it in the consistency token of its caller (`kvetch.with({ freshness })`). */
export function remembered<TRow, TOut>(
  context: KvetchContext,
  rows: readonly TRow[],
  answers: Batch<TOut>,
  note: (freshness: ConsistencyToken, row: TRow, answer: Exclude<Entry<TOut>, Error>) => void,
): Batch<TOut> {
  const freshness = freshnessOf(context);
  if (freshness === null) return answers;
  return chain(answers, (entries) => {
    for (const [at, answer] of entries.entries()) {
      if (!(answer instanceof Error)) note(freshness, itemAt(rows, at), answer as Exclude<Entry<TOut>, Error>);
    }
    return entries;
  });
}
