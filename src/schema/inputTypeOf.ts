import { type GraphQLInputType, type GraphQLSchema, isInputType, type TypeNode, typeFromAST } from 'graphql';

/** The input type that a type reference names; undefined where a schema has none of that name. */
export function inputTypeOf(schema: GraphQLSchema, node: TypeNode): GraphQLInputType | undefined {
  const type = typeFromAST(schema, node);
  return isInputType(type) ? type : undefined;
}
