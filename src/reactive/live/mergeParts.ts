import { covers, join } from '../../utils/positions.ts';
import { isObject, type ResponseObject } from '../tracking/objectsIn.ts';
import type { Position } from '../tracking/Place.ts';

/** The new parts do not fit the last result: on the way to them something else has changed. */
export class Misfit extends Error {}

/**
 * The data of a response with some positions of a newer run of it. On the way to them both must have the same objects and
 * lists. Unchanged parts keep their identity.
 * @throws Misfit
 */
export function mergePositions(
  data: unknown,
  part: unknown,
  positions: readonly Position[],
  at: Position = '',
): unknown {
  if (positions.some((position) => covers(position, at))) return part;
  if (data === null && part === null) return null;
  if (Array.isArray(data) && Array.isArray(part) && data.length === part.length) {
    return data.map((item, n) => mergePositions(item, part[n], positions, `${at}.*`));
  }
  if (!isPlain(data) || !isPlain(part) || !isSame(data, part, at)) throw new Misfit();
  const merged: { [key: string]: unknown } = { ...data };
  for (const [key, value] of Object.entries(part)) {
    if (!Object.hasOwn(data, key)) throw new Misfit();
    const own = join(at, key);
    if (positions.some((position) => covers(position, own) || covers(own, position))) {
      merged[key] = mergePositions(data[key], value, positions, own);
    }
  }
  return merged;
}

/** The data with newer own fields of the objects at a position, by id. @throws Misfit */
export function mergeObjects(data: unknown, at: Position, objects: ReadonlyMap<unknown, ResponseObject>): unknown {
  const parts = at.split('.');
  const merge = (value: unknown, depth: number): unknown => {
    if (!isObject(value)) return value;
    const key = parts[depth];
    if (Array.isArray(value)) return key === '*' ? value.map((item) => merge(item, depth + 1)) : value;
    if (key !== undefined) return { ...value, [key]: merge(value[key], depth + 1) };
    const newer = objects.get(value.id);
    if (newer === undefined) return value;
    if (!isSame(value, newer, at) || !Object.keys(newer).every((own) => Object.hasOwn(value, own))) throw new Misfit();
    return { ...value, ...newer };
  };
  return merge(data, 0);
}

/** Whether the objects on the way to a position are identified by their ids. */
export function isFindable(data: unknown, at: Position): boolean {
  const parts = at.split('.');
  const look = (value: unknown, depth: number): boolean => {
    if (depth >= parts.length || value === null || value === undefined) return true;
    if (Array.isArray(value)) return value.every((item) => look(item, depth + 1));
    if (!isPlain(value) || (depth > 0 && !Object.hasOwn(value, 'id'))) return false;
    return look(value[parts[depth] ?? ''], depth + 1);
  };
  return look(data, 0);
}

function isSame(a: ResponseObject, b: ResponseObject, at: Position): boolean {
  return at === '' || (Object.hasOwn(a, 'id') && a.id === b.id && a.__typename === b.__typename);
}

function isPlain(value: unknown): value is ResponseObject {
  return isObject(value) && !Array.isArray(value);
}
