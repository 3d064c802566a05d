import type { FieldKind } from '../../kvetch/schema/definitions.ts';
import {
  type Attribute,
  type EdgeModel,
  type GrappleModel,
  type IndexModel,
  isOrderedList,
  type PentModel,
  type WhereModel,
} from '../model/Model.ts';
import { indent, key, literal, object, quote } from './source.ts';

type AttributeKinds = ReadonlyMap<string, FieldKind>;

/** Prints `generated/kvetchSchema.ts`: the stored types. */
export function printKvetchSchema({ pents, edges, indexes }: GrappleModel): string {
  const kindsOf = (type: string): AttributeKinds =>
    new Map(pents.find(({ name }) => name === type)?.attributes.map(({ name, kind }) => [name, kind]));
  const parts = [
    `objects: ${array(pents.map(printObject))},`,
    ...(edges.length === 0 ? [] : [`edges: ${array(edges.map((edge) => printEdge(edge, kindsOf(edge.to))))},`]),
    ...(indexes.length === 0
      ? []
      : [`indexes: ${array(indexes.map((index) => printIndex(index, kindsOf(index.type))))},`]),
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

function printObject({ typeId, name, attributes, expiresAt }: PentModel): string {
  const fields = attributes.flatMap((attribute) => [
    // Objects that "planql migrate" has not reached have it under a former name.
    ...attribute.renamedFrom.map((former) => `${key(former)}: ${quote(attribute.kind)},`),
    `${key(attribute.name)}: ${printKind(attribute)},`,
  ]);
  const body = [
    `typeId: ${typeId},`,
    `name: ${quote(name)},`,
    fields.length === 0 ? 'fields: {},' : `fields: {\n${indent(fields.join('\n'))}\n},`,
    ...(expiresAt === null ? [] : [`expiresAt: ${quote(expiresAt)},`]),
  ];
  return `{\n${indent(body.join('\n'))}\n},`;
}

function printKind({ kind, required }: Attribute): string {
  return required ? literal({ kind, required }) : quote(kind);
}

function printEdge(edge: EdgeModel, kinds: AttributeKinds): string {
  const { edgeId, name, from, to, storedIdAttr, colocate, mustExist, onDelete, dataKinds, ...list } = edge;
  const definition = {
    edgeId,
    name,
    from,
    ...(storedIdAttr === null ? { to } : { storedOn: to, storedIdAttr }),
    ...(colocate && { colocate }),
    ...(mustExist && { mustExist }),
    ...(onDelete !== null && { onDelete }),
    ...(dataKinds !== null && { fields: dataKinds }),
    ...listPart(list, kinds),
  };
  return `${object(definition)},`;
}

function printIndex(index: IndexModel, kindsOfType: AttributeKinds): string {
  const { name, type, attrs, kinds, unique, where, parts } = index;
  // An index of one attribute keeps the form that stored entries are of.
  const isPlain = attrs.length === 1 && where === null && !isOrderedList(index);
  const key = isPlain ? { attr: attrs[0], kind: kinds[0] } : { attrs };
  const definition = {
    name,
    type,
    ...key,
    ...(unique && { unique }),
    ...listPart(index, kindsOfType),
    ...(parts !== null && { parts }),
  };
  return `${object(definition)},`;
}

function listPart({ where, orderBy }: Pick<EdgeModel, 'where' | 'orderBy'>, kinds: AttributeKinds): object {
  return { ...(where !== null && { where: conditions(where, kinds) }), ...(orderBy.length > 0 && { orderBy }) };
}

/** SDL has dates as texts. */
function conditions(where: WhereModel, kinds: AttributeKinds): object {
  const dated = (value: unknown): unknown => (typeof value === 'string' ? new Date(value) : value);
  return Object.fromEntries(
    Object.entries(where).map(([name, wanted]) => {
      if (kinds.get(name) !== 'date') return [name, wanted];
      return [name, Array.isArray(wanted) ? wanted.map(dated) : dated(wanted)];
    }),
  );
}
