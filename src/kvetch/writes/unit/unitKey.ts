import { decodeBody, joinBody } from '../../codec/objectBody.ts';
import { BadCallError, ConflictError } from '../../errors.ts';
import { idFromKey } from '../../ids/idFromKey.ts';
import { parseId } from '../../ids/parseId.ts';
import { shardOfId } from '../../ids/routing.ts';
import type { KvetchContext } from '../../KvetchContext.ts';
import { UNIT_TYPE } from '../../schema/reservedTypes.ts';
import { CODEC_JSON, LIVE, type ObjectRow } from '../../shards/rows.ts';
import { AttributeChange } from '../AttributeChange.ts';
import { absent, Between } from '../conditions.ts';
import { checkKey, madeOf } from '../prepareCreate.ts';
import type { UnitMember } from './members.ts';
import { type PreparedMember, shardOfMember } from './prepareMember.ts';
import { naming } from './unitErrors.ts';

const MAX_MEMBERS = 100;

/** The options of `kvetch.write`. */
export interface UnitOptions {
  /** A unit with the same key and members is written once: a repeat answers with the objects of the first. */
  readonly idempotencyKey?: string | undefined;
  /**
   * With a key: the input that the unit was made from, by which a repeat is recognized. Default: its members. Where it is
   * a list of members, these say where the unit is at home, too.
   */
  readonly madeFrom?: Readonly<Record<string, unknown>> | readonly UnitMember[] | undefined;
}

/** Where a unit is at home, and its key. */
export interface UnitPlace {
  readonly shard: number;
  readonly keyed: UnitKey | null;
}

export interface UnitKey {
  readonly key: string;
  /** The id of the row that remembers the unit. */
  readonly id: string;
  /** By this a repeat is told from another unit with the same key. */
  readonly made: string;
}

/**
 * A unit is at home on the shard of its first member that has one; without any, its key or chance decides. Ids that it
 * gives to new objects say nothing about a home that its repeat must find, too: the repeat may have others.
 */
export function placeOfUnit(context: KvetchContext, members: readonly UnitMember[], options: UnitOptions): UnitPlace {
  if (!Array.isArray(members) || members.length === 0 || members.length > MAX_MEMBERS)
    throw new BadCallError(`A unit is a list of 1 to ${MAX_MEMBERS} members.`);
  const { idempotencyKey: key, madeFrom = members } = options;
  const given = Array.isArray(madeFrom) ? madeFrom : members;
  const made = createdIn(given);
  let shard: number | null = null;
  for (const [at, member] of given.entries()) shard ??= naming(at, () => shardOfMember(context, member, made));
  if (key === undefined) {
    const [own = context.ids.next(null)] = made.keys();
    return { shard: shard ?? shardOfId(own), keyed: null };
  }
  checkKey(key);
  const id = idFromKey(UNIT_TYPE, key, shard);
  // input may hold secrets that are not stored: the key, which is not stored either, salts its digest
  const json = JSON.stringify([key, describeAll(madeFrom, made)]);
  return { shard: shardOfId(id), keyed: { key, id, made: madeOf(context, { idempotencyKey: key }, json) ?? '' } };
}

/** The ids that a unit gives to new objects, and their places in it. */
function createdIn(members: readonly UnitMember[]): ReadonlyMap<string, number> {
  const made = new Map<string, number>();
  for (const [at, member] of members.entries()) {
    const id = member?.kind === 'create' ? parseId(member.options?.id) : null;
    if (id !== null) made.set(id, at);
  }
  return made;
}

/** What the row of a key remembers of a unit. */
export interface KeptUnit {
  /** The object of each member, if it has one that is its answer. */
  readonly ids: ReadonlyArray<string | null>;
  /**
   * The dependency keys of what a repeat has to finish besides: deleted objects, rows by hand, the decision. Rows of earlier
   * versions have none.
   */
  readonly keys: readonly string[];
}

/** The row that remembers a unit. */
export function rowOfKey({ nowUs }: KvetchContext, { id, made }: UnitKey, kept: KeptUnit): ObjectRow {
  const now = nowUs();
  return {
    ...{ id, shard: shardOfId(id), typeId: UNIT_TYPE, version: 1, state: LIVE, codec: CODEC_JSON },
    ...{ createdUs: now, updatedUs: now, body: joinBody(JSON.stringify(kept), { made }), record: null },
  };
}

/** What the members of a unit keep with its key. */
export function keptOf(members: readonly PreparedMember[], unit: string | null): KeptUnit {
  const keys = members.flatMap(({ id, answer, key }) => (id !== null && answer !== null ? [] : (key ?? `o:${id}`)));
  return { ids: members.map(({ answer }) => answer), keys: unit === null ? keys : [`o:${unit}`, ...keys] };
}

/** What is kept of a unit that was written before. Throws when it was another one. */
export function keptIn({ id, made }: UnitKey, row: ObjectRow): KeptUnit {
  const { attributes, envelope } = decodeBody(row);
  if (envelope.made !== made)
    throw new ConflictError(id, 'This idempotencyKey was used for another unit. Use a new key.');
  const { ids, keys } = attributes;
  return {
    ids: Array.isArray(ids) ? ids.map((one: unknown) => (typeof one === 'string' ? one : null)) : [],
    keys: Array.isArray(keys) ? keys.filter((one: unknown) => typeof one === 'string') : [],
  };
}

function describeAll(madeFrom: object, made: ReadonlyMap<string, number>): unknown {
  if (!Array.isArray(madeFrom)) return describe(madeFrom, made);
  return madeFrom.map((member, at) => naming(at, () => describe(member, made)));
}

/** A value as JSON that is equal for equal members. An id of a new object stands for its place in the unit. */
function describe(value: unknown, made: ReadonlyMap<string, number>): unknown {
  const all = (values: readonly unknown[]): readonly unknown[] => values.map((one) => describe(one, made));
  if (value === absent) return ['absent'];
  if (typeof value === 'bigint') return ['int', value.toString()];
  if (typeof value === 'string') {
    const place = made.size === 0 ? undefined : made.get(parseId(value) ?? '');
    return place === undefined ? value : ['new', place];
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return ['list', ...all(value)];
  if (value instanceof AttributeChange) return ['change', value.name, ...all(value.operands)];
  if (value instanceof Between) return ['between', ...all([value.from, value.to])];
  if (value instanceof Date) return ['date', value.getTime()];
  if (value instanceof Uint8Array) return ['bytes', Buffer.from(value).toString('base64')];
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries.map(([name, one]) => [name, describe(nameOf(name, one), made)]));
}

/** A definition stands for its name. */
function nameOf(name: string, value: unknown): unknown {
  const isRef = name === 'type' || name === 'edge' || name === 'index';
  return isRef && typeof value === 'object' && value !== null && 'name' in value ? value.name : value;
}
