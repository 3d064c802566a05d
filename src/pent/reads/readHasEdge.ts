import type { EdgeRef } from '../../kvetch/schema/KvetchSchema.ts';
import type { PentObject } from '../contract.ts';
import { Pent } from '../Pent.ts';
import { viewerObjectId } from '../viewerObjectId.ts';
import { readObject } from './readPents.ts';

/**
 * Whether a plain edge leads from `pent`, or to it: at the other end is an object that the viewer may read, or the
 * viewer's own.
 *
 * @param end - at which `pent` is.
 * @param other - the id at the other end; null for the viewer's.
 */
export async function readHasEdge(
  pent: PentObject,
  edge: EdgeRef,
  end: 'from' | 'to',
  other: string | null,
): Promise<boolean> {
  const { current: context } = pent.$context;
  const id = other === null ? viewerObjectId(context.viewerId) : ((await readObject(context, Pent, other))?.id ?? null);
  if (id === null) return false;
  const [fromId, toId] = end === 'from' ? [pent.id, id] : [id, pent.id];
  const [found = false] = await context.kvetch.reads.has([{ edge, fromId, toId }]);
  if (found instanceof Error) throw found;
  return found;
}
