/** What random applications consist of. */
export type Kind = 'Int' | 'Float' | 'String' | 'Boolean' | 'DateTime' | 'UUID' | 'Status';

export interface Attr {
  readonly name: string;
  readonly kind: Kind;
  readonly nonNull: boolean;
  readonly isLink: boolean;
  readonly targets: readonly string[];
  readonly isHidden: boolean;
}

export interface List {
  readonly kind: 'stored' | 'value' | 'entries' | 'unique' | 'plain';
  readonly name: string;
  readonly edgeId: number;
  /** The type that has the list; of an index Query. */
  readonly from: string;
  readonly type: string;
  /** The attributes that say in which list an object is. */
  readonly attrs: readonly string[];
  readonly where: Readonly<Record<string, readonly unknown[]>> | null;
  readonly orderBy: readonly string[];
  readonly parts: number | null;
  readonly onDelete: 'keep' | 'clear' | 'delete' | 'refuse';
  readonly mustExist: boolean;
  readonly colocate: boolean;
  /** Of a plain edge. */
  readonly data: readonly Attr[];
  readonly inverse: string | null;
}

export interface Bound {
  readonly arg: string;
  readonly attr: Attr;
  readonly isRange: boolean;
}

export interface ListField {
  readonly owner: string;
  readonly name: string;
  readonly lists: ReadonlyArray<{ readonly value: string; readonly list: List; readonly reverse: boolean }>;
  readonly isChoice: boolean;
  readonly shape: 'list' | 'connection' | 'one';
  readonly paging: 'forward' | 'backward' | 'both' | 'none';
  readonly takesPlaces: boolean;
  readonly size: number;
  readonly bounds: readonly Bound[];
  readonly values: readonly Attr[];
}

export type PolicyKind = 'public' | 'owner' | 'where' | 'deny' | 'sameAs' | 'linked';

export interface Type {
  readonly name: string;
  readonly typeId: number;
  readonly attrs: Attr[];
  readonly policy: PolicyKind;
  readonly policyAttr: string;
  readonly expires: boolean;
  readonly fields: ListField[];
  readonly lists: List[];
  readonly hasEdges: { readonly name: string; readonly list: List; readonly argument: 'from' | null }[];
  readonly sums: { readonly name: string; readonly list: List; readonly isAverage: boolean; readonly kind: Kind }[];
}

/** An annotated schema, and what an oracle must know of it. */
export interface Application {
  readonly types: readonly Type[];
  readonly lists: readonly List[];
  readonly queries: ListField[];
  readonly sdl: string;
  readonly stubs: ReadonlyMap<string, string>;
}

/** The name of an attribute in an `orderBy`. */
export function nameOf(part: string): string {
  return part.replace('-', '');
}

/** The inputs by which fields take a range. */
export const ranges: Partial<Record<Kind, string>> = {
  Int: 'IntRange',
  Float: 'FloatRange',
  String: 'TextRange',
  DateTime: 'DateRange',
  UUID: 'IdRange',
  Boolean: 'FlagRange',
};

/** Values that a `where` may name. */
export const plainValues: Readonly<Record<Kind, readonly unknown[]>> = {
  Int: [0, 1, 2, -1],
  Float: [],
  String: ['', 'a', 'b', 'é'],
  Boolean: [true, false],
  DateTime: ['1970-01-01T00:00:00.000Z', '2026-01-31T12:00:00.000Z'],
  UUID: [],
  Status: ['A', 'B', 'C'],
};
