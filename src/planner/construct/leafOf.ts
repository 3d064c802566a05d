import { type GraphQLLeafType, type GraphQLOutputType, getNullableType, isLeafType, isNonNullType } from 'graphql';
import type { LeafBuild } from './OutputTree.ts';

/** A type whose values are leaves. */
export interface Leaf {
  readonly nonNull: boolean;
  readonly output: LeafBuild;
}

const known = new WeakMap<GraphQLOutputType, Leaf | null>();

/** The facts of a leaf type that planning needs; null for any other type. One object a type, so that a plan holds it once. */
export function leafOf(type: GraphQLLeafType): Leaf;
export function leafOf(type: GraphQLOutputType): Leaf | null;
export function leafOf(type: GraphQLOutputType): Leaf | null {
  let leaf = known.get(type);
  if (leaf === undefined) {
    leaf = describe(type);
    known.set(type, leaf);
  }
  return leaf;
}

function describe(type: GraphQLOutputType): Leaf | null {
  if (!isNonNullType(type))
    return isLeafType(type) ? { nonNull: false, output: { kind: 'leaf', type: type.name } } : null;
  const nullable = leafOf(getNullableType(type));
  return nullable === null ? null : { nonNull: true, output: nullable.output };
}
