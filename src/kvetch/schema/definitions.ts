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
  /**
   * The field that holds when an object ends: a date, or a number of milliseconds since 1970. From then on the object is not
   * there, and cleaners remove it. Objects without a value never end. Spec 6.12.
   */
  readonly expiresAt?: string;
}

/** The condition on an attribute of listed objects: one value, or one of several; `null` for none. */
export type WhereValue = string | number | boolean | Date | null;

/** Only objects are listed whose attributes all are as it says. The attributes must be `fields` of their type. */
export type Where = Readonly<Record<string, WhereValue | readonly WhereValue[]>>;

/**
 * The attributes that a list is ordered by, at most three, `-` for descending; then by id. Absent ones come last in either
 * direction. They must be `fields` of the kinds int, float, date, bool, uuid or string (by its first 64 bytes in UTF-8).
 */
export type OrderBy = readonly string[];

/**
 * What becomes of the objects that name a deleted object: they keep the id, or lose it, or are deleted, too; with
 * `refuse` it is not deleted while there are any.
 */
export type OnDelete = 'keep' | 'clear' | 'delete' | 'refuse';

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
  /**
   * Refuses creates and updates whose stored id is not that of a live `from` object (spec 6.4). It costs a read before the
   * write, which caches may answer. Default false. `kvetch.with({ unchecked: true })` leaves it out.
   */
  readonly mustExist?: boolean;
  /** What becomes of listed objects whose `from` object is deleted (spec 6.4.3). Default `keep`. */
  readonly onDelete?: OnDelete;
  readonly where?: Where;
  /** Default: the order in which objects came to the list. */
  readonly orderBy?: OrderBy;
}

/** An edge that is written by `insertEdge` and `deleteEdge`, and may carry data. */
export interface PlainEdgeDefinition {
  readonly edgeId: number;
  readonly name: string;
  readonly from: string | number;
  readonly to: string | number;
  /** The kinds of properties of the edge's data: those that it is ordered by. */
  readonly fields?: Readonly<Record<string, FieldKind>>;
  /** Orders the list by the edges' data. An insert of an edge that is there gives it the place of its new data. */
  readonly orderBy?: OrderBy;
}

export type EdgeDefinition = StoredIdEdgeDefinition | PlainEdgeDefinition;

/** The kinds of values that can be looked up. */
export type IndexKind = 'string' | 'int' | 'uuid' | 'date' | 'bool';

/**
 * A way from values to objects: of the attribute `attr` of `type`, of several (`attrs`), or by hand when neither is given.
 * With `attrs: []` it is one list of all objects of the type.
 */
export interface IndexDefinition {
  /** Lower-case letters, digits and `_`: other stores make it a table name. */
  readonly name: string;
  readonly indexId?: number;
  readonly type: string | number;
  readonly attr?: string;
  /** Several attributes, whose kinds their `fields` tell. An object that lacks one is not listed. */
  readonly attrs?: readonly string[];
  /** Of values by hand, or of an `attr` that the `fields` of the type do not declare. */
  readonly kind?: IndexKind;
  /** At most one object per value, of those that `where` lists. Needs `attr` or `attrs`. */
  readonly unique?: boolean;
  /** Needs `attrs`. */
  readonly where?: Where;
  /** Default: the order of ids. Needs `attrs`. */
  readonly orderBy?: OrderBy;
  /** Of `attrs: []`: over how many shards the list is spread. Fixed once there are objects. Default 8. */
  readonly parts?: number;
}

/** The argument of `defineKvetchSchema`. */
export interface KvetchSchemaConfig {
  /** The types of objects. */
  readonly objects: readonly ObjectDefinition[];
  /** The lists of objects. Default: none. */
  readonly edges?: readonly EdgeDefinition[];
  /** The ways to find objects by values. Default: none. */
  readonly indexes?: readonly IndexDefinition[];
}
