import type { GraphQLLeafType, GraphQLSchema } from 'graphql';
import type { LeafOutput, ListOutput, OutputNode, Plan, PositionNode } from '../../plan/Plan.ts';
import { isSignal } from '../../step/signals.ts';
import type { Decides } from '../../utils/collectItems.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import { enumNames, isPlainLeaf, leafKind, serializeLeaf } from './leaves.ts';

/** A plan and the schema whose types it names. */
interface PlanSource {
  readonly plan: Plan;
  readonly schema: GraphQLSchema;
}

/**
 * Tells, of an item as it is read, whether it makes its list null: an item that may not be null, and is, or is an error,
 * or no value of a built-in leaf type. Null where no item can. Custom scalars and objects are known too late.
 */
export function decidingItem(source: PlanSource, { nonNull, read, output }: PositionNode): Decides | null {
  if (!nonNull || read.path.length > 0) return null;
  const isWrong = wrongValue(source, nodeAt(source.plan.outputs, output));
  return (item) => {
    if (item === null || item === undefined || isSignal(item)) return true;
    try {
      return item instanceof Error || isWrong?.(item) === true;
    } catch {
      return false; // A proxy refused: the output treats it.
    }
  };
}

function wrongValue(source: PlanSource, node: OutputNode): Decides | null {
  if (node.kind === 'leaf') return wrongLeaf(source, node);
  if (node.kind !== 'list') return null;
  const decides = decidingItem(source, node.item);
  return decides === null ? null : (item) => Array.isArray(item) && item.some(decides);
}

function wrongLeaf({ schema }: PlanSource, { type: name }: LeafOutput): Decides | null {
  const type = schema.getType(name) as GraphQLLeafType;
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

/**
 * `decidingItem` for all runs of a linked plan, which owns it. In a `WeakMap` by plans, a value that reaches its own key
 * would live until the next full collection: the collector's short ones take its values for reachable.
 */
export class DecidingItems {
  readonly #source: PlanSource;
  readonly #byLayer: ({ readonly of: number; readonly decides: Decides | null } | undefined)[] = [];

  constructor(source: PlanSource) {
    this.#source = source;
  }

  /** One function for all runs: those with one of their own would outlive their requests. */
  readonly ofItem = (item: PositionNode): Decides | null => decidingItem(this.#source, item);

  /** The same for the lists whose items are the rows of a layer: an item decides where it does for all that write it. */
  ofLayer(layer: number): Decides | null {
    const { outputs } = this.#source.plan;
    const found = this.#byLayer[layer];
    if (found?.of === outputs.length) return found.decides;
    const decides = isCollected(this.#source, layer) ? null : ofAllLists(this.#source, layer);
    this.#byLayer[layer] = { of: outputs.length, decides };
    return decides;
  }
}

/** Steps that are given all items of a list need them all. */
function isCollected({ plan }: PlanSource, layer: number): boolean {
  return plan.steps.some(({ dependencies }) =>
    dependencies.some((dependency) => dependency.kind === 'collect' && dependency.layer === layer),
  );
}

function ofAllLists(source: PlanSource, layer: number): Decides | null {
  const lists = source.plan.outputs.filter((node): node is ListOutput => node.kind === 'list' && node.layer === layer);
  const each: Decides[] = [];
  for (const { item } of lists) {
    const decides = decidingItem(source, item);
    if (decides === null) return null;
    each.push(decides);
  }
  return each.length === 0 ? null : (item) => each.every((decides) => decides(item));
}
