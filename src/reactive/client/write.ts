import { covers, join } from '../../utils/positions.ts';
import { isObject, type JsonObject, type Selection } from './Selection.ts';
import { isEqual, Ref, type Sink, type View } from './Store.ts';

/** The record of the root of queries. */
export const ROOT = 'Query';

/** Response paths of errors, joined by dots. */
export type ErrorPaths = readonly string[];

/** Notes on a response that was written. */
export interface Written {
  /** Positions of lists whose objects have no identity: data below them cannot be found again. */
  readonly unkeyed: Set<string>;
  /** Places (`<record> <storage key>`) that are null because of an error: the store keeps its values. */
  readonly holes: Set<string>;
  /** Positions at which the response has nothing. */
  readonly absent: Set<string>;
  /** Positions on the way to refetched ones that differ from the store. */
  readonly moved: Set<string>;
}

/** The record of an object: its type and id, or null if it has none. */
export function identityOf(selection: Selection, data: JsonObject): string | null {
  const type = typeOf(data);
  if (type === '') return null;
  const field = selection.fieldsOf(type).find(({ storageKey }) => storageKey === 'id');
  const id = field === undefined ? undefined : ownValue(data, field.key);
  return typeof id === 'string' || typeof id === 'number' ? `${type}:${id}` : null;
}

/** The records of the objects at a position below some values, each once, in order; null for an object without identity. */
export function recordsBelow(selection: Selection, values: readonly unknown[], at: string): readonly (string | null)[] {
  const records = new Set<string | null>();
  for (const value of values) {
    eachObject(selection, value, at === '' ? [] : at.split('.'), (own, object) => records.add(identityOf(own, object)));
  }
  return [...records];
}

/** Some objects at a position, and another position below that. */
interface BelowObjects {
  readonly above: string;
  readonly records: ReadonlySet<string>;
  readonly at: string;
}

/** The records at a position that are shown below some objects, and below no others. */
export function recordsOnlyBelow(
  selection: Selection,
  data: JsonObject,
  { above, records, at }: BelowObjects,
): ReadonlySet<string> {
  const inside = new Set<string>();
  const outside = new Set<string>();
  const rest = at.slice(above.length + 1);
  eachObject(selection, data, above.split('.'), (own, object) => {
    const set = records.has(identityOf(own, object) ?? '') ? inside : outside;
    for (const record of recordsBelow(own, [object], rest)) if (record !== null) set.add(record);
  });
  for (const record of outside) inside.delete(record);
  return inside;
}

/** Calls for each object at a position, with its selection. */
function eachObject(
  selection: Selection,
  value: unknown,
  keys: readonly string[],
  visit: (selection: Selection, object: JsonObject) => void,
): void {
  const [key, ...rest] = keys;
  if (Array.isArray(value)) {
    if (key === '*') for (const item of value) eachObject(selection, item, rest, visit);
  } else if (isObject(value)) {
    if (key === undefined) return visit(selection, value);
    const field = selection.fieldsOf(typeOf(value)).find((one) => one.key === key);
    if (field?.selection != null) eachObject(field.selection, ownValue(value, key), rest, visit);
  }
}

/** An own property of a response: a field may be called `constructor`. */
function ownValue(data: JsonObject, key: string): unknown {
  return Object.hasOwn(data, key) ? data[key] : undefined;
}

function typeOf(data: JsonObject): string {
  return typeof data.__typename === 'string' ? data.__typename : '';
}

/** Writes the data of responses into records. */
export class Writer {
  readonly #sink: Sink;
  readonly #errors: ErrorPaths;
  readonly written: Written = { unkeyed: new Set(), holes: new Set(), absent: new Set(), moved: new Set() };

  constructor(sink: Sink, errors: ErrorPaths = []) {
    this.#sink = sink;
    this.#errors = errors;
  }

  /** Writes all of an object, or the present part of it. `at`: its position; `path`: its response path. */
  whole(id: string, selection: Selection, data: JsonObject, at = '', path = '', isAll = true): void {
    const type = typeOf(data);
    if (type !== '') this.#sink.put(id, '__typename', type);
    for (const { key, storageKey, selection: below } of selection.fieldsOf(type, isAll ? data : null)) {
      const value = ownValue(data, key);
      if (value === undefined) {
        if (isAll) this.written.absent.add(join(at, key));
        continue;
      }
      const ownPath = join(path, key);
      if (value === null && this.#errors.some((error) => covers(ownPath, error))) {
        this.written.holes.add(`${id} ${storageKey}`);
        continue;
      }
      const link = below === null ? value : this.#link(below, value, `${id}.${storageKey}`, join(at, key), ownPath);
      this.#sink.put(id, storageKey, link);
    }
  }

  /** Writes the data of some positions. On the way to them it is only compared with `base`. */
  part(base: View, wanted: readonly string[], id: string, selection: Selection, data: JsonObject, at = ''): void {
    const stored = base.value(id, '__typename');
    const type = typeOf(data) || (typeof stored === 'string' ? stored : '');
    for (const { key, storageKey, selection: below } of selection.fieldsOf(type)) {
      const value = ownValue(data, key);
      const ownAt = join(at, key);
      if (value === undefined) continue;
      if (wanted.some((position) => covers(position, ownAt))) {
        const link = below === null ? value : this.#link(below, value, `${id}.${storageKey}`, ownAt, ownAt);
        this.#sink.put(id, storageKey, link);
      } else if (below !== null && wanted.some((position) => covers(ownAt, position))) {
        const follow = (record: string, object: JsonObject, position: string): void =>
          this.part(base, wanted, record, below, object, position);
        if (!isFollowed(below, base.value(id, storageKey), value, ownAt, follow)) this.written.moved.add(ownAt);
      }
    }
  }

  #link(selection: Selection, value: unknown, id: string, at: string, path: string): unknown {
    if (Array.isArray(value)) {
      return value.map((item, n) => {
        const link = this.#link(selection, item, `${id}.${n}`, `${at}.*`, `${path}.${n}`);
        if (link instanceof Ref && link.id === `${id}.${n}`) this.written.unkeyed.add(at);
        return link;
      });
    }
    if (!isObject(value)) return value;
    const record = identityOf(selection, value) ?? id;
    this.whole(record, selection, value, at, path);
    return new Ref(record);
  }
}

/** Goes on to the objects that the store has at a position. False: these are not the same. */
function isFollowed(
  selection: Selection,
  stored: unknown,
  value: unknown,
  at: string,
  follow: (record: string, data: JsonObject, at: string) => void,
): boolean {
  if (Array.isArray(value)) {
    if (!Array.isArray(stored)) return false;
    const byId = new Map(stored.map((link) => [link instanceof Ref ? link.id : null, link]));
    let isSame = stored.length === value.length;
    for (const [n, item] of value.entries()) {
      const id = isObject(item) ? identityOf(selection, item) : null;
      const link = id === null ? stored[n] : byId.get(id);
      if (!isFollowed(selection, link, item, `${at}.*`, follow) || !isEqual(link, stored[n])) isSame = false;
    }
    return isSame;
  }
  if (!isObject(value)) return stored === null;
  if (!(stored instanceof Ref)) return false;
  const id = identityOf(selection, value);
  if (id !== null && id !== stored.id) return false;
  follow(stored.id, value, at);
  return true;
}
