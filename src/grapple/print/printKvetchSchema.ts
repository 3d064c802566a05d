import type { Attribute, EdgeModel, GrappleModel, IndexModel, PentModel } from '../model/Model.ts';
import { indent, key, literal, object, quote } from './source.ts';

/** Prints `generated/kvetchSchema.ts`: the stored types. */
export function printKvetchSchema({ pents, edges, indexes }: GrappleModel): string {
  const parts = [
    `objects: ${array(pents.map(printObject))},`,
    ...(edges.length === 0 ? [] : [`edges: ${array(edges.map(printEdge))},`]),
    ...(indexes.length === 0 ? [] : [`indexes: ${array(indexes.map(printIndex))},`]),
  ];
  return `import { defineKvetchSchema, type KvetchSchema } from 'planql/kvetch';

/** The stored data: types of objects, edges and indexes. */
export const kvetchSchema: KvetchSchema = defineKvetchSchema({
${indent(parts.join('\n'))}
});
`;
}

function array(items: readonly string[]): string {
  return items.length === 0 ? '[]' : `[\n${indent(items.join('\n'))}\n]`;
}

function printObject({ typeId, name, attributes }: PentModel): string {
  const fields = attributes.flatMap((attribute) => [
    // Objects that "planql migrate" has not reached have it under a former name.
    ...attribute.renamedFrom.map((former) => `${key(former)}: ${quote(attribute.kind)},`),
    `${key(attribute.name)}: ${printKind(attribute)},`,
  ]);
  const body = [
    `typeId: ${typeId},`,
    `name: ${quote(name)},`,
    fields.length === 0 ? 'fields: {},' : `fields: {\n${indent(fields.join('\n'))}\n},`,
  ];
  return `{\n${indent(body.join('\n'))}\n},`;
}

function printKind({ kind, required }: Attribute): string {
  return required ? literal({ kind, required }) : quote(kind);
}

function printEdge({ edgeId, name, from, to, storedIdAttr, colocate }: EdgeModel): string {
  const definition = {
    edgeId,
    name,
    from,
    ...(storedIdAttr === null ? { to } : { storedOn: to, storedIdAttr }),
    ...(colocate && { colocate }),
  };
  return `${object(definition)},`;
}

function printIndex({ name, type, attr, kind, unique }: IndexModel): string {
  return `${object({ name, type, attr, kind, ...(unique && { unique }) })},`;
}
