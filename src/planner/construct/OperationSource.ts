import type { DocumentNode, FieldNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import type { ResolverMode } from '../../plan/Plan.ts';
import type { DecideCondition } from './decideConditions.ts';

/** The source of a plan: one operation of a document against a schema. */
export interface OperationSource {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  /** Its fields, numbered from its beginning. */
  readonly fields: readonly FieldNode[];
  readonly operation: OperationDefinitionNode;
  readonly resolvers: ResolverMode;
  /** For a plan of one request, in which conditions are decided while it is planned (2.2.11). */
  readonly decide: DecideCondition | null;
}
