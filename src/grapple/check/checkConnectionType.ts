import type { FieldDefinitionNode } from 'graphql';
import type { TypeEntry } from '../model/TypeIndex.ts';
import { printShape, typeShape } from '../model/typeShape.ts';
import type { CheckContext, FieldUse } from './CheckContext.ts';

const pageInfo: Readonly<Record<string, readonly string[]>> = {
  hasNextPage: ['Boolean!', 'Boolean'],
  hasPreviousPage: ['Boolean!', 'Boolean'],
  startCursor: ['String', 'ID'],
  endCursor: ['String', 'ID'],
};

/** Checks that the type of a field is a connection as Relay has it, whose count is known if it has one. */
export function checkConnectionType(use: FieldUse, { types, problems }: CheckContext): void {
  const { place, shape } = use;
  const connection = types.get(shape.name);
  if (connection === undefined) return;
  const edges = fieldOf(connection, 'edges');
  const edge = edges && types.get(typeShape(edges.type).name);
  if (edges !== undefined && typeShape(edges.type).items === null) {
    problems.at(edges.type, `${connection.name}.edges is ${printShape(typeShape(edges.type))}. Make it a list.`);
  }
  if (edge !== undefined) {
    for (const name of ['node', 'cursor']) {
      if (fieldOf(edge, name) === undefined) {
        problems.at(edge.node, `${edge.name} is the edge type of a connection, and has no field "${name}". Add it.`);
      }
    }
  }
  const node = edge && fieldOf(edge, 'node');
  if (node !== undefined && typeShape(node.type).items !== null) {
    problems.at(node.type, `${edge?.name}.node is a list. Make it ${typeShape(node.type).name}!.`);
  }
  checkFields(connection, ['edges', 'pageInfo', 'nodes', 'totalCount']);
  if (edge !== undefined) checkFields(edge, ['node', 'cursor', 'data']);
  const info = fieldOf(connection, 'pageInfo');
  const infoType = info && types.get(typeShape(info.type).name);
  if (info === undefined)
    problems.at(
      connection.node,
      `${connection.name} is a connection, and has no field "pageInfo". Add "pageInfo: PageInfo!".`,
    );
  if (info !== undefined && infoType?.kind !== 'object') {
    problems.at(info.type, `${connection.name}.pageInfo is ${printShape(typeShape(info.type))}. Make it PageInfo!.`);
  }
  if (infoType !== undefined) checkFields(infoType, Object.keys(pageInfo));
  for (const field of infoType?.fields ?? []) {
    const wanted = pageInfo[field.name.value];
    const seen = printShape(typeShape(field.type));
    if (wanted === undefined || wanted.includes(seen)) continue;
    problems.at(field.type, `${infoType?.name}.${field.name.value} is ${seen}. Make it ${wanted[0]}.`);
  }

  function checkFields(type: TypeEntry, known: readonly string[]): void {
    for (const field of type.fields) {
      if (known.includes(field.name.value)) continue;
      problems.at(
        field,
        `${type.name}.${field.name.value} is no field of a generated connection. It has ${known.join(', ')}: take it away, or make ${place} @custom.`,
      );
    }
  }
}

function fieldOf({ fields }: TypeEntry, name: string): FieldDefinitionNode | undefined {
  return fields.find((field) => field.name.value === name);
}
