import {
  type DirectiveNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type TypeNode,
} from 'graphql';

/** The variables of `@skip` and `@include` in an operation that may turn out to be no boolean. */
export interface Conditions {
  /** All of them, in the order in which they are met. */
  readonly all: readonly string[];
  /** Variables that are not declared as `Boolean!`. */
  readonly names: readonly string[];
  /** There is something that is neither a variable nor a boolean: nobody has validated the document. */
  readonly isInvalid: boolean;
}

const NONE: Conditions = { all: [], names: [], isInvalid: false };

/**
 * Whether a condition of the operation has no boolean in this request. A nullable variable may stand in a condition when
 * it has a default, and may still be null: the selection is an error then, and no guard can express that.
 */
export function hasNonBooleanCondition(
  { isInvalid, names }: Conditions,
  values: Readonly<Record<string, unknown>>,
): boolean {
  return isInvalid || names.some((name) => typeof values[name] !== 'boolean');
}

/** Equal for requests in which all conditions of an operation are decided alike. */
export function conditionsKey({ all }: Conditions, values: Readonly<Record<string, unknown>>): string {
  return all.map((name) => stateOf(values, name)).join('');
}

/** A variable without a value is another error than one that is null; whatever is neither boolean nor null is alike. */
function stateOf(values: Readonly<Record<string, unknown>>, name: string): string {
  if (!Object.hasOwn(values, name)) return '-';
  const value = values[name] ?? null;
  return value === null ? 'n' : value === true ? 't' : value === false ? 'f' : 'o';
}

/** Looked for once an operation. */
export function findConditions(
  operation: OperationDefinitionNode,
  fragments: Readonly<Record<string, FragmentDefinitionNode>>,
): Conditions {
  let names: Set<string> | null = null;
  let isInvalid = false;
  const selectionSets: SelectionSetNode[] = [operation.selectionSet];
  let visited: Set<FragmentDefinitionNode> | null = null;
  const lookAtDirectives = (directives: readonly DirectiveNode[]): void => {
    for (const { name, arguments: given } of directives) {
      if (name.value !== 'skip' && name.value !== 'include') continue;
      const value = given?.find((argument) => argument.name.value === 'if')?.value;
      if (value?.kind === Kind.VARIABLE) {
        names ??= new Set();
        names.add(value.name.value);
      } else if (value?.kind !== Kind.BOOLEAN) isInvalid = true;
    }
  };
  const look = (selection: SelectionNode): void => {
    if (selection.directives !== undefined && selection.directives.length > 0) lookAtDirectives(selection.directives);
    if (selection.kind !== Kind.FRAGMENT_SPREAD) {
      if (selection.selectionSet !== undefined) selectionSets.push(selection.selectionSet);
      return;
    }
    const fragment = fragments[selection.name.value];
    visited ??= new Set();
    if (fragment === undefined || visited.has(fragment)) return;
    visited.add(fragment);
    selectionSets.push(fragment.selectionSet);
  };
  for (const { selections } of selectionSets) for (const selection of selections) look(selection);
  if (names === null && !isInvalid) return NONE;
  const all = [...(names ?? [])];
  return { all, names: undecided(operation, all), isInvalid };
}

/** Those that are not declared as `Boolean!`. */
function undecided({ variableDefinitions }: OperationDefinitionNode, names: readonly string[]): readonly string[] {
  const isDecided = (name: string): boolean | undefined =>
    variableDefinitions?.some(({ variable, type }) => variable.name.value === name && isRequiredBoolean(type));
  return names.filter((name) => !isDecided(name));
}

function isRequiredBoolean(type: TypeNode): boolean {
  return type.kind === Kind.NON_NULL_TYPE && type.type.kind === Kind.NAMED_TYPE && type.type.name.value === 'Boolean';
}
