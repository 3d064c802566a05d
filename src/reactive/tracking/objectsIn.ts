import type { Position } from './Place.ts';

export type ResponseObject = { readonly [key: string]: unknown };

/** The objects at a position of some data, in order. What is null on the way has none. */
export function* objectsIn(data: unknown, at: Position): Iterable<ResponseObject> {
  yield* objectsBelow(data, at === '' ? [] : at.split('.'), 0);
}

function* objectsBelow(value: unknown, parts: readonly string[], depth: number): Iterable<ResponseObject> {
  if (!isObject(value)) return;
  const part = parts[depth];
  if (part === undefined) yield value;
  else if (part !== '*') yield* objectsBelow(value[part], parts, depth + 1);
  else if (Array.isArray(value)) for (const item of value) yield* objectsBelow(item, parts, depth + 1);
}

export function isObject(value: unknown): value is ResponseObject {
  return typeof value === 'object' && value !== null;
}
