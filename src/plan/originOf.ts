import type { Plan } from './Plan.ts';

/**
 * The step whose values a step passes on. The entries of `combine` layers have those of their contributions: aliases of a
 * field of an interface are different entries, and one step below each object type.
 */
export function originOf(plan: Plan, step: number): number {
  if (step === -1 || plan.steps[step]?.op !== 'entry') return step;
  const layer = plan.layers[plan.steps[step].layer];
  const [contribution] = layer?.entry === step ? (layer.contributions ?? []) : [];
  return contribution === undefined ? step : originOf(plan, contribution.step);
}
