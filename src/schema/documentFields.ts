import { type DocumentNode, type FieldNode, Kind, type SelectionSetNode } from 'graphql';

/** The fields of a document, numbered from its beginning: how plans refer to them. */
export function documentFields(document: DocumentNode): readonly FieldNode[] {
  const nodes: FieldNode[] = [];
  const number = (selectionSet: SelectionSetNode): void => {
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) nodes.push(selection);
      if (selection.kind !== Kind.FRAGMENT_SPREAD && selection.selectionSet !== undefined)
        number(selection.selectionSet);
    }
  };
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION || definition.kind === Kind.FRAGMENT_DEFINITION) {
      number(definition.selectionSet);
    }
  }
  return nodes;
}
