import type { Plan, PositionNode } from '../../plan/Plan.ts';

/** The steps from whose registers positions are read that may not be null. */
export function requiredSteps({ outputs, layers }: Plan): ReadonlySet<number> {
  const steps = new Set<number>();
  const add = ({ nonNull, read, output }: PositionNode, entry = -1): void => {
    if (!nonNull) return;
    steps.add(read.step === -1 ? entry : read.step);
    const node = outputs[output];
    if (node?.kind === 'abstract') steps.add(node.typename);
  };
  for (const output of outputs) {
    if (output.kind === 'list') add(output.item, layers[output.layer]?.entry);
    else if (output.kind === 'abstract') for (const { position } of output.branches) add(position);
    else if (output.kind === 'object') {
      for (const { position, requires } of output.fields) {
        add(position);
        if (position.nonNull) steps.add(requires);
      }
    }
  }
  return steps;
}
