import type { KvetchObject } from '../kvetch/KvetchObject.ts';
import { areDistinct } from '../utils/areDistinct.ts';
import { nodeAt } from '../utils/nodeAt.ts';
import type { Context, Loaded, PentClass, PentObject } from './contract.ts';

/** So many Pents are kept. Beyond, a context begins anew. */
const MAX_PENTS = 20_000;

/** A Pent for each record of each list. */
export type PentLists = ReadonlyArray<ReadonlyArray<PentObject | null>>;

/** The Pents of one type. */
interface OfType {
  readonly typeId: number;
  readonly pentClass: PentClass;
  /** The first ones, list by list, as long as nobody looks for one by id: mostly nobody does. */
  first: PentLists | null;
  byId: Map<string, PentObject> | null;
}

/** The Pents that a context has made, so that one object is one instance. By type: no object changes its type. */
export class KnownPents {
  readonly #context: Context;
  #types = new Map<number, OfType>();
  #count = 0;
  /** Lists hold objects of one type. */
  #last: OfType | null = null;
  #lastId = -1;

  constructor(context: Context) {
    this.#context = context;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  forget(): void {
    this.#types = new Map();
    this.#count = 0;
    this.#last = null;
  }

  /** Whether there is a Pent for a record, in the same version. */
  has({ id, typeId, version }: KvetchObject): boolean {
    if (this.#count === 0) return false;
    const type = this.#types.get(typeId);
    return type !== undefined && indexed(type).get(id)?.version === version;
  }

  /** Whether there is a Pent of a type. */
  hasType(typeId: number): boolean {
    const type = this.#types.get(typeId);
    return type !== undefined && (type.first !== null || (type.byId !== null && type.byId.size > 0));
  }

  /** Whether there is a Pent with an id. */
  hasId(id: string): boolean {
    for (const type of this.#types.values()) if (indexed(type).has(id)) return true;
    return false;
  }

  /** The Pent for a record: the same instance for the same version. Null for a type that the model does not know. */
  wrap(record: KvetchObject, made: PentObject | null = null): PentObject | null {
    if (this.#count >= MAX_PENTS) this.forget();
    const type = this.#ofType(record.typeId);
    if (type === null) return null;
    const byId = indexed(type);
    const known = byId.get(record.id);
    if (known !== undefined && known.version === record.version) return known;
    const pent = made ?? new type.pentClass(record, this.#context);
    byId.set(record.id, pent);
    this.#count++;
    return pent;
  }

  /**
   * The Pents for the first records of their type. They are not indexed until somebody looks for one. Null where they
   * must be looked at one by one: one is an error, or of another type, or there twice.
   *
   * @param ids - those that the records were read by. Undefined: nobody knows yet whether one is there twice.
   * @param made - the Pents of the only list, if rules have had them already. Its records differ from each other.
   */
  wrapFirst(
    lists: ReadonlyArray<readonly Loaded[]>,
    ids?: readonly string[],
    made: ReadonlyArray<PentObject | null> | null = null,
  ): PentLists | null {
    const typeId = firstTypeOf(lists);
    const type = typeId === null ? null : this.#ofType(typeId);
    if (type === null || type.first !== null || type.byId !== null) return null;
    let count = 0;
    for (const { length } of lists) count += length;
    if (this.#count + count > MAX_PENTS) return null;
    if (made !== null) {
      type.first = [made];
      this.#count += count;
      return type.first;
    }
    if (ids === undefined && !ascend(lists) && !areDistinct(idsOf(lists))) return null;
    const wrapped = new Array<ReadonlyArray<PentObject | null>>(lists.length);
    let start = 0;
    for (let list = 0; list < lists.length; list++) {
      const records = nodeAt(lists, list);
      const pents = this.#wrapList(type, records, ids, start);
      if (pents === null) return null;
      wrapped[list] = pents;
      start += records.length;
    }
    type.first = wrapped;
    this.#count += count;
    return wrapped;
  }

  /** The Pents of one list. Null where a record is an error, of another type, or has another id than it was read by. */
  #wrapList(
    { typeId, pentClass }: OfType,
    records: readonly Loaded[],
    ids: readonly string[] | undefined,
    start: number,
  ): ReadonlyArray<PentObject | null> | null {
    const pents = new Array<PentObject | null>(records.length);
    for (let at = 0; at < records.length; at++) {
      const record = records[at];
      if (record == null) pents[at] = null;
      else if (record instanceof Error || record.typeId !== typeId) return null;
      else if (ids !== undefined && record.id !== ids[start + at]) return null;
      else pents[at] = new pentClass(record, this.#context);
    }
    return pents;
  }

  #ofType(typeId: number): OfType | null {
    if (this.#last !== null && this.#lastId === typeId) return this.#last;
    let type = this.#types.get(typeId) ?? null;
    if (type === null) {
      const pentClass = this.#context.model.find(typeId);
      if (pentClass === null) return null;
      type = { typeId, pentClass, first: null, byId: null };
      this.#types.set(typeId, type);
    }
    this.#last = type;
    this.#lastId = typeId;
    return type;
  }
}

function indexed(type: OfType): Map<string, PentObject> {
  if (type.byId !== null) return type.byId;
  type.byId = new Map();
  for (const pents of type.first ?? []) {
    for (const pent of pents) if (pent !== null) type.byId.set(pent.id, pent);
  }
  type.first = null;
  return type.byId;
}

/** The type of the first record that is there. Null where there is none, or an error comes before it. */
function firstTypeOf(lists: ReadonlyArray<readonly Loaded[]>): number | null {
  for (const records of lists) {
    for (const record of records) if (record != null) return record instanceof Error ? null : record.typeId;
  }
  return null;
}

/** Whether ids rise from record to record, as those of lists mostly do: then none is there twice. */
function ascend(lists: ReadonlyArray<readonly Loaded[]>): boolean {
  let last = '';
  for (const records of lists) {
    for (const record of records) {
      if (!isThere(record)) continue;
      if (last >= record.id) return false;
      last = record.id;
    }
  }
  return true;
}

function idsOf(lists: ReadonlyArray<readonly Loaded[]>): readonly string[] {
  const ids: string[] = [];
  for (const records of lists) for (const record of records) if (isThere(record)) ids.push(record.id);
  return ids;
}

function isThere(record: Loaded): record is KvetchObject {
  return record != null && !(record instanceof Error);
}
