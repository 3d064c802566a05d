import type { Position } from './Place.ts';

export type ResponseObject = { readonly [key: string]: unknown };

/** The objects at a position of some data, in order. A null on the way has none. */
export function objectsIn(data: unknown, at: Position): readonly ResponseObject[] {
  const found: ResponseObject[] = [];
  takeBelow(data, at === '' ? [] : at.split('.'), 0, found);
  return found;
}

function takeBelow(value: unknown, parts: readonly string[], depth: number, found: ResponseObject[]): void {
  if (!isObject(value)) return;
  const part = parts[depth];
  if (part === undefined) found.push(value);
  else if (part !== '*') takeBelow(value[part], parts, depth + 1, found);
  else if (!Array.isArray(value)) return;
  else if (depth + 1 < parts.length) for (const item of value) takeBelow(item, parts, depth + 1, found);
  else for (const item of value) if (isObject(item)) found.push(item);
}

export function isObject(value: unknown): value is ResponseObject {
  return typeof value === 'object' && value !== null;
}
