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

  /** The Pent for a record: the same instance for the same version. Null for a type that the model does not know. */
  wrap(record: KvetchObject): PentObject | null {
    if (this.#count >= MAX_PENTS) this.forget();
    const type = this.#ofType(record.typeId);
    if (type === null) return null;
    const byId = indexed(type);
    const known = byId.get(record.id);
    if (known !== undefined && known.version === record.version) return known;
    const pent = new type.pentClass(record, this.#context);
    byId.set(record.id, pent);
    this.#count++;
    return pent;
  }

  /**
   * The Pents for the first records of their type. They are not indexed until somebody looks for one. Null where they
   * must be looked at one by one: one is an error, or of another type, or there twice.
   *
   * @param ids - those that the records were read by. Undefined: nobody knows yet whether one is there twice.
   */
  wrapFirst(lists: ReadonlyArray<readonly Loaded[]>, ids?: readonly string[]): PentLists | null {
    const typeId = typeOf(lists);
    const type = typeId === null ? null : this.#ofType(typeId);
    if (type === null || type.first !== null || type.byId !== null) return null;
    let count = 0;
    for (const { length } of lists) count += length;
    if (this.#count + count > MAX_PENTS) return null;
    if (ids === undefined ? !ascend(lists) && !areDistinct(idsOf(lists)) : !areReadBy(lists, ids)) return null;
    const { pentClass } = type;
    const wrapped = new Array<ReadonlyArray<PentObject | null>>(lists.length);
    for (let list = 0; list < lists.length; list++) {
      wrapped[list] = this.#wrapList(pentClass, nodeAt(lists, list));
    }
    type.first = wrapped;
    this.#count += count;
    return wrapped;
  }

  #wrapList(pentClass: PentClass, records: readonly Loaded[]): ReadonlyArray<PentObject | null> {
    const pents = new Array<PentObject | null>(records.length);
    for (let at = 0; at < records.length; at++) {
      const record = records[at];
      pents[at] = isThere(record) ? new pentClass(record, this.#context) : null;
    }
    return pents;
  }

  #ofType(typeId: number): OfType | null {
    if (this.#last !== null && this.#lastId === typeId) return this.#last;
    let type = this.#types.get(typeId) ?? null;
    if (type === null) {
      const pentClass = this.#context.model.find(typeId);
      if (pentClass === null) return null;
      type = { pentClass, first: null, byId: null };
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

/** The type of all records. Null where there are several or none, or one is an error. */
function typeOf(lists: ReadonlyArray<readonly Loaded[]>): number | null {
  let typeId: number | null = null;
  for (const records of lists) {
    for (const record of records) {
      if (record == null) continue;
      if (record instanceof Error) return null;
      typeId ??= record.typeId;
      if (record.typeId !== typeId) return null;
    }
  }
  return typeId;
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

/** Whether each record has the id that it was read by, as it was written. */
function areReadBy(lists: ReadonlyArray<readonly Loaded[]>, ids: readonly string[]): boolean {
  let at = 0;
  for (const records of lists) {
    for (const record of records) {
      if (isThere(record) && record.id !== ids[at]) return false;
      at++;
    }
  }
  return true;
}

function isThere(record: Loaded): record is KvetchObject {
  return record != null && !(record instanceof Error);
}
