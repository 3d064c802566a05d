import { standardSteps } from '../steps/standardSteps.ts';
import { registerOwnSteps } from './step/stepClasses.ts';

export * from '../steps/index.ts';
export type { RequestCost } from './engine/costs/RequestCost.ts';
export { createEngine } from './engine/createEngine.ts';
export {
  type ExecuteArgs,
  execute,
  executeIncrementally,
  executeSync,
  executeToBuffer,
  executeToChunks,
  executeToPayloads,
  executeToString,
  experimentalExecuteIncrementally,
  graphql,
  graphqlSync,
  importPlan,
  legacyExecuteIncrementally,
  subscribe,
} from './engine/defaultEngine.ts';
export { Engine } from './engine/Engine.ts';
export type { EngineOptions } from './engine/EngineOptions.ts';
export { exportPlan } from './engine/exportPlan.ts';
export { PlanDocumentError } from './engine/PlanDocumentError.ts';
export type { PreparedPlan } from './engine/PreparedPlan.ts';
export type { RequestArgs } from './engine/RequestArgs.ts';
export type { SubscriptionResult } from './engine/subscribeToPlan.ts';
export { InternalError } from './errors/InternalError.ts';
export { PlanqlError } from './errors/PlanqlError.ts';
export { SafeError } from './errors/SafeError.ts';
export type { IncrementalResponse } from './execution/later/executeIncrementally.ts';
export { MULTIPART_CONTENT_TYPE } from './execution/later/multipartChunk.ts';
export { eventStreamBody, multipartBody } from './execution/later/responseBodies.ts';
export type { Plan } from './plan/Plan.ts';
export type { PlanDocument } from './plan/PlanDocument.ts';
export type { PlanStore } from './plan/PlanStore.ts';
export { LimitError, type PlanLimits } from './planner/limits.ts';
export { incrementalDirectives, incrementalTypeDefs } from './schema/incrementalDirectives.ts';
export { makeSchema } from './schema/makeSchema.ts';
export type { AnyStep, BatchResolver, FieldArgs, FieldInfo, PlanResolver, TypePlan } from './schema/planResolvers.ts';
export type { ObjectConfig, SchemaConfig } from './schema/SchemaConfig.ts';
export { SchemaError } from './schema/SchemaError.ts';
export { applyInput, bakeInput } from './schema/steps/ApplyInputStep.ts';
export type { Hidden } from './schema/steps/AuthorizeStep.ts';
export type { ExecuteExtra } from './step/ExecuteExtra.ts';
export type { ParamShapes } from './step/paramShapes.ts';
export { BOUNDARY, FORWARDED, ITEM, PRESENCE, type ReadPath } from './step/reads.ts';
export type { MaxRows } from './step/Step.ts';
export { type Entry, Step, type StepResult } from './step/Step.ts';
export type { StepLoad } from './step/StepLoad.ts';
export { exit, exitWith, fail } from './step/signals.ts';
export { registerSteps } from './step/stepClasses.ts';

// Plans that were exported elsewhere may hold any of them.
registerOwnSteps(...standardSteps);
