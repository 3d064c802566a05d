import { getOrCreate } from '../../utils/getOrCreate.ts';
import type { AstNode, SelectionSet } from './ast.ts';
import { print } from './print.ts';

/** The variables of an operation. */
export type Variables = { readonly [name: string]: unknown };

/**
 * A parsed document that knows the types of its result and variables: a `TypedDocumentNode` of the code generator or of
 * gql.tada, or the result of graphql-js' `parse`.
 */
export interface TypedDocument<TData = unknown, TVariables = Variables> {
  /** `Document`, as in graphql-js. */
  readonly kind: string;
  /** Operations and fragments, as `parse` of graphql-js makes them. */
  readonly definitions: readonly AstNode[];
  /** Never there: it carries the types of data and variables. */
  readonly __apiType?: (variables: TVariables) => TData;
}

/** A document whose types do not matter. */
export type AnyDocument = TypedDocument<unknown, never>;

/** The one operation of a document, ready to be sent and read. */
export interface Operation {
  readonly document: { readonly definitions: readonly AstNode[] };
  readonly text: string;
  readonly name: string | undefined;
  readonly kind: string;
  readonly selectionSet: SelectionSet;
  readonly defaults: ReadonlyMap<string, AstNode>;
  readonly fragments: ReadonlyMap<string, AstNode>;
}

const prepared = [new WeakMap<object, Operation>(), new WeakMap<object, Operation>()] as const;

/** Reads a document once. `addTypename`: all selections get `__typename`, which objects are known by. */
export function prepare(document: AnyDocument, addTypename: boolean): Operation {
  return getOrCreate(prepared[addTypename ? 1 : 0], document, () => {
    const { definitions } = document;
    return operationOf(addTypename ? definitions.map((node) => withTypename(node, true)) : definitions);
  });
}

/** The one operation of a document. */
export function operationOf(definitions: readonly AstNode[]): Operation {
  const operations = definitions.filter(({ kind }) => kind === 'OperationDefinition');
  const [operation] = operations;
  if (operation?.selectionSet === undefined || operations.length > 1) {
    throw new TypeError('A document has one operation.');
  }
  const defaults = new Map<string, AstNode>();
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    if (defaultValue !== undefined) defaults.set(nameOf(variable), defaultValue);
  }
  const fragments = definitions.filter(({ kind }) => kind === 'FragmentDefinition');
  return {
    document: { definitions },
    text: definitions.map(print).join('\n'),
    name: operation.name?.value,
    kind: operation.operation ?? 'query',
    selectionSet: operation.selectionSet,
    defaults,
    fragments: new Map(fragments.map((fragment) => [nameOf(fragment), fragment])),
  };
}

/** The name of a node that has one. */
export function nameOf(node: AstNode | undefined): string {
  return node?.name?.value ?? '';
}

const TYPENAME: AstNode = { kind: 'Field', name: { value: '__typename' } };

function withTypename(node: AstNode, isRoot: boolean): AstNode {
  const { selectionSet } = node;
  if (selectionSet === undefined) return node;
  const selections = selectionSet.selections.map((child) => withTypename(child, false));
  const has = selections.some(({ alias, name }) => name?.value === '__typename' && alias === undefined);
  // The root of an operation is no object of the store.
  const isNeeded = !has && !(isRoot && node.kind === 'OperationDefinition');
  return {
    ...node,
    selectionSet: { ...selectionSet, selections: isNeeded ? [TYPENAME, ...selections] : selections },
  };
}
