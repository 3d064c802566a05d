import { decodeBody, type Envelope, joinBody } from '../codec/objectBody.ts';
import { BadIdError, CorruptRowError, NotFoundError } from '../errors.ts';
import { parseId } from '../ids/parseId.ts';
import type { KvetchContext } from '../KvetchContext.ts';
import { attempt } from '../reads/attempt.ts';
import { type ObjectRow, TOMBSTONE } from '../shards/rows.ts';
import { changeInTurn, type UpdateOptions } from './changeInTurn.ts';
import { finishChange, replaceObject } from './changeObject.ts';
import { refuseWithChildren } from './children.ts';
import { checkConditions } from './conditions.ts';
import { type Derived, deadRows, derive, derivedKeys, nothingDerived } from './derive.ts';
import { hitFaultPoint } from './faults.ts';
import type { ObjectChange } from './ObjectChange.ts';
import { refusePrepared } from './unit/prepared.ts';
import { gone } from './updateObject.ts';

/**
 * Deletes an object: it is gone at once, then its places in lists and indexes. Returns whether it was there. Lists that
 * hang on it become unreachable, and plain edges from or to it are for the cleaner. What becomes of objects that name it
 * is for `onDelete` to say: a relay does it later, by the note that stays.
 *
 * @throws HasChildrenError
 */
export async function deleteObject(
  context: KvetchContext,
  givenId: string,
  options: UpdateOptions = {},
): Promise<boolean> {
  const id = parseId(givenId);
  if (id === null) throw new BadIdError(givenId);
  await refuseWithChildren(context, id);
  return deleteBy(context, id, options, (current, isStored) => {
    refusePrepared(current); // before its condition is judged
    checkDelete(context, current, options);
    return planDelete(context, current, true, isStored);
  });
}

/** Throws unless the conditions of a delete hold. */
function checkDelete({ schema }: KvetchContext, row: ObjectRow, { if: conditions }: UpdateOptions): void {
  if (conditions === undefined) return;
  const type = schema.findType(row.typeId);
  if (type === null) throw new CorruptRowError(row.id, `type ${row.typeId} is not in the schema`);
  checkConditions(type, row.id, decodeBody(row).attributes, conditions);
}

/** Deletes an object whose create fails, if nobody has changed it. A repeat of the create must not take it for its own. */
export async function undoCreate(context: KvetchContext, { id, version }: ObjectRow): Promise<void> {
  const all = { ...context, seesExpired: true };
  await deleteBy(all, id, { ifVersion: version }, (current) => planDelete(context, current, false, true));
}

/** Whether the object was there. */
async function deleteBy(
  context: KvetchContext,
  id: string,
  options: UpdateOptions,
  plan: (current: ObjectRow, isStored: boolean) => PlannedDelete,
): Promise<boolean> {
  const deleted = await changeInTurn(context, id, options, { verb: 'delete', plan, prepare: () => null }).catch(
    (error: unknown) => {
      if (error instanceof NotFoundError) return null;
      throw error;
    },
  );
  if (deleted === null || deleted.plan === null) return false;
  await finishDelete(context, deleted.plan);
  return true;
}

/** Deletes an object that has expired, unless it is not as this row any more: whether it was. */
export async function deleteExpired(context: KvetchContext, row: ObjectRow): Promise<boolean> {
  const plan = planDelete(context, row, true, true);
  const replaced = await replaceObject(context, [plan], row.version);
  if (replaced instanceof Error) throw replaced;
  if (replaced) await finishDelete(context, plan);
  return replaced;
}

/** The row is a tombstone. */
export interface PlannedDelete extends ObjectChange {
  readonly derived: Derived;
}

/** The tombstone that a row becomes. `wasCreated`: repeats of the create are still answered with the id. */
export function planDelete(
  context: KvetchContext,
  current: ObjectRow,
  wasCreated: boolean,
  isStored: boolean,
): PlannedDelete {
  refusePrepared(current);
  const type = context.schema.findType(current.typeId);
  // an object whose row or type cannot be read any more can still be deleted
  const body = attempt(() => decodeBody(current));
  const derived = type === null || body instanceof Error ? nothingDerived : derive(type, current.id, body.attributes);
  const before: Envelope = body instanceof Error ? {} : body.envelope;
  const made = wasCreated ? before.made : undefined;
  const envelope: Envelope = { ...(made !== undefined && { made }), ...gone(derived, isStored ? {} : before) };
  const row: ObjectRow = {
    ...current,
    version: current.version + 1,
    state: TOMBSTONE,
    updatedUs: context.nowUs(),
    body: joinBody(null, envelope),
    record: null,
  };
  const emptied = (type?.boundLists ?? []).map(({ edgeId }) => `e:${edgeId}:${row.id}`);
  const keys = [`o:${row.id}`, `t:${row.typeId}`, ...derivedKeys(derived), ...emptied];
  const hasMore = derived.edges.length + derived.entries.length + emptied.length > 0;
  const note = context.outbox.note(row.shard, keys, hasMore);
  return { row, derived, keys, note, claims: { claims: [], confirmed: new Set() } };
}

async function finishDelete(context: KvetchContext, plan: PlannedDelete): Promise<void> {
  await hitFaultPoint(context, 'afterObject');
  const { id, version, updatedUs } = plan.row;
  const removed = deadRows(plan.derived, { id, version, nowUs: updatedUs });
  await finishChange(context, 'delete', plan, { added: { edges: [], entries: [] }, removed });
}
