import { PlanqlError } from '../../src/errors/PlanqlError.ts';
import { PentContext } from '../../src/pent/PentContext.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import { isRecord } from '../../src/utils/isRecord.ts';

/** The PentContext of a request: its context, or `context.pent`. Each mutation field and each subscription event reads anew. */
export function contextOf(extra: ExecuteExtra): PentContext {
  const given: unknown = extra.context;
  const context = given instanceof PentContext || !isRecord(given) ? given : given.pent;
  if (!(context instanceof PentContext)) {
    throw new PlanqlError(
      'NO_PENT_CONTEXT',
      'Pent steps read from "contextValue.pent", and this request has none there. Pass { contextValue: { pent: new PentContext({ kvetch, model, viewer }) } }.',
    );
  }
  extra.shared(context, () => context.enterScope());
  return context;
}
