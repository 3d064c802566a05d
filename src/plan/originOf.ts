import type { Plan } from './Plan.ts';

/**
 * The step whose values, or items of whose lists, a step passes on. Aliases of a field of an interface have different
 * entries and list layers, and one step below each object type. The entry of a `combine` layer has the values of its
 * contributions, that of a `list` layer the items of its source.
 */
export function originOf(plan: Plan, step: number): number {
  if (step === -1 || plan.steps[step]?.op !== 'entry') return step;
  const layer = plan.layers[plan.steps[step].layer];
  if (layer?.entry !== step) return step;
  if (layer.kind === 'list') return originOf(plan, layer.source);
  const [contribution] = layer.contributions ?? [];
  return contribution === undefined ? step : originOf(plan, contribution.step);
}
