/** The kind of an attribute, for types that declare their fields. `json` is anything that can be stored. */
export type FieldKind = 'string' | 'int' | 'float' | 'bool' | 'uuid' | 'date' | 'bytes' | 'json';

export interface FieldDefinition {
  readonly kind: FieldKind;
  /** Whether the attribute must be there on create and cannot be cleared. */
  readonly required?: boolean;
}

/** A type of objects. */
export interface ObjectDefinition {
  /** The number that rows carry. It never changes its meaning; names may change. */
  readonly typeId: number;
  readonly name: string;
  /** When given, attributes are checked against it on every write. */
  readonly fields?: Readonly<Record<string, FieldKind | FieldDefinition>>;
}

/**
 * An edge that follows from an attribute: every object of type `storedOn` whose `storedIdAttr` holds the id of a
 * `from` object is in that object's list. Kvetch writes these edges itself; cleaners can rebuild them.
 */
export interface StoredIdEdgeDefinition {
  readonly edgeId: number;
  readonly name: string;
  readonly from: string | number;
  readonly storedOn: string | number;
  readonly storedIdAttr: string;
  /** Creates objects on their parent's logical shard, so that object and edge are written in one transaction. */
  readonly colocate?: boolean;
}

/** An edge that is written by `insertEdge` and `deleteEdge`, and may carry data. */
export interface PlainEdgeDefinition {
  readonly edgeId: number;
  readonly name: string;
  readonly from: string | number;
  readonly to: string | number;
}

export type EdgeDefinition = StoredIdEdgeDefinition | PlainEdgeDefinition;

/** The kinds of values that can be looked up. */
export type IndexKind = 'string' | 'int' | 'uuid' | 'date' | 'bool';

/** A way from a value to objects: of the attribute `attr` of `type`, or by hand when `attr` is not given. */
export interface IndexDefinition {
  /** Lower-case letters, digits and `_`: other stores make it a table name. */
  readonly name: string;
  readonly indexId?: number;
  readonly type: string | number;
  readonly attr?: string;
  readonly kind: IndexKind;
  /** At most one object per value. Needs `attr`. */
  readonly unique?: boolean;
}

export interface KvetchSchemaConfig {
  readonly objects: readonly ObjectDefinition[];
  readonly edges?: readonly EdgeDefinition[];
  readonly indexes?: readonly IndexDefinition[];
}
