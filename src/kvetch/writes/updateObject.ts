import { decodeBody, decodeObject, type Envelope, encodeAttributes, joinBody, recordOf } from '../codec/objectBody.ts';
import { BadIdError, ClaimLostError, CorruptRowError, KvetchError, UniqueViolationError } from '../errors.ts';
import { parseId } from '../ids/parseId.ts';
import type { KvetchContext } from '../KvetchContext.ts';
import type { KvetchObject } from '../KvetchObject.ts';
import type { EntryRow, ObjectRow } from '../shards/rows.ts';
import { changeInTurn, type UpdateOptions } from './changeInTurn.ts';
import { finishChange } from './changeObject.ts';
import type { AttributesInput } from './checkAttributes.ts';
import { attemptUndo, claimsOf, claimUnique, confirmElsewhere, releaseClaims } from './claimUnique.ts';
import { type Derived, deadRows, derivedAfter, derivedKeys, derivedWithout, liveRows, positionsOf } from './derive.ts';
import { hitFaultPoint } from './faults.ts';
import type { ObjectChange } from './ObjectChange.ts';
import { type ObjectPatch, patchBody } from './patchBody.ts';
import { checkPatchedIds } from './storedIds.ts';
import { refusePrepared } from './unit/prepared.ts';

/**
 * Changes attributes: absent or `undefined` keeps, `null` clears. Returns the new record. Edges and index entries
 * follow the object; they carry its version, so that racing updates end in the same place whatever their order.
 */
export async function updateObject(
  context: KvetchContext,
  givenId: string,
  patch: AttributesInput,
  options: UpdateOptions = {},
): Promise<KvetchObject> {
  const id = parseId(givenId);
  if (id === null) throw new BadIdError(givenId);
  await context.backfills.ready();
  await checkPatchedIds(context, id, patch);
  for (let tries = 1; ; tries++) {
    const claimed: EntryRow[] = [];
    try {
      const { current, plan } = await changeInTurn(context, id, options, {
        verb: 'update',
        plan: (row, isStored) => planUpdate(context, row, { patch, conditions: options.if }, isStored),
        prepare: (change) => claimValues(context, change, claimed),
      });
      if (plan === null) return decodeObject(current);
      return await finishUpdate(context, current, plan, patch);
    } catch (error) {
      const undone = error instanceof KvetchError && error.effect === 'not-applied';
      if (undone) await releaseClaims(context, claimed);
      // a writer that has taken the value meanwhile is met by the next claim
      if (!(error instanceof ClaimLostError) || tries === CLAIM_TRIES) throw error;
    }
  }
}

const CLAIM_TRIES = 3;

/** Claims the unique values that an update gives its object. */
function claimValues(
  context: KvetchContext,
  { claims: { claims } }: PlannedUpdate,
  claimed: EntryRow[],
): Promise<void> | null {
  return claims.length === 0 ? null : claimAll();

  async function claimAll(): Promise<void> {
    const answers = await claimUnique(context, claims);
    for (const [at, claim] of claims.entries()) if (answers[at] === null) claimed.push(claim);
    const failure = answers.find((answer) => answer instanceof Error);
    if (failure) throw failure;
    await hitFaultPoint(context, 'afterClaim');
  }
}

/** Writes the derived rows of an object that was replaced. */
async function finishUpdate(
  context: KvetchContext,
  before: ObjectRow,
  plan: PlannedUpdate,
  patch: AttributesInput,
): Promise<KvetchObject> {
  const { row, added, removed, source, pos, claims } = plan;
  await hitFaultPoint(context, 'afterObject');
  const elsewhere = claims.claims.filter((claim) => !claims.confirmed.has(claim));
  const answers = elsewhere.length === 0 ? [] : await confirmElsewhere(context, elsewhere);
  const lost = answers.find((answer) => answer instanceof UniqueViolationError);
  if (lost !== undefined) {
    // the values that the object gave up are still claimed for it
    const undone = await attemptUndo(lost, () => undoUpdate(context, before, row, patch));
    context.outbox.end(plan.note, undone === lost);
    throw undone;
  }
  const unconfirmed = answers.find((answer) => answer instanceof Error) ?? null;
  await finishChange(
    context,
    'update',
    plan,
    { added: liveRows(added, source, pos), removed: deadRows(removed, source) },
    unconfirmed,
  );
  return decodeObject(row);
}

/** Gives the attributes of a patch back the values that they had, where nobody has changed them since. */
async function undoUpdate(
  context: KvetchContext,
  before: ObjectRow,
  after: ObjectRow,
  patch: AttributesInput,
): Promise<void> {
  const [was, own] = [decodeBody(before).attributes, decodeBody(after).attributes];
  const { current, plan } = await changeInTurn(
    { ...context, seesExpired: true }, // the update may have set its end
    after.id,
    {},
    {
      verb: 'update',
      plan: (row, isStored) => {
        const now = decodeBody(row).attributes;
        const changed = Object.keys(patch).filter((name) => isSame(now[name], own[name]));
        const back = Object.fromEntries(changed.map((name) => [name, was[name] ?? null]));
        return planUpdate(context, row, { patch: back }, isStored);
      },
      prepare: (change) => claimValues(context, change, []),
    },
  );
  if (plan !== null) await finishUpdate(context, current, plan, {});
}

function isSame(one: unknown, other: unknown): boolean {
  const text = (value: unknown): string => encodeAttributes({ value }, Number.POSITIVE_INFINITY).json;
  return text(one) === text(other);
}

/** The row that an update makes, and what follows from it. */
export interface PlannedUpdate extends ObjectChange {
  readonly added: Derived;
  readonly removed: Derived;
  readonly source: { readonly id: string; readonly version: number; readonly nowUs: number };
  readonly pos: Envelope['pos'];
}

/** The row that a patch makes of another, and its derived rows; `null` when nothing changes. */
export function planUpdate(
  context: KvetchContext,
  current: ObjectRow,
  patch: ObjectPatch,
  isStored: boolean,
): PlannedUpdate | null {
  refusePrepared(current);
  const type = context.schema.findType(current.typeId);
  if (type === null) throw new CorruptRowError(current.id, `type ${current.typeId} is not in the schema`);
  const patched = patchBody(type, current, patch, context.limits.maxBodyBytes, context.lastBody);
  if (patched === null) return null;
  const { json, codec, attributes, derivedBefore, derived, envelope } = patched;
  const added = derivedAfter(derived, derivedBefore);
  const removed = derivedWithout(derivedBefore, derived);
  const nowUs = context.nowUs();
  const version = current.version + 1;
  const pos = positionsOf(derived, added, envelope.pos, { nowUs, createdUs: current.createdUs });
  const system: Envelope = {
    ...(pos && { pos }),
    ...(envelope.made !== undefined && { made: envelope.made }),
    ...gone(removed, isStored ? {} : envelope),
  };
  const row: ObjectRow = { ...current, version, codec, updatedUs: nowUs, body: joinBody(json, system), record: null };
  if (attributes !== null) {
    row.record = recordOf(row, attributes);
    context.lastBody.put(row, { attributes, envelope: system });
  }
  const source = { id: current.id, version, nowUs };
  const claims = claimsOf(context, added, source);
  const keys = [`o:${row.id}`, ...derivedKeys(added), ...derivedKeys(removed)];
  const note = context.outbox.note(row.shard, keys, keys.length > 1); // more than the object
  return { row, keys, note, claims: { claims, confirmed: new Set() }, added, removed, source, pos };
}

/** The rows that a write takes away, for the cleaner that may finish it; `joined`: the envelope of the writes before. */
export function gone({ edges, entries }: Derived, joined: Envelope): Envelope {
  const goneEdges = [...(joined.goneEdges ?? []), ...edges.map(({ edge, fromId }) => [edge.edgeId, fromId] as const)];
  const goneEntries = [
    ...(joined.goneEntries ?? []),
    ...entries.map(({ index, value }) => [index.name, value] as const),
  ];
  return { ...(goneEdges.length > 0 && { goneEdges }), ...(goneEntries.length > 0 && { goneEntries }) };
}
