import { BadValueError, quote } from '../errors.ts';
import { valueAt } from './valueAt.ts';

const MAX_DEPTH = 64;

/** Whether a value needed tags on its way to JSON. */
export interface TagState {
  tagged: boolean;
}

/**
 * The JSON value that stands for an attribute value. A value that JSON does not have becomes an object with one key
 * that starts with `$`: `{"$date": ms}`, `{"$int": "123"}` for a bigint, `{"$bytes": base64}`; an object that looks
 * like that itself is wrapped as `{"$object": …}`. Properties that are `undefined` are left out, as in JSON. NaN,
 * infinities, functions, symbols, class instances, cycles and getters that throw are refused with the place where they stand.
 * -0 is stored as 0.
 */
export function toStored(value: unknown, place: string, state: TagState, depth = 0): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (Number.isFinite(value)) return value;
      throw new BadValueError(`${place} is ${value}, which cannot be stored.`);
    case 'bigint':
      state.tagged = true;
      return { $int: value.toString() };
    case 'object':
      return value === null ? null : objectToStored(value, place, state, depth);
    default:
      throw new BadValueError(`${place} is ${quote(value)}, which cannot be stored.`);
  }
}

function objectToStored(value: object, place: string, state: TagState, depth: number): unknown {
  if (depth >= MAX_DEPTH)
    throw new BadValueError(`${place} is nested more than ${MAX_DEPTH} levels deep, or contains itself.`);
  if (Array.isArray(value)) {
    return value.map((entry, at) => toStored(entry === undefined ? null : entry, `${place}[${at}]`, state, depth + 1));
  }
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new BadValueError(`${place} is an invalid Date.`);
    state.tagged = true;
    return { $date: value.getTime() };
  }
  if (value instanceof Uint8Array) {
    state.tagged = true;
    return { $bytes: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') };
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) {
    throw new BadValueError(`${place} is an instance of a class, which cannot be stored.`);
  }
  return plainToStored(value as Readonly<Record<string, unknown>>, place, state, depth);
}

function plainToStored(
  value: Readonly<Record<string, unknown>>,
  place: string,
  state: TagState,
  depth: number,
): unknown {
  const stored: Record<string, unknown> = {};
  let keys = 0;
  for (const key of Object.keys(value)) {
    const given = valueAt(value, key, place);
    if (given === undefined) continue;
    const entry = toStored(given, `${place}.${key}`, state, depth + 1);
    if (key === '__proto__') Object.defineProperty(stored, key, { value: entry, enumerable: true });
    else stored[key] = entry;
    keys++;
  }
  if (keys !== 1 || !Object.keys(stored)[0]?.startsWith('$')) return stored;
  state.tagged = true;
  return { $object: stored };
}
