import {
  buildSchema,
  type GraphQLAbstractType,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLScalarType,
  type GraphQLSchema,
} from 'graphql';

// biome-ignore lint/suspicious/noExplicitAny: resolvers of tests take what their data are
type AnyResolver = GraphQLFieldResolver<any, any, any>;

export interface TypeBehaviour {
  readonly fields?: Readonly<Record<string, AnyResolver>>;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly isTypeOf?: (value: any, context: any, info: any) => any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly resolveType?: (value: any, context: any, info: any) => any;
  readonly serialize?: (value: unknown) => unknown;
  readonly parseValue?: (value: unknown) => unknown;
}

/** A schema of plain graphql-js resolvers: what both graphql-js and planql must answer from. */
export function schemaOf(
  typeDefs: string,
  behaviour: Readonly<Record<string, TypeBehaviour>> = {},
  build: (typeDefs: string) => GraphQLSchema = buildSchema,
): GraphQLSchema {
  const schema = build(typeDefs);
  for (const [name, { fields = {}, isTypeOf, resolveType, serialize, parseValue }] of Object.entries(behaviour)) {
    const type = schema.getType(name);
    if (type === undefined) throw new Error(`no type ${name}`);
    for (const [field, resolve] of Object.entries(fields)) {
      const definition = (type as GraphQLObjectType).getFields()[field];
      if (definition === undefined) throw new Error(`no field ${name}.${field}`);
      definition.resolve = resolve;
    }
    if (isTypeOf !== undefined) (type as GraphQLObjectType).isTypeOf = isTypeOf;
    if (resolveType !== undefined) (type as GraphQLAbstractType).resolveType = resolveType;
    // graphql 17 has other names for both, and takes these as they are.
    const scalar = type as GraphQLScalarType & Record<string, unknown>;
    if (serialize !== undefined)
      Object.assign(scalar, { serialize }, 'coerceOutputValue' in scalar ? { coerceOutputValue: serialize } : null);
    if (parseValue !== undefined)
      Object.assign(scalar, { parseValue }, 'coerceInputValue' in scalar ? { coerceInputValue: parseValue } : null);
  }
  return schema;
}

/** A promise of `value`, after some turns of the event loop. */
export async function later<T>(value: T, turns = 1): Promise<T> {
  for (let left = turns; left > 0; left--) await null;
  return value;
}

export async function laterThrow(message: string, turns = 1): Promise<never> {
  for (let left = turns; left > 0; left--) await null;
  throw new Error(message);
}
