import {
  type DocumentNode,
  GraphQLError,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  getDirectiveValues,
  type SelectionNode,
  visit,
} from 'graphql';
import type { Plan } from '../plan/Plan.ts';
import type { CoercedVariables } from './prepareRequest.ts';

/**
 * What is wrong with the variables of `@skip` and `@include`, or null. A nullable variable may stand there when it has a
 * default, and may still be null: graphql-js then fails the selection set, planql the request.
 */
export function conditionError(plan: Plan, document: DocumentNode, variables: CoercedVariables): GraphQLError | null {
  for (const guard of plan.guards) {
    if (guard.kind === 'variable' && !guard.absent && typeof variables.byName[guard.name] !== 'boolean') {
      return findError(document, variables);
    }
  }
  return null;
}

function findError(document: DocumentNode, { forResolvers }: CoercedVariables): GraphQLError | null {
  let found: GraphQLError | null = null;
  const check = (node: SelectionNode): void => {
    try {
      for (const directive of [GraphQLSkipDirective, GraphQLIncludeDirective]) {
        getDirectiveValues(directive, node, forResolvers as never);
      }
    } catch (error) {
      if (error instanceof GraphQLError) found ??= error;
    }
  };
  visit(document, { Field: check, FragmentSpread: check, InlineFragment: check });
  return found;
}
