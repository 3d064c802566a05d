import {
  type FieldNode,
  type GraphQLAbstractType,
  GraphQLError,
  GraphQLObjectType,
  type GraphQLSchema,
  versionInfo,
} from 'graphql';
import { inspect } from '../utils/inspect.ts';

/** Checks the resolved type of a value. Implements `ResolveAbstractType`; its messages are graphql-js'. */
export function runtimeTypeName(
  schema: GraphQLSchema,
  abstractType: GraphQLAbstractType,
  name: unknown,
  value: unknown,
  coordinateOf: () => string,
  nodes: readonly FieldNode[],
): string {
  if (typeof name === 'string' && possibleNames(schema, abstractType).has(name)) return name;
  const abstract = abstractType.name;
  if (name === null || name === undefined) {
    throw new GraphQLError(
      `Abstract type "${abstract}" must resolve to an Object type at runtime for field "${coordinateOf()}". Either the "${abstract}" type should provide a "resolveType" function or each possible type should provide an "isTypeOf" function.`,
      { nodes },
    );
  }
  if (versionInfo.major < 17 && name instanceof GraphQLObjectType) {
    throw new GraphQLError(
      'Support for returning GraphQLObjectType from resolveType was removed in graphql-js@16.0.0 please return type name instead.',
    );
  }
  if (typeof name !== 'string') {
    const end = versionInfo.major < 17 ? '.' : ', which is not a valid Object type name.';
    throw new GraphQLError(
      `Abstract type "${abstract}" must resolve to an Object type at runtime for field "${coordinateOf()}" with value ${inspect(value)}, received "${inspect(name)}"${end}`,
    );
  }
  const type = schema.getType(name);
  if (type === undefined) {
    throw new GraphQLError(
      `Abstract type "${abstract}" was resolved to a type "${name}" that does not exist inside the schema.`,
      { nodes },
    );
  }
  if (!(type instanceof GraphQLObjectType)) {
    throw new GraphQLError(`Abstract type "${abstract}" was resolved to a non-object type "${name}".`, { nodes });
  }
  if (!schema.isSubType(abstractType, type)) {
    throw new GraphQLError(`Runtime Object type "${name}" is not a possible type for "${abstract}".`, { nodes });
  }
  return name;
}

const known = new WeakMap<GraphQLAbstractType, ReadonlySet<unknown>>();

/** The names of the object types that a value of an abstract type may have. */
export function possibleNames(schema: GraphQLSchema, abstractType: GraphQLAbstractType): ReadonlySet<unknown> {
  let names = known.get(abstractType);
  if (names === undefined) {
    names = new Set(schema.getPossibleTypes(abstractType).map(({ name }) => name));
    known.set(abstractType, names);
  }
  return names;
}
