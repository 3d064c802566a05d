import { createHash } from 'node:crypto';
import { stableKey } from '../../utils/stableKey.ts';
import { isWellFormed } from '../codec/isWellFormed.ts';
import { type Envelope, encodeAttributes, joinBody } from '../codec/objectBody.ts';
import { BadValueError, quote } from '../errors.ts';
import { checkId } from '../ids/checkId.ts';
import { idFromKey } from '../ids/idFromKey.ts';
import { parseId } from '../ids/parseId.ts';
import { shardOfId } from '../ids/routing.ts';
import type { KvetchContext } from '../KvetchContext.ts';
import type { ObjectType } from '../schema/KvetchSchema.ts';
import { LIVE, type ObjectRow, type OutboxNote } from '../shards/rows.ts';
import { checkAttributes, checkRequired } from './checkAttributes.ts';
import type { EndsOfWrite } from './checkEnds.ts';
import { claimsOf } from './claimUnique.ts';
import { type Derived, derive, derivedKeys, liveRows, positionsOf } from './derive.ts';
import type { ClaimsOfWrite } from './ObjectChange.ts';
import { storedEnds } from './storedIds.ts';

/** An object to be created. */
export interface CreateRequest {
  readonly data: Readonly<Record<string, unknown>>;
  /** The id to use; by default a new one. */
  readonly id?: string | undefined;
  /** Create on the logical shard of this id. */
  readonly near?: string | undefined;
  /** Repeating a create with the same key, type and data gives the same id and creates nothing. */
  readonly idempotencyKey?: string | undefined;
  /** With a key: the input that the data was made from, by which a repeat is recognized, and routed. Default: the data. */
  readonly madeFrom?: Readonly<Record<string, unknown>> | undefined;
}

/** A create that was checked, with every row that it will write. */
export interface PreparedCreate {
  readonly row: ObjectRow;
  readonly attributesJson: string;
  readonly made: string | null;
  readonly derived: Derived;
  readonly claims: ClaimsOfWrite;
  readonly keys: readonly string[];
  readonly note: OutboxNote | undefined;
  readonly rows: ReturnType<typeof liveRows>;
  /** The objects that its stored ids name: they must be there. */
  readonly ends: EndsOfWrite;
}

/** Checks a create and computes its rows, or throws. Nothing is read or written. */
export function prepareCreate(context: KvetchContext, type: ObjectType, request: CreateRequest): PreparedCreate {
  const attributes = checkAttributes(type, request?.data);
  checkRequired(type, {}, attributes);
  const { json, codec } = encodeAttributes(attributes, context.limits.maxBodyBytes);
  const made = madeOf(context, request, json);
  const id = chooseId(context, type, attributes, request);
  const derived = derive(type, id, attributes);
  const nowUs = context.nowUs();
  const source = { id, version: 1, nowUs };
  const pos = positionsOf(derived, derived, undefined, { nowUs, createdUs: nowUs });
  const envelope: Envelope = { ...(pos && { pos }), ...(made !== null && { made }) };
  const row: ObjectRow = {
    id,
    shard: shardOfId(id),
    typeId: type.typeId,
    version: 1,
    state: LIVE,
    codec,
    createdUs: nowUs,
    updatedUs: nowUs,
    body: joinBody(json, envelope),
    record: null,
  };
  const claims = claimsOf(context, derived, source);
  const keys = [`o:${id}`, `t:${type.typeId}`, ...derivedKeys(derived)];
  const note = context.outbox.note(row.shard, keys, keys.length > 2);
  const rows = liveRows(derived, source, pos);
  const ends = storedEnds(context, type, attributes, id);
  return { row, keys, note, attributesJson: json, made, derived, claims: { claims, confirmed: new Set() }, rows, ends };
}

function chooseId(
  context: KvetchContext,
  type: ObjectType,
  attributes: CreateRequest['data'],
  request: CreateRequest,
): string {
  const { id, near, idempotencyKey: key } = request;
  if (id !== undefined) {
    if (key !== undefined)
      throw new BadValueError('Give either an id or an idempotencyKey: the key determines the id.');
    return checkId(id, 'Id');
  }
  if (key !== undefined) return keyedId(type, request.madeFrom ?? request.data, request);
  return context.ids.next(near === undefined ? parentShard(type, attributes) : shardOfId(checkId(near, '"near"')));
}

/** The shard that a create asks for; `null`: any will do. */
export function placeOfCreate(
  type: ObjectType,
  { id, near, data }: Pick<CreateRequest, 'id' | 'near' | 'data'>,
): number | null {
  if (id !== undefined) return shardOfId(checkId(id, 'Id'));
  if (near !== undefined) return shardOfId(checkId(near, '"near"'));
  return parentShard(type, data ?? {});
}

/** The id that the key of a create stands for. Throws for a key that is no text. */
export function keyedId(
  type: ObjectType,
  given: CreateRequest['data'],
  { near, idempotencyKey: key }: Pick<CreateRequest, 'near' | 'idempotencyKey'>,
): string {
  checkKey(key);
  const shard = near === undefined ? parentShard(type, given) : shardOfId(checkId(near, '"near"'));
  return idFromKey(type.typeId, key, shard);
}

/** @throws BadValueError about an idempotencyKey that is no text. */
export function checkKey(key: unknown): asserts key is string {
  if (typeof key !== 'string' || key === '' || !isWellFormed(key))
    throw new BadValueError(`The idempotencyKey is ${quote(key)} and must be a well-formed text.`);
}

/** The shard of the first parent whose edge wants its objects close by, listed there or not. */
function parentShard(type: ObjectType, given: CreateRequest['data']): number | null {
  for (const { colocate, storedIdAttr } of type.storedIdEdges) {
    const parent = colocate ? parseId(given[storedIdAttr ?? '']) : null;
    if (parent !== null) return shardOfId(parent);
  }
  return null;
}

/** The digest by which the repeat of a create is recognized; `null` without a key. `json`: its data. */
export function madeOf(
  { limits }: Pick<KvetchContext, 'limits'>,
  { idempotencyKey: key, madeFrom }: Pick<CreateRequest, 'idempotencyKey' | 'madeFrom'>,
  json: string,
): string | null {
  if (key === undefined) return null;
  if (madeFrom === undefined) return digest(inOrder(json));
  // Input may hold secrets that are not stored: the key, which is not stored either, salts its digest.
  return digest(`${key}\n${inOrder(encodeAttributes(madeFrom, limits.maxBodyBytes).json)}`);
}

/** The JSON of the same value with its keys in order: clients may give them in any. */
export function inOrder(json: string): string {
  return stableKey(JSON.parse(json));
}

function digest(json: string): string {
  return createHash('sha256').update(json).digest('hex').slice(0, 24);
}
