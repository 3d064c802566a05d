import { type FragmentDefinitionNode, Kind, type SelectionNode, type SelectionSetNode, type TypeNode } from 'graphql';
import type { SelectedOperation } from './prepareRequest.ts';

/** What `@skip` and `@include` of an operation hang on, as far as it can turn out to be no boolean. */
interface Conditions {
  /** Variables that are not declared as `Boolean!`. */
  readonly names: readonly string[];
  /** There is something that is neither a variable nor a boolean: nobody has validated the document. */
  readonly isInvalid: boolean;
}

const known = new WeakMap<SelectedOperation, Conditions>();

/**
 * Whether a condition of the operation has no boolean in this request. A nullable variable may stand in a condition when
 * it has a default, and may still be null: what is selected then is an error, and no guard can say so.
 */
export function isUndecidable(selected: SelectedOperation, values: Readonly<Record<string, unknown>>): boolean {
  let conditions = known.get(selected);
  if (conditions === undefined) {
    conditions = findConditions(selected);
    known.set(selected, conditions);
  }
  return conditions.isInvalid || conditions.names.some((name) => typeof values[name] !== 'boolean');
}

function findConditions({ operation, fragments }: SelectedOperation): Conditions {
  const names = new Set<string>();
  let isInvalid = false;
  const selectionSets: SelectionSetNode[] = [operation.selectionSet];
  const visited = new Set<FragmentDefinitionNode>();
  const look = (selection: SelectionNode): void => {
    for (const { name, arguments: given } of selection.directives ?? []) {
      if (name.value !== 'skip' && name.value !== 'include') continue;
      const value = given?.find((argument) => argument.name.value === 'if')?.value;
      if (value?.kind === Kind.VARIABLE) names.add(value.name.value);
      else if (value?.kind !== Kind.BOOLEAN) isInvalid = true;
    }
    if (selection.kind !== Kind.FRAGMENT_SPREAD) {
      if (selection.selectionSet !== undefined) selectionSets.push(selection.selectionSet);
      return;
    }
    const fragment = fragments[selection.name.value];
    if (fragment === undefined || visited.has(fragment)) return;
    visited.add(fragment);
    selectionSets.push(fragment.selectionSet);
  };
  for (const { selections } of selectionSets) selections.forEach(look);
  for (const { variable, type } of operation.variableDefinitions ?? []) {
    if (isBoolean(type)) names.delete(variable.name.value);
  }
  return { names: [...names], isInvalid };
}

/** `Boolean!`, which has a boolean in every request. */
function isBoolean(type: TypeNode): boolean {
  if (type.kind !== Kind.NON_NULL_TYPE) return false;
  return type.type.kind === Kind.NAMED_TYPE && type.type.name.value === 'Boolean';
}
