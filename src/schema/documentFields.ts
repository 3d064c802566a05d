import { type DocumentNode, type FieldNode, Kind, type SelectionSetNode } from 'graphql';

/** The fields of a document, numbered from its beginning: how plans refer to them. */
export interface DocumentFields {
  readonly nodes: readonly FieldNode[];
}

const known = new WeakMap<DocumentNode, DocumentFields>();

export function documentFields(document: DocumentNode): DocumentFields {
  let fields = known.get(document);
  if (fields === undefined) {
    fields = numberFields(document);
    known.set(document, fields);
  }
  return fields;
}

function numberFields(document: DocumentNode): DocumentFields {
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
  return { nodes };
}
