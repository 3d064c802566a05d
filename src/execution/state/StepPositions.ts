import type { ObjectOutput, Plan, PositionNode } from '../../plan/Plan.ts';
import { getOrCreate } from '../../utils/getOrCreate.ts';
import { nodeAt } from '../../utils/nodeAt.ts';
import { type OwnReads, ownReads } from './ownReads.ts';

const NONE: readonly PositionNode[] = [];
const NO_PARTS: readonly number[] = [];

/** The op of the step that yields its value if it is of an object type. */
const CHECKS = 'isTypeOf';

/**
 * By step the positions that read from its register, and may find more there than the step's own entry. It belongs to the
 * linked plan: in a `WeakMap` by plans it would keep the nodes of each until the next full collection (decision 0510).
 */
export class StepPositions {
  readonly plan: Plan;
  #byStep: ReadonlyMap<number, readonly PositionNode[]> | null = null;
  readonly #ownReads = new Map<ObjectOutput, OwnReads>();

  constructor(plan: Plan) {
    this.plan = plan;
  }

  of(step: number): readonly PositionNode[] {
    return this.all.get(step) ?? NONE;
  }

  get all(): ReadonlyMap<number, readonly PositionNode[]> {
    this.#byStep ??= positionsByStep(this.plan);
    return this.#byStep;
  }

  /** What the fields of an object output read of its own value. */
  ownReads(node: ObjectOutput): OwnReads {
    return getOrCreate(this.#ownReads, node, () => ownReads(this.plan, node));
  }

  /** The plan has grown. */
  grow(): void {
    this.#byStep = null;
  }
}

function positionsByStep(plan: Plan): ReadonlyMap<number, readonly PositionNode[]> {
  const positions = new Map<number, PositionNode[]>();
  const parts = new Map<number, readonly number[]>();
  for (const { entry, contributions } of plan.layers) {
    if (contributions !== null)
      parts.set(
        entry,
        contributions.map(({ step }) => step),
      );
  }
  const addAt = (step: number, position: PositionNode): void => {
    const own = positions.get(step);
    if (own === undefined) positions.set(step, [position]);
    else own.push(position);
    // A step that only checks its value yields it later, or never.
    const node = nodeAt(plan.steps, step);
    if (node.op === CHECKS) addAt(nodeAt(node.dependencies, 0).step, position);
    // What the types of an abstract position contribute is together when the last of them is there.
    for (const part of parts.get(step) ?? NO_PARTS) addAt(part, position);
  };
  const add = (position: PositionNode, own = -1): void => {
    const { path } = position.read;
    const step = position.read.step === -1 ? own : position.read.step;
    const kind = plan.outputs[position.output]?.kind;
    if (step === -1 || (path.length === 0 && (kind === 'leaf' || kind === 'typename' || kind === 'error'))) return;
    addAt(step, position);
  };
  for (const node of plan.outputs) {
    if (node.kind === 'object') for (const { position } of node.fields) add(position);
    else if (node.kind === 'list') add(node.item, plan.layers[node.layer]?.entry);
    else if (node.kind === 'abstract') for (const { position } of node.branches) add(position);
  }
  return positions;
}
