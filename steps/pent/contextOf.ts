import { PlanqlError } from '../../src/errors/PlanqlError.ts';
import { PentContext } from '../../src/pent/PentContext.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import { onPart } from '../../src/step/partsOfRequests.ts';
import { isRecord } from '../../src/utils/isRecord.ts';
import type { LoadInfo } from '../load/loader.ts';

/** The PentContext of a request: its context, or `context.pent`. Each mutation field and each subscription event reads anew. */
export function contextOf(extra: ExecuteExtra | LoadInfo): PentContext {
  const context = pentIn(extra.context);
  if (context === null) {
    throw new PlanqlError(
      'NO_PENT_CONTEXT',
      'Pent steps read from "contextValue.pent", and this request has none there. Pass { contextValue: { pent: new PentContext({ kvetch, model, viewer }) } }.',
    );
  }
  if ('shared' in extra) {
    extra.shared(context, () => context.enterScope());
    context.enterStep(extra);
  }
  return context;
}

// Resolvers of an event may come before its first step.
onPart((given, shared) => {
  const context = pentIn(given);
  if (context !== null) shared(context, () => context.enterScope());
});

export function pentIn(given: unknown): PentContext | null {
  const context = given instanceof PentContext || !isRecord(given) ? given : given.pent;
  return context instanceof PentContext ? context : null;
}
