import { createHash } from 'node:crypto';
import { mustGet } from '../../utils/mustGet.ts';
import { indexKey } from '../codec/indexKey.ts';
import type { OrderPart } from '../codec/orderKey.ts';
import { KvetchSchemaError } from '../errors.ts';
import { checkSchema, indexKinds, orderKinds } from './checkSchema.ts';
import type {
  EdgeDefinition,
  FieldDefinition,
  FieldKind,
  IndexDefinition,
  KvetchSchemaConfig,
  ObjectDefinition,
  OrderBy,
  Where,
  WhereValue,
} from './definitions.ts';
import {
  type Condition,
  type EdgeType,
  type IndexType,
  isBound,
  KvetchSchema,
  type ListSource,
  type ObjectType,
} from './KvetchSchema.ts';
import { orderedNumber, valueListNumber } from './listNumbers.ts';

/**
 * Makes a schema of its definitions, or throws one `KvetchSchemaError` that lists every problem. TypeScript infers the
 * names and attributes: `createKvetch`, the store's methods and `kvetchSteps` know them.
 */
export function defineKvetchSchema<const TConfig extends KvetchSchemaConfig>(config: TConfig): KvetchSchema<TConfig> {
  const problems = checkSchema(config);
  if (problems.length > 0) throw new KvetchSchemaError(problems);
  const types = new Map<unknown, ObjectDefinition>();
  for (const type of config.objects) types.set(type.typeId, type).set(type.name, type);
  // the check has seen that it exists
  const typeOf: TypeOf = (ref) => mustGet(types, ref);
  const edges = (config.edges ?? []).map((edge) => toEdgeType(edge, typeOf));
  const indexes = (config.indexes ?? []).map((index) => toIndexType(index, typeOf(index.type)));
  return new KvetchSchema(
    config.objects.map((type) => toObjectType(type, edges, indexes)),
    edges,
    indexes,
  );
}

type TypeOf = (ref: string | number) => ObjectDefinition;
type Fields = Readonly<Record<string, FieldKind | FieldDefinition>>;

function toObjectType(type: ObjectDefinition, edges: readonly EdgeType[], indexes: readonly IndexType[]): ObjectType {
  const own = indexes.filter((index) => index.typeId === type.typeId);
  return Object.freeze({
    typeId: type.typeId,
    name: type.name,
    fields: type.fields === undefined ? null : new Map(Object.entries(type.fields).map(toField)),
    expiresAt: type.expiresAt ?? null,
    storedIdEdges: edges.filter((edge) => edge.storedIdAttr !== null && edge.toTypeId === type.typeId),
    boundLists: edges.filter((edge) => isBound(edge) && edge.fromTypeId === type.typeId),
    indexes: own.filter(({ attrs, list }) => attrs.length > 0 && list === null),
    lists: own.flatMap(({ list }) => list ?? []),
  });
}

function toField([name, field]: [string, string | FieldDefinition]): [string, FieldDefinition] {
  return [name, typeof field === 'string' ? { kind: field as FieldDefinition['kind'] } : field];
}

function toEdgeType(edge: EdgeDefinition, typeOf: TypeOf): EdgeType {
  const isStored = 'storedOn' in edge;
  const target = typeOf(isStored ? edge.storedOn : edge.to);
  const fields = isStored ? target.fields : edge.fields;
  const order = toOrder(edge.orderBy, fields);
  return withMark({
    edgeId: order === null ? edge.edgeId : orderedNumber(edge.edgeId),
    name: edge.name,
    fromTypeId: typeOf(edge.from).typeId,
    toTypeId: target.typeId,
    storedIdAttr: isStored ? edge.storedIdAttr : null,
    colocate: isStored ? (edge.colocate ?? false) : false,
    mustExist: isStored ? (edge.mustExist ?? false) : false,
    onDelete: isStored ? (edge.onDelete ?? 'keep') : 'keep',
    where: isStored ? toConditions(edge.where, fields) : [],
    order,
    source: null,
  });
}

const DEFAULT_PARTS = 8;

function toIndexType(index: IndexDefinition, type: ObjectDefinition): IndexType {
  const { name, unique = false, attr = null, orderBy } = index;
  const given = index.attrs ?? (attr === null ? null : [attr]);
  const attrs = (given ?? []).map((of) => ({ attr: of, kind: index.kind ?? kindOf(indexKinds, type.fields, of) }));
  const where = toConditions(index.where, type.fields);
  const isList = given !== null && !unique && (given.length !== 1 || where.length > 0 || orderBy !== undefined);
  const source: ListSource = { index: name, attrs, parts: attrs.length === 0 ? (index.parts ?? DEFAULT_PARTS) : 1 };
  const list: EdgeType | null = !isList
    ? null
    : withMark({
        ...{ edgeId: valueListNumber(name), name, fromTypeId: type.typeId, toTypeId: type.typeId },
        ...{
          storedIdAttr: null,
          colocate: false,
          mustExist: false,
          onDelete: 'keep',
          where,
          order: toOrder(orderBy, type.fields) ?? [],
          source,
        },
      });
  return Object.freeze({
    ...{
      indexId: index.indexId ?? null,
      name,
      typeId: type.typeId,
      attr,
      unique,
      attrs: isList ? [] : attrs,
      where,
      list,
    },
    kind: attrs.length === 1 ? (attrs[0]?.kind ?? 'string') : (index.kind ?? 'string'),
  });
}

function withMark(edge: Omit<EdgeType, 'mark'>): EdgeType {
  const { edgeId, order, source } = edge;
  const mark =
    order === null
      ? ''
      : createHash('sha256')
          .update(JSON.stringify([edgeId, order, source]))
          .digest('base64url')
          .slice(0, 8);
  return Object.freeze({ ...edge, mark });
}

function toOrder(orderBy: OrderBy | undefined, fields: Fields | undefined): readonly OrderPart[] | null {
  if (orderBy === undefined) return null;
  return orderBy.map((text) => {
    const attr = text.replace(/^-/, '');
    return { attr, kind: kindOf(orderKinds, fields, attr), descending: attr !== text };
  });
}

function toConditions(where: Where | undefined, fields: Fields | undefined): readonly Condition[] {
  return Object.entries(where ?? {}).map(([attr, wanted]): Condition => {
    const kind = kindOf(indexKinds, fields, attr);
    const values: readonly WhereValue[] = Array.isArray(wanted) ? wanted : [wanted];
    const keys = values.map((value) => (value === null ? null : indexKey(kind, value, attr)));
    return { attr, kind, keys: new Set(keys) };
  });
}

/** The kind of a field: the check has seen that it is one of these. */
function kindOf<TKind extends FieldKind>(kinds: readonly TKind[], fields: Fields | undefined, attr: string): TKind {
  const field = fields?.[attr];
  const kind = typeof field === 'object' ? field.kind : field;
  const found = kinds.find((one) => one === kind);
  if (found === undefined) throw new KvetchSchemaError([`The attribute "${attr}" is of no kind that a list can have.`]);
  return found;
}
