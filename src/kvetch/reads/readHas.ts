import { BadIdError } from '../errors.ts';
import { parseId } from '../ids/parseId.ts';
import { shardOfId } from '../ids/routing.ts';
import { checkFilled, type KvetchContext } from '../KvetchContext.ts';
import { chainEntries } from '../shards/chain.ts';
import { LIVE } from '../shards/rows.ts';
import type { Batch, EdgeKey } from '../shards/ShardStore.ts';
import { wantedOf } from './askShards.ts';
import { mapEntries } from './attempt.ts';
import { judged, sourceOf } from './judged.ts';
import type { EdgeQuestion, ReadExtra } from './KvetchReads.ts';
import { edgeName } from './readEdges.ts';
import { track } from './track.ts';

/** Asks whether edges are there: one call a server, whatever their lists. */
export function readHas(
  context: KvetchContext,
  questions: readonly EdgeQuestion[],
  extra: ReadExtra | undefined,
): Batch<boolean> {
  if (questions.length === 0) return [];
  const sources: (string | null)[] = [];
  const targets: (string | null)[] = [];
  const keys = mapEntries(questions, ({ edge, fromId, toId }, at): EdgeKey => {
    const found = context.schema.edge(edge);
    checkFilled(context, found);
    const key = { edgeId: found.edgeId, fromId: checked(fromId), toId: checked(toId) };
    sources[at] = sourceOf(context, found, key.fromId);
    targets[at] = context.expiry?.has(found.toTypeId) === true ? key.toId : null;
    return key;
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
  const both = (isThere: boolean, has: boolean): boolean => isThere && has;
  const found = judged(context, answers, sources, extra, questions, both);
  return judged(context, found, targets, extra, questions, both);
}

function checked(given: unknown): string {
  const id = parseId(given);
  if (id === null) throw new BadIdError(given);
  return id;
}
