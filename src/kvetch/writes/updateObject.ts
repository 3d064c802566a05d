import { decodeBody, decodeObject, type Envelope, encodeAttributes, joinBody } from '../codec/objectBody.ts';
import { BadIdError, ConflictError, CorruptRowError, KvetchError, NotFoundError } from '../errors.ts';
import { parseId } from '../ids/parseId.ts';
import { fromStore, type KvetchContext } from '../KvetchContext.ts';
import type { KvetchObject } from '../KvetchObject.ts';
import { readObjectRows } from '../reads/readObjects.ts';
import { isPromise } from '../shards/chain.ts';
import { type EntryRow, LIVE, type ObjectRow } from '../shards/rows.ts';
import { finishChange, replaceObject } from './changeObject.ts';
import { type AttributesInput, checkAttributes, checkRequired } from './checkAttributes.ts';
import { claimUnique, releaseClaims } from './claimUnique.ts';
import {
  type Derived,
  deadRows,
  derive,
  derivedKeys,
  derivedWithout,
  entryRow,
  liveRows,
  positionsOf,
} from './derive.ts';
import { reach } from './faults.ts';

export interface UpdateOptions {
  /** Change only this version, else a `ConflictError`. Without it, lost races are repeated on the newer version. */
  readonly ifVersion?: number | undefined;
}

/**
 * Changes attributes: absent or `undefined` keeps, `null` clears. Returns the new record. Edges and index entries
 * follow the object; they carry its version, so that racing updates end in the same place whatever their order.
 */
export async function updateObject(
  context: KvetchContext,
  givenId: string,
  patch: AttributesInput,
  { ifVersion }: UpdateOptions = {},
): Promise<KvetchObject> {
  const id = parseId(givenId);
  if (id === null) throw new BadIdError(givenId);
  const claimed: EntryRow[] = [];
  try {
    for (let retry = 0; ; retry++) {
      const done = await tryUpdate(context, id, patch, ifVersion, claimed);
      if (done !== null) return done;
      if (retry >= context.limits.updateRetries) {
        throw new ConflictError(
          id,
          `Object "${id}" was changed by others ${retry + 1} times during this update.`,
          'retry',
        );
      }
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 2 ** retry));
    }
  } catch (error) {
    const undone = error instanceof KvetchError && error.effect === 'not-applied';
    if (undone) await releaseClaims(context, claimed);
    throw error;
  }
}

/** One round of reading, merging and comparing-and-setting; `null` when somebody else was faster. */
async function tryUpdate(
  context: KvetchContext,
  id: string,
  patch: AttributesInput,
  ifVersion: number | undefined,
  claimed: EntryRow[],
): Promise<KvetchObject | null> {
  const current = await liveRow(context, id);
  if (ifVersion !== undefined && current.version !== ifVersion) {
    throw new ConflictError(id, `Object "${id}" has version ${current.version}, not ${ifVersion}.`);
  }
  const change = planUpdate(context, current, patch);
  if (change === null) return decodeObject(current);
  const { row, added, removed, source, pos } = change;
  const claims = added.entries.filter(({ index }) => index.unique).map((entry) => entryRow(entry, source, LIVE));
  if (claims.length > 0) {
    const answers = await claimUnique(context, claims);
    claimed.push(...claims.filter((_, at) => answers[at] === null));
    const failure = answers.find((answer) => answer instanceof Error);
    if (failure) throw failure;
    await reach(context, 'afterClaim');
  }
  const answer = replaceObject(context, row, current.version);
  const replaced = isPromise(answer) ? await answer : answer; // no turn of the event loop where none is needed
  if (replaced instanceof Error) throw replaced;
  if (!replaced) return null;
  await reach(context, 'afterObject');
  const keys = [`o:${id}`, `t:${row.typeId}`, ...derivedKeys(added), ...derivedKeys(removed)];
  const derived = { added: liveRows(added, source, pos), removed: deadRows(removed, source) };
  await finishChange(context, id, derived, { kind: 'update', keys });
  return decodeObject(row);
}

interface PlannedUpdate {
  readonly row: ObjectRow;
  readonly added: Derived;
  readonly removed: Derived;
  readonly source: { readonly id: string; readonly version: number; readonly nowUs: number };
  readonly pos: Envelope['pos'];
}

/** The row that a patch makes of another, and what moves with it; `null` when nothing changes. */
function planUpdate(context: KvetchContext, current: ObjectRow, patch: AttributesInput): PlannedUpdate | null {
  const type = context.schema.findType(current.typeId);
  if (type === null) throw new CorruptRowError(current.id, `type ${current.typeId} is not in the schema`);
  const { attributes: before, envelope } = decodeBody(current);
  const attributes = { ...before, ...checkAttributes(type, patch) };
  checkRequired(type, attributes);
  const { maxBodyBytes } = context.limits;
  const { json, codec } = encodeAttributes(attributes, maxBodyBytes);
  if (json === encodeAttributes(before, Number.POSITIVE_INFINITY).json) return null;
  const derivedBefore = derive(type, before);
  const derived = derive(type, attributes);
  const added = derivedWithout(derived, derivedBefore);
  const removed = derivedWithout(derivedBefore, derived);
  const nowUs = context.nowUs();
  const version = current.version + 1;
  const pos = positionsOf(derived, added, envelope.pos, nowUs);
  const system: Envelope = {
    ...(pos && { pos }),
    ...(envelope.made !== undefined && { made: envelope.made }),
    ...gone(removed),
  };
  const row: ObjectRow = { ...current, version, codec, updatedUs: nowUs, body: joinBody(json, system), record: null };
  return { row, added, removed, source: { id: current.id, version, nowUs }, pos };
}

/** What a write takes away, for the cleaner that may have to finish it. */
export function gone({ edges, entries }: Derived): Envelope {
  return {
    ...(edges.length > 0 && { goneEdges: edges.map(({ edge, fromId }) => [edge.edgeId, fromId] as const) }),
    ...(entries.length > 0 && { goneEntries: entries.map(({ index, value }) => [index.name, value] as const) }),
  };
}

/** The live row of an id as the store has it, or a `NotFoundError`: what a cache remembers is nothing to decide on. */
export async function liveRow(context: KvetchContext, id: string): Promise<ObjectRow> {
  const answer = readObjectRows(fromStore(context), [id]);
  const [row = null] = isPromise(answer) ? await answer : answer;
  if (row instanceof Error) throw row;
  if (row === null || row.state !== LIVE) throw new NotFoundError(id);
  return row;
}
