import { standardSteps } from '../steps/standardSteps.ts';
import { registerOwnSteps } from './step/stepClasses.ts';

// The exports of `planql`, without the planner: for processes that run imported plans.
export * from '../steps/index.ts';
export type { RequestCost } from './engine/costs/RequestCost.ts';
export { createExecutor } from './engine/createExecutor.ts';
export { Engine } from './engine/Engine.ts';
export type { EngineOptions } from './engine/EngineOptions.ts';
export { PlanDocumentError } from './engine/PlanDocumentError.ts';
export type { PreparedPlan } from './engine/PreparedPlan.ts';
export type { RequestArgs } from './engine/RequestArgs.ts';
export type { SubscriptionResult } from './engine/subscribeToPlan.ts';
export { InternalError } from './errors/InternalError.ts';
export { PlanqlError } from './errors/PlanqlError.ts';
export { SafeError } from './errors/SafeError.ts';
export type { Plan } from './plan/Plan.ts';
export type { PlanDocument } from './plan/PlanDocument.ts';
export type { PlanStore } from './plan/PlanStore.ts';
export { makeSchema } from './schema/makeSchema.ts';
export type { AnyStep, BatchResolver, FieldArgs, FieldInfo, PlanResolver, TypePlan } from './schema/planResolvers.ts';
export type { SchemaConfig } from './schema/SchemaConfig.ts';
export { SchemaError } from './schema/SchemaError.ts';
export { applyInput, bakeInput } from './schema/steps/ApplyInputStep.ts';
export type { ExecuteExtra } from './step/ExecuteExtra.ts';
export type { ParamShapes } from './step/paramShapes.ts';
export { type Entry, Step, type StepResult } from './step/Step.ts';
export { exit, exitWith, fail } from './step/signals.ts';
export { registerSteps } from './step/stepClasses.ts';

registerOwnSteps(...standardSteps);
