import type {
  ConstValueNode,
  DocumentNode,
  GraphQLAbstractType,
  GraphQLFieldResolver,
  GraphQLIsTypeOfFn,
  GraphQLTypeResolver,
  ValueNode,
} from 'graphql';
import type { Step } from '../step/Step.ts';
import type { AnyStep, AuthorizeInfo, BatchResolver, PlanResolver, TypePlan } from './planResolvers.ts';
import type { Hidden } from './steps/AuthorizeStep.ts';

/**
 * The types of a schema for `makeSchema<Types>`. Each entry, under the name of its type, holds:
 *
 * - an object type: the steps that represent it, and its fields;
 * - an interface or union: the step that its `planType` is given.
 *
 * ```ts
 * interface Types {
 *   Query: { fields: { user: { args: { id: string }; result: Step<User | null> } } };
 *   User: { parent: Step<User>; fields: { name: { result: Step<string> } } };
 *   Subscription: { fields: { userChanged: { event: Step<User>; result: Step<User> } } };
 *   Node: { specifier: Step<{ id: string }> };
 * }
 * ```
 *
 * An object type or field that is not in the map cannot be configured. Absent parts of an entry are not checked,
 * except for `args`: a field without has none. Optional arguments are optional properties.
 */
export type TypeMap<Types> = {
  readonly [TName in keyof Types]: Types[TName] extends { readonly fields: infer TFields }
    ? ObjectSpec<TFields>
    : AbstractSpec;
};

interface ObjectSpec<TFields = object> {
  /** The step that plan resolvers of this type are given. */
  readonly parent?: AnyStep;
  readonly fields: { readonly [TName in keyof TFields]: FieldSpec };
}

interface FieldSpec {
  /** The coerced arguments: enums as their internal values, scalars as parsed. */
  readonly args?: object;
  /** The step that a plan resolver returns, by the values that it yields: lists as lists, `null` where it may be null. */
  readonly result?: AnyStep;
  /** Of subscription fields: the step that represents one event. */
  readonly event?: AnyStep;
}

interface AbstractSpec {
  /** The step that `planType` gets. */
  readonly specifier: AnyStep;
}

/** The argument of `makeSchema`. */
// biome-ignore lint/suspicious/noExplicitAny: without a type map, nothing is checked
export interface SchemaConfig<Types = any> {
  /** The schema in SDL, as text or parsed, in any number of pieces; a piece may extend what another one defines. */
  readonly typeDefs: TypeDefs;
  /** Object types by name: plans or resolvers of their fields, and `authorize`. */
  readonly objects?: IsAny<Types> extends true
    ? Readonly<Record<string, ObjectConfig>>
    : { readonly [TName in ObjectNames<Types>]?: TypedObjectConfig<Types[TName]> };
  /** Interfaces by name: how the type of a value is found (`planType`). */
  readonly interfaces?: AbstractConfigs<Types>;
  /** Unions by name: how the type of a value is found (`planType`). */
  readonly unions?: AbstractConfigs<Types>;
  /** Input object types by name: `apply` and `baked` functions. */
  readonly inputObjects?: Readonly<Record<string, InputObjectConfig>>;
  /** Enums by name: internal values, `apply` functions. */
  readonly enums?: Readonly<Record<string, EnumConfig>>;
  /** Scalars by name: `serialize`, `parseValue`, `parseLiteral`. */
  readonly scalars?: Readonly<Record<string, ScalarConfig>>;
  /** Skips graphql-js' validation of the schema. The configuration is checked all the same. */
  readonly assumeValid?: boolean;
}

type TypeDefs = string | DocumentNode | ReadonlyArray<string | DocumentNode>;

/** How an object type's fields are planned or resolved. */
export type ObjectConfig = TypedObjectConfig<unknown>;

/** How one field is planned or resolved. A bare function is its plan. */
export type FieldConfig = TypedFieldConfig<AnyStep, unknown>;

// biome-ignore lint/suspicious/noExplicitAny: contexts and sources have the application's types
type AnyResolver<TSource = any, TArgs = any> = GraphQLFieldResolver<TSource, any, TArgs>;

interface TypedObjectConfig<TSpec> {
  /** By field name. A field that is not here is read from its parent: `get($parent, fieldName)`. */
  readonly plans?: {
    readonly [TName in FieldNames<TSpec>]?: TypedFieldConfig<ParentOf<TSpec>, FieldOf<TSpec, TName>>;
  };
  /** By field name: the same as `plans: { name: { resolve } }`, in the shape that resolver maps have elsewhere. */
  readonly resolvers?: {
    readonly [TName in FieldNames<TSpec>]?: TypedFieldResolvers<ParentOf<TSpec>, FieldOf<TSpec, TName>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: contexts and sources have the application's types
  readonly isTypeOf?: GraphQLIsTypeOfFn<any, any>;
  /**
   * Represents whether each object of this type may be seen, wherever one is reached: fields, lists, connections,
   * abstract positions, payloads, events. It runs as one batch in each layer; null values are not asked about.
   *
   * ```ts
   * Issue: { authorize: ($issue) => loadOne([get($issue, 'projectId'), viewerId], isMember) }
   * ```
   */
  readonly authorize?: ($object: ParentOf<TSpec>, info: AuthorizeInfo) => AnyStep;
  /** The value in place of hidden objects: `null` (the default), in lists nothing (`leaveOut`), or an error. */
  readonly hidden?: Hidden;
}

type TypedFieldConfig<$Parent extends AnyStep, TSpec> =
  | PlanResolver<PlanSource<$Parent, TSpec>, ArgsOf<TSpec>, ResultOf<TSpec>>
  | {
      readonly plan?: PlanResolver<PlanSource<$Parent, TSpec>, ArgsOf<TSpec>, ResultOf<TSpec>>;
      /** Of subscription fields: yields the async iterable of events. `plan` is applied to each event. */
      readonly subscribePlan?: PlanResolver<$Parent, ArgsOf<TSpec>, EventStreamOf<TSpec>>;
      /** A batched resolver: called once with all parents that become ready together. In place of `plan`. */
      readonly batch?: BatchResolver<DataOf<$Parent>, ArgsOf<TSpec>, BatchResultOf<TSpec>>;
      /** A graphql-js resolver, run inside the plan. In place of `plan`. */
      readonly resolve?: AnyResolver<DataOf<$Parent>, ArgsOf<TSpec>>;
      /** A graphql-js subscriber, of subscription fields. In place of `subscribePlan`. */
      readonly subscribe?: AnyResolver<DataOf<$Parent>, ArgsOf<TSpec>>;
      /** The value in place of objects that the field's type hides. Default: that of the type. */
      readonly hidden?: Hidden;
      /**
       * How many items the field's list has at most, for the bound of an operation's cost (docs/cost.md): a number, the name
       * of the argument that says so, or `unbounded`. Default: as its step says.
       */
      readonly maxRows?: number | string;
    };

type TypedFieldResolvers<$Parent extends AnyStep, TSpec> =
  | AnyResolver<DataOf<$Parent>, ArgsOf<TSpec>>
  | {
      readonly resolve?: AnyResolver<DataOf<$Parent>, ArgsOf<TSpec>>;
      readonly subscribe?: AnyResolver<DataOf<$Parent>, ArgsOf<TSpec>>;
    };

/** How the object type behind an interface or union is found. */
export interface AbstractConfig<$Specifier extends AnyStep = AnyStep> {
  readonly planType?: ($specifier: $Specifier, info: { readonly abstractType: GraphQLAbstractType }) => TypePlan;
  /** Turns the step of a field into the specifier that `planType` gets. */
  readonly toSpecifier?: ($step: AnyStep) => $Specifier;
  /** For values that come from resolvers. */
  // biome-ignore lint/suspicious/noExplicitAny: contexts and sources have the application's types
  readonly resolveType?: GraphQLTypeResolver<any, any>;
}

/** The work of the `applyInput` step for an input at run time. */
export interface InputObjectConfig {
  /** By field name. Applies the field's value to `target`; its result is the target of the fields inside. */
  readonly apply?: Readonly<Record<string, InputApply>>;
  /** Turns the coerced input object into a value of the application. */
  readonly baked?: InputBaked;
}

// biome-ignore lint/suspicious/noExplicitAny: targets and values have the application's types
export type InputApply = (target: any, value: any, info: any) => unknown;
// biome-ignore lint/suspicious/noExplicitAny: inputs have the application's types
export type InputBaked = (input: any, info: any) => unknown;

/**
 * The internal values of an enum by name, or both internal values and their `applyInput` hooks. An object whose only
 * keys are `values` and `apply`, both holding objects, is the second. Values that are not named keep their names.
 */
export type EnumConfig = Readonly<Record<string, unknown>> | EnumBehaviours;

export interface EnumBehaviours {
  readonly values?: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: targets have the application's types
  readonly apply?: Readonly<Record<string, (target: any, info: any) => unknown>>;
}

/** How a scalar's values are read and written, in the names of graphql 16 or of graphql 17; or a GraphQLScalarType. */
export type ScalarConfig = ScalarBehaviours | { toConfig(): ScalarBehaviours };

// biome-ignore-start lint/suspicious/noExplicitAny: a scalar reads and writes any values
export interface ScalarBehaviours {
  readonly serialize?: ((value: any) => any) | undefined;
  readonly parseValue?: ((value: any) => any) | undefined;
  readonly parseLiteral?: ((node: any, variables?: any) => any) | undefined;
  readonly coerceOutputValue?: ((value: any) => any) | undefined;
  readonly coerceInputValue?: ((value: any) => any) | undefined;
  readonly coerceInputLiteral?: ((node: any) => any) | undefined;
  readonly valueToLiteral?: ((value: any) => ConstValueNode | ValueNode | undefined) | undefined;
  /** Used where the SDL has none. */
  readonly description?: string | null | undefined;
  /** Used where the SDL has none. */
  readonly specifiedByURL?: string | null | undefined;
  /** `planql: { isPure: true }` says that equal literals are equal values at any time: they are read once a plan. */
  readonly extensions?: Readonly<Record<string | symbol, unknown>> | null | undefined;
}
// biome-ignore-end lint/suspicious/noExplicitAny: as above

type IsAny<T> = 0 extends 1 & T ? true : false;

type ObjectNames<Types> = {
  [TName in keyof Types]: Types[TName] extends { readonly fields: unknown } ? TName : never;
}[keyof Types];

type AbstractConfigs<Types> =
  IsAny<Types> extends true
    ? Readonly<Record<string, AbstractConfig>>
    : { readonly [TName in Exclude<keyof Types, ObjectNames<Types>>]?: AbstractConfig<SpecifierOf<Types[TName]>> };

type SpecifierOf<TSpec> = TSpec extends { readonly specifier: infer $Specifier extends AnyStep } ? $Specifier : AnyStep;
type FieldNames<TSpec> = TSpec extends { readonly fields: infer TFields } ? keyof TFields : string;
type FieldOf<TSpec, TName> = TSpec extends { readonly fields: infer TFields }
  ? TFields[TName & keyof TFields]
  : unknown;
type ParentOf<TSpec> = TSpec extends { readonly parent: infer $Parent extends AnyStep } ? $Parent : AnyStep;
type ResultOf<TSpec> = TSpec extends { readonly result: infer $Result extends AnyStep } ? $Result : AnyStep;
type PlanSource<$Parent extends AnyStep, TSpec> = TSpec extends { readonly event: infer $Event extends AnyStep }
  ? $Event
  : $Parent;
type EventStreamOf<TSpec> = TSpec extends { readonly event: Step<infer TEvent> }
  ? Step<AsyncIterable<TEvent>>
  : AnyStep;
// biome-ignore lint/suspicious/noExplicitAny: without a type map, arguments are not known
type AnyArgs = any;
// `unknown` is the specification of a field that no map knows.
type ArgsOf<TSpec> = unknown extends TSpec
  ? AnyArgs
  : TSpec extends { readonly args: infer TArgs }
    ? TArgs
    : Record<never, never>;
type BatchResultOf<TSpec> = TSpec extends { readonly result: Step<infer TData> } ? TData : unknown;
type DataOf<$Step extends AnyStep> = $Step extends Step<infer TData> ? TData : unknown;
