import { attributesOf } from './codec/objectBody.ts';
import type { KvetchSchema } from './schema/KvetchSchema.ts';
import { LIVE, type ObjectRow, TOMBSTONE } from './shards/rows.ts';

/** Tells which objects have expired. Rows say nothing of it: their time comes without a write. Spec 6.12. */
export class Expiry {
  /** By type, the attribute that holds when its objects end. */
  readonly #attributes: ReadonlyMap<number, string>;
  /** Milliseconds since 1970. */
  readonly #clock: () => number;

  private constructor(attributes: ReadonlyMap<number, string>, clock: () => number) {
    this.#attributes = attributes;
    this.#clock = clock;
  }

  /** `null` where no type says when its objects end. */
  static of({ objects }: KvetchSchema, clock: () => number): Expiry | null {
    const attributes = new Map<number, string>();
    for (const { typeId, expiresAt } of objects) if (expiresAt !== null) attributes.set(typeId, expiresAt);
    return attributes.size === 0 ? null : new Expiry(attributes, clock);
  }

  /** Whether objects of a type end. */
  has(typeId: number): boolean {
    return this.#attributes.has(typeId);
  }

  /** Whether a live object has expired by a time, now if none is given. One that cannot be decoded has not. */
  hasExpired(row: ObjectRow, byMs?: number): boolean {
    const attribute = this.#attributes.get(row.typeId);
    if (attribute === undefined || row.state !== LIVE) return false;
    const value = attributesOf(row)?.[attribute];
    // whatever else was stored before the type had the attribute says nothing
    if (typeof value !== 'number' && typeof value !== 'bigint' && !(value instanceof Date)) return false;
    return Number(value) <= (byMs ?? this.#clock());
  }

  /** A row as readers and writers see it: an object that has expired is a tombstone. */
  seen(row: ObjectRow): ObjectRow {
    return this.hasExpired(row) ? { ...row, state: TOMBSTONE, record: null } : row;
  }
}
