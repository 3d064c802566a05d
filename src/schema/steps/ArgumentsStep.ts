import {
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  getArgumentValues,
  isNonNullType,
  Kind,
  versionInfo,
} from 'graphql';
import type { ExecuteExtra } from '../../step/ExecuteExtra.ts';
import type { LinkContext } from '../../step/LinkContext.ts';
import { fieldNode, type ParamShapes, text } from '../../step/paramShapes.ts';
import { type Entry, remake, Step } from '../../step/Step.ts';
import { fail } from '../../step/signals.ts';
import { isRecord } from '../../utils/isRecord.ts';
import { findField } from '../fields.ts';
import { argumentNode, hasWritableDefault, ownInput, sharesDefaults, variablesByName } from '../ownInput.ts';
import { fieldNodeOf, schemaOf } from './linkedSchema.ts';

interface ArgumentsParams {
  readonly parentType: string;
  readonly fieldName: string;
  readonly node: number;
}

/**
 * Represents the arguments of a field that are no data of the plan: they depend on variables, or on scalars that must
 * read them anew. Yields them coerced, or the coercion's error.
 */
export class ArgumentsStep extends Step<Record<string, unknown>> {
  static override readonly op = 'arguments';
  static override readonly paramShapes: ParamShapes = { parentType: text, fieldName: text, node: fieldNode };
  override readonly isSync = true;
  declare params: ArgumentsParams & Record<string, unknown>;
  declare field: GraphQLField<unknown, unknown>;
  declare link: LinkContext;
  /** The variables that the arguments are, by argument; null where there is more to them. */
  declare variables: ReadonlyMap<string, string> | null;

  /** The arguments that may be, or hold, a default that graphql-js holds for the schema. */
  declare shared: readonly GraphQLArgument[];

  constructor(params: ArgumentsParams) {
    super();
    this.layer = this.graph.root;
    this.params = { ...params };
  }

  static override fromParams(params: ArgumentsStep['params'], link: LinkContext): Step {
    const step = remake(this, params);
    step.field = findField(schemaOf(link), params.parentType, params.fieldName).field;
    step.link = link;
    const { field, node } = step;
    step.variables = variablesOf(field, node);
    step.shared = sharedArguments(field, node);
    return step;
  }

  /** Mostly nobody asks: of an imported plan the document need not be read for it. */
  get node(): FieldNode {
    return fieldNodeOf(this.link, this.params.node);
  }

  override get isPure(): boolean {
    return true;
  }

  override execute(
    _count: number,
    _values: readonly [],
    extra: ExecuteExtra,
  ): ReadonlyArray<Entry<Record<string, unknown>>> {
    const own = this.variables === null ? null : readVariables(this.variables, extra.variableValues);
    if (own !== null) return [own];
    try {
      const values = getArgumentValues(this.field, this.node, extra.variableValues as never);
      return [this.shared.length === 0 ? values : withOwnDefaults(this, values, extra)];
    } catch (error) {
      return [fail(error)];
    }
  }
}

/** Plan resolvers may write to a default that they are handed: it is copied for the request (rule R25). */
function withOwnDefaults(
  { shared, node }: ArgumentsStep,
  values: Record<string, unknown>,
  { variableValues }: ExecuteExtra,
): Record<string, unknown> {
  for (const { name, type } of shared) {
    const value = ownInput(type, values[name], argumentNode(name, node.arguments), variablesByName(variableValues));
    if (value !== undefined) values[name] = value;
  }
  return values;
}

function sharedArguments(
  { args }: GraphQLField<unknown, unknown>,
  { arguments: nodes }: FieldNode,
): readonly GraphQLArgument[] {
  return args.filter((argument) => {
    const node = argumentNode(argument.name, nodes);
    if (hasWritableDefault(argument) && (node === null || node.kind === Kind.VARIABLE)) return true;
    return node !== null && node.kind !== Kind.VARIABLE && sharesDefaults(argument.type);
  });
}

/** Null unless each argument is a variable or is left out: then there is nothing to coerce that was not coerced before. */
function variablesOf(
  { args }: GraphQLField<unknown, unknown>,
  { arguments: nodes }: FieldNode,
): ReadonlyMap<string, string> | null {
  // The values of graphql-js 17 are more than values.
  if (versionInfo.major >= 17) return null;
  const variables = new Map<string, string>();
  for (const { name, type, defaultValue } of args) {
    const value = nodes?.find((node) => node.name.value === name)?.value;
    if (value?.kind === Kind.VARIABLE) variables.set(name, value.name.value);
    else if (value !== undefined || defaultValue !== undefined || isNonNullType(type)) return null;
  }
  return variables;
}

/** The result of graphql-js' `getArgumentValues` for variables that have values; null where one has none. */
function readVariables(variables: ReadonlyMap<string, string>, given: unknown): Record<string, unknown> | null {
  if (!isRecord(given)) return null;
  const read: Record<string, unknown> = {};
  for (const [name, variable] of variables) {
    const value = Object.hasOwn(given, variable) ? given[variable] : undefined;
    if (value === null || value === undefined) return null;
    read[name] = value;
  }
  return read;
}
