import type { GraphQLLeafType } from 'graphql';
import type { FieldNode, LeafOutput } from '../../plan/Plan.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import { enumNames, type LeafKind, leafKind } from '../link/leaves.ts';
import type { GeneratedLeaf } from './leafSource.ts';

/** The facts about a field that generated code needs. */
export interface GeneratedField {
  readonly key: string;
  readonly guard: number;
  readonly nonNull: boolean;
  /** The constant value of a `__typename` field. */
  readonly constant: string | null;
  /** The property that holds the value of a field of a built-in scalar or enum. Null: its closure reads the value. */
  readonly property: string | null;
  readonly leaf: LeafKind | 'enum' | null;
  /** For an enum, its names by internal value. */
  readonly names: ReadonlyMap<unknown, string> | null;
}

export function describeField(linked: LinkedPlan, { key, guard, position, requires }: FieldNode): GeneratedField {
  const output = nodeAt(linked.plan.outputs, position.output);
  const { read, nonNull } = position;
  const base = { key, guard, nonNull, names: null };
  if (output.kind === 'typename') return { ...base, constant: output.type, property: null, leaf: null };
  const isOwnProperty = read.step === -1 && read.path.length === 1 && requires === -1;
  const leaf = output.kind === 'leaf' && isOwnProperty ? describeLeaf(linked, output) : null;
  if (leaf === null) return { ...base, constant: null, property: null, leaf: null };
  return { ...base, constant: null, property: String(read.path[0]), leaf: leaf.kind, names: leaf.names };
}

/** Null for custom scalars. */
export function describeLeaf(linked: LinkedPlan, output: LeafOutput): GeneratedLeaf | null {
  const type = typeOf(linked, output);
  const names = enumNames(type);
  if (names !== null) return { kind: 'enum', names };
  const kind = leafKind(type);
  return kind === 'custom' ? null : { kind, names };
}

function typeOf(linked: LinkedPlan, { type }: LeafOutput): GraphQLLeafType {
  return linked.source.schema.getType(type) as GraphQLLeafType;
}
