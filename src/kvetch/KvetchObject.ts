/**
 * An object as readers see it: one flat, frozen record, so that `record.name` is an attribute and `record.id` its id.
 * Attributes that were never set or were cleared are absent. Times are milliseconds since 1970.
 */
export interface KvetchObject {
  /** 36 characters, lower case, with hyphens. */
  readonly id: string;
  /** The number of its type. */
  readonly typeId: number;
  /** 1 when created, and one more with each change. */
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
  readonly [attribute: string]: unknown;
}
