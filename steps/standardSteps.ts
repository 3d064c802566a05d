import type { StepClass } from '../src/step/Step.ts';
import { CheckedKeyStep } from './connection/CheckedKeyStep.ts';
import { ConnectionStep } from './connection/ConnectionStep.ts';
import { EdgesStep } from './connection/EdgesStep.ts';
import { PageInfoStep } from './connection/PageInfoStep.ts';
import { PageStep } from './connection/PageStep.ts';
import { WindowStep } from './connection/WindowStep.ts';
import { AssertNotNullStep } from './flow/assertNotNull.ts';
import { ErrorStep } from './flow/error.ts';
import { ExitIfStep } from './flow/exitIf.ts';
import { InhibitIfStep } from './flow/inhibitIf.ts';
import { InhibitOnEmptyStep } from './flow/inhibitOnEmpty.ts';
import { InhibitOnNullStep } from './flow/inhibitOnNull.ts';
import { TrapStep } from './flow/trap.ts';
import { ListenStep } from './listen.ts';
import { AtStep } from './lists/at.ts';
import { EachStep } from './lists/each.ts';
import { FilterStep } from './lists/filter.ts';
import { GroupByStep } from './lists/groupBy.ts';
import { ListLengthStep } from './lists/listLength.ts';
import { ReverseStep } from './lists/reverse.ts';
import { LoadManyStep } from './load/loadMany.ts';
import { LoadOneStep } from './load/loadOne.ts';
import { NodeStep } from './node/node.ts';
import { RecordDependencyStep } from './recordDependency.ts';
import { CoalesceStep } from './values/coalesce.ts';
import { ConditionStep } from './values/condition.ts';
import { LambdaStep } from './values/lambda.ts';
import { ListStep } from './values/list.ts';
import { ObjectStep } from './values/object.ts';
import { RemapKeysStep } from './values/remapKeys.ts';
import { SideEffectStep } from './values/sideEffect.ts';

/** The classes of all standard steps, which imported plans may hold. Entry points register them. */
export const standardSteps: readonly StepClass[] = [
  AssertNotNullStep,
  AtStep,
  CheckedKeyStep,
  CoalesceStep,
  ConditionStep,
  ConnectionStep,
  EachStep,
  EdgesStep,
  ErrorStep,
  ExitIfStep,
  FilterStep,
  GroupByStep,
  InhibitIfStep,
  InhibitOnEmptyStep,
  InhibitOnNullStep,
  LambdaStep,
  ListenStep,
  ListLengthStep,
  ListStep,
  LoadManyStep,
  LoadOneStep,
  NodeStep,
  ObjectStep,
  PageInfoStep,
  PageStep,
  RecordDependencyStep,
  RemapKeysStep,
  ReverseStep,
  SideEffectStep,
  TrapStep,
  WindowStep,
];
