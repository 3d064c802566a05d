import {
  type FieldNode,
  type GraphQLField,
  type GraphQLSchema,
  getArgumentValues,
  isNonNullType,
  Kind,
  versionInfo,
} from 'graphql';
import type { ExecuteExtra } from '../../step/ExecuteExtra.ts';
import type { LinkContext } from '../../step/LinkContext.ts';
import { fieldNode, type ParamShapes, text } from '../../step/paramShapes.ts';
import { type Entry, Step } from '../../step/Step.ts';
import { fail } from '../../step/signals.ts';
import { findField } from '../fields.ts';

interface ArgumentsParams {
  readonly parentType: string;
  readonly fieldName: string;
  readonly node: number;
}

/** Represents the arguments of a field that depend on variables. Yields them coerced, or the coercion's error. */
export class ArgumentsStep extends Step<Record<string, unknown>> {
  static override readonly op = 'arguments';
  static override readonly paramShapes: ParamShapes = { parentType: text, fieldName: text, node: fieldNode };
  override readonly isSync = true;
  declare params: ArgumentsParams & Record<string, unknown>;
  declare field: GraphQLField<unknown, unknown>;
  declare link: LinkContext;
  /** The variables that the arguments are, by argument; null where there is more to them. */
  declare variables: ReadonlyMap<string, string> | null;

  constructor(params: ArgumentsParams) {
    super();
    this.layer = this.graph.root;
    this.params = { ...params };
  }

  static override fromParams(params: ArgumentsStep['params'], link: LinkContext): Step {
    const step = super.fromParams(params, link) as ArgumentsStep;
    step.field = findField(link.schema as GraphQLSchema, params.parentType, params.fieldName).field;
    step.link = link;
    step.variables = variablesOf(step.field, step.node);
    return step;
  }

  /** Mostly nobody asks: of an imported plan the document need not be read for it. */
  get node(): FieldNode {
    return this.link.fieldNode(this.params.node) as FieldNode;
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
      return [getArgumentValues(this.field, this.node, extra.variableValues as never)];
    } catch (error) {
      return [fail(error)];
    }
  }
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

/** What graphql-js' `getArgumentValues` makes of variables that have values; null where one has none. */
function readVariables(variables: ReadonlyMap<string, string>, given: unknown): Record<string, unknown> | null {
  const values = given as Readonly<Record<string, unknown>>;
  const read: Record<string, unknown> = {};
  for (const [name, variable] of variables) {
    const value = Object.hasOwn(values, variable) ? values[variable] : undefined;
    if (value === null || value === undefined) return null;
    read[name] = value;
  }
  return read;
}
