import type { GraphQLAbstractType, GraphQLField, GraphQLInputType, GraphQLObjectType, GraphQLSchema } from 'graphql';
import type { Step } from '../step/Step.ts';

/**
 * The arguments of the field that is planned, as steps: `$name` for each, `at` and `typeAt` for what is inside.
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

/** What a plan resolver may know of its place. Nothing of the selection set, on purpose: needs arise by planning it. */
export interface FieldInfo {
  readonly schema: GraphQLSchema;
  readonly parentType: GraphQLObjectType;
  readonly fieldName: string;
  readonly field: GraphQLField<unknown, unknown>;
}

// biome-ignore lint/suspicious/noExplicitAny: the schema's type map, where there is one, says what it is
export type AnyStep = Step<any>;

/** Runs once for each place in a plan, whatever the data (rule R1). */
export type PlanResolver<
  $Parent extends AnyStep = AnyStep,
  // biome-ignore lint/suspicious/noExplicitAny: without a type map, arguments are not known
  TArgs = any,
  $Result extends AnyStep = AnyStep,
> = ($parent: $Parent, fieldArgs: FieldArgs<TArgs>, info: FieldInfo) => $Result;

export interface TypePlan {
  /** Yields the name of the object type in each row. */
  readonly $__typename: AnyStep;
  /** The step that represents the object as that type; without it, the specifier itself does. */
  planForType?(type: GraphQLObjectType): AnyStep | null;
}

export interface AbstractTypePlans {
  readonly planType?: ($specifier: AnyStep, info: { readonly abstractType: GraphQLAbstractType }) => TypePlan;
  /** Turns the step that a field gave into what `planType` works on. */
  readonly toSpecifier?: ($step: AnyStep) => AnyStep;
}

export interface FieldPlans {
  readonly plan?: PlanResolver;
  readonly subscribePlan?: PlanResolver;
}

/** Anything of a schema that can be extended. Other packages declare what else is in `extensions`. */
export interface Extended {
  readonly extensions?: object | null | undefined;
}

/** What hangs on a part of a schema under `extensions.planql`, whoever put it there. */
export function planqlExtension({ extensions }: Extended): object {
  return (extensions as { readonly planql?: object } | null | undefined)?.planql ?? {};
}

/** The plan resolvers that hang on a field, however the schema was made. */
export function fieldPlans(field: Extended): FieldPlans {
  return planqlExtension(field);
}

/** The plans that hang on an interface or union. */
export function abstractTypePlans(type: Extended): AbstractTypePlans {
  return planqlExtension(type);
}
