import type { ObjectOutput, Plan, PositionNode } from '../../plan/Plan.ts';

/** The reads of an object output's fields in its own value. */
export interface OwnReads {
  /** The keys of leaves: all that can be found there is a promise. */
  readonly leaves: readonly string[];
  readonly others: readonly PositionNode[];
}

export function ownReads(plan: Plan, node: ObjectOutput): OwnReads {
  const others = node.fields
    .map(({ position }) => position)
    .filter((position) => {
      const { step, path } = position.read;
      if (step !== -1 || isOwnLeaf(plan, position)) return false;
      return path.length > 0 || plan.outputs[position.output]?.kind !== 'typename';
    });
  return { leaves: leafKeys(plan, node), others };
}

/** The keys of an object output's own value that leaves read. */
export function leafKeys(plan: Plan, { fields }: ObjectOutput): string[] {
  const leaves = fields.filter(({ position }) => isOwnLeaf(plan, position));
  return [...new Set(leaves.map(({ position }) => position.read.path[0] as string))];
}

function isOwnLeaf({ outputs }: Plan, { read: { step, path }, output }: PositionNode): boolean {
  return step === -1 && path.length === 1 && outputs[output]?.kind === 'leaf';
}
