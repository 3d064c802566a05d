import type { GraphQLLeafType } from 'graphql';
import type { LeafOutput, ListOutput, OutputNode, PositionNode } from '../../plan/Plan.ts';
import { isSignal } from '../../step/signals.ts';
import type { Decides } from '../../utils/collectItems.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import type { LinkedPlan } from './LinkedPlan.ts';
import { enumNames, isPlainLeaf, leafKind, serializeLeaf } from './leaves.ts';

/**
 * Tells, of an item as it is read, whether it makes its list null: an item that may not be null, and is, or is an error,
 * or no value of a built-in leaf type. Null where no item can. Custom scalars and objects tell too late.
 */
export function decidingItem(linked: LinkedPlan, { nonNull, read, output }: PositionNode): Decides | null {
  if (!nonNull || read.path.length > 0) return null;
  const isWrong = wrongValue(linked, nodeAt(linked.plan.outputs, output));
  return (item) => {
    if (item === null || item === undefined || isSignal(item)) return true;
    try {
      return item instanceof Error || isWrong?.(item) === true;
    } catch {
      return false; // A proxy refused: the output finds out what to make of it.
    }
  };
}

type Decider = (item: PositionNode) => Decides | null;

const deciders = new WeakMap<LinkedPlan, Decider>();

/** `decidingItem` of a plan: one function for all its runs, which would outlive their requests with one of their own. */
export function deciderOf(linked: LinkedPlan): Decider {
  return getOrCreate(deciders, linked, () => (item) => decidingItem(linked, item));
}

function wrongValue(linked: LinkedPlan, node: OutputNode): Decides | null {
  if (node.kind === 'leaf') return wrongLeaf(linked, node);
  if (node.kind !== 'list') return null;
  const decides = decidingItem(linked, node.item);
  return decides === null ? null : (item) => Array.isArray(item) && item.some(decides);
}

function wrongLeaf({ source }: LinkedPlan, { type: name }: LeafOutput): Decides | null {
  const type = source.schema.getType(name) as GraphQLLeafType;
  const names = enumNames(type);
  const kind = leafKind(type);
  if (names === null && kind === 'custom') return null;
  return (item) => {
    if (names !== null ? names.has(item) : isPlainLeaf[kind](item)) return false;
    if (typeof item === 'object' || typeof item === 'function') return false;
    try {
      serializeLeaf(type, item);
      return false;
    } catch {
      return true;
    }
  };
}

const known = new WeakMap<LinkedPlan, Map<number, { readonly of: number; readonly decides: Decides | null }>>();

/** The same for the lists whose items are the rows of a layer: an item decides where it does for all that write it. */
export function decidingItemOfLayer(linked: LinkedPlan, layer: number): Decides | null {
  const { outputs } = linked.plan;
  let layers = known.get(linked);
  if (layers === undefined) {
    layers = new Map();
    known.set(linked, layers);
  }
  const found = layers.get(layer);
  if (found?.of === outputs.length) return found.decides;
  const decides = isCollected(linked, layer) ? null : ofAllLists(linked, layer);
  layers.set(layer, { of: outputs.length, decides });
  return decides;
}

/** Steps that are given all items of a list need them all. */
function isCollected({ plan }: LinkedPlan, layer: number): boolean {
  return plan.steps.some(({ dependencies }) =>
    dependencies.some((dependency) => dependency.kind === 'collect' && dependency.layer === layer),
  );
}

function ofAllLists(linked: LinkedPlan, layer: number): Decides | null {
  const lists = linked.plan.outputs.filter((node): node is ListOutput => node.kind === 'list' && node.layer === layer);
  const each: Decides[] = [];
  for (const { item } of lists) {
    const decides = decidingItem(linked, item);
    if (decides === null) return null;
    each.push(decides);
  }
  return each.length === 0 ? null : (item) => each.every((decides) => decides(item));
}
