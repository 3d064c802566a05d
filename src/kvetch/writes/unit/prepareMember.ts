import { decodeBody, decodeObject } from '../../codec/objectBody.ts';
import { BadCallError, BadIdError, BadValueError, CorruptRowError, quote } from '../../errors.ts';
import { idFromKey } from '../../ids/idFromKey.ts';
import { parseId } from '../../ids/parseId.ts';
import { shardOfId } from '../../ids/routing.ts';
import type { KvetchContext } from '../../KvetchContext.ts';
import type { KvetchObject } from '../../KvetchObject.ts';
import type { ObjectType } from '../../schema/KvetchSchema.ts';
import { type EntryRow, LIVE, type ObjectRow, TOMBSTONE } from '../../shards/rows.ts';
import type { AttributesInput } from '../checkAttributes.ts';
import type { EndsOfWrite } from '../checkEnds.ts';
import { checkConditions } from '../conditions.ts';
import { edgeWrite, entryWrite, type PlainWrite } from '../plainWrites.ts';
import { keyedId, type PreparedCreate, placeOfCreate, prepareCreate } from '../prepareCreate.ts';
import { entriesKey, listKey } from '../putDerived.ts';
import type { CreateMember, EdgeMember, EntryMember, ObjectMember, UnitMember, UpdateMember } from './members.ts';
import type { UnitPlan } from './UnitPlan.ts';

/** A member that was checked: nothing was read yet. */
export interface PreparedMember {
  /** The shard that it is written on, or looked at. */
  readonly shard: number;
  /** The object that nobody else may change meanwhile; `null` for a row by hand. */
  readonly id: string | null;
  /** The dependency key of a row by hand. */
  readonly key?: string;
  /** The object whose record is its answer, if it has one. */
  readonly answer: string | null;
  readonly claims: readonly EntryRow[];
  /** The ends of a row by hand, or the stored ids of a create: they must be there when it is written. */
  readonly ends: EndsOfWrite | null;
  /** Of a create. */
  readonly typeId?: number;
  /** Of an update: the stored ids among it must be those of objects, as `ends`. */
  readonly patch?: AttributesInput;
  /** Of a delete. */
  readonly deletes?: boolean;
  /** Adds its rows to a plan. The new record of its object, if it has one. */
  readonly plan: (plan: UnitPlan) => KvetchObject | null;
}

/** Where creates go that ask for no place. With a key their ids follow from it, so that a repeat gives the same. */
export interface FreePlace {
  readonly key: string | null;
  readonly shard: number;
}

/** Checks a member, or throws. */
export function prepareMember(
  context: KvetchContext,
  member: UnitMember,
  at: number,
  place: FreePlace,
): PreparedMember {
  switch (member?.kind) {
    case 'create':
      return prepareOwnCreate(context, member, at, place);
    case 'update':
      return prepareUpdate(context, member);
    case 'delete':
    case 'check':
      return prepareObject(context, member);
    case 'insertEdge':
    case 'deleteEdge':
      return prepareEdge(context, member);
    case 'insertIndexEntry':
    case 'deleteIndexEntry':
      return prepareEntry(context, member);
    default:
      throw new BadCallError(
        `A member of a unit is ${quote(member)}: make it with create, update, deleteObject, check, insertEdge or its like.`,
      );
  }
}

/**
 * The shard that a member must be on whatever happens; `null` where any will do.
 *
 * @param made - ids that the unit gives to new objects: they count as not known yet.
 */
export function shardOfMember(
  context: KvetchContext,
  member: UnitMember,
  made: ReadonlyMap<string, number>,
): number | null {
  const isMade = (id: unknown): boolean => made.has(parseId(id) ?? '');
  const shardOf = (given: unknown): number | null => {
    const id = parseId(given);
    return id === null || made.has(id) ? null : shardOfId(id);
  };
  switch (member?.kind) {
    case 'create':
      return placeOfOwn(context.schema.type(member.type), member, isMade);
    case 'update':
    case 'delete':
    case 'check':
      return shardOf(member.id);
    case 'insertEdge':
    case 'deleteEdge':
      return shardOf(member.input?.fromId);
    default: {
      const { shard } = prepareMember(context, member, 0, { key: null, shard: 0 });
      return isMade(member.input.value) ? null : shard;
    }
  }
}

function placeOfOwn(
  type: ObjectType,
  { data, options = {} }: CreateMember,
  isMade: (id: unknown) => boolean,
): number | null {
  if (options.idempotencyKey !== undefined) return shardOfId(keyedId(type, options.madeFrom ?? data, options));
  const known = Object.entries(data ?? {}).filter(([, value]) => !isMade(value));
  const near = isMade(options.near) ? undefined : options.near;
  const id = isMade(options.id) ? undefined : options.id;
  return placeOfCreate(type, { id, near, data: Object.fromEntries(known) });
}

function prepareOwnCreate(
  context: KvetchContext,
  { type: ref, data, options = {} }: CreateMember,
  at: number,
  place: FreePlace,
): PreparedMember {
  const type = context.schema.type(ref);
  if (options.idempotencyKey !== undefined) return memberOf(prepareCreate(context, type, { ...options, data }));
  const shard = placeOfCreate(type, { ...options, data }) ?? place.shard;
  const free = (): string =>
    place.key === null ? context.ids.next(shard) : idFromKey(type.typeId, `${place.key}#${at}`, shard);
  return memberOf(prepareCreate(context, type, { data, id: options.id ?? free() }));
}

/** The member that creates an object. */
function memberOf(prepared: PreparedCreate): PreparedMember {
  const { row, claims } = prepared;
  return {
    shard: row.shard,
    id: row.id,
    answer: row.id,
    claims: claims.claims,
    ends: prepared.ends,
    typeId: row.typeId,
    plan: (plan) => plan.create(prepared),
  };
}

function prepareUpdate(_context: KvetchContext, member: UpdateMember): PreparedMember {
  const { patch, options = {} } = member; // members may be written by hand
  const id = idOf(member);
  if (typeof patch !== 'object' || patch === null)
    throw new BadValueError(`The patch is ${quote(patch)} and must be an object of attributes.`);
  const plan = (unit: UnitPlan): KvetchObject => unit.update(id, { patch, conditions: options.if }, options);
  return { shard: shardOfId(id), id, answer: id, claims: [], ends: null, patch, plan };
}

function prepareObject(context: KvetchContext, member: ObjectMember): PreparedMember {
  const { kind, options = {} } = member;
  const id = idOf(member);
  const isFree = options.ifVersion === undefined && options.if === undefined;
  const plan = (unit: UnitPlan): KvetchObject | null => {
    if (kind === 'delete' && isFree && !unit.isLive(id)) return null;
    const row = kind === 'check' ? unit.liveBefore(id, options.ifVersion) : unit.live(id, options.ifVersion);
    if (options.if !== undefined) checkRow(context, row, options.if);
    if (kind === 'check') return decodeObject(unit.isLive(id) ? unit.live(id, undefined) : row);
    unit.delete(id);
    return null;
  };
  return {
    shard: shardOfId(id),
    id,
    answer: kind === 'check' ? id : null,
    claims: [],
    ends: null,
    deletes: kind === 'delete',
    plan,
  };
}

function checkRow(
  { schema }: KvetchContext,
  row: ObjectRow,
  conditions: NonNullable<ObjectMember['options']['if']>,
): void {
  const type = schema.findType(row.typeId);
  if (type === null) throw new CorruptRowError(row.id, `type ${row.typeId} is not in the schema`);
  checkConditions(type, row.id, decodeBody(row).attributes, conditions);
}

function prepareEdge(context: KvetchContext, { kind, edge, input }: EdgeMember): PreparedMember {
  const write = edgeWrite(context, edge, input, kind === 'insertEdge' ? LIVE : TOMBSTONE);
  return byHand(write, listKey(write.rowAt(0)), (plan) => plan.putEdge(write.rowAt(context.nowUs())));
}

function prepareEntry(context: KvetchContext, { kind, index, input }: EntryMember): PreparedMember {
  const write = entryWrite(context, index, input, kind === 'insertIndexEntry' ? LIVE : TOMBSTONE);
  return byHand(write, entriesKey(write.rowAt(0)), (plan) => plan.putEntry(write.rowAt(context.nowUs())));
}

function byHand(write: PlainWrite<unknown>, key: string, put: (plan: UnitPlan) => void): PreparedMember {
  const plan = (unit: UnitPlan): null => {
    put(unit);
    return null;
  };
  return { shard: write.shard, id: null, key, answer: null, claims: [], ends: write, plan };
}

function idOf({ id: given }: UpdateMember | ObjectMember): string {
  const id = parseId(given);
  if (id === null) throw new BadIdError(given);
  return id;
}
