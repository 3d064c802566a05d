import { attributesOf } from '../codec/objectBody.ts';
import { ConditionFailedError, NotFoundError } from '../errors.ts';
import type { KvetchContext } from '../KvetchContext.ts';
import type { Child } from './children.ts';
import { deleteObject } from './deleteObject.ts';
import { updateObject } from './updateObject.ts';

/**
 * Deletes the child of a deleted object, or clears its stored id: whether it was still its child.
 * @throws HasChildrenError
 */
export async function releaseChild(context: KvetchContext, { edge, row }: Child): Promise<boolean> {
  const name = edge.storedIdAttr ?? '';
  const options = { if: { [name]: attributesOf(row)?.[name] } };
  try {
    if (edge.onDelete === 'delete') return await deleteObject(context, row.id, options);
    await updateObject(context, row.id, { [name]: null }, options);
    return true;
  } catch (error) {
    if (error instanceof ConditionFailedError || error instanceof NotFoundError) return false;
    throw error;
  }
}
