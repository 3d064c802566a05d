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
    for (const key of Object.keys(after)) {
      const value = after[key];
      const isThere = Object.hasOwn(before, key);
      if (isThere && before[key] === value) continue; // most values: they need no path
      const own = `${path}/${escaped(key)}`;
      if (isThere) this.compare(before[key], value, own);
      else this.operations.push({ op: 'add', path: own, value });
    }
  }

  #lists(before: readonly unknown[], after: readonly unknown[], path: string): void {
    const origins = hasSameOrder(before, after) ? null : originsOf(before, after);
    if (origins === null) this.#byPlace(before, after, path);
    else this.#byName(before, after, origins, path);
  }

  #byName(before: readonly unknown[], after: readonly unknown[], origins: readonly number[], path: string): void {
    const { ranks, order } = keptOf(before.length, origins);
    const staying = commonOrder(order);
    if (order.length - staying.size > MAX_MOVES) {
      this.operations.push({ op: 'replace', path, value: after });
      return;
    }
    for (let at = before.length - 1; at >= 0; at--) {
      if (ranks[at] === GONE) this.operations.push({ op: 'remove', path: `${path}/${at}` });
    }
    this.#moves(order, staying, path);
    for (const [at, from] of origins.entries()) {
      if (from === GONE) this.operations.push({ op: 'add', path: `${path}/${at}`, value: after[at] });
    }
    for (const [at, from] of origins.entries()) {
      if (from !== GONE) this.compare(before[from], after[at], `${path}/${at}`);
    }
  }

  /** From the end: each object that does not stay goes in front of the one that follows it. */
  #moves(order: readonly number[], staying: ReadonlySet<number>, path: string): void {
    if (staying.size === order.length) return;
    // Small numbers: they are found fast in a long list.
    const now = order.map((_, rank) => rank);
    for (let n = order.length - 1; n >= 0; n--) {
      if (staying.has(n)) continue;
      const rank = itemAt(order, n);
      const from = now.indexOf(rank);
      now.splice(from, 1);
      const to = n === order.length - 1 ? now.length : now.indexOf(itemAt(order, n + 1));
      now.splice(to, 0, rank);
      if (from !== to) this.operations.push({ op: 'move', from: `${path}/${from}`, path: `${path}/${to}` });
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

const GONE = -1;

function hasSameOrder(before: readonly unknown[], after: readonly unknown[]): boolean {
  if (before.length !== after.length) return false;
  for (let at = 0; at < before.length; at++) if (nameOf(before[at]) !== nameOf(after[at])) return false;
  return true;
}

/**
 * By place in the new list: the place that the object had in the old one; `GONE`: it was not there. Null: the objects of a
 * list are not all different, or not all items are objects that have a name.
 */
function originsOf(before: readonly unknown[], after: readonly unknown[]): readonly number[] | null {
  const places = new Map<string, number>();
  for (let at = 0; at < before.length; at++) {
    const name = nameOf(before[at]);
    if (name === '' || places.has(name)) return null;
    places.set(name, at);
  }
  const origins: number[] = [];
  const seen = new Set<number | string>();
  for (let at = 0; at < after.length; at++) {
    const name = nameOf(after[at]);
    const from = places.get(name);
    if (name === '' || seen.has(from ?? name)) return null;
    seen.add(from ?? name);
    origins.push(from ?? GONE);
  }
  return origins;
}

/** By place in the old list: the rank among the objects that are still there, or `GONE`. And these ranks in the new order. */
function keptOf(length: number, origins: readonly number[]): { ranks: Int32Array; order: readonly number[] } {
  const ranks = new Int32Array(length).fill(GONE);
  for (const from of origins) if (from !== GONE) ranks[from] = 0;
  let rank = 0;
  for (let at = 0; at < length; at++) if (ranks[at] !== GONE) ranks[at] = rank++;
  return { ranks, order: origins.flatMap((from) => (from === GONE ? [] : [ranks[from] ?? 0])) };
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
