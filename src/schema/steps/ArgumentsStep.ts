import {
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  getArgumentValues,
  getNullableType,
  isLeafType,
  isNonNullType,
  Kind,
  type ValueNode,
  valueFromAST,
  versionInfo,
} from 'graphql';
import type { ExecuteExtra } from '../../step/ExecuteExtra.ts';
import type { LinkContext } from '../../step/LinkContext.ts';
import { fieldNode, type ParamShapes, text } from '../../step/paramShapes.ts';
import type { ReadPath } from '../../step/reads.ts';
import { lengthAt } from '../../step/rowsAt.ts';
import { type Entry, type MaxRows, remake, Step } from '../../step/Step.ts';
import { fail } from '../../step/signals.ts';
import { isRecord } from '../../utils/isRecord.ts';
import { findField } from '../fields.ts';
import { argumentNode, hasWritableDefault, ownInput, sharesDefaults, variablesByName } from '../ownInput.ts';
import { isBuiltInScalar } from '../pureScalars.ts';
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
  /** What the arguments are; null where there is more to them. */
  declare plain: readonly PlainArgument[] | null;

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
    step.plain = plainArguments(field, node);
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

  override maxRows(path: ReadPath): MaxRows {
    return lengthAt(this, path);
  }

  override execute(
    _count: number,
    _values: readonly [],
    extra: ExecuteExtra,
  ): ReadonlyArray<Entry<Record<string, unknown>>> {
    const own = this.plain === null ? null : readPlain(this.plain, extra.variableValues);
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

/** An argument that is a variable, or the same value for all requests. */
interface PlainArgument {
  readonly name: string;
  readonly variable: string | null;
  readonly value: unknown;
}

/** Null where an argument is anything else: then all are coerced in each request. */
function plainArguments(
  { args }: GraphQLField<unknown, unknown>,
  { arguments: nodes }: FieldNode,
): readonly PlainArgument[] | null {
  // The values of graphql-js 17 are more than values.
  if (versionInfo.major >= 17) return null;
  const plain: PlainArgument[] = [];
  for (const argument of args) {
    const { name } = argument;
    const node = argumentNode(name, nodes);
    if (node?.kind === Kind.VARIABLE) {
      plain.push({ name, variable: node.name.value, value: undefined });
      continue;
    }
    const value = node === null ? argument.defaultValue : literalValue(argument, node);
    if (value !== undefined && !isShareable(value)) return null;
    if (value !== undefined) plain.push({ name, variable: null, value });
    else if (node !== null || isNonNullType(argument.type)) return null;
  }
  return plain;
}

/** Undefined for a literal that is invalid, or that a scalar of the application must read anew. */
function literalValue({ type }: GraphQLArgument, node: ValueNode): unknown {
  const nullable = getNullableType(type);
  return isLeafType(nullable) && isBuiltInScalar(nullable) ? valueFromAST(node, type) : undefined;
}

/** Whether requests cannot change it for one another. */
function isShareable(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && typeof value !== 'function');
}

/** The result of graphql-js' `getArgumentValues` where all variables have values; null where one has none. */
function readPlain(plain: readonly PlainArgument[], given: unknown): Record<string, unknown> | null {
  if (!isRecord(given)) return null;
  const read: Record<string, unknown> = {};
  for (const { name, variable, value } of plain) {
    if (variable === null) {
      read[name] = value;
      continue;
    }
    const own = Object.hasOwn(given, variable) ? given[variable] : undefined;
    if (own === null || own === undefined) return null;
    read[name] = own;
  }
  return read;
}
