import type { KvetchObject } from '../kvetch/KvetchObject.ts';
import { areDistinct } from '../utils/areDistinct.ts';
import type { Context, Loaded, PentClass, PentObject } from './contract.ts';

/** So many Pents are kept. Beyond, a context begins anew. */
const MAX_PENTS = 20_000;

/** The Pents of one type. */
interface OfType {
  readonly pentClass: PentClass;
  /** The first ones, as long as nobody looks for one by id: mostly nobody does. */
  first: ReadonlyArray<PentObject | null> | null;
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
  wrapFirst(records: readonly Loaded[], ids?: readonly string[]): ReadonlyArray<PentObject | null> | null {
    const typeId = typeOf(records);
    const type = typeId === null ? null : this.#ofType(typeId);
    if (type === null || type.first !== null || type.byId !== null) return null;
    if (this.#count + records.length > MAX_PENTS) return null;
    if (ids === undefined ? !areDistinct(idsOf(records)) : !areReadBy(records, ids)) return null;
    const { pentClass } = type;
    const pents = new Array<PentObject | null>(records.length);
    for (let at = 0; at < records.length; at++) {
      const record = records[at];
      pents[at] = isThere(record) ? new pentClass(record, this.#context) : null;
    }
    type.first = pents;
    this.#count += pents.length;
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
  for (const pent of type.first ?? []) if (pent !== null) type.byId.set(pent.id, pent);
  type.first = null;
  return type.byId;
}

/** The type of all records. Null where there are several or none, or one is an error. */
function typeOf(records: readonly Loaded[]): number | null {
  let typeId: number | null = null;
  for (const record of records) {
    if (record == null) continue;
    if (record instanceof Error) return null;
    typeId ??= record.typeId;
    if (record.typeId !== typeId) return null;
  }
  return typeId;
}

function idsOf(records: readonly Loaded[]): readonly string[] {
  const ids: string[] = [];
  for (const record of records) if (isThere(record)) ids.push(record.id);
  return ids;
}

/** Whether each record has the id that it was read by, as it was written. */
function areReadBy(records: readonly Loaded[], ids: readonly string[]): boolean {
  return records.every((record, at) => !isThere(record) || record.id === ids[at]);
}

function isThere(record: Loaded): record is KvetchObject {
  return record != null && !(record instanceof Error);
}
