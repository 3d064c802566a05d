import type { FieldNode, GraphQLSchema } from 'graphql';
import { findField } from '../schema/fields.ts';
import { callFound } from '../schema/steps/resolveInfo.ts';
import type { LinkContext } from '../step/LinkContext.ts';
import type { SourceDocument } from './SourceDocument.ts';

/** The context in which plans of a document are linked. */
export function linkContext(schema: GraphQLSchema, document: SourceDocument): LinkContext {
  return {
    schema,
    fieldNode: (ordinal) => document.fields[ordinal],
    callField(coordinate, fieldNodes, path, extra, owner, method) {
      const [parentName = '', fieldName = ''] = coordinate.split('.');
      const { parentType, field } = findField(schema, parentName, fieldName);
      return callFound(schema, parentType, field, fieldNodes as readonly FieldNode[], path, extra, owner, method);
    },
  };
}
