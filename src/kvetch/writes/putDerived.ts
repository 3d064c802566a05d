import type { FaultPoint, KvetchContext } from '../KvetchContext.ts';
import { isDerived } from '../schema/KvetchSchema.ts';
import type { EdgeRow, EntryRow, OutboxNote } from '../shards/rows.ts';
import type { Batch, EdgePut, Entry, EntryPut, Stamp } from '../shards/ShardStore.ts';
import { hitFaultPoint } from './faults.ts';
import { remembered } from './remember.ts';

/** Edges and index entries that follow from objects. */
export interface DerivedRows {
  readonly edges: readonly EdgeRow[];
  readonly entries: readonly EntryRow[];
}

/**
 * Writes edges and index entries side by side, as neither needs the other. Failed writes are noted in
 * `failures`, by target. A fault at a point of one kind does not keep the other kind from being written.
 */
export async function putDerived(
  context: KvetchContext,
  { edges, entries }: DerivedRows,
  failures: Map<string, Error>,
): Promise<void> {
  const kind = async <TRow>(
    rows: readonly TRow[],
    put: (context: KvetchContext, rows: readonly TRow[]) => Batch<unknown>,
    targetOf: (row: TRow) => string,
    [before, after]: readonly [FaultPoint, FaultPoint],
  ): Promise<void> => {
    await hitFaultPoint(context, before);
    failuresByTarget(rows, await put(context, rows), targetOf, failures);
    await hitFaultPoint(context, after);
  };
  if (edges.length + entries.length > 0) context.stats.writeRounds++;
  const ends = await Promise.allSettled([
    kind(
      edges,
      (of, rows) => sendEdges(of, rows),
      ({ toId }) => toId,
      ['beforeEdge', 'afterEdge'],
    ),
    kind(
      entries,
      (of, rows) => sendEntries(of, rows),
      ({ targetId }) => targetId,
      ['beforeIndex', 'afterIndex'],
    ),
  ]);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

/** How rows are put that follow from no write which has left a note for them. */
export interface PutOptions<TRow> {
  /** The store gives them their versions: they are no object's. */
  readonly stamped?: boolean;
  readonly noteOf?: (row: TRow) => OutboxNote | undefined;
}

/** Writes edges, in one round over the nodes. */
export function putEdges(
  context: KvetchContext,
  rows: readonly EdgeRow[],
  options: PutOptions<EdgeRow> = {},
): Batch<Stamp | null> {
  if (rows.length > 0) context.stats.writeRounds++;
  return sendEdges(context, rows, options);
}

function sendEdges(
  context: KvetchContext,
  rows: readonly EdgeRow[],
  { stamped = false, noteOf }: PutOptions<EdgeRow> = {},
): Batch<Stamp | null> {
  if (rows.length === 0) return [];
  const toPut = (row: EdgeRow): EdgePut => ({
    ...toEdgePut(context, row, stamped),
    ...(noteOf !== undefined && { note: noteOf(row) }),
  });
  const answers: Batch<Stamp | null> = context.shards.scatter({
    keys: rows,
    shardOf: ({ shard }) => shard,
    call: (store, batch: readonly EdgeRow[]) => store.putEdges(batch.map(toPut)),
    effect: 'unknown',
  });
  return remembered(context, rows, answers, (freshness, row, stamp) => freshness.noteEdge({ ...row, ...stamp }));
}

export function toEdgePut({ schema }: Pick<KvetchContext, 'schema'>, row: EdgeRow, stamped: boolean): EdgePut {
  const edge = schema.findEdge(row.edgeId);
  return { row, keepPosition: stamped, stamped, isPlain: edge === null || !isDerived(edge) };
}

/** Writes index entries, in one round. */
export function putEntries(
  context: KvetchContext,
  rows: readonly EntryRow[],
  options: PutOptions<EntryRow> = {},
): Batch<Stamp | null> {
  if (rows.length > 0) context.stats.writeRounds++;
  return sendEntries(context, rows, options);
}

function sendEntries(
  context: KvetchContext,
  rows: readonly EntryRow[],
  { stamped = false, noteOf }: PutOptions<EntryRow> = {},
): Batch<Stamp | null> {
  if (rows.length === 0) return [];
  const toPut = (row: EntryRow): EntryPut => ({
    ...{ row, stamped, unique: context.schema.findIndex(row.index)?.unique ?? false },
    ...(noteOf !== undefined && { note: noteOf(row) }),
  });
  const answers: Batch<Stamp | null> = context.shards.scatter({
    keys: rows,
    shardOf: ({ shard }) => shard,
    call: (store, batch: readonly EntryRow[]) => store.putEntries(batch.map(toPut)),
    effect: 'unknown',
  });
  return remembered(context, rows, answers, (freshness, row, stamp) =>
    freshness.noteEntry({ ...row, srcVersion: stamp?.srcVersion ?? row.srcVersion }),
  );
}

/** The dependency keys of the list or index value that rows belong to. */
export const listKey = ({ edgeId, fromId }: EdgeRow): string => `e:${edgeId}:${fromId}`;
export const entriesKey = ({ index, value }: EntryRow): string => `i:${index}:${value}`;

/** The targets of rows that could not be written, with the first error of each. */
export function failuresByTarget<TRow>(
  rows: readonly TRow[],
  answers: ReadonlyArray<Entry<unknown>>,
  targetOf: (row: TRow) => string,
  failures: Map<string, Error>,
): void {
  for (const [at, answer] of answers.entries()) {
    const row = rows[at];
    if (answer instanceof Error && row !== undefined && !failures.has(targetOf(row)))
      failures.set(targetOf(row), answer);
  }
}
