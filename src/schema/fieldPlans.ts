import { type Extended, type FieldPlans, type PlanResolver, planqlExtension } from './planResolvers.ts';
import { BatchResolverStep } from './steps/BatchResolverStep.ts';

/** The plan resolvers of a field, however the schema was made. A batched resolver is planned as one step. */
export function fieldPlans(field: Extended): FieldPlans {
  const hooks: FieldPlans = planqlExtension(field);
  return hooks.plan === undefined && hooks.batch !== undefined ? { ...hooks, plan: planBatch } : hooks;
}

const planBatch: PlanResolver = ($parent, fieldArgs, { parentType, fieldName }) =>
  new BatchResolverStep($parent, fieldArgs.all(), { parentType: parentType.name, fieldName });
