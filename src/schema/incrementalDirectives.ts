import { buildASTSchema, type DocumentNode, type GraphQLDirective, parse } from 'graphql';

const sdl = /* GraphQL */ `
"""Directs the executor to defer this fragment when the \`if\` argument is true or undefined."""
directive @defer(
  """Deferred when true or undefined."""
  if: Boolean! = true
  """Unique name"""
  label: String
) on FRAGMENT_SPREAD | INLINE_FRAGMENT

"""Directs the executor to stream plural fields when the \`if\` argument is true or undefined."""
directive @stream(
  """Number of items to return immediately"""
  initialCount: Int! = 0
  """Stream when true or undefined."""
  if: Boolean! = true
  """Unique name"""
  label: String
) on FIELD
`;

/** `@defer` and `@stream` as graphql-js 17 defines them: a piece of `typeDefs`, for schemas that allow them. */
export const incrementalTypeDefs: DocumentNode = parse(sdl, { noLocation: true });

/** The same for schemas that are made in code: `directives: [...specifiedDirectives, ...incrementalDirectives]`. */
export const incrementalDirectives: readonly GraphQLDirective[] = buildASTSchema(incrementalTypeDefs, {
  assumeValid: true,
})
  .getDirectives()
  .filter(({ name }) => name === 'defer' || name === 'stream');
