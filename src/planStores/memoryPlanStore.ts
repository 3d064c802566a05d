import type { PlanDocument } from '../plan/PlanDocument.ts';
import type { PlanStore } from '../plan/PlanStore.ts';

/** Plans in memory, for engines of one process and for tests. */
export function memoryPlanStore(): PlanStore {
  // As text, so that no reader changes the plan of another.
  const plans = new Map<string, string>();
  const read = (text: string | undefined): unknown => (text === undefined ? null : JSON.parse(text));
  return {
    get: (key) => read(plans.get(key)),
    set(key, plan: PlanDocument) {
      plans.set(key, JSON.stringify(plan));
    },
    async *all() {
      for (const text of [...plans.values()]) yield read(text);
    },
  };
}
