/** `planql/kvetch`: the store and its shards in memory. */

import {
  FilledPageStep,
  FillStep,
  ListEdgesStep,
  ListInfoStep,
  ListPageStep,
  ListWindowStep,
  RangeStep,
  ReadOnStep,
} from '../steps/kvetch/index.ts';
import type { StepClass } from './step/Step.ts';
import { registerOwnSteps } from './step/stepClasses.ts';

export * from '../steps/kvetch/index.ts';
export type { CleanCounters } from './kvetch/cleaners/CleanCounters.ts';
export type { CleanOptions, CleanPlace, UniqueConflict } from './kvetch/cleaners/CleanOptions.ts';
export type { CleanReport } from './kvetch/cleaners/clean.ts';
export type { Range, ValueRange } from './kvetch/codec/orderKey.ts';
export { createKvetch, type KvetchOptions } from './kvetch/createKvetch.ts';
export {
  BadCallError,
  BadCursorError,
  BadIdError,
  BadPageError,
  BadValueError,
  BodyTooLargeError,
  BuildingError,
  ConditionFailedError,
  ConflictError,
  CorruptRowError,
  DerivedWriteError,
  type Effect,
  KvetchError,
  KvetchOptionError,
  KvetchSchemaError,
  MoveError,
  type NextStep,
  NotFoundError,
  ServerUnavailableError,
  SeveralServersError,
  ShardMovedError,
  ShardUnavailableError,
  StoreBusyError,
  UniqueViolationError,
  UnknownDefinitionError,
  WrongTypeError,
} from './kvetch/errors.ts';
export { createIdGenerator, type IdGenerator, type IdGeneratorOptions } from './kvetch/ids/createIdGenerator.ts';
export { parseId } from './kvetch/ids/parseId.ts';
export { LOGICAL_SHARDS, shardOfId, shardOfValue } from './kvetch/ids/routing.ts';
export type { CreateOptions, Kvetch } from './kvetch/Kvetch.ts';
export type { KvetchBatching } from './kvetch/KvetchBatching.ts';
export type {
  ChangeListener,
  KvetchCache,
  KvetchChange,
  KvetchLimits,
  RepairHint,
} from './kvetch/KvetchContext.ts';
export type { KvetchEdge } from './kvetch/KvetchEdge.ts';
export type { KvetchObject } from './kvetch/KvetchObject.ts';
export type { KvetchStats, KvetchStatsSnapshot, NodeStats } from './kvetch/KvetchStats.ts';
export type { ProcessCacheOptions } from './kvetch/local/ObjectMemory.ts';
export { memoryShards } from './kvetch/memory/memoryShards.ts';
export type {
  BrowsePageRequest,
  CountArgs,
  EdgeCountRequest,
  EdgeObjectsPage,
  EdgePage,
  EdgeQuestion,
  EdgesRequest,
  IndexCountRequest,
  IndexPage,
  IndexRequest,
  KvetchReads,
  ListArgs,
  ObjectPage,
  PageArgs,
  PageWays,
  ReadExtra,
} from './kvetch/reads/KvetchReads.ts';
export { defineKvetchSchema } from './kvetch/schema/defineKvetchSchema.ts';
export type {
  EdgeDefinition,
  FieldDefinition,
  FieldKind,
  IndexDefinition,
  IndexKind,
  KvetchSchemaConfig,
  ObjectDefinition,
  OrderBy,
  PlainEdgeDefinition,
  StoredIdEdgeDefinition,
  Where,
  WhereValue,
} from './kvetch/schema/definitions.ts';
export type { CreateData, KvetchId, KvetchRecord, UpdateData } from './kvetch/schema/inferred.ts';
export type {
  EdgeRef,
  EdgeType,
  IndexRef,
  IndexType,
  KvetchSchema,
  ObjectType,
  TypeRef,
} from './kvetch/schema/KvetchSchema.ts';
export { ConsistencyToken } from './kvetch/shards/ConsistencyToken.ts';
export type { ShardRange } from './kvetch/shards/ranges.ts';
export type { ShardCluster } from './kvetch/shards/ShardCluster.ts';
export type { ShardStore } from './kvetch/shards/ShardStore.ts';
export type { KvetchOf, TypedKvetch } from './kvetch/TypedKvetch.ts';
export type { ImportCounters } from './kvetch/transfer/importRows.ts';
export {
  type AppendOptions,
  AttributeChange,
  append,
  increment,
  max,
  min,
  remove,
} from './kvetch/writes/AttributeChange.ts';
export type { UpdateOptions } from './kvetch/writes/changeInTurn.ts';
export type { AttributesInput } from './kvetch/writes/checkAttributes.ts';
export { absent, between, type Conditions } from './kvetch/writes/conditions.ts';
export type { EdgeInput, IndexEntryInput } from './kvetch/writes/plainWrites.ts';
export type { CreateRequest } from './kvetch/writes/prepareCreate.ts';
export {
  type CreateMember,
  check,
  create,
  deleteEdge,
  deleteIndexEntry,
  deleteObject,
  type EdgeMember,
  type EntryMember,
  insertEdge,
  insertIndexEntry,
  type MemberCreateOptions,
  type ObjectMember,
  type UnitMember,
  type UpdateMember,
  update,
} from './kvetch/writes/unit/members.ts';
export type { UnitOptions } from './kvetch/writes/unit/unitKey.ts';
export type { UnitResult } from './kvetch/writes/unit/writeUnit.ts';

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
