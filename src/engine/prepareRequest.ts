import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  GraphQLSchema,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  type VariableDefinitionNode,
  validateSchema,
} from 'graphql';
import { PlanqlError } from '../errors/PlanqlError.ts';
import { inputTypeOf } from '../schema/inputTypeOf.ts';
import { ownInput, sharesDefaults } from '../schema/ownInput.ts';
import { isRecord } from '../utils/isRecord.ts';
import { asGraphQLError } from './asGraphQLError.ts';
import { type Conditions, findConditions } from './nonBooleanConditions.ts';
import { plainVariables } from './plainVariables.ts';
import type { RequestArgs } from './RequestArgs.ts';

/** An operation of a document, with its fragments by name. */
export interface SelectedOperation {
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly conditions: Conditions;
}

/**
 * Finds the operation to run. Implements `GetOperation`. Throws when there is no document. Not remembered by document:
 * a larger value that a `WeakMap` holds of a new document would outlive it by far (decision engine-memory-rules); plans remember it.
 * `conditions` are those of the operation, where they are known.
 */
export function selectOperation(
  document: DocumentNode,
  operationName: string | null,
  conditions: Conditions | null = null,
): SelectedOperation | GraphQLError {
  if (document == null) throw new TypeError('Must provide document.');
  let operation: OperationDefinitionNode | null = null;
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    if (operationName === null) {
      if (operation !== null) {
        return new GraphQLError('Must provide operation name if query contains multiple operations.');
      }
      operation = definition;
    } else if (definition.name?.value === operationName) {
      operation = definition;
    }
  }
  if (operation === null) {
    const message =
      operationName === null ? 'Must provide an operation.' : `Unknown operation named "${operationName}".`;
    return new GraphQLError(message);
  }
  return { operation, fragments, conditions: conditions ?? findConditions(operation, fragments) };
}

/** The coerced variables: as resolvers get them in the installed graphql-js, and by name for guards. */
export interface CoercedVariables {
  readonly forResolvers: unknown;
  readonly byName: Readonly<Record<string, unknown>>;
}

/** The options of a request for the errors of its variables. */
type CoercionOptions = Pick<RequestArgs, 'options' | 'hideSuggestions'>;

/** Some of the variables, as resolvers get them. A plan that is kept keeps no others of its request. */
export function onlyOf({ forResolvers, byName }: CoercedVariables, names: readonly string[]): unknown {
  const pick = (values: object): object =>
    Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
  if (forResolvers === byName) return pick(byName);
  // graphql 17 returns the values and where they came from, each by name.
  return Object.fromEntries(Object.entries(forResolvers as object).map(([part, values]) => [part, pick(values)]));
}

const NO_VARIABLES: readonly never[] = [];

export function coerceVariables(
  schema: GraphQLSchema,
  { variableDefinitions }: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>> | null | undefined,
  { options: limits, hideSuggestions }: CoercionOptions,
): CoercedVariables | readonly GraphQLError[] {
  if (given != null && typeof given !== 'object') {
    throw new TypeError(
      'Variables must be provided as an Object where each property is a variable value. Perhaps look to see if an unparsed JSON string was provided.',
    );
  }
  const plain = plainVariables(schema, variableDefinitions ?? NO_VARIABLES, given ?? {});
  if (plain !== null) return { forResolvers: plain, byName: plain };
  const options = {
    maxErrors: limits?.maxCoercionErrors ?? 50,
    ...(hideSuggestions == null ? null : { hideSuggestions }),
  };
  const result = getVariableValues(schema, variableDefinitions ?? NO_VARIABLES, given ?? {}, options) as {
    readonly errors?: readonly GraphQLError[];
    readonly coerced?: Record<string, unknown>;
    readonly variableValues?: { readonly coerced: Record<string, unknown> };
  };
  // graphql-js hands on any other error, such as for a value that has no end.
  if (result.errors !== undefined) return result.errors.map(asGraphQLError);
  // graphql 16 returns the values, 17 the values with where they came from.
  const byName = (result.variableValues?.coerced ?? result.coerced) as Record<string, unknown>;
  ownDefaults(schema, variableDefinitions ?? NO_VARIABLES, byName);
  return { forResolvers: result.variableValues ?? byName, byName };
}

/** Resolvers may write to a default of the schema that they are handed: requests have their own (rule R25). */
function ownDefaults(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  values: Record<string, unknown>,
): void {
  for (const { variable, type: node } of definitions) {
    const name = variable.name.value;
    const value = values[name];
    if (typeof value !== 'object' || value === null) continue;
    const type = inputTypeOf(schema, node);
    if (type !== undefined && sharesDefaults(type)) values[name] = ownInput(type, value);
  }
}

/** Variables for one event of a subscription: the next event must not see the writes of its resolvers (rule R25). */
export function ownVariables(
  schema: GraphQLSchema,
  { variableDefinitions }: OperationDefinitionNode,
  { forResolvers, byName }: CoercedVariables,
): CoercedVariables {
  const own: Record<string, unknown> = Object.assign(Object.create(Object.getPrototypeOf(byName)), byName);
  for (const { variable, type } of variableDefinitions ?? NO_VARIABLES) {
    const name = variable.name.value;
    const value = own[name];
    if (typeof value !== 'object' || value === null) continue;
    const inputType = inputTypeOf(schema, type);
    if (inputType !== undefined) own[name] = ownInput(inputType, value);
  }
  return {
    forResolvers: forResolvers !== byName && isRecord(forResolvers) ? { ...forResolvers, coerced: own } : own,
    byName: own,
  };
}

const validated = new WeakSet<GraphQLSchema>();

/** Throws the error of graphql-js' `assertValidSchema`. Looked at once a schema. */
export function assertUsableSchema(schema: GraphQLSchema): void {
  if (validated.has(schema)) return;
  assertSameGraphql(schema);
  const errors = validateSchema(schema);
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n\n'));
  validated.add(schema);
}

/** graphql-js says so itself, but not where NODE_ENV is "production". */
function assertSameGraphql(schema: object): void {
  if (schema instanceof GraphQLSchema || schema.constructor.name !== 'GraphQLSchema') return;
  throw new PlanqlError(
    'GRAPHQL_TWICE',
    'The schema was made by another copy of graphql than the one that planql uses. Install one version ("npm ls graphql" shows all), and load it either by import or by require. In vitest, say test: { server: { deps: { inline: [/planql/] } } } (docs/testing.md).',
  );
}
