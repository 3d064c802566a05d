import type { GraphQLSchema } from 'graphql';
import { createEngine } from '../../engine/createEngine.ts';
import { PlanDocumentError } from '../../engine/PlanDocumentError.ts';
import { errorOf } from '../../errors/errorOf.ts';
import type { PlanDocument } from '../../plan/PlanDocument.ts';
import { brokenFields } from './brokenFields.ts';
import type { PersistedOperation } from './readOperations.ts';

/** The plans of operations, or why they have none that can be kept. */
export function planOperations(
  schema: GraphQLSchema,
  operations: readonly PersistedOperation[],
): ReadonlyMap<string, PlanDocument | readonly string[]> {
  const engine = createEngine({ schema });
  const planned = new Map<string, PlanDocument | readonly string[]>();
  for (const { name, document, operationName } of operations) {
    try {
      const plan = engine.exportPlan(engine.prepare(document, operationName));
      const broken = brokenFields(plan);
      planned.set(name, broken.length === 0 ? plan : broken);
    } catch (error) {
      planned.set(name, error instanceof PlanDocumentError ? error.problems : [errorOf(error).message]);
    }
  }
  return planned;
}

export function isPlan(planned: PlanDocument | readonly string[]): planned is PlanDocument {
  return 'hash' in planned;
}
