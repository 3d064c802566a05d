import { buildASTSchema, concatAST, type DocumentNode, GraphQLError, type GraphQLSchema, parse } from 'graphql';
import { isRecord } from '../utils/isRecord.ts';
import type { SchemaConfig } from './SchemaConfig.ts';
import type { SchemaProblems } from './SchemaError.ts';

/** Builds the schema that `typeDefs` alone describe. Throws when they are not valid SDL. */
export function buildTypeDefs(
  { typeDefs, assumeValid = false }: SchemaConfig,
  problems: SchemaProblems,
): { schema: GraphQLSchema; document: DocumentNode } {
  const pieces = Array.isArray(typeDefs) ? typeDefs : [typeDefs];
  const documents = pieces.map((piece: unknown, index) => {
    return parsePiece(piece, Array.isArray(typeDefs) ? `typeDefs[${index}]` : 'typeDefs', problems);
  });
  problems.throwIfAny();
  const document = concatAST(documents.filter((piece) => piece !== null));
  try {
    // This checks that it is sound SDL. The schema is validated once its enums and scalars have their behaviour.
    return { schema: buildASTSchema(document, { assumeValid }), document };
  } catch (error) {
    for (const message of sdlMessages(error)) problems.add(null, message);
    problems.throwIfAny();
    throw error;
  }
}

function parsePiece(piece: unknown, name: string, problems: SchemaProblems): DocumentNode | null {
  if (isDocument(piece)) return piece;
  if (typeof piece !== 'string') {
    problems.add(name, 'It must be SDL, as text or as a parsed document.');
    return null;
  }
  try {
    return parse(piece);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const place = error.locations?.[0];
    problems.add(place === undefined ? name : `${name}:${place.line}:${place.column}`, error.message);
    return null;
  }
}

/** graphql-js throws all that its SDL rules found as one error, with an empty line between messages. */
function sdlMessages(error: unknown): string[] {
  if (error instanceof RangeError) return ['The default values of input object fields contain each other.'];
  return error instanceof Error ? error.message.split('\n\n') : [String(error)];
}

function isDocument(piece: unknown): piece is DocumentNode {
  return isRecord(piece) && piece.kind === 'Document';
}
