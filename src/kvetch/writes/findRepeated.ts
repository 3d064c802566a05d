import { decodeBody } from '../codec/objectBody.ts';
import { fromStore, type KvetchContext, noteObject } from '../KvetchContext.ts';
import { only } from '../reads/only.ts';
import { readObjectRows } from '../reads/readObjects.ts';
import type { TypeRef } from '../schema/KvetchSchema.ts';
import { LIVE } from '../shards/rows.ts';
import { createObjects, repeated } from './createObjects.ts';
import { type CreateRequest, keyedId, madeOf } from './prepareCreate.ts';
import { isUndone } from './unit/prepared.ts';
import { settleRows } from './unit/settle.ts';

/** A create by its key and the input of its caller, before the data is known. */
export interface KeyedCreate extends Pick<CreateRequest, 'near'> {
  readonly idempotencyKey: string;
  readonly madeFrom: Readonly<Record<string, unknown>>;
}

/**
 * The id of the object that such a create has made, asked of its store: `null` where there was none.
 *
 * @throws ConflictError when the create had other input, or was undone.
 */
export async function findRepeated(context: KvetchContext, ref: TypeRef, create: KeyedCreate): Promise<string | null> {
  const type = context.schema.type(ref);
  const id = keyedId(type, create.madeFrom, create);
  const row = only(await settleRows(context, await readObjectRows(fromStore(context), [id])));
  if (row === null || isUndone(row)) return null;
  noteObject(context, row);
  const found = only([repeated({ id, typeId: type.typeId, made: madeOf(context, create, ''), json: '' }, row)]);
  if (row.state !== LIVE) return found;
  // The first create may have ended before its unique values were confirmed.
  return only(await createObjects(context, ref, [{ ...create, data: decodeBody(row).attributes }]));
}
