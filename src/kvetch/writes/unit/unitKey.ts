import { decodeBody, joinBody } from '../../codec/objectBody.ts';
import { ConflictError } from '../../errors.ts';
import { idFromKey } from '../../ids/idFromKey.ts';
import { shardOfId } from '../../ids/routing.ts';
import type { KvetchContext } from '../../KvetchContext.ts';
import { UNIT_TYPE } from '../../schema/reservedTypes.ts';
import { CODEC_JSON, LIVE, type ObjectRow } from '../../shards/rows.ts';
import { AttributeChange } from '../AttributeChange.ts';
import { absent, Between } from '../conditions.ts';
import { checkKey, madeOf } from '../prepareCreate.ts';
import type { UnitMember } from './members.ts';
import { shardOfMember } from './prepareMember.ts';

/** The options of `kvetch.write`. */
export interface UnitOptions {
  /** A unit with the same key and members is written once: a repeat answers with the objects of the first. */
  readonly idempotencyKey?: string | undefined;
  /** With a key: the input that the unit was made from, by which a repeat is recognized. Default: its members. */
  readonly madeFrom?: Readonly<Record<string, unknown>> | undefined;
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

/** A unit is at home on the shard of its first member that has one; without any, its key or chance decides. */
export function placeOfUnit(context: KvetchContext, members: readonly UnitMember[], options: UnitOptions): UnitPlace {
  const { idempotencyKey: key } = options;
  let shard: number | null = null;
  for (const member of members) shard ??= shardOfMember(context, member);
  if (key === undefined) return { shard: shard ?? shardOfId(context.ids.next(null)), keyed: null };
  checkKey(key);
  const id = idFromKey(UNIT_TYPE, key, shard);
  const json = options.madeFrom === undefined ? JSON.stringify(members.map(describe)) : '';
  return { shard: shardOfId(id), keyed: { key, id, made: madeOf(context, options, json) ?? '' } };
}

/** The row that remembers a unit, and the objects of its members. */
export function rowOfKey(
  { nowUs }: KvetchContext,
  { id, made }: UnitKey,
  ids: ReadonlyArray<string | null>,
): ObjectRow {
  const now = nowUs();
  return {
    ...{ id, shard: shardOfId(id), typeId: UNIT_TYPE, version: 1, state: LIVE, codec: CODEC_JSON },
    ...{ createdUs: now, updatedUs: now, body: joinBody(JSON.stringify({ ids }), { made }), record: null },
  };
}

/** The ids of the objects of a unit that was written before. Throws when it was another one. */
export function idsOfKey({ id, made }: UnitKey, row: ObjectRow): ReadonlyArray<string | null> {
  const { attributes, envelope } = decodeBody(row);
  if (envelope.made !== made)
    throw new ConflictError(id, 'This idempotencyKey was used for another unit. Use another key.');
  const { ids } = attributes;
  return Array.isArray(ids) ? ids.map((one: unknown) => (typeof one === 'string' ? one : null)) : [];
}

/** A member as JSON that is equal for equal members. */
function describe(value: unknown): unknown {
  if (value === absent) return ['absent'];
  if (typeof value === 'bigint') return ['int', value.toString()];
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return ['list', ...value.map(describe)];
  if (value instanceof AttributeChange) return ['change', value.name, ...value.operands.map(describe)];
  if (value instanceof Between) return ['between', describe(value.from), describe(value.to)];
  if (value instanceof Date) return ['date', value.getTime()];
  if (value instanceof Uint8Array) return ['bytes', Buffer.from(value).toString('base64')];
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries.map(([name, one]) => [name, describe(nameOf(name, one))]));
}

/** A definition stands for its name. */
function nameOf(name: string, value: unknown): unknown {
  const isRef = name === 'type' || name === 'edge' || name === 'index';
  return isRef && typeof value === 'object' && value !== null && 'name' in value ? value.name : value;
}
