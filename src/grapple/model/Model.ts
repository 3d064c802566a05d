import type { FieldKind, IndexKind, OnDelete } from '../../kvetch/schema/definitions.ts';

/** A checked schema, without its syntax. Printers read nothing else. */
export interface GrappleModel {
  /** What `@byDefault` of the schema says of reads and writes that no rule allows; null where it is not there. */
  readonly byDefault: 'allow' | 'deny' | null;
  /** Object types that are stored. */
  readonly pents: readonly PentModel[];
  /** The lists of objects. */
  readonly edges: readonly EdgeModel[];
  /** Indexes, unique ones included. */
  readonly indexes: readonly IndexModel[];
  /** The fields of `Query` with directives. */
  readonly queries: readonly RootField[];
  /** The fields of `Mutation` with directives. */
  readonly mutations: readonly RootField[];
  /** The enums of the schema. */
  readonly enums: readonly EnumModel[];
  /** The input object types of the schema. */
  readonly inputs: readonly InputModel[];
  /** Interfaces and unions. */
  readonly abstractTypes: readonly AbstractModel[];
  /** Scalars of the schema that are neither built in nor known to Grapple. */
  readonly scalars: readonly string[];
  /** Object types that are not Pents: payloads, connections, and results of custom fields. */
  readonly plainTypes: readonly PlainType[];
  /** By type, how a subgraph of federation finds the objects that a gateway asks for. Null: it is no subgraph. */
  readonly entities: ReadonlyMap<string, EntityModel> | null;
  /** The schema as clients see it: without Grapple's directives. */
  readonly sdl: string;
}

/** A type or interface with `@key`. */
export interface EntityModel {
  /** The types of its objects. */
  readonly types: readonly string[];
  readonly keys: readonly EntityKey[];
}

/** The attributes of a key, and the unique index that finds them; null: it is the id. */
export interface EntityKey {
  readonly attributes: readonly string[];
  readonly index: string | null;
}

export interface PentModel {
  readonly name: string;
  readonly typeId: number;
  readonly description: string | null;
  readonly attributes: readonly Attribute[];
  readonly fields: readonly PentField[];
  /** Names that it had before, by `@renamed`. */
  readonly renamedFrom: readonly string[];
  /** Null where the type does not say who may read it. */
  readonly privacy: TypePrivacy | null;
  /** The attribute with the time at which an object ends; null where it does not. */
  readonly expiresAt: string | null;
}

/** Who may read the objects of a type: everybody, those who may read the object whose id an attribute holds, or a written policy. */
export type TypePrivacy = { readonly public: true } | { readonly sameAs: string } | { readonly policy: string };

/** A stored attribute. */
export interface Attribute {
  readonly name: string;
  readonly kind: FieldKind;
  readonly required: boolean;
  /** Whether hooks and hand-written code set it, and clients do not: `@setByServer`. */
  readonly setByServer: boolean;
  /** As TypeScript. */
  readonly tsType: string;
  readonly description: string | null;
  /** For ids of other objects: the types that these may have. */
  readonly targets: readonly string[] | null;
  /** The GraphQL field that shows it; null where none does. */
  readonly field: string | null;
  /** Names that it had before, by `@renamed`. Objects may still have it under one of them. */
  readonly renamedFrom: readonly string[];
  /** The rule of `@visible`, by which the policy says who sees it; null where all readers do. */
  readonly visible: string | null;
}

export type PentField = StoredIdField | EdgeField | HasEdgeField | AddedUpField | CustomField;

export interface StoredIdField {
  readonly kind: 'storedId';
  readonly name: string;
  readonly description: string | null;
  readonly attribute: string;
  readonly targets: readonly string[];
  readonly tsType: string;
}

export interface EdgeField {
  readonly kind: 'edge';
  readonly name: string;
  readonly description: string | null;
  /** The edge; of a field that lets clients choose, the first one. */
  readonly edge: string;
  readonly reading: ListReading;
  readonly target: string;
  readonly shape: 'list' | 'connection';
  /** The connection's type and its edge type, where it is one. */
  readonly connection: ConnectionTypes | null;
}

/** Whether a plain edge is there: from the object or to it. */
export interface HasEdgeField {
  readonly kind: 'hasEdge';
  readonly name: string;
  readonly description: string | null;
  readonly edge: string;
  /** The end at which the object is. */
  readonly end: 'from' | 'to';
  /** The argument with the id at the other end; null: it is the viewer's. */
  readonly argument: string | null;
  /** The type at the other end. */
  readonly other: string;
}

/** The sum or the average of an attribute of all objects of a list. */
export interface AddedUpField {
  readonly kind: 'sum' | 'average';
  readonly name: string;
  readonly description: string | null;
  readonly edge: string;
  /** The first one of the list's order. */
  readonly attribute: string;
}

/** What an attribute of a listed object must be: one value, or one of several; null for none. */
export type WhereModel = Readonly<Record<string, WhereScalar | readonly WhereScalar[]>>;
type WhereScalar = string | number | boolean | null;

export type PagingArgument = 'first' | 'last' | 'before' | 'after';

/** How a field reads its list. */
export interface ListReading {
  readonly paging: readonly PagingArgument[];
  /** Arguments with the value or the range of an attribute of the order. */
  readonly bounds: ReadonlyArray<{ readonly argument: string; readonly attribute: string }>;
  /** The argument by which clients choose the list: the name of each by value, with "-" for those read from their end. */
  readonly choice: { readonly argument: string; readonly lists: Readonly<Record<string, string>> } | null;
  /** From its end. */
  readonly isReversed: boolean;
}

export interface ConnectionTypes {
  readonly connection: string;
  readonly edge: string;
}

export interface CustomField {
  readonly kind: 'custom' | 'customGen';
  readonly name: string;
  readonly description: string | null;
  readonly args: readonly ArgumentModel[];
  readonly tsType: string;
  /** Of a connection, whose method finds pages of references: the type of its nodes. */
  readonly nodes: string | null;
}

/** A field that is written by hand. */
export function isCustom(field: PentField): field is CustomField {
  return field.kind === 'custom' || field.kind === 'customGen';
}

export interface ArgumentModel {
  readonly name: string;
  readonly tsType: string;
  readonly optional: boolean;
}

export interface EdgeModel {
  readonly edgeId: number;
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** The attribute of `to` that the edge follows from; null for a plain edge. */
  readonly storedIdAttr: string | null;
  readonly colocate: boolean;
  /** Whether writes look for the object that the attribute names. */
  readonly mustExist: boolean;
  /** What becomes of the listed objects when their source is deleted; null: they stay. */
  readonly onDelete: OnDelete | null;
  /** The plain edge that is written together with it, in the other direction; null for none. */
  readonly inverse: string | null;
  readonly where: WhereModel | null;
  readonly orderBy: readonly string[];
  /** Of a plain edge with an order: the kinds of its data's properties. */
  readonly dataKinds: Readonly<Record<string, FieldKind>> | null;
}

export interface IndexModel {
  readonly name: string;
  readonly type: string;
  /** The attributes of its key, the one that the directive stands on first. None: all objects of the type are one list. */
  readonly attrs: readonly string[];
  /** That of each attribute. */
  readonly kinds: readonly IndexKind[];
  readonly unique: boolean;
  readonly where: WhereModel | null;
  readonly orderBy: readonly string[];
  readonly parts: number | null;
}

/** Whether the store lists its objects in an order, so that it is read both ways: other indexes are sets. */
export function isOrderedList({ attrs, unique, where, orderBy }: IndexModel): boolean {
  return !unique && (attrs.length !== 1 || where !== null || orderBy.length > 0);
}

export type RootField = ReadField | BrowseField | IndexField | WriteField | EdgeWriteField | RootCustomField;

interface RootFieldBase {
  readonly name: string;
  readonly description: string | null;
  readonly args: readonly ArgumentModel[];
}

export interface ReadField extends RootFieldBase {
  readonly kind: 'read';
  readonly targets: readonly string[];
}

export interface BrowseField extends RootFieldBase {
  readonly kind: 'browse';
  readonly target: string;
  readonly reading: ListReading;
}

export interface IndexField extends RootFieldBase {
  readonly kind: 'index';
  readonly target: string;
  /** The index; of a field that lets clients choose, the first one. */
  readonly index: string;
  /** The arguments with the values of its attributes, in their order. */
  readonly values: ReadonlyArray<{ readonly argument: string; readonly attribute: string }>;
  readonly shape: 'one' | 'list' | 'connection';
  readonly reading: ListReading;
}

export interface WriteField extends RootFieldBase {
  readonly kind: 'create' | 'update' | 'delete';
  readonly target: string;
  /** The field of the payload. */
  readonly payloadField: string;
  /** The argument marked `@versioned`, or null. */
  readonly versionArgument: string | null;
  /** The argument marked `@idempotent`, or null. */
  readonly keyArgument: string | null;
  /** The argument marked `@conditional`, or null. */
  readonly conditionArgument: string | null;
}

/** Adds an entry to a plain edge and its inverse, or removes it. */
export interface EdgeWriteField extends RootFieldBase {
  readonly kind: 'addEdge' | 'removeEdge';
  readonly edge: string;
  readonly inverse: string | null;
  readonly from: string;
  readonly to: string;
  readonly payloadField: string;
}

export interface RootCustomField extends RootFieldBase, Pick<CustomField, 'kind' | 'tsType' | 'nodes'> {}

export interface EnumModel {
  readonly name: string;
  readonly description: string | null;
  readonly values: ReadonlyArray<{ readonly name: string; readonly description: string | null }>;
}

export interface InputModel {
  readonly name: string;
  readonly description: string | null;
  readonly fields: readonly DocumentedField[];
}

export interface DocumentedField extends ArgumentModel {
  readonly description: string | null;
}

/** An interface or union with its object types: Pents tell their types themselves, plain objects by `__typename`. */
export interface AbstractModel {
  readonly kind: 'interface' | 'union';
  readonly name: string;
  readonly description: string | null;
  readonly types: readonly string[];
}

export interface PlainType {
  readonly name: string;
  readonly description: string | null;
  /** Whether it is of an interface or union, so that its values must have `__typename`. */
  readonly tellsType: boolean;
  readonly fields: readonly DocumentedField[];
}
