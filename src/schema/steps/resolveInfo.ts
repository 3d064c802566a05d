import {
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  versionInfo,
} from 'graphql';
import type { LinkContext } from '../../step/LinkContext.ts';
import { fieldNode, guard, object, type ParamShapes, place, text } from '../../step/paramShapes.ts';
import type { PlacedExtra } from '../../step/RequestFacts.ts';
import { findField } from '../fields.ts';
import { fieldNodeOf, schemaOf } from './linkedSchema.ts';

const IS_16 = versionInfo.major < 17;

/** The params by which a step knows the field it stands for. */
export interface FieldParams {
  readonly parentType: string;
  readonly fieldName: string;
  readonly nodes: readonly { readonly node: number; readonly guard: number }[];
  readonly place: number;
}

export const fieldShapes: ParamShapes = {
  parentType: text,
  fieldName: text,
  nodes: { type: 'array', items: object({ node: fieldNode, guard }) },
  place,
};

/** A field as a linked step holds it. */
export interface LinkedField {
  readonly schema: GraphQLSchema;
  readonly parentType: GraphQLObjectType;
  readonly field: GraphQLField<unknown, unknown>;
  readonly place: number;
  readonly nodes: FieldParams['nodes'];
  /** Gives the nodes when a request asks for them: of an imported plan nobody may ever have to read the document. */
  readonly link: LinkContext;
}

export function linkField(params: FieldParams, link: LinkContext): LinkedField {
  const schema = schemaOf(link);
  const { parentType, field } = findField(schema, params.parentType, params.fieldName);
  return { schema, parentType, field, place: params.place, nodes: params.nodes, link };
}

/** The field nodes that take part in this request. */
export function includedNodes({ nodes, link }: LinkedField, extra: PlacedExtra): FieldNode[] {
  const included = nodes.filter(({ guard }) => guard === 0 || extra.guardHolds(guard));
  return included.map(({ node }) => fieldNodeOf(link, node));
}

/** graphql-js' `info` for one row: the same keys, whichever version is installed. */
export function resolveInfo(
  linked: LinkedField,
  fieldNodes: FieldNode[],
  row: number,
  extra: PlacedExtra,
): GraphQLResolveInfo {
  const path = extra.pathAt(linked.place, row);
  return infoAt(fieldAt(linked, path), fieldNodes, path, extra);
}

/** The field of one row: fields of several types may share a place, and the path tells which it is. */
function fieldAt(linked: LinkedField, path: unknown): Pick<LinkedField, 'schema' | 'parentType' | 'field'> {
  let at = path as { readonly prev: unknown; readonly typename: string | undefined } | undefined;
  while (at !== undefined && at.typename === undefined) at = at.prev as typeof at;
  if (at?.typename === undefined || at.typename === linked.parentType.name) return linked;
  return { schema: linked.schema, ...findField(linked.schema, at.typename, linked.field.name) };
}

/** The coordinate of one row's field, for messages. */
export function coordinateAt(linked: LinkedField, row: number, extra: PlacedExtra): string {
  const { parentType, field } = fieldAt(linked, extra.pathAt(linked.place, row));
  return `${parentType.name}.${field.name}`;
}

function infoAt(
  { schema, parentType, field }: Pick<LinkedField, 'schema' | 'parentType' | 'field'>,
  fieldNodes: readonly FieldNode[],
  path: unknown,
  extra: PlacedExtra,
): GraphQLResolveInfo {
  const { request } = extra;
  const info = {
    fieldName: field.name,
    fieldNodes,
    returnType: field.type,
    parentType,
    path,
    schema,
    fragments: extra.fragments,
    rootValue: request.rootValue,
    operation: request.operation,
    variableValues: request.variableValues,
  } as GraphQLResolveInfo;
  return IS_16
    ? info
    : Object.assign(info, { getAbortSignal: () => extra.signal, getAsyncHelpers: () => asyncHelpers });
}

/** Calls a function that was found where a field's value should be, as graphql-js' default resolver does. */
export function callFound(
  schema: GraphQLSchema,
  parentType: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
  fieldNodes: readonly FieldNode[],
  path: unknown,
  extra: PlacedExtra,
  owner: unknown,
  method: unknown,
): unknown {
  const info = infoAt({ schema, parentType, field }, fieldNodes, path, extra);
  return Reflect.apply(method as (...args: unknown[]) => unknown, owner, [ownArguments(null), extra.context, info]);
}

/**
 * Arguments for one call: resolvers may write to theirs. The objects of graphql-js 17 have no prototype.
 */
export const ownArguments: (args: Readonly<Record<string, unknown>> | null) => Record<string, unknown> = IS_16
  ? (args) => (args === null ? {} : { ...args })
  : (args) => Object.assign(Object.create(null), args);

/** The helpers of graphql-js 17 for resolvers: promises that nobody awaits must not become unhandled rejections. */
const asyncHelpers = Object.freeze({
  promiseAll<T>(values: ReadonlyArray<T>): Promise<Awaited<T>[]> {
    asyncHelpers.track(values);
    return Promise.all(values);
  },
  track(values: ReadonlyArray<unknown>): void {
    Promise.allSettled(values);
  },
});
