import type { KvetchObject } from '../KvetchObject.ts';
import type { AttributeChange } from '../writes/AttributeChange.ts';
import type { Condition } from '../writes/conditions.ts';
import type { FieldKind, KvetchSchemaConfig } from './definitions.ts';

/** Types only: the types of a store from the config that was given to `defineKvetchSchema`. */

declare const TYPE: unique symbol;

/** The id of an object of type `TName`. At run time it is a string like any other. */
export type KvetchId<TName extends string = string> = string & { readonly [TYPE]: TName };

/** An id whose type is unknown: an argument, say. */
export type PlainId = string & { readonly [TYPE]?: never };

/** An id of an object of type `TName`; a string where the type is not known. */
export type IdOf<TName extends string> = string extends TName ? string : KvetchId<TName>;

type AnyAttributes = Readonly<Record<string, unknown>>;

/** The config of a schema when nothing is known of it: names are strings, attributes unknown. */
export type AnyConfig = KvetchSchemaConfig;

type Objects<C extends AnyConfig> = C['objects'][number];
type Edges<C extends AnyConfig> = NonNullable<C['edges']>[number];
type Indexes<C extends AnyConfig> = NonNullable<C['indexes']>[number];

export type TypeName<C extends AnyConfig> = Objects<C>['name'];
export type EdgeName<C extends AnyConfig> = Edges<C>['name'];
export type IndexName<C extends AnyConfig> = Indexes<C>['name'];

type ObjectOf<C extends AnyConfig, TName> = Extract<Objects<C>, { readonly name: TName }>;

/** The name of a type that a definition refers to by name or number. */
type NameOf<C extends AnyConfig, TRef> = TRef extends number
  ? Extract<Objects<C>, { readonly typeId: TRef }>['name']
  : Extract<TRef, string>;

/** Whether a definition refers to the type `TName`. */
type IsRefTo<C extends AnyConfig, TRef, TName> = TName extends NameOf<C, TRef> ? true : false;

/** The edges that follow from an attribute of `TName`. */
type StoredEdgesOf<C extends AnyConfig, TName> =
  Edges<C> extends infer E
    ? E extends { readonly storedOn: infer TOn; readonly storedIdAttr: string }
      ? IsRefTo<C, TOn, TName> extends true
        ? E
        : never
      : never
    : never;

/** The attributes of `TName` that hold ids, with these ids. */
type StoredIds<C extends AnyConfig, TName> = {
  readonly [E in StoredEdgesOf<C, TName> as E extends { readonly storedIdAttr: infer TAttr extends string }
    ? TAttr
    : never]: E extends { readonly from: infer TFrom } ? KvetchId<NameOf<C, TFrom>> : never;
};

interface ValueOfKind {
  readonly string: string;
  readonly int: number;
  readonly float: number;
  readonly bool: boolean;
  readonly uuid: string;
  readonly date: Date;
  readonly bytes: Uint8Array;
  readonly json: unknown;
}

type KindOf<TField> = TField extends FieldKind
  ? TField
  : TField extends { readonly kind: infer TKind extends FieldKind }
    ? TKind
    : never;

type ValueOf<TField> = ValueOfKind[KindOf<TField>];

type RequiredName<F> = { [A in keyof F]: F[A] extends { readonly required: true } ? A : never }[keyof F];

type FieldsOf<C extends AnyConfig, TName> = ObjectOf<C, TName> extends { readonly fields: infer F } ? F : null;

type ReadValue<F, A extends keyof F, TIds> = A extends keyof TIds ? TIds[A] : ValueOf<F[A]>;
type WrittenValue<F, A extends keyof F, TIds> = A extends keyof TIds ? string : ValueOf<F[A]>;

type Flat<T> = { [K in keyof T]: T[K] };

type Attributes<F, TIds> = F extends null
  ? { readonly [attribute: string]: unknown } & { readonly [A in keyof TIds]?: TIds[A] }
  : Flat<
      { readonly [A in RequiredName<F>]: ReadValue<F, A, TIds> } & {
        readonly [A in Exclude<keyof F, RequiredName<F>>]?: ReadValue<F, A, TIds>;
      }
    >;

/** An object of type `TName` as readers see it. Of a type without `fields` the attributes are unknown. */
export type KvetchRecord<C extends AnyConfig, TName extends string> =
  string extends TypeName<C> ? KvetchObject : TName extends string ? Extract<RecordOf<C, TName>, KvetchObject> : never;

type RecordOf<C extends AnyConfig, TName extends string> = Flat<
  {
    readonly id: KvetchId<TName>;
    readonly typeId: ObjectOf<C, TName>['typeId'];
    readonly version: number;
    readonly createdAt: number;
    readonly updatedAt: number;
  } & Attributes<FieldsOf<C, TName>, StoredIds<C, TName>>
>;

/** The attributes that an object of type `TName` is created with. */
export type CreateData<C extends AnyConfig, TName extends string> =
  string extends TypeName<C>
    ? AnyAttributes
    : FieldsOf<C, TName> extends infer F
      ? F extends null
        ? AnyAttributes
        : Flat<
            { readonly [A in RequiredName<F>]: WrittenValue<F, A, StoredIds<C, TName>> } & {
              readonly [A in Exclude<keyof F, RequiredName<F>>]?:
                | WrittenValue<F, A, StoredIds<C, TName>>
                | null
                | undefined;
            }
          >
      : never;

/** The data of an update of type `TName`. An absent attribute keeps its value, `null` clears it. */
export type UpdateData<C extends AnyConfig, TName extends string> =
  string extends TypeName<C>
    ? AnyAttributes
    : FieldsOf<C, TName> extends infer F
      ? F extends null
        ? AnyAttributes
        : Flat<
            { readonly [A in RequiredName<F>]?: Changeable<WrittenValue<F, A, StoredIds<C, TName>>> | undefined } & {
              readonly [A in Exclude<keyof F, RequiredName<F>>]?:
                | Changeable<WrittenValue<F, A, StoredIds<C, TName>>>
                | null
                | undefined;
            }
          >
      : never;

type Changeable<TValue> = TValue | AttributeChange<TValue>;

/** The conditions on an object of type `TName`. */
export type ConditionsOf<C extends AnyConfig, TName extends string> =
  string extends TypeName<C>
    ? AnyAttributes
    : FieldsOf<C, TName> extends infer F
      ? F extends null
        ? AnyAttributes
        : { readonly [A in keyof F]?: Condition<WrittenValue<F, A, StoredIds<C, TName>>> | undefined }
      : never;

type EdgeOf<C extends AnyConfig, TEdge> = Extract<Edges<C>, { readonly name: TEdge }>;

/** The type at the other end of an edge. */
export type TargetOf<C extends AnyConfig, TEdge extends string> =
  string extends EdgeName<C>
    ? string
    : EdgeOf<C, TEdge> extends infer E
      ? E extends { readonly storedOn: infer TRef }
        ? NameOf<C, TRef>
        : E extends { readonly to: infer TRef }
          ? NameOf<C, TRef>
          : never
      : never;

/** The edges that are written by hand. */
export type PlainEdgeName<C extends AnyConfig> =
  string extends EdgeName<C>
    ? string
    : Edges<C> extends infer E
      ? E extends { readonly storedOn: unknown }
        ? never
        : E extends { readonly name: infer TName extends string }
          ? TName
          : never
      : never;

type IndexOf<C extends AnyConfig, TIndex> = Extract<Indexes<C>, { readonly name: TIndex }>;

/** The type whose objects an index finds. */
export type IndexedType<C extends AnyConfig, TIndex extends string> =
  string extends IndexName<C>
    ? string
    : IndexOf<C, TIndex> extends { readonly type: infer TRef }
      ? NameOf<C, TRef>
      : never;

/** The argument of an index read. */
export type IndexedValue<C extends AnyConfig, TIndex extends string> =
  string extends IndexName<C>
    ? unknown
    : IndexOf<C, TIndex> extends { readonly attrs: infer TAttrs extends readonly string[] }
      ? { readonly [A in TAttrs[number]]: ValueOfAttribute<C, TIndex, A> }
      : IndexOf<C, TIndex> extends { readonly kind: infer TKind extends keyof ValueOfKind }
        ? ValueOfKind[TKind]
        : IndexOf<C, TIndex> extends { readonly attr: infer TAttr extends string }
          ? ValueOfAttribute<C, TIndex, TAttr>
          : never;

type ValueOfAttribute<C extends AnyConfig, TIndex extends string, TAttr> =
  FieldsOf<C, IndexedType<C, TIndex>> extends infer F ? (TAttr extends keyof F ? ValueOf<F[TAttr]> : unknown) : never;

type OrderOf<TDefinition> = TDefinition extends { readonly orderBy: infer TOrder extends readonly string[] }
  ? TOrder
  : readonly [];
type AttributeOf<TText> = TText extends `-${infer TAttr}` ? TAttr : TText;

/** One value, or a range of values, of an attribute of a list's order. */
type Bound<TValue> =
  | TValue
  | null
  | { readonly from?: TValue; readonly to?: TValue; readonly startsWith?: TValue & string };

/** The bounds of a list in its order: of an attribute only where those before it have one value. */
type RangeOf<TOrder extends readonly unknown[], F> = TOrder extends readonly [infer TFirst, ...infer TRest]
  ? AttributeOf<TFirst> extends infer A extends string
    ? { readonly [K in A]?: Bound<FieldValue<F, A>> } & (TRest extends readonly []
        ? unknown
        :
            | { readonly [K in AttributeOf<TRest[number]> & string]?: never }
            | ({ readonly [K in A]: FieldValue<F, A> | null } & RangeOf<TRest, F>))
    : never
  : Readonly<Record<string, never>>;

type FieldValue<F, A> = A extends keyof F ? ValueOf<F[A]> : unknown;

/** The bounds that a read of an edge may have. */
export type EdgeRange<C extends AnyConfig, TEdge extends string> =
  string extends EdgeName<C>
    ? Readonly<Record<string, unknown>>
    : EdgeOf<C, TEdge> extends infer E
      ? RangeOf<OrderOf<E>, E extends { readonly fields: infer F } ? F : FieldsOf<C, TargetOf<C, TEdge>>>
      : never;

/** The bounds that a read of an index may have. */
export type IndexRange<C extends AnyConfig, TIndex extends string> =
  string extends IndexName<C>
    ? Readonly<Record<string, unknown>>
    : RangeOf<OrderOf<IndexOf<C, TIndex>>, FieldsOf<C, IndexedType<C, TIndex>>>;
