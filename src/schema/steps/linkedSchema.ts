import type { FieldNode, GraphQLSchema } from 'graphql';
import type { LinkContext } from '../../step/LinkContext.ts';

/** The schema that a plan is linked against. Steps know no GraphQL, so their context types it loosely. */
export function schemaOf({ schema }: LinkContext): GraphQLSchema {
  return schema as GraphQLSchema;
}

/** The field node with this number in the document. */
export function fieldNodeOf(link: LinkContext, ordinal: number): FieldNode {
  return link.fieldNode(ordinal) as FieldNode;
}
