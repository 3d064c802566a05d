import { KvetchSchemaError } from '../errors.ts';
import { checkSchema } from './checkSchema.ts';
import type {
  EdgeDefinition,
  FieldDefinition,
  IndexDefinition,
  KvetchSchemaConfig,
  ObjectDefinition,
} from './definitions.ts';
import { type EdgeType, type IndexType, KvetchSchema, type ObjectType } from './KvetchSchema.ts';

/**
 * Makes a schema of its definitions, or throws one `KvetchSchemaError` that lists every problem. TypeScript infers the
 * names and attributes: `createKvetch`, the store's methods and `kvetchSteps` know them.
 */
export function defineKvetchSchema<const TConfig extends KvetchSchemaConfig>(config: TConfig): KvetchSchema<TConfig> {
  const problems = checkSchema(config);
  if (problems.length > 0) throw new KvetchSchemaError(problems);
  const typeIds = new Map<unknown, number>();
  for (const { typeId, name } of config.objects) typeIds.set(typeId, typeId).set(name, typeId);
  const typeIdOf = (ref: string | number): number => typeIds.get(ref) ?? -1; // the check has seen that it exists
  const edges = (config.edges ?? []).map((edge) => toEdgeType(edge, typeIdOf));
  const indexes = (config.indexes ?? []).map((index) => toIndexType(index, typeIdOf));
  return new KvetchSchema(
    config.objects.map((type) => toObjectType(type, edges, indexes)),
    edges,
    indexes,
  );
}

function toObjectType(type: ObjectDefinition, edges: readonly EdgeType[], indexes: readonly IndexType[]): ObjectType {
  return Object.freeze({
    typeId: type.typeId,
    name: type.name,
    fields: type.fields === undefined ? null : new Map(Object.entries(type.fields).map(toField)),
    storedIdEdges: edges.filter((edge) => edge.storedIdAttr !== null && edge.toTypeId === type.typeId),
    indexes: indexes.filter((index) => index.attr !== null && index.typeId === type.typeId),
  });
}

function toField([name, field]: [string, string | FieldDefinition]): [string, FieldDefinition] {
  return [name, typeof field === 'string' ? { kind: field as FieldDefinition['kind'] } : field];
}

function toEdgeType(edge: EdgeDefinition, typeIdOf: (ref: string | number) => number): EdgeType {
  return Object.freeze({
    edgeId: edge.edgeId,
    name: edge.name,
    fromTypeId: typeIdOf(edge.from),
    toTypeId: typeIdOf('storedOn' in edge ? edge.storedOn : edge.to),
    storedIdAttr: 'storedOn' in edge ? edge.storedIdAttr : null,
    colocate: 'storedOn' in edge ? (edge.colocate ?? false) : false,
  });
}

function toIndexType(index: IndexDefinition, typeIdOf: (ref: string | number) => number): IndexType {
  return Object.freeze({
    indexId: index.indexId ?? null,
    name: index.name,
    typeId: typeIdOf(index.type),
    attr: index.attr ?? null,
    kind: index.kind,
    unique: index.unique ?? false,
  });
}
