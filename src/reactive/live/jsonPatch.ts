import { itemAt } from '../../utils/itemAt.ts';
import { commonOrder } from './commonOrder.ts';

/** An operation of a JSON Patch (RFC 6902): the kinds that are made here. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move'; readonly from: string; readonly path: string };

type Json = { readonly [key: string]: unknown };

/** A list in which more objects than this have changed places is written anew. */
const MAX_MOVES = 200;

/**
 * The operations that make one JSON value of another one. Objects of lists are known by `id` (and `__typename`), where all
 * objects of both lists have different ones; items of other lists are known by place.
 */
export function jsonPatch(before: unknown, after: unknown): readonly PatchOperation[] {
  const patch = new Patch();
  patch.compare(before, after, '');
  return patch.operations;
}

class Patch {
  readonly operations: PatchOperation[] = [];

  compare(before: unknown, after: unknown, path: string): void {
    if (before === after) return;
    if (Array.isArray(before) && Array.isArray(after)) return this.#lists(before, after, path);
    if (isJson(before) && isJson(after) && nameOf(before) === nameOf(after)) return this.#objects(before, after, path);
    this.operations.push({ op: 'replace', path, value: after });
  }

  #objects(before: Json, after: Json, path: string): void {
    for (const key of Object.keys(before)) {
      if (!Object.hasOwn(after, key)) this.operations.push({ op: 'remove', path: `${path}/${escaped(key)}` });
    }
    for (const [key, value] of Object.entries(after)) {
      const own = `${path}/${escaped(key)}`;
      if (Object.hasOwn(before, key)) this.compare(before[key], value, own);
      else this.operations.push({ op: 'add', path: own, value });
    }
  }

  #lists(before: readonly unknown[], after: readonly unknown[], path: string): void {
    const isSameOrder =
      before.length === after.length && before.every((item, at) => nameOf(item) === nameOf(after[at]));
    const old = isSameOrder ? null : namesOf(before);
    const names = old === null ? null : namesOf(after);
    if (old === null || names === null) this.#byPlace(before, after, path);
    else this.#byName(before, old, after, names, path);
  }

  #byName(before: readonly unknown[], old: Names, after: readonly unknown[], names: Names, path: string): void {
    const kept = [...old.keys()].filter((name) => names.has(name));
    const order = [...names.keys()].filter((name) => old.has(name));
    const places = new Map(kept.map((name, place) => [name, place]));
    const staying = commonOrder(order.map((name) => places.get(name) ?? 0));
    if (order.length - staying.size > MAX_MOVES) {
      this.operations.push({ op: 'replace', path, value: after });
      return;
    }
    for (const [name, at] of [...old].reverse()) {
      if (!names.has(name)) this.operations.push({ op: 'remove', path: `${path}/${at}` });
    }
    // From the end: each object that does not stay goes in front of the one that follows it.
    for (let n = order.length - 1; n >= 0; n--) {
      if (staying.has(n)) continue;
      const name = itemAt(order, n);
      const from = kept.indexOf(name);
      kept.splice(from, 1);
      const to = n === order.length - 1 ? kept.length : kept.indexOf(itemAt(order, n + 1));
      kept.splice(to, 0, name);
      if (from !== to) this.operations.push({ op: 'move', from: `${path}/${from}`, path: `${path}/${to}` });
    }
    for (const [name, at] of names) {
      if (!old.has(name)) this.operations.push({ op: 'add', path: `${path}/${at}`, value: after[at] });
    }
    for (const [name, at] of names) {
      const from = old.get(name);
      if (from !== undefined) this.compare(before[from], after[at], `${path}/${at}`);
    }
  }

  #byPlace(before: readonly unknown[], after: readonly unknown[], path: string): void {
    const shorter = Math.min(before.length, after.length);
    for (let at = before.length - 1; at >= shorter; at--) this.operations.push({ op: 'remove', path: `${path}/${at}` });
    for (let at = 0; at < shorter; at++) this.compare(before[at], after[at], `${path}/${at}`);
    for (let at = shorter; at < after.length; at++) {
      this.operations.push({ op: 'add', path: `${path}/${at}`, value: after[at] });
    }
  }
}

/** The objects of a list and their places. */
type Names = ReadonlyMap<string, number>;

/** Null: they are not all different, or not all objects that have a name. */
function namesOf(list: readonly unknown[]): Names | null {
  const names = new Map<string, number>();
  for (const [at, item] of list.entries()) {
    const name = nameOf(item);
    if (name === '' || names.has(name)) return null;
    names.set(name, at);
  }
  return names;
}

/** Empty: it has none. */
function nameOf(value: unknown): string {
  if (!isJson(value) || !Object.hasOwn(value, 'id')) return '';
  const { id, __typename = '' } = value;
  return typeof id === 'string' || typeof id === 'number' ? `${typeof id} ${id} ${__typename}` : '';
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
