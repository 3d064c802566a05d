import type { ASTNode } from 'graphql';
import type { SchemaChange } from '../lock/compareLock.ts';
import { type CheckContext, useOf } from './CheckContext.ts';

/** Changes that would make stored data mean something else are problems, where they are made. */
export function checkLock(
  changes: readonly SchemaChange[],
  { types, fields, model, problems }: Pick<CheckContext, 'types' | 'fields' | 'model' | 'problems'>,
): void {
  for (const { effect, place, text } of changes) {
    if (effect !== 'refuse' || place === null) continue;
    const node = nodeOf(place);
    if (node === undefined) problems.inFile('schema', text);
    else problems.at(node, text);
  }

  function nodeOf(place: string): ASTNode | undefined {
    const index = model.indexes.find(({ name }) => name === place);
    const field =
      fields.find((other) => other.place === (index === undefined ? place : `${index.type}.${index.attrs[0]}`)) ??
      fields.find((other) => {
        const args = useOf(other, 'edge', 'edgeToStoredId')?.args;
        return args?.name === place || args?.edgeName === place;
      }) ??
      fields.find((other) => `${other.entry.name}.${useOf(other, 'genFromStoredId')?.args.field}` === place);
    return types.get(place)?.node.name ?? field?.field.name;
  }
}
