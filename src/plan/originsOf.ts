import { nodeAt } from '../utils/nodeAt.ts';
import type { Plan } from './Plan.ts';

/**
 * The steps that a step passes on, as values or as items of lists. Aliases of a field of an interface have different
 * entries and list layers, and may share the step below one object type and not below another. The entry of a `combine`
 * layer has the values of its contributions; that of a `list` layer has the items of its source.
 */
export function originsOf(plan: Plan, step: number): readonly number[] {
  if (step === -1) return [];
  const node = nodeAt(plan.steps, step);
  const layer = node.op === 'entry' ? nodeAt(plan.layers, node.layer) : null;
  if (layer?.entry !== step) return [step];
  if (layer.kind === 'list') return originsOf(plan, layer.source);
  const { contributions } = layer;
  return contributions === null ? [step] : contributions.flatMap((from) => originsOf(plan, from.step));
}
