import type { GraphQLAbstractType, GraphQLField, GraphQLInputType, GraphQLObjectType, GraphQLSchema } from 'graphql';
import type { Step } from '../step/Step.ts';
import { isRecord } from '../utils/isRecord.ts';
import type { MaybePromise } from '../utils/MaybePromise.ts';
import type { Hidden } from './steps/AuthorizeStep.ts';

/**
 * The arguments of the field that is planned, as steps: `$name` for each, `at` and `typeAt` for paths inside.
 * Where the arguments are not known, each `$name` is `any`: a step type there would read as "or undefined" under
 * `noUncheckedIndexedAccess`.
 */
export type FieldArgs<TArgs = Record<string, unknown>> = (string extends keyof TArgs
  ? // biome-ignore lint/suspicious/noExplicitAny: see above
    { readonly [TName in `$${string}`]: any }
  : { readonly [TName in keyof TArgs & string as `$${TName}`]-?: Step<TArgs[TName]> }) &
  FieldArgsReader<TArgs>;

export interface FieldArgsReader<TArgs = Record<string, unknown>> {
  /** The step for an argument, or for an entry of an input object inside it: `at('filter', 'name')`. */
  at(argument: keyof TArgs & string, ...path: ReadonlyArray<string | number>): AnyStep;
  /** The GraphQL type at the same place. Throws where the schema has nothing of that name. */
  typeAt(argument: keyof TArgs & string, ...path: ReadonlyArray<string | number>): GraphQLInputType;
  /** All arguments as one object, as a resolver would get them. */
  all(): Step<TArgs>;
}

/** The position of a plan resolver. It has no selection set, on purpose: planning the selections shows the needs. */
export interface FieldInfo {
  /** The schema of the operation. */
  readonly schema: GraphQLSchema;
  /** The object type that has the field. */
  readonly parentType: GraphQLObjectType;
  /** The name of the field, not its alias. */
  readonly fieldName: string;
  /** The field's definition. */
  readonly field: GraphQLField<unknown, unknown>;
}

/** A step of values of any type: the type of plan resolvers that nothing types more exactly. */
// biome-ignore lint/suspicious/noExplicitAny: the schema's type map, where there is one, gives its type
export type AnyStep = Step<any>;

/** Runs once for each place in a plan, whatever the data (rule R1). */
export type PlanResolver<
  $Parent extends AnyStep = AnyStep,
  // biome-ignore lint/suspicious/noExplicitAny: without a type map, arguments are not known
  TArgs = any,
  $Result extends AnyStep = AnyStep,
> = ($parent: $Parent, fieldArgs: FieldArgs<TArgs>, info: FieldInfo) => $Result;

/** What a `planType` returns: the name of the type, and its plan. */
export interface TypePlan {
  /** Yields the name of the object type in each row. */
  readonly $__typename: AnyStep;
  /** The step that represents the object as that type; without it, the specifier itself does. */
  planForType?(type: GraphQLObjectType): AnyStep | null;
}

export interface AbstractTypePlans {
  readonly planType?: ($specifier: AnyStep, info: { readonly abstractType: GraphQLAbstractType }) => TypePlan;
  /** Turns the step of a field into the specifier that `planType` gets. */
  readonly toSpecifier?: ($step: AnyStep) => AnyStep;
}

/** The position of a batched resolver. It has no selection set, so that equal fields share a call. */
export interface BatchInfo extends FieldInfo {
  /** Aborted with the request. */
  readonly signal: AbortSignal;
}

/**
 * Resolves a field for all its parents at once.
 *
 * @returns a list with one entry for each parent, in their order, or a promise of it. An entry is a value, `null`, an
 * `Error` (the field of that parent fails), or a promise of one of these.
 */
export type BatchResolver<TParent = unknown, TArgs = unknown, TResult = unknown> = (
  parents: readonly TParent[],
  args: TArgs,
  // biome-ignore lint/suspicious/noExplicitAny: contexts have the application's types
  context: any,
  info: BatchInfo,
) => MaybePromise<ReadonlyArray<MaybePromise<TResult | Error | null | undefined>>>;

export interface FieldPlans {
  readonly plan?: PlanResolver;
  /** In place of `plan`. */
  readonly batch?: BatchResolver;
  readonly subscribePlan?: PlanResolver;
  /** The value in place of hidden objects. Absent: as the object type says. */
  readonly hidden?: Hidden;
  /** How many items the field's list has at most: a number, the name of the argument that says so, or `unbounded`. */
  readonly maxRows?: number | string;
}

/** Authorization of an object type, at plan time. */
export interface ObjectPlans {
  /**
   * Represents whether each object may be seen, wherever one is reached: fields, lists, abstract positions, payloads,
   * events. Runs as one batch in each layer.
   */
  readonly authorize?: ($object: AnyStep, info: AuthorizeInfo) => AnyStep;
  /** The value in place of hidden objects. Default: `null`. */
  readonly hidden?: Hidden;
}

export interface AuthorizeInfo {
  readonly schema: GraphQLSchema;
  readonly type: GraphQLObjectType;
}

/** Any part of a schema that can be extended. Other packages declare more properties of `extensions`. */
export interface Extended {
  readonly extensions?: object | null | undefined;
}

/** The `extensions.planql` of a part of a schema, whichever tool put it there. */
export function planqlExtension({ extensions }: Extended): Readonly<Record<string, unknown>> {
  if (!isRecord(extensions)) return NONE;
  const { planql } = extensions;
  return planql !== undefined && isRecord(planql) ? planql : NONE;
}

const NONE: Readonly<Record<string, unknown>> = Object.freeze({});

/** The authorization of an object type. */
export function objectPlans(type: Extended): ObjectPlans {
  return planqlExtension(type);
}

/** The plans that hang on an interface or union. */
export function abstractTypePlans(type: Extended): AbstractTypePlans {
  return planqlExtension(type);
}
