import { GraphQLIncludeDirective, GraphQLSkipDirective, getDirectiveValues, type SelectionNode } from 'graphql';

/** Whether one request includes a selection. Throws the error of a wrong condition. */
export type DecideCondition = (selection: SelectionNode) => boolean;

/**
 * Decides `@skip` and `@include` as graphql-js does. `variables` are as the installed graphql-js coerces them; `refusals` are
 * the known errors of selections.
 */
export function decideConditions(
  variables: unknown,
  refusals: Pick<WeakMap<SelectionNode, Error>, 'get'>,
): DecideCondition {
  return (selection) => {
    const refusal = refusals.get(selection);
    if (refusal !== undefined) throw refusal;
    const skip = getDirectiveValues(GraphQLSkipDirective, selection, variables as never);
    if (skip?.if === true) return false;
    const include = getDirectiveValues(GraphQLIncludeDirective, selection, variables as never);
    return include?.if !== false;
  };
}
