/** `planql/pent`: the object model, as async methods and as steps. */

import { PentVisibleStep, PentWorldStep } from '../steps/pent/authorizePent.ts';
import { ChosenListStep } from '../steps/pent/chosenList.ts';
import { WriteEdgeStep } from '../steps/pent/edgeWrites.ts';
import { PentMethodStep, RootMethodStep } from '../steps/pent/method.ts';
import { PentCountStep } from '../steps/pent/PentCountStep.ts';
import { PentMethodPageStep } from '../steps/pent/PentMethodPageStep.ts';
import { PentPageStep } from '../steps/pent/PentPageStep.ts';
import { PentStep } from '../steps/pent/PentStep.ts';
import { PentWindowStep } from '../steps/pent/PentWindowStep.ts';
import { ViewerIdStep } from '../steps/pent/pentHasEdge.ts';
import { PentTypeNameStep } from '../steps/pent/planPent.ts';
import { WritePentStep } from '../steps/pent/writes.ts';
import { registerOwnSteps } from './step/stepClasses.ts';

export * from '../steps/pent/index.ts';
export type { ListArgs, PageArgs } from './kvetch/reads/KvetchReads.ts';
export { assertWritten } from './pent/assertWritten.ts';
export type {
  Change,
  Context,
  Observer,
  PentClass,
  PentDefinition,
  PentModel,
  PentPage,
  PentType,
  Policy,
  Rule,
  Test,
  Trigger,
  Validator,
  WriteHooks,
} from './pent/contract.ts';
export { copyDates } from './pent/copyDates.ts';
export { definePents, type PentModelConfig } from './pent/definePents.ts';
export { PentError } from './pent/errors.ts';
export { objectsOf } from './pent/ofType.ts';
export { Pent } from './pent/Pent.ts';
export { PentContext, type PentContextOptions } from './pent/PentContext.ts';
export { allowAll, denyAll } from './pent/privacy/always.ts';
export { canRead, canReadMany } from './pent/privacy/canRead.ts';
export { allowIf, allowWhere, denyIf, requireThat, sameAs } from './pent/privacy/rules.ts';
export { Ref } from './pent/Ref.ts';
export { readHasEdge } from './pent/reads/readHasEdge.ts';
export { readEdge, readEdgeList, readIndexed, readStoredId } from './pent/reads/readPents.ts';
export { scalars } from './pent/scalars.ts';
export { member } from './pent/writes/members.ts';
export { createPent, deletePent, updatePent } from './pent/writes/writePent.ts';
export { type Written, writeTogether } from './pent/writes/writeTogether.ts';
export type { MaybePromise } from './utils/MaybePromise.ts';

// Plans that were exported elsewhere may hold any of them.
registerOwnSteps(
  ...[
    PentStep,
    PentPageStep,
    PentMethodPageStep,
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
