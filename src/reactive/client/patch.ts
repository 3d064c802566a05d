import { isObject } from './Selection.ts';

/** An operation of a JSON Patch (RFC 6902), of those that servers of live queries send. */
export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'move';
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** The value with a patch applied. Untouched parts keep their identity. @throws Error where it does not fit */
export function patched(value: unknown, patch: readonly PatchOperation[]): unknown {
  return patch.reduce((whole, { op, path, from = '', value: given }) => {
    if (op !== 'move') return edited(whole, keysOf(path), op, given);
    const moved = keysOf(from).reduce(valueAt, whole);
    return edited(edited(whole, keysOf(from), 'remove', null), keysOf(path), 'add', moved);
  }, value);
}

function keysOf(path: string): readonly string[] {
  return path
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function edited(value: unknown, [key, ...below]: readonly string[], op: string, given: unknown): unknown {
  if (key === undefined) return given;
  const isEnd = below.length === 0;
  const isNew = isEnd && op === 'add';
  if (Array.isArray(value)) {
    const at = Number(key);
    if (!(at >= 0 && at < value.length + (isNew ? 1 : 0))) throw misfit(key);
    const list = [...value];
    if (isNew) list.splice(at, 0, given);
    else if (isEnd && op === 'remove') list.splice(at, 1);
    else list[at] = edited(value[at], below, op, given);
    return list;
  }
  if (!isObject(value) || !(isNew || Object.hasOwn(value, key))) throw misfit(key);
  if (!isEnd || op !== 'remove') return { ...value, [key]: isNew ? given : edited(value[key], below, op, given) };
  const { [key]: _removed, ...rest } = value;
  return rest;
}

function valueAt(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return value[Number(key)];
  if (!isObject(value) || !Object.hasOwn(value, key)) throw misfit(key);
  return value[key];
}

export function misfit(missing: string): Error {
  return new Error(`The patch does not fit: there is no ${missing}.`);
}
