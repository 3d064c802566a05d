import { setTimeout as sleep } from 'node:timers/promises';
import { ConflictError, NotFoundError } from '../errors.ts';
import { fromStore, type KvetchContext } from '../KvetchContext.ts';
import { attempt } from '../reads/attempt.ts';
import { readObjectRows } from '../reads/readObjects.ts';
import { isPromise } from '../shards/chain.ts';
import { LIVE, type ObjectRow } from '../shards/rows.ts';
import { type ObjectChange, replaceObject } from './changeObject.ts';

export interface UpdateOptions {
  /** Change only this version, else a `ConflictError`. Without it, lost races are repeated on the newer version. */
  readonly ifVersion?: number | undefined;
}

/** How a row is changed: what is planned for it, `null` when nothing is to be done. */
export interface RowChange<TPlan extends ObjectChange> {
  readonly verb: 'update' | 'delete';
  readonly plan: (current: ObjectRow) => TPlan | null;
  /** What must have happened before the row is replaced. */
  readonly prepare: (plan: TPlan) => Promise<void> | null;
}

/** Longer waits would only leave the object alone: somebody always wins. */
const MAX_ROUND_TRIPS = 8;

/**
 * Reads a row and replaces it by compare-and-set. A lost race is repeated on the newer version, with waits that grow
 * with the round trip, until `limits.updateWaitMs` are over; changes of one object in this process take turns. With
 * `ifVersion` there is one try. Returns the plan that came true, or the row that needed no change.
 */
export async function changeInTurn<TPlan extends ObjectChange>(
  context: KvetchContext,
  id: string,
  { ifVersion }: UpdateOptions,
  change: RowChange<TPlan>,
): Promise<{ readonly current: ObjectRow; readonly plan: TPlan | null }> {
  if (ifVersion !== undefined) return changeVersion(context, id, ifVersion, change);
  const { updateWaitMs } = context.limits;
  const end = performance.now() + updateWaitMs;
  const entering = context.turns.enter(id, updateWaitMs);
  let handed = entering === null ? null : await entering;
  if (handed === 'late') throw tooLate(id, change.verb, updateWaitMs);
  let written: ObjectRow | null = null;
  try {
    for (let tries = 1; ; tries++) {
      const begin = performance.now();
      const known: ObjectRow | null = handed;
      handed = null;
      // what the one before has written may be old by now: good enough to try, not to conclude anything from
      const tried: TPlan | Error | null = known === null ? null : attempt(() => change.plan(known));
      const isTry = known !== null && tried !== null && !(tried instanceof Error);
      const current = isTry ? known : await liveRow(context, id);
      const plan = isTry ? tried : change.plan(current);
      if (plan === null) return { current, plan };
      if (await replace(context, current, plan, change)) {
        written = plan.row;
        return { current, plan };
      }
      const now = performance.now();
      if (now >= end) throw tooLate(id, change.verb, updateWaitMs);
      await sleep(Math.random() * (now - begin) * Math.min(tries, MAX_ROUND_TRIPS));
    }
  } finally {
    context.turns.leave(id, written?.state === LIVE ? written : null);
  }
}

/** Replaces a row if it has this version. */
async function changeVersion<TPlan extends ObjectChange>(
  context: KvetchContext,
  id: string,
  ifVersion: number,
  change: RowChange<TPlan>,
): Promise<{ readonly current: ObjectRow; readonly plan: TPlan | null }> {
  for (;;) {
    const current = await liveRow(context, id);
    if (current.version !== ifVersion)
      throw new ConflictError(id, `Object "${id}" has version ${current.version}, not ${ifVersion}.`);
    const plan = change.plan(current);
    if (plan === null || (await replace(context, current, plan, change))) return { current, plan };
  }
}

async function replace<TPlan extends ObjectChange>(
  context: KvetchContext,
  current: ObjectRow,
  plan: TPlan,
  { prepare }: RowChange<TPlan>,
): Promise<boolean> {
  const preparing = prepare(plan);
  if (preparing !== null) await preparing;
  const answer = replaceObject(context, plan, current.version);
  const replaced = isPromise(answer) ? await answer : answer; // no turn of the event loop where none is needed
  if (replaced instanceof Error) throw replaced;
  return replaced;
}

/** The live row of an id as the store has it, or a `NotFoundError`: what a cache remembers is nothing to decide on. */
async function liveRow(context: KvetchContext, id: string): Promise<ObjectRow> {
  const answer = readObjectRows(fromStore(context), [id]);
  const [row = null] = isPromise(answer) ? await answer : answer;
  if (row instanceof Error) throw row;
  if (row === null || row.state !== LIVE) throw new NotFoundError(id);
  return row;
}

function tooLate(id: string, verb: string, waitMs: number): ConflictError {
  const message = `Object "${id}" was changed by others all the time: this ${verb} lost every race for ${waitMs} ms.`;
  return new ConflictError(id, message, 'retry');
}
