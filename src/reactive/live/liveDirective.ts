import {
  buildASTSchema,
  type DocumentNode,
  type GraphQLDirective,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  parse,
  type ValueNode,
} from 'graphql';
import type { EngineArgs } from '../ReactiveEngine.ts';

const NAME = 'live';

const sdl = /* GraphQL */ `
"""Runs the query again whenever something that it has read has changed, where the transport can send several results."""
directive @live(
  """Live when true, null or undefined."""
  if: Boolean
  """The least time between the beginnings of two runs, in milliseconds."""
  throttle: Int
) on QUERY
`;

/** `@live`: a piece of `typeDefs`, for schemas that allow it. */
export const liveTypeDefs: DocumentNode = parse(sdl, { noLocation: true });

/** The same for schemas that are made in code: `directives: [...specifiedDirectives, ...liveDirectives]`. */
export const liveDirectives: readonly GraphQLDirective[] = buildASTSchema(liveTypeDefs, { assumeValid: true })
  .getDirectives()
  .filter(({ name }) => name === NAME);

/** The arguments of a query's `@live`. */
export interface Live {
  readonly throttleMs: number;
}

/**
 * The arguments of an operation's `@live`. Null: it is not live, or its schema does not have the directive.
 * @throws GraphQLError `BAD_LIVE`
 */
export function liveOf(schema: GraphQLSchema, { document, operationName, variableValues }: EngineArgs): Live | null {
  const operation = getOperationAST(document, operationName);
  const directive = operation?.directives?.find(({ name }) => name.value === NAME);
  if (operation?.operation !== 'query' || directive === undefined || !schema.getDirective(NAME)) return null;
  const argument = (name: string): unknown => {
    const node = directive.arguments?.find((given) => given.name.value === name)?.value;
    return node === undefined ? null : argumentValue(node, operation, variableValues ?? {});
  };
  const isOn = argument('if') ?? true;
  const throttleMs = argument('throttle') ?? 0;
  if (typeof isOn !== 'boolean') throw badLive(`"if" of @live must be a Boolean, and is ${shown(isOn)}.`);
  if (!isOn) return null;
  if (typeof throttleMs !== 'number' || !Number.isInteger(throttleMs) || throttleMs < 0 || throttleMs >= 2 ** 31) {
    throw badLive(`"throttle" of @live must be a whole number of milliseconds from 0 on, and is ${shown(throttleMs)}.`);
  }
  return { throttleMs };
}

function argumentValue(
  node: ValueNode,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: { readonly [name: string]: unknown },
): unknown {
  switch (node.kind) {
    case Kind.VARIABLE: {
      const name = node.name.value;
      if (Object.hasOwn(variables, name) && variables[name] !== undefined) return variables[name];
      const definition = variableDefinitions.find(({ variable }) => variable.name.value === name);
      return definition?.defaultValue === undefined ? null : literalValue(definition.defaultValue);
    }
    default:
      return literalValue(node);
  }
}

/** Lists and objects are of no use here: messages name their kind. */
function literalValue(node: ValueNode): unknown {
  switch (node.kind) {
    case Kind.NULL:
      return null;
    case Kind.BOOLEAN:
      return node.value;
    case Kind.INT:
      return Number(node.value);
    default:
      return node.kind;
  }
}

function shown(value: unknown): string {
  return typeof value === 'object' ? 'an object' : JSON.stringify(value).slice(0, 50);
}

function badLive(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_LIVE' } });
}
