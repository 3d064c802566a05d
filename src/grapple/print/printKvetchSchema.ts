import {
  type Attribute,
  type EdgeModel,
  type GrappleModel,
  type IndexModel,
  isOrderedList,
  type PentModel,
} from '../model/Model.ts';
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

function printEdge(edge: EdgeModel): string {
  const { edgeId, name, from, to, storedIdAttr, colocate, dataKinds, ...list } = edge;
  const definition = {
    edgeId,
    name,
    from,
    ...(storedIdAttr === null ? { to } : { storedOn: to, storedIdAttr }),
    ...(colocate && { colocate }),
    ...(dataKinds !== null && { fields: dataKinds }),
    ...listPart(list),
  };
  return `${object(definition)},`;
}

function printIndex(index: IndexModel): string {
  const { name, type, attrs, kinds, unique, where, parts } = index;
  // An index of one attribute keeps the form that stored entries are of.
  const isPlain = attrs.length === 1 && where === null && !isOrderedList(index);
  const key = isPlain ? { attr: attrs[0], kind: kinds[0] } : { attrs };
  const definition = {
    name,
    type,
    ...key,
    ...(unique && { unique }),
    ...listPart(index),
    ...(parts !== null && { parts }),
  };
  return `${object(definition)},`;
}

function listPart({ where, orderBy }: Pick<EdgeModel, 'where' | 'orderBy'>): object {
  return { ...(where !== null && { where }), ...(orderBy.length > 0 && { orderBy }) };
}
