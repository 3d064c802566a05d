import { ConflictError, NotFoundError, ShardUnavailableError } from '../errors.ts';
import { shardOfId } from '../ids/routing.ts';
import { type KvetchContext, noteObject, seenRow } from '../KvetchContext.ts';
import { LIVE, type ObjectRow } from '../shards/rows.ts';
import { TimeoutError } from '../shards/withDeadline.ts';
import { liveRow, replaceObject, rewriteObject } from './changeObject.ts';
import type { Conditions } from './conditions.ts';
import type { ObjectChange } from './ObjectChange.ts';
import { PreparedError } from './unit/prepared.ts';
import { settle } from './unit/settle.ts';

export interface UpdateOptions<TConditions = Conditions> {
  /** Change only this version, else a `ConflictError`. Without it, lost races are repeated on the newer version. */
  readonly ifVersion?: number | undefined;
  /**
   * The condition of the write, by attribute: a value, `absent`, `between(from, to)`, or a list of these. If it does
   * not hold, the write fails with a `ConditionFailedError`.
   */
  readonly if?: TConditions | undefined;
}

/** How a row is changed: its plan, `null` when there is no change. */
export interface RowChange<TPlan extends ObjectChange> {
  readonly verb: 'update' | 'delete';
  /** `isStored`: the row is in the store, as opposed to: another plan, with which this one is written, makes it. */
  readonly plan: (current: ObjectRow, isStored: boolean) => TPlan | null;
  /** Work that must be done before the row is replaced. */
  readonly prepare: (plan: TPlan) => Promise<void> | null;
}

/** The plan that came true, and the row that it changed, or that needed no change. */
export interface Changed<TPlan> {
  readonly current: ObjectRow;
  readonly plan: TPlan | null;
}

/**
 * Changes a row together with the other changes that wait for it in this process (`ObjectLines`), for at most
 * `limits.updateWaitMs`. With `ifVersion` there is one try, alone. A unit that has prepared the object is settled first.
 */
export async function changeInTurn<TPlan extends ObjectChange>(
  context: KvetchContext,
  id: string,
  { ifVersion }: UpdateOptions,
  change: RowChange<TPlan>,
): Promise<Changed<TPlan>> {
  const end = performance.now() + context.limits.updateWaitMs;
  for (;;) {
    try {
      const changed = await (ifVersion === undefined
        ? changeInLine(context, id, change, end)
        : changeVersion(context, id, ifVersion, change));
      if (changed.plan !== null) noteObject(context, changed.plan.row);
      return changed;
    } catch (error) {
      if (!(error instanceof PreparedError)) throw error;
      if (performance.now() >= end) throw new ConflictError(id, `Object "${id}" is held by units.`, 'retry');
      await settle(context, error.row);
    }
  }
}

function changeInLine<TPlan extends ObjectChange>(
  context: KvetchContext,
  id: string,
  { verb, plan, prepare }: RowChange<TPlan>,
  end: number,
): Promise<Changed<TPlan>> {
  return new Promise((resolve, fail) => {
    let last: Changed<TPlan> | null = null;
    context.objectLines.join(id, {
      ...{ verb, fail, waitMs: Math.max(0, end - performance.now()) },
      rows: {
        read: () => liveRow(context, id),
        replace: (changes, expectedVersion) => replaceObject(context, changes, expectedVersion),
        rewrite: (plan) => rewriteObject(context, id, plan),
        silent: (waitMs) => silentShard(context, shardOfId(id), waitMs),
      },
      plan(current, isStored) {
        // the row that changes before it have made may end now, or was locked and not looked at
        if (seenRow(context, current).state !== LIVE) throw new NotFoundError(id);
        last = { current, plan: plan(current, isStored) };
        return last.plan;
      },
      prepare: () => (last === null || last.plan === null ? null : prepare(last.plan)),
      succeed: () => last !== null && resolve(last),
    });
  });
}

function silentShard({ shards }: KvetchContext, shard: number, waitMs: number): Error {
  const cause = new TimeoutError(`It did not answer for ${waitMs} ms.`);
  return new ShardUnavailableError(shards.storeOf(shard).name, shard, 'not-applied', cause);
}

/** Replaces a row if it has this version. */
async function changeVersion<TPlan extends ObjectChange>(
  context: KvetchContext,
  id: string,
  ifVersion: number,
  change: RowChange<TPlan>,
): Promise<Changed<TPlan>> {
  for (;;) {
    const current = await liveRow(context, id);
    if (current.version !== ifVersion)
      throw new ConflictError(id, `Object "${id}" has version ${current.version}, not ${ifVersion}.`);
    const plan = change.plan(current, true);
    if (plan === null) return { current, plan };
    await change.prepare(plan);
    const replaced = await replaceObject(context, [plan], ifVersion);
    if (replaced instanceof Error) throw replaced;
    if (replaced) return { current, plan };
  }
}
