import { appendAll } from '../../utils/appendAll.ts';
import { itemAt } from '../../utils/itemAt.ts';
import { mustGet } from '../../utils/mustGet.ts';
import { attributesJson, decodeBody } from '../codec/objectBody.ts';
import { ClaimLostError, ConflictError, DerivedWriteError, UniqueViolationError } from '../errors.ts';
import { fromStore, type KvetchContext, noteObject, seenRow } from '../KvetchContext.ts';
import { finishWrites } from '../outbox/finishWrites.ts';
import { attempt } from '../reads/attempt.ts';
import { readObjectRows } from '../reads/readObjects.ts';
import type { TypeRef } from '../schema/KvetchSchema.ts';
import { LIVE, type ObjectRow, TOMBSTONE } from '../shards/rows.ts';
import type { Batch, Entry, ObjectInsert } from '../shards/ShardStore.ts';
import { checkAllEnds } from './checkEnds.ts';
import { attemptUndo, claimsAt, claimUnique, confirmElsewhere, holdsValue, releaseClaims } from './claimUnique.ts';
import { undoCreate } from './deleteObject.ts';
import { hitFaultPoint, noteDerivedFailure, publish } from './faults.ts';
import { type CreateRequest, inOrder, type PreparedCreate, prepareCreate } from './prepareCreate.ts';
import { failuresByTarget, putDerived, toEdgePut } from './putDerived.ts';
import { remembered } from './remember.ts';
import { isPrepared, isUndone } from './unit/prepared.ts';
import { clearWay } from './unit/settle.ts';

/**
 * Creates objects of one type, one answer per request: the id, or the error of that object alone.
 *
 * Unique values are claimed first, then the objects are inserted, then their derived rows: canonical before
 * derived. A derived row that cannot be written does not undo or fail the create; a cleaner adds it.
 *
 * A create that is repeated does what the first one may have left to do: then it is answered.
 *
 * @param repeats - gets the objects that were there already, by id.
 */
export async function createObjects(
  context: KvetchContext,
  ref: TypeRef,
  requests: readonly CreateRequest[],
  repeats: Map<string, ObjectRow> = new Map(),
): Promise<ReadonlyArray<Entry<string>>> {
  const type = context.schema.type(ref);
  await context.backfills.ready();
  const out: Entry<string>[] = [];
  let creates: Create[] = [];
  for (const [at, request] of requests.entries()) {
    const prepared = attempt(() => prepareCreate(context, type, request));
    if (prepared instanceof Error) out[at] = prepared;
    else creates.push({ ...prepared, at });
  }
  creates = await checkStoredIds(context, creates, out);
  const inserted: Create[] = [];
  for (let tries = 1; creates.length > 0 && tries <= CLAIM_TRIES; tries++) {
    const claimed = await claimAll(context, creates, out);
    appendAll(inserted, await insertAll(context, claimed, out, repeats));
    // a writer that has taken the value meanwhile is met by the next claim
    creates = claimed.filter(({ at }) => out[at] instanceof ClaimLostError);
  }
  if (inserted.length > 0) await deriveAll(context, inserted, out);
  if (repeats.size > 0) await finishRepeats(context, repeats, out);
  return out;
}

type Create = PreparedCreate & { readonly at: number };

const CLAIM_TRIES = 3;

/** Leaves out creates whose stored ids name no object, but not repeats: their objects are there. */
async function checkStoredIds(context: KvetchContext, creates: Create[], out: Entry<string>[]): Promise<Create[]> {
  const answers = await checkAllEnds(
    context,
    creates.map(({ ends }) => ends),
  );
  const failed = creates.filter((_, at) => answers[at] instanceof Error);
  if (failed.length === 0) return creates;
  const there = await readObjectRows(
    fromStore(context),
    failed.map(({ row }) => row.id),
  );
  const isRepeat = new Set(failed.filter((_, at) => there[at] !== null && !(there[at] instanceof Error)));
  return creates.filter((create, at) => {
    const answer = answers[at] ?? null;
    if (answer === null || isRepeat.has(create)) return true;
    out[create.at] = answer;
    return false;
  });
}

/** Claims unique values. The earlier claims of an object whose claim fails are given back. */
async function claimAll(context: KvetchContext, creates: Create[], out: Entry<string>[]): Promise<Create[]> {
  const claims = creates.flatMap((create) => create.claims.claims);
  if (claims.length === 0) return creates;
  const answers = await claimUnique(context, claims);
  await hitFaultPoint(context, 'afterClaim');
  const failures = new Map<string, Error>();
  failuresByTarget(claims, answers, ({ targetId }) => targetId, failures);
  if (failures.size === 0) return creates;
  for (const { at, row } of creates) {
    const failure = failures.get(row.id);
    if (failure !== undefined) out[at] = failure;
  }
  const won = claims.filter((row, at) => failures.has(row.targetId) && answers[at] === null);
  await releaseClaims(context, won);
  return creates.filter(({ row }) => !failures.has(row.id));
}

/** Inserts the objects; an edge that lives on the object's logical shard goes into the same transaction. */
async function insertAll(
  context: KvetchContext,
  creates: Create[],
  out: Entry<string>[],
  repeatedRows: Map<string, ObjectRow>,
): Promise<Create[]> {
  if (creates.length === 0) return [];
  context.stats.writeRounds++;
  const inserts = creates.map((create): ObjectInsert => {
    const local = create.rows.edges.filter((edge) => isLocal(create, edge));
    const edges = local.map((edge) => toEdgePut(context, edge, false));
    return { row: create.row, edges, note: create.note };
  });
  const claimsOf = new Map(inserts.map((insert, at) => [insert, itemAt(creates, at).claims]));
  const insert = (some: readonly ObjectInsert[]): Batch<ObjectRow | null> =>
    context.shards.scatter({
      keys: some,
      shardOf: ({ row }) => row.shard,
      call: (store, batch: readonly ObjectInsert[]) =>
        store.insertObjects(
          batch.map((one) => {
            const claims = claimsAt(context, store, mustGet(claimsOf, one));
            return claims.length === 0 ? one : { ...one, claims };
          }),
        ),
      effect: 'unknown',
    });
  const inserting = insertSettled(context, inserts, insert);
  const answers = await remembered(context, inserts, inserting, (freshness, { edges }, existing) => {
    if (existing === null) for (const edge of edges) freshness.noteEdge(edge.row);
  });
  await hitFaultPoint(context, 'afterObject');
  const repeats: Create[] = [];
  const inserted = creates.filter((create, i) => {
    const answer = answers[i] ?? null;
    if (!(answer instanceof Error)) noteObject(context, answer ?? create.row);
    const there = answer instanceof Error ? null : answer;
    const existing = there === null ? null : seenRow(context, there);
    out[create.at] = answer instanceof Error ? answer : existing === null ? create.row.id : met(create, existing);
    if (there !== null && existing !== null && out[create.at] === create.row.id) {
      repeats.push(stillHeld(context, create, existing));
      repeatedRows.set(there.id, there);
    }
    return answer === null;
  });
  await confirmAll(context, repeats, out); // the create that they repeat may have ended before it
  // a claim of a create with unknown outcome stays until a cleaner knows better
  const claimed = creates.filter((_, i) => answers[i] !== null && !(answers[i] instanceof Error));
  await releaseClaims(
    context,
    claimed.flatMap(({ claims }) => claims.claims),
  );
  return confirmAll(context, inserted, out);
}

/** Inserts, and again where the row of a unit that is not settled, or was aborted, stood in the way. */
async function insertSettled(
  context: KvetchContext,
  inserts: readonly ObjectInsert[],
  insert: (some: readonly ObjectInsert[]) => Batch<ObjectRow | null>,
): Promise<ReadonlyArray<Entry<ObjectRow | null>>> {
  const answers = [...(await insert(inserts))];
  for (let tries = 1; tries <= INSERT_TRIES; tries++) {
    const blocked = answers.flatMap((row, at) =>
      row !== null && !(row instanceof Error) && row.state === TOMBSTONE ? [{ row, at }] : [],
    );
    if (blocked.length === 0) return answers;
    const isClear = await Promise.all(blocked.map(({ row }) => clearWay(context, row)));
    const again = blocked.filter((_, at) => isClear[at]);
    if (again.length === 0) return answers;
    const retried = await insert(again.map(({ at }) => itemAt(inserts, at)));
    for (const [n, { at }] of again.entries()) answers[at] = itemAt(retried, n);
  }
  return answers;
}

const INSERT_TRIES = 10;

function met({ row: { id, typeId }, made, attributesJson: json }: Create, existing: ObjectRow): Entry<string> {
  return repeated({ id, typeId, made, json }, existing);
}

/** A create whose object is there already, with the claims to the values that the object has. */
function stillHeld(context: KvetchContext, create: Create, existing: ObjectRow): Create {
  const claims = create.claims.claims.filter((claim) => holdsValue(context, claim, existing));
  return { ...create, claims: { claims, confirmed: new Set() } };
}

/**
 * Confirms claims that lie elsewhere than their objects. An object that has lost one is deleted. One whose claim got no
 * answer stays, as its value is most likely its own: its create fails with the effect `unknown`. Returns the remaining
 * creates.
 */
async function confirmAll(context: KvetchContext, creates: Create[], out: Entry<string>[]): Promise<Create[]> {
  const claims = creates.flatMap((create) =>
    create.claims.claims.filter((claim) => !create.claims.confirmed.has(claim)),
  );
  if (claims.length === 0) return creates;
  const failures = new Map<string, Error>();
  failuresByTarget(claims, await confirmElsewhere(context, claims), ({ targetId }) => targetId, failures);
  const kept: Create[] = [];
  for (const create of creates) {
    const { at, row, note, claims: own } = create;
    const failure = failures.get(row.id);
    if (failure !== undefined) out[at] = failure;
    if (!(failure instanceof UniqueViolationError)) {
      kept.push(create);
      continue;
    }
    const undone = await attemptUndo(failure, () => undoCreate(context, row));
    if (undone === failure) await releaseClaims(context, own.claims);
    context.outbox.end(note, undone === failure);
    out[at] = undone;
  }
  return kept;
}

function isLocal({ row }: Create, edge: { readonly shard: number }): boolean {
  return edge.shard === row.shard;
}

/** A create that meets its id: `made` as in `madeOf`, `json` of its attributes. */
interface Meeting {
  readonly id: string;
  readonly typeId: number;
  readonly made: string | null;
  readonly json: string;
}

/** The id was there already: the same create again, or somebody else's object. */
export function repeated({ id, typeId, made, json }: Meeting, existing: ObjectRow): Entry<string> {
  if (isPrepared(existing) || isUndone(existing))
    return new ConflictError(id, `A unit that creates "${id}" is not settled yet.`, 'retry');
  const same = attempt(() =>
    made === null
      ? existing.state === LIVE && inOrder(attributesJson(existing)) === inOrder(json)
      : decodeBody(existing).envelope.made === made,
  );
  if (same === true && existing.typeId === typeId) return id;
  if (made !== null && existing.state === TOMBSTONE)
    return new ConflictError(id, `The first create with the idempotencyKey of "${id}" was undone. Use another key.`);
  return new ConflictError(id, `The id "${id}" is already used, for an object with other data.`);
}

/** The first create may have died behind its commit. */
async function finishRepeats(
  context: KvetchContext,
  repeats: ReadonlyMap<string, ObjectRow>,
  out: Entry<string>[],
): Promise<void> {
  const rows = new Set(out.flatMap((id) => (id instanceof Error ? [] : (repeats.get(id) ?? []))));
  if (rows.size === 0) return;
  const failed = await finishWrites(context, [...rows]);
  if (!context.strictDerived || failed.size === 0) return;
  for (const [at, id] of out.entries())
    if (!(id instanceof Error) && failed.has(id)) out[at] = new DerivedWriteError(id, null);
}

async function deriveAll(context: KvetchContext, creates: readonly Create[], out: Entry<string>[]): Promise<void> {
  const failures = new Map<string, Error>();
  const edges = creates.flatMap((create) => create.rows.edges.filter((edge) => !isLocal(create, edge)));
  const entries = creates.flatMap((create) => create.rows.entries);
  await putDerived(context, { edges, entries }, failures);
  for (const { row, at } of creates) {
    const failure = failures.get(row.id);
    if (failure === undefined) continue;
    noteDerivedFailure(context, row.id);
    if (context.strictDerived) out[at] = new DerivedWriteError(row.id, failure);
  }
  const keys = [...new Set(creates.flatMap((create) => create.keys))];
  const unfinished = creates
    .filter(({ row, at }) => failures.has(row.id) || out[at] instanceof Error)
    .map(({ note }) => note);
  const notes = creates.map(({ note }) => note);
  await publish(context, { kind: 'create', keys }, notes, new Set(unfinished));
}
