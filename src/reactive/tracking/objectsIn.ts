import type { Position } from './Place.ts';

export type ResponseObject = { readonly [key: string]: unknown };

/** Takes an object. False: no further one is needed. */
export type VisitObject = (object: ResponseObject) => boolean;

/** The objects at a position of some data, in order. A null on the way has none. */
export function objectsIn(data: unknown, at: Position): readonly ResponseObject[] {
  return collected((visit) => eachObjectIn(data, at, visit));
}

/** The objects that a function visits. */
export function collected(each: (visit: VisitObject) => boolean): readonly ResponseObject[] {
  const found: ResponseObject[] = [];
  each((object) => found.push(object) > 0);
  return found;
}

/** Visits the objects at a position of some data, in order. Whether all were wanted. No list of them is made. */
export function eachObjectIn(data: unknown, at: Position, visit: VisitObject): boolean {
  return visitBelow(data, at === '' ? [] : at.split('.'), 0, visit);
}

function visitBelow(value: unknown, parts: readonly string[], depth: number, visit: VisitObject): boolean {
  if (!isObject(value)) return true;
  const part = parts[depth];
  if (part === undefined) return visit(value);
  if (part !== '*') return visitBelow(value[part], parts, depth + 1, visit);
  if (!Array.isArray(value)) return true;
  const isLast = depth + 1 === parts.length;
  for (let at = 0; at < value.length; at++) {
    const item: unknown = value[at];
    if (!(isLast ? !isObject(item) || visit(item) : visitBelow(item, parts, depth + 1, visit))) return false;
  }
  return true;
}

export function isObject(value: unknown): value is ResponseObject {
  return typeof value === 'object' && value !== null;
}
