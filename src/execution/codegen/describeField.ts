import type { GraphQLLeafType } from 'graphql';
import type { FieldNode, LeafOutput } from '../../plan/Plan.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import { enumNames, type LeafKind, leafKind } from '../link/leaves.ts';

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
  const type = output.kind === 'leaf' && isOwnProperty ? typeOf(linked, output) : null;
  const names = type === null ? null : enumNames(type);
  if (names !== null) return { ...base, constant: null, property: String(read.path[0]), leaf: 'enum', names };
  const leaf = type === null ? 'custom' : leafKind(type);
  if (leaf === 'custom') return { ...base, constant: null, property: null, leaf: null };
  return { ...base, constant: null, property: String(read.path[0]), leaf };
}

function typeOf(linked: LinkedPlan, { type }: LeafOutput): GraphQLLeafType {
  return linked.source.schema.getType(type) as GraphQLLeafType;
}
