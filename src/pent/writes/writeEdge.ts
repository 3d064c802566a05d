import type { Context, PentObject } from '../contract.ts';
import { notFound } from '../errors.ts';
import { definitionOf } from '../ofType.ts';
import { authorizeWrite } from '../privacy/authorizeWrite.ts';
import { readObject } from '../reads/readPents.ts';
import { store } from './writePent.ts';

/** A plain edge between two objects, and the one the other way round. */
export interface EdgeWrite {
  readonly edge: string;
  readonly inverse: string | null;
  readonly kind: 'add' | 'remove';
  /** Names of types. */
  readonly from: string;
  readonly to: string;
}

/**
 * Adds an entry to a plain edge and its inverse, or removes it, and returns the object that it leads from. Needs that
 * the viewer may read both objects and update the first. Repeating it changes nothing but the entry's data.
 *
 * @throws SafeError `NOT_FOUND`, `FORBIDDEN`, `INVALID_INPUT` (data that the edge cannot hold).
 */
export async function writePentEdge(
  context: Context,
  { edge, inverse, kind, from, to }: EdgeWrite,
  fromId: string,
  toId: string,
  data?: unknown,
): Promise<PentObject | null> {
  const source = await existing(context, from, fromId);
  const target = await existing(context, to, toId);
  const change = { kind: 'update', type: from, before: source, after: null, data: {} } as const;
  await authorizeWrite(context, context.model.named(from), change);
  const kvetch = context.beginWrite();
  const there = { fromId: source.id, toId: target.id };
  const back = { fromId: target.id, toId: source.id };
  await store(context, change, async () => {
    if (kind === 'add') {
      const given = data == null ? {} : { data };
      await kvetch.insertEdge(edge, { ...there, ...given });
      if (inverse !== null) await kvetch.insertEdge(inverse, { ...back, ...given });
    } else {
      if (inverse !== null) await kvetch.deleteEdge(inverse, back);
      await kvetch.deleteEdge(edge, there);
    }
  });
  context.forget();
  return readObject(context, context.model.named(from), source.id);
}

async function existing(context: Context, type: string, id: string): Promise<PentObject> {
  const pentClass = context.model.named(type);
  const pent = await readObject(context, { prototype: pentClass.prototype, definition: null }, id);
  if (pent === null || pent.constructor !== pentClass) throw notFound(definitionOf(pentClass).name, id);
  return pent;
}
