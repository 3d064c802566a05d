import { appendAll } from '../../utils/appendAll.ts';
import type { AstNode, SelectionSet } from './ast.ts';
import { nameOf, type Operation, operationOf } from './document.ts';
import { isNode } from './print.ts';
import type { PossibleTypes } from './Selection.ts';

/** The keys below a selection set that are wanted, level by level. No keys: all of it. */
export type KeyPath = readonly string[];

/** The fields of a selection set on the paths, with the ids and type names on the way. Conditions and fragments stay around them. */
export function cut(
  { selections }: SelectionSet,
  paths: readonly KeyPath[],
  fragments: Operation['fragments'],
  isRoot = false,
): readonly AstNode[] {
  return selections.flatMap((node): readonly AstNode[] => {
    if (node.kind !== 'Field') {
      const fragment = node.kind === 'InlineFragment' ? node : fragments.get(nameOf(node));
      const inner = fragment?.selectionSet === undefined ? [] : cut(fragment.selectionSet, paths, fragments, isRoot);
      return inner.length === 0 ? [] : [inline(fragment?.typeCondition, inner, node.directives)];
    }
    const key = node.alias?.value ?? nameOf(node);
    const rests = paths.flatMap(([first, ...rest]) => (first === key ? [rest] : []));
    if (rests.some(({ length }) => length === 0)) return [node];
    if (rests.length > 0 && node.selectionSet !== undefined) {
      return [{ ...node, selectionSet: setOf(cut(node.selectionSet, rests, fragments)) }];
    }
    return !isRoot && isIdentity(node) ? [node] : [];
  });
}

/**
 * The selections of a selection set for objects of one type, without conditions on types. Null: only a schema could
 * tell whether a fragment concerns them.
 */
export function ofType(
  { selections }: SelectionSet,
  type: string,
  possible: PossibleTypes | null,
  fragments: Operation['fragments'],
): readonly AstNode[] | null {
  const found: AstNode[] = [];
  for (const node of selections) {
    if (node.kind === 'Field') {
      found.push(node);
      continue;
    }
    const fragment = node.kind === 'InlineFragment' ? node : fragments.get(nameOf(node));
    const condition = nameOf(fragment?.typeCondition);
    const applies = condition === '' || condition === type || possible?.[condition]?.includes(type);
    if (applies === undefined || fragment?.selectionSet === undefined) return null;
    const inner = applies ? ofType(fragment.selectionSet, type, possible, fragments) : [];
    if (inner === null) return null;
    if (node.directives === undefined || node.directives.length === 0) appendAll(found, inner);
    else if (inner.length > 0) found.push(inline(undefined, inner, node.directives));
  }
  const isAgain = (node: AstNode, at: number): boolean =>
    isPlainTypename(node) && found.findIndex(isPlainTypename) !== at;
  return found.filter((node, at) => !isAgain(node, at));
}

function isPlainTypename({ name, alias, directives = [] }: AstNode): boolean {
  return name?.value === '__typename' && alias === undefined && directives.length === 0;
}

function isIdentity(node: AstNode): boolean {
  return (nameOf(node) === 'id' || nameOf(node) === '__typename') && node.selectionSet === undefined;
}

export function inline(
  typeCondition: AstNode | undefined,
  selections: readonly AstNode[],
  directives: AstNode['directives'] = [],
): AstNode {
  return {
    kind: 'InlineFragment',
    ...(typeCondition !== undefined && { typeCondition }),
    directives,
    selectionSet: setOf(selections),
  };
}

export function setOf(selections: readonly AstNode[]): SelectionSet {
  return { kind: 'SelectionSet', selections };
}

/** A query of these fields, with the fragments and variables of an operation that they use, and some variables more. */
export function queryOf(
  { document, fragments, name }: Operation,
  selections: readonly AstNode[],
  variables: readonly AstNode[],
): { readonly made: Operation; readonly names: ReadonlySet<string> } {
  const used = new Set<string>();
  const spread = new Set<string>();
  const visit = (node: AstNode): void => {
    if (node.kind === 'Variable') used.add(nameOf(node));
    if (node.kind === 'FragmentSpread' && !spread.has(nameOf(node))) {
      spread.add(nameOf(node));
      const fragment = fragments.get(nameOf(node));
      if (fragment !== undefined) visit(fragment);
    }
    const { arguments: given = [], directives = [], values = [], fields = [], selectionSet, value } = node;
    for (const child of [...given, ...directives, ...values, ...fields, ...(selectionSet?.selections ?? [])])
      visit(child);
    if (isNode(value)) visit(value);
  };
  selections.forEach(visit);
  const [original] = document.definitions.filter(({ kind }) => kind === 'OperationDefinition');
  const definitions = [
    ...(original?.variableDefinitions ?? []).filter(({ variable }) => used.has(nameOf(variable))),
    ...variables,
  ];
  const made = operationOf([
    {
      ...{ kind: 'OperationDefinition', operation: 'query', variableDefinitions: definitions },
      ...(name !== undefined && { name: { value: name } }),
      selectionSet: setOf(selections),
    },
    ...[...spread].flatMap((one) => fragments.get(one) ?? []),
  ]);
  return { made, names: new Set(definitions.map(({ variable }) => nameOf(variable))) };
}
