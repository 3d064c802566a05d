import { setTimeout as sleep } from 'node:timers/promises';
import { errorOf } from '../../../errors/errorOf.ts';
import { getOrCreate } from '../../../utils/getOrCreate.ts';
import { itemAt } from '../../../utils/itemAt.ts';
import { mustGet } from '../../../utils/mustGet.ts';
import { shardOfId } from '../../ids/routing.ts';
import { fromStore, type KvetchContext } from '../../KvetchContext.ts';
import { attempt } from '../../reads/attempt.ts';
import { only } from '../../reads/only.ts';
import { readObjectRows } from '../../reads/readObjects.ts';
import type { ObjectRow, OutboxNote } from '../../shards/rows.ts';
import type { EdgePut, Entry, EntryPut, UnitStamps } from '../../shards/ShardStore.ts';
import type { Shards } from '../../shards/Shards.ts';
import { hitFaultPoint } from '../faults.ts';
import {
  type Decision,
  decisionOf,
  isDecision,
  isPrepared,
  isUndone,
  rowOfDecision,
  settledRow,
  unitOf,
} from './prepared.ts';

/**
 * For so long (milliseconds) others leave a unit to its writer. Each process measures it by itself, from when it has met
 * the unit: clocks need not agree.
 */
export const GRACE_MS = 1000;
/** A unit that is decided is finished by its writer within a moment, as a rule. */
const HELP_MS = 50;
const MAX_PAUSE_MS = 32;

/** Something that is applied where its shard lies. */
interface Part {
  readonly shard: number;
  readonly id?: string;
  readonly edge?: EdgePut;
  readonly entry?: EntryPut;
}

/**
 * Decides a unit, unless it is decided: the decision that counts. Only one row can have the unit's id. The row is no older
 * than `preparedUs`, so that a clock that is behind does not let it be purged while the unit's writer may still ask.
 * Throws where the answer is lost: then nobody may take back what is prepared.
 */
export async function decide(
  context: KvetchContext,
  decision: Decision,
  note?: OutboxNote,
  preparedUs = 0,
): Promise<Decision> {
  const row = rowOfDecision(decision, Math.max(context.nowUs(), preparedUs));
  const existing = only(
    await context.shards.scatter({
      keys: [{ row, edges: [], note }],
      shardOf: () => row.shard,
      call: (store, inserts) => store.insertObjects(inserts),
      effect: 'unknown',
    }),
  );
  return existing === null ? decision : decisionOf(existing);
}

/**
 * Applies a decision on all servers, each in one transaction, or takes the prepared changes back. Any process can do it, and
 * again. Throws the error of a server that did not do its part; the others have done theirs.
 */
export async function finishUnit(context: KvetchContext, decision: Decision): Promise<void> {
  const { unit, verdict, ids, edges, entries } = decision;
  const parts: readonly Part[] = [
    ...ids.map((id) => ({ shard: shardOfId(id), id })),
    ...edges.map((edge) => ({ shard: edge.row.shard, edge })),
    ...entries.map((entry) => ({ shard: entry.row.shard, entry })),
  ];
  const answers = await context.shards.scatter<Part, UnitStamps>({
    keys: parts,
    shardOf: ({ shard }) => shard,
    call: async (store, some) => {
      if (verdict === 'written') await hitFaultPoint(context, 'beforeApply');
      const write = {
        ids: some.flatMap(({ id }) => id ?? []),
        ends: [],
        shards: [...new Set(some.map(({ shard }) => shard))],
        plan: (rows: ReadonlyMap<string, ObjectRow>) => ({
          inserts: [],
          replacements: [...rows.values()].flatMap((row) => settledRow(row, unit, verdict) ?? []),
          claims: [],
          edges: some.flatMap(({ edge }) => edge ?? []),
          entries: some.flatMap(({ entry }) => entry ?? []),
        }),
      };
      const answer = itemAt(await store.writeUnits([write]), 0);
      return some.map(() => answer);
    },
    effect: 'unknown',
  });
  const failure = answers.find((answer) => answer instanceof Error);
  if (failure !== undefined) throw failure;
}

/**
 * Waits until an object that was found prepared is so no more: its writer ends the unit, or is left alone for the grace and
 * then this process ends it. What was decided is applied; what was not is aborted.
 */
export function settle(context: KvetchContext, row: ObjectRow): Promise<void> {
  const unit = unitOf(row);
  const own = getOrCreate(underWay, context.shards, () => new Map<string, Promise<void>>());
  const key = `${unit} ${row.id}`;
  return getOrCreate(own, key, () => settleOnce(context, row.id, unit).finally(() => own.delete(key)));
}

/** All writers of this process wait for an object together. */
const underWay = new WeakMap<Shards, Map<string, Promise<void>>>();

async function settleOnce(context: KvetchContext, id: string, unit: string): Promise<void> {
  const begin = performance.now();
  for (let pauseMs = 2; ; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
    const [row = null, decided = null] = await readObjectRows(fromStore(context), [id, unit]);
    if (row instanceof Error) throw row;
    if (decided instanceof Error) throw decided;
    if (row === null || !isPrepared(row) || unitOf(row) !== unit) return;
    const waitedMs = performance.now() - begin;
    if (decided !== null && waitedMs >= HELP_MS) return finish(context, decisionOf(decided), id, decided);
    if (decided === null && waitedMs >= GRACE_MS) {
      const aborted: Decision = { unit, verdict: 'aborted', ids: [id], edges: [], entries: [] };
      return finish(context, await decide(context, aborted, undefined, row.updatedUs), id, null);
    }
    await sleep(pauseMs * (0.5 + Math.random()));
  }
}

async function finish(context: KvetchContext, decision: Decision, id: string, row: ObjectRow | null): Promise<void> {
  await finishUnit(context, { ...decision, ids: [...new Set([...decision.ids, id])] });
  if (row !== null) forgetDecision(context, decision, row);
}

/** A decision that is applied is not needed any more. One to abort must outlive the unit's writer: cleaners remove it. */
export function forgetDecision(context: KvetchContext, { verdict }: Decision, row: ObjectRow): void {
  if (verdict === 'written') context.outbox.forget(row);
}

/** The rows as they are when all units are settled that have prepared them or are decided by them. */
export async function settleRows(
  context: KvetchContext,
  rows: ReadonlyArray<Entry<ObjectRow | null>>,
): Promise<ReadonlyArray<Entry<ObjectRow | null>>> {
  const open = rows.filter((row): row is ObjectRow => row !== null && !(row instanceof Error) && isOpen(row));
  if (open.length === 0) return rows;
  const failures = new Map<string, Error>();
  const ends = open.map(async (row) => {
    try {
      if (isPrepared(row)) await settle(context, row);
      else await finish(context, decisionOf(row), row.id, row);
    } catch (error) {
      failures.set(row.id, errorOf(error));
    }
  });
  await Promise.all(ends);
  const now = await readObjectRows(
    fromStore(context),
    open.map(({ id }) => id),
  );
  const settled = new Map(open.map(({ id }, at) => [id, failures.get(id) ?? now[at] ?? null]));
  return rows.map((row) => (row === null || row instanceof Error || !isOpen(row) ? row : mustGet(settled, row.id)));
}

/** Makes way for a create where a unit has left its row: whether the create can be tried again. */
export async function clearWay(context: KvetchContext, row: ObjectRow): Promise<boolean> {
  if (isPrepared(row)) await settle(context, row);
  else if (isUndone(row)) await context.shards.storeOf(row.shard).purge({ objects: [row], edges: [], entries: [] });
  else return false;
  return true;
}

/**
 * Whether somebody has to finish the unit of a row: none is purged. A decision to write is removed when it is applied. One
 * that cannot be read may be one.
 */
export function isOpen(row: ObjectRow): boolean {
  if (!isDecision(row)) return isPrepared(row);
  const decision = attempt(() => decisionOf(row));
  return decision instanceof Error || decision.verdict === 'written';
}
