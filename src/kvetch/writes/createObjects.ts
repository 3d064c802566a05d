import { attributesJson, decodeBody } from '../codec/objectBody.ts';
import { ConflictError, DerivedWriteError } from '../errors.ts';
import type { KvetchContext } from '../KvetchContext.ts';
import { attempt } from '../reads/attempt.ts';
import type { TypeRef } from '../schema/KvetchSchema.ts';
import { LIVE, type ObjectRow } from '../shards/rows.ts';
import type { Batch, Entry, ObjectInsert } from '../shards/ShardStore.ts';
import { claimUnique, releaseClaims } from './claimUnique.ts';
import { derivedKeys } from './derive.ts';
import { noteDerivedFailure, publish, reach } from './faults.ts';
import { type CreateRequest, type PreparedCreate, prepareCreate } from './prepareCreate.ts';
import { failuresByTarget, putEdges, putEntries, toEdgePut } from './putDerived.ts';
import { remembered } from './remember.ts';

/**
 * Creates objects of one type, one answer per request: the id, or the error of that object alone.
 *
 * Unique values are claimed first, then the objects are inserted, then what follows from them: canonical before
 * derived. A derived row that cannot be written does not undo or fail the create; a cleaner adds it.
 */
export async function createObjects(
  context: KvetchContext,
  ref: TypeRef,
  requests: readonly CreateRequest[],
): Promise<ReadonlyArray<Entry<string>>> {
  const type = context.schema.type(ref);
  const out: Entry<string>[] = [];
  let creates: Create[] = [];
  for (const [at, request] of requests.entries()) {
    const prepared = attempt(() => prepareCreate(context, type, request));
    if (prepared instanceof Error) out[at] = prepared;
    else creates.push({ ...prepared, at });
  }
  creates = await claimAll(context, creates, out);
  creates = await insertAll(context, creates, out);
  if (creates.length > 0) await deriveAll(context, creates, out);
  return out;
}

type Create = PreparedCreate & { readonly at: number };

/** Claims unique values. What an object has claimed before one of its claims failed is given back. */
async function claimAll(context: KvetchContext, creates: Create[], out: Entry<string>[]): Promise<Create[]> {
  const claims = creates.flatMap((create) => create.claims);
  if (claims.length === 0) return creates;
  const answers = await claimUnique(context, claims);
  await reach(context, 'afterClaim');
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
async function insertAll(context: KvetchContext, creates: Create[], out: Entry<string>[]): Promise<Create[]> {
  if (creates.length === 0) return [];
  context.stats.writeRounds++;
  const inserts = creates.map((create): ObjectInsert => {
    const local = create.rows.edges.filter((edge) => isLocal(create, edge));
    return { row: create.row, edges: local.map((edge) => toEdgePut(context, edge, false)) };
  });
  const inserting: Batch<ObjectRow | null> = context.shards.scatter({
    keys: inserts,
    shardOf: ({ row }) => row.shard,
    call: (store, batch: readonly ObjectInsert[]) => store.insertObjects(batch),
    effect: 'unknown',
  });
  const answers = await remembered(context, inserts, inserting, (freshness, { row, edges }, existing) => {
    freshness.noteObject(existing ?? row);
    if (existing === null) for (const edge of edges) freshness.noteEdge(edge.row);
  });
  await reach(context, 'afterObject');
  const lost: Create[] = [];
  const inserted = creates.filter((create, i) => {
    const answer = answers[i] ?? null;
    out[create.at] = answer instanceof Error ? answer : answer === null ? create.row.id : repeated(create, answer);
    // a claim of a create with unknown outcome stays until a cleaner knows better
    if (answer !== null && !(answer instanceof Error)) lost.push(create);
    return answer === null;
  });
  await releaseClaims(
    context,
    lost.flatMap(({ claims }) => claims),
  );
  return inserted;
}

function isLocal({ row }: Create, edge: { readonly shard: number }): boolean {
  return edge.shard === row.shard;
}

/** The id was there already: the same create again, or somebody else's object. */
function repeated(create: Create, existing: ObjectRow): Entry<string> {
  const { id, typeId } = create.row;
  const same = attempt(() =>
    create.made === null
      ? existing.state === LIVE && attributesJson(existing) === create.attributesJson
      : decodeBody(existing).envelope.made === create.made,
  );
  if (same === true && existing.typeId === typeId) return id;
  return new ConflictError(id, `The id "${id}" is already used, for an object with other data.`);
}

async function deriveAll(context: KvetchContext, creates: readonly Create[], out: Entry<string>[]): Promise<void> {
  const failures = new Map<string, Error>();
  const edges = creates.flatMap((create) => create.rows.edges.filter((edge) => !isLocal(create, edge)));
  failuresByTarget(edges, await putEdges(context, edges), ({ toId }) => toId, failures);
  await reach(context, 'afterEdge');
  const entries = creates.flatMap((create) => create.rows.entries);
  failuresByTarget(entries, await putEntries(context, entries), ({ targetId }) => targetId, failures);
  await reach(context, 'afterIndex');
  for (const { row, at } of creates) {
    const failure = failures.get(row.id);
    if (failure === undefined) continue;
    noteDerivedFailure(context, row.id);
    if (context.strictDerived) out[at] = new DerivedWriteError(row.id, failure);
  }
  const keys = creates.flatMap(({ row, derived }) => [`o:${row.id}`, `t:${row.typeId}`, ...derivedKeys(derived)]);
  await publish(context, { kind: 'create', keys: [...new Set(keys)] });
}
