import { BadIdError } from '../errors.ts';
import { parseId } from '../ids/parseId.ts';
import { shardOfId } from '../ids/routing.ts';
import { checkFilled, type KvetchContext } from '../KvetchContext.ts';
import { isBound } from '../schema/KvetchSchema.ts';
import { chainEntries } from '../shards/chain.ts';
import { LIVE } from '../shards/rows.ts';
import type { Batch, EdgeKey } from '../shards/ShardStore.ts';
import { wantedOf } from './askShards.ts';
import { mapEntries } from './attempt.ts';
import type { EdgeQuestion, ReadExtra } from './KvetchReads.ts';
import { edgeName, withSources } from './readEdges.ts';
import { track } from './track.ts';

/** Asks whether edges are there: one call a server, whatever their lists. */
export function readHas(
  context: KvetchContext,
  questions: readonly EdgeQuestion[],
  extra: ReadExtra | undefined,
): Batch<boolean> {
  if (questions.length === 0) return [];
  const bound: boolean[] = [];
  const keys = mapEntries(questions, ({ edge, fromId, toId }, at): EdgeKey => {
    const found = context.schema.edge(edge);
    bound[at] = isBound(found);
    checkFilled(context, found);
    return { edgeId: found.edgeId, fromId: checked(fromId), toId: checked(toId) };
  });
  track(context, extra, 'e:', keys, edgeName, questions);
  const good = keys.filter((key): key is EdgeKey => !(key instanceof Error));
  const { fresh, isTracked } = wantedOf(context, extra);
  context.stats.rounds++;
  const rows = context.shards.scatter({
    keys: good,
    shardOf: ({ fromId }) => shardOfId(fromId),
    call: (store, some: readonly EdgeKey[]) => store.readEdges(some, { fresh, isTracked, trace: null }),
    effect: 'not-applied',
  });
  const answers = chainEntries(rows, questions.length, (found) => {
    let next = 0;
    return mapEntries(keys, (): boolean => {
      const row = found[next++] ?? null;
      if (row instanceof Error) throw row;
      return row?.state === LIVE;
    });
  });
  return bound.includes(true)
    ? withSources(context, answers, keys, bound, extra, (isThere, hasSource) => isThere && hasSource)
    : answers;
}

function checked(given: unknown): string {
  const id = parseId(given);
  if (id === null) throw new BadIdError(given);
  return id;
}
