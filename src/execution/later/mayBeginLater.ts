import { liesIn } from '../../plan/layerRelations.ts';
import type { Plan, PositionNode } from '../../plan/Plan.ts';
import { nodeAt } from '../../utils/nodeAt.ts';

/**
 * Whether parts that are delivered later may begin to read lists that an earlier part has opened: deferred fragments, and
 * items of a stream that have a streamed list in them whose rows are not theirs.
 */
export function mayBeginLater(plan: Plan): boolean {
  const of = plan.outputs.length + plan.layers.length;
  let known = answers.get(plan);
  if (known?.of !== of) {
    known = { of, answer: plan.defers.length > 0 || hasSharedStreams(plan) };
    answers.set(plan, known);
  }
  return known.answer;
}

/** Plans grow. */
const answers = new WeakMap<Plan, { readonly of: number; readonly answer: boolean }>();

function hasSharedStreams(plan: Plan): boolean {
  const streams = plan.outputs.flatMap((output, id) => {
    const isStreamed = output.kind === 'list' && output.layer !== -1 && plan.layers[output.layer]?.stream != null;
    return isStreamed ? [{ id, ...output }] : [];
  });
  return streams.some(({ layer, item }) => {
    const inside = outputsIn(plan, item);
    return streams.some((list) => inside.has(list.id) && !liesIn(plan, list.layer, layer));
  });
}

/** The outputs at a position and below it. */
function outputsIn(plan: Plan, position: PositionNode): ReadonlySet<number> {
  const found = new Set([position.output]);
  const add = (inner: PositionNode): void => void found.add(inner.output);
  // Sets are iterated in the order of insertion, including what is added on the way.
  for (const id of found) {
    const output = nodeAt(plan.outputs, id);
    if (output.kind === 'object') for (const field of output.fields) add(field.position);
    else if (output.kind === 'list') add(output.item);
    else if (output.kind === 'abstract') for (const branch of output.branches) add(branch.position);
  }
  return found;
}
