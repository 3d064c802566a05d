import { decodeBody, type Envelope, joinBody } from '../codec/objectBody.ts';
import { BadIdError, ConflictError, NotFoundError } from '../errors.ts';
import { parseId } from '../ids/parseId.ts';
import type { KvetchContext } from '../KvetchContext.ts';
import { attempt } from '../reads/attempt.ts';
import { type ObjectRow, TOMBSTONE } from '../shards/rows.ts';
import { finishChange, replaceObject } from './changeObject.ts';
import { deadRows, derive, derivedKeys, nothingDerived } from './derive.ts';
import { reach } from './faults.ts';
import { gone, liveRow, type UpdateOptions } from './updateObject.ts';

/**
 * Deletes an object: it is gone at once, then its places in lists and indexes. Returns whether it was there. Nothing
 * else is deleted: lists that hang on it become unreachable, and plain edges from or to it are for the cleaner.
 */
export async function deleteObject(
  context: KvetchContext,
  givenId: string,
  { ifVersion }: UpdateOptions = {},
): Promise<boolean> {
  const id = parseId(givenId);
  if (id === null) throw new BadIdError(givenId);
  for (let retry = 0; ; retry++) {
    const current = await liveRow(context, id).catch((error: unknown) => {
      if (error instanceof NotFoundError) return null;
      throw error;
    });
    if (current === null) return false;
    if (ifVersion !== undefined && current.version !== ifVersion) {
      throw new ConflictError(id, `Object "${id}" has version ${current.version}, not ${ifVersion}.`);
    }
    if (await tryDelete(context, current)) return true;
    if (retry >= context.limits.updateRetries) {
      throw new ConflictError(
        id,
        `Object "${id}" was changed by others ${retry + 1} times during this delete.`,
        'retry',
      );
    }
  }
}

async function tryDelete(context: KvetchContext, current: ObjectRow): Promise<boolean> {
  const type = context.schema.findType(current.typeId);
  // an object whose row or type cannot be read any more can still be deleted
  const body = attempt(() => decodeBody(current));
  const derived = type === null || body instanceof Error ? nothingDerived : derive(type, body.attributes);
  const made = body instanceof Error ? undefined : body.envelope.made;
  const envelope: Envelope = { ...(made !== undefined && { made }), ...gone(derived) };
  const source = { id: current.id, version: current.version + 1, nowUs: context.nowUs() };
  const tombstone: ObjectRow = {
    ...current,
    version: source.version,
    state: TOMBSTONE,
    updatedUs: source.nowUs,
    body: joinBody(null, envelope),
    record: null,
  };
  const replaced = await replaceObject(context, tombstone, current.version);
  if (replaced instanceof Error) throw replaced;
  if (!replaced) return false;
  await reach(context, 'afterObject');
  const keys = [`o:${current.id}`, `t:${current.typeId}`, ...derivedKeys(derived)];
  const none = { edges: [], entries: [] };
  await finishChange(
    context,
    current.id,
    { added: none, removed: deadRows(derived, source) },
    { kind: 'delete', keys },
  );
  return true;
}
