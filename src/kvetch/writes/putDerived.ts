import type { KvetchContext } from '../KvetchContext.ts';
import type { EdgeRow, EntryRow } from '../shards/rows.ts';
import type { Batch, EdgePut, Entry } from '../shards/ShardStore.ts';
import { remembered } from './remember.ts';

/** Writes edges, in one round over the nodes. */
export function putEdges(context: KvetchContext, rows: readonly EdgeRow[], keepPosition = false): Batch<null> {
  if (rows.length === 0) return [];
  context.stats.writeRounds++;
  const answers: Batch<null> = context.shards.scatter({
    keys: rows,
    shardOf: ({ shard }) => shard,
    call: (store, batch: readonly EdgeRow[]) =>
      store.putEdges(batch.map((row) => toEdgePut(context, row, keepPosition))),
    effect: 'unknown',
  });
  return remembered(context, rows, answers, (freshness, row) => freshness.noteEdge(row));
}

export function toEdgePut({ schema }: KvetchContext, row: EdgeRow, keepPosition: boolean): EdgePut {
  return { row, keepPosition, counted: schema.findEdge(row.edgeId)?.counted ?? false };
}

/** Writes index entries, in one round. */
export function putEntries(context: KvetchContext, rows: readonly EntryRow[]): Batch<null> {
  if (rows.length === 0) return [];
  context.stats.writeRounds++;
  const answers: Batch<null> = context.shards.scatter({
    keys: rows,
    shardOf: ({ shard }) => shard,
    call: (store, batch: readonly EntryRow[]) =>
      store.putEntries(batch.map((row) => ({ row, unique: context.schema.findIndex(row.index)?.unique ?? false }))),
    effect: 'unknown',
  });
  return remembered(context, rows, answers, (freshness, row) => freshness.noteEntry(row));
}

/** The targets of rows that could not be written, with the first error of each. */
export function failuresByTarget<TRow>(
  rows: readonly TRow[],
  answers: ReadonlyArray<Entry<null>>,
  targetOf: (row: TRow) => string,
  failures: Map<string, Error>,
): void {
  for (const [at, answer] of answers.entries()) {
    const row = rows[at];
    if (answer instanceof Error && row !== undefined && !failures.has(targetOf(row)))
      failures.set(targetOf(row), answer);
  }
}
