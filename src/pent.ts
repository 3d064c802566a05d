/** `planql/pent`: the object model, as async methods and as steps. */
import {
  ChosenListStep,
  PentCountStep,
  PentMethodStep,
  PentPageStep,
  PentStep,
  PentTypeNameStep,
  PentVisibleStep,
  PentWindowStep,
  PentWorldStep,
  RootMethodStep,
  ViewerIdStep,
  WriteEdgeStep,
  WritePentStep,
} from '../steps/pent/index.ts';
import { registerOwnSteps } from './step/stepClasses.ts';

export * from '../steps/pent/index.ts';
export type { ListArgs, PageArgs } from './kvetch/reads/KvetchReads.ts';
export { assertWritten, type HandWritten } from './pent/assertWritten.ts';
export type {
  BatchTest,
  Change,
  ChangeMember,
  Context,
  EdgePart,
  InputProblem,
  Observer,
  PentClass,
  PentDefinition,
  PentEntry,
  PentMember,
  PentModel,
  PentPage,
  PentType,
  Policy,
  Reason,
  Rule,
  Test,
  Trigger,
  UnitOfChanges,
  Validator,
  ViewerId,
  WriteHooks,
} from './pent/contract.ts';
export { copyDates } from './pent/copyDates.ts';
export { definePents, type PentModelConfig } from './pent/definePents.ts';
export { PentError, type SafeCode } from './pent/errors.ts';
export { isOfType, objectsOf } from './pent/ofType.ts';
export { Pent } from './pent/Pent.ts';
export { PentContext, type PentContextOptions } from './pent/PentContext.ts';
export { allowAll, denyAll } from './pent/privacy/always.ts';
export { canRead, canReadMany } from './pent/privacy/canRead.ts';
export {
  type AnyTest,
  allowIf,
  denyIf,
  requireThat,
  sameAs,
} from './pent/privacy/rules.ts';
export { readHasEdge } from './pent/reads/readHasEdge.ts';
export { readEdge, readEdgeList, readIndexed, readStoredId } from './pent/reads/readPents.ts';
export { type ScalarBehaviour, scalars } from './pent/scalars.ts';
export { type MemberPlace, member } from './pent/writes/members.ts';
export { type EdgeWrite, writePentEdge } from './pent/writes/writeEdge.ts';
export { createPent, deletePent, type PentCreateOptions, updatePent } from './pent/writes/writePent.ts';
export { type Written, writeTogether } from './pent/writes/writeTogether.ts';
export type { MaybePromise } from './utils/MaybePromise.ts';

// Plans that were exported elsewhere may hold any of them.
registerOwnSteps(
  ...[
    PentStep,
    PentPageStep,
    PentCountStep,
    PentVisibleStep,
    PentWorldStep,
    PentWindowStep,
    ChosenListStep,
    ViewerIdStep,
    PentTypeNameStep,
    PentMethodStep,
    RootMethodStep,
    WritePentStep,
    WriteEdgeStep,
  ],
);
