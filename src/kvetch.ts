/** `planql/kvetch`: the store and its shards in memory. */

import { FilledPageStep, FillStep, ReadOnStep } from '../steps/kvetch/connection/FillStep.ts';
import { ListEdgesStep } from '../steps/kvetch/connection/ListEdgesStep.ts';
import { ListInfoStep } from '../steps/kvetch/connection/ListInfoStep.ts';
import { ListPageStep } from '../steps/kvetch/connection/ListPageStep.ts';
import { ListWindowStep } from '../steps/kvetch/connection/ListWindowStep.ts';
import { RangeStep } from '../steps/kvetch/RangeStep.ts';
import type { StepClass } from './step/Step.ts';
import { registerOwnSteps } from './step/stepClasses.ts';

export * from '../steps/kvetch/index.ts';
export type { CleanOptions } from './kvetch/cleaners/CleanOptions.ts';
export type { CleanReport } from './kvetch/cleaners/clean.ts';
export { createKvetch, type KvetchOptions } from './kvetch/createKvetch.ts';
export {
  ConditionFailedError,
  ConflictError,
  KvetchError,
  NotFoundError,
  ShardUnavailableError,
  StoreBusyError,
  UniqueViolationError,
} from './kvetch/errors.ts';
export { parseId } from './kvetch/ids/parseId.ts';
export type { Kvetch } from './kvetch/Kvetch.ts';
export type { KvetchCache, KvetchChange, KvetchLimits } from './kvetch/KvetchContext.ts';
export type { KvetchEdge } from './kvetch/KvetchEdge.ts';
export type { KvetchObject } from './kvetch/KvetchObject.ts';
export { memoryShards } from './kvetch/memory/memoryShards.ts';
export type {
  EdgeObjectsPage,
  EdgePage,
  EdgesRequest,
  IndexPage,
  KvetchReads,
  ObjectPage,
  PageArgs,
} from './kvetch/reads/KvetchReads.ts';
export { defineKvetchSchema } from './kvetch/schema/defineKvetchSchema.ts';
export type { KvetchSchemaConfig, Where } from './kvetch/schema/definitions.ts';
export type { CreateData, KvetchId, KvetchRecord, UpdateData } from './kvetch/schema/inferred.ts';
export type { KvetchSchema } from './kvetch/schema/KvetchSchema.ts';
export { ConsistencyToken } from './kvetch/shards/ConsistencyToken.ts';
export type { ShardCluster } from './kvetch/shards/ShardCluster.ts';
export type { ShardStore } from './kvetch/shards/ShardStore.ts';
export type { KvetchOf, TypedKvetch } from './kvetch/TypedKvetch.ts';
export { AttributeChange, append, increment, max, min, remove } from './kvetch/writes/AttributeChange.ts';
export { absent, between, type Conditions } from './kvetch/writes/conditions.ts';
export {
  check,
  create,
  deleteEdge,
  deleteIndexEntry,
  deleteObject,
  insertEdge,
  insertIndexEntry,
  type UnitMember,
  update,
} from './kvetch/writes/unit/members.ts';
export type { UnitResult } from './kvetch/writes/unit/UnitResult.ts';
export type { UnitOptions } from './kvetch/writes/unit/unitKey.ts';

// Plans that were exported elsewhere may hold any of them.
registerOwnSteps(
  ...([
    FilledPageStep,
    FillStep,
    ListEdgesStep,
    ListInfoStep,
    ListPageStep,
    ListWindowStep,
    RangeStep,
    ReadOnStep,
  ] as readonly StepClass[]),
);
