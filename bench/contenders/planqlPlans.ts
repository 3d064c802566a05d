import { createExecutor } from '../../src/execute.ts';
import { createEngine, type Engine, type PlanDocument } from '../../src/index.ts';
import { prometheusCounters } from '../../src/telemetry.ts';
import type { Store, Workload } from '../Workload.ts';
import type { Answer, Contender } from './Contender.ts';
import { planqlBytes, planSchema } from './planql.ts';

/** As many as a process meets that sees each document once. */
const planCache = { max: 1_000_000, maxSize: 2 ** 33 };

function bytesOf(engine: Engine, contextValue: Store): Answer {
  return async (document, variableValues) => engine.executeToBuffer({ document, variableValues, contextValue });
}

/** On plans that were exported and went through JSON: nothing is planned in the clock, nor by the executor at all. */
export const planqlImported: Contender = {
  name: 'planql-imported',
  title: 'planql, bytes, on imported plans',
  isExact: true,
  prepare(workload, store) {
    const schema = planSchema(workload);
    const planner = createEngine({ schema });
    // The room for all new documents is itself something to carry: who asks for one document has a cache as others have.
    const isFresh = workload.mode === 'fresh' || workload.mode === 'freshText';
    const executor = createExecutor({ schema, ...(isFresh ? { planCache } : null) });
    return Object.assign(bytesOf(executor, store), {
      meet(document: Parameters<Engine['prepare']>[0]) {
        const plan = planner.exportPlan(planner.prepare(document));
        executor.importPlan(JSON.parse(JSON.stringify(plan)) as PlanDocument);
      },
    });
  },
};

/** A document that was asked for twice before: from then on its plan stays, however many are new (decision engine-plan-cache). */
export const planqlAgain: Contender = {
  name: 'planql-again',
  title: 'planql, bytes, asked again',
  isExact: true,
  prepare(workload: Workload, store) {
    if (workload.mode === 'hot' || workload.mode === 'crowd') return null;
    const answer = bytesOf(createEngine({ schema: planSchema(workload), planCache }), store);
    return Object.assign((...asked: Parameters<Answer>) => answer(...asked), {
      async meet(...asked: Parameters<Answer>) {
        await answer(...asked);
        await answer(...asked);
      },
    });
  },
};

/** With counters for Prometheus listening. */
export const planqlCounted: Contender = {
  name: 'planql-counted',
  title: 'planql, bytes, with counters',
  isExact: true,
  prepare(workload, store) {
    if (workload.mode !== 'hot') return null;
    const answer = planqlBytes.prepare(workload, store);
    const counters = prometheusCounters();
    return answer === null ? null : Object.assign(answer, { end: counters.stop });
  },
};

/** With the bound of each request's cost, computed before it runs. */
export const planqlCosted: Contender = {
  name: 'planql-costed',
  title: 'planql, bytes, with a limit of cost',
  isExact: true,
  prepare(workload, store) {
    if (workload.mode !== 'hot') return null;
    const limits = { maxCost: Number.MAX_VALUE, onUnbounded: 'RUN' } as const;
    return bytesOf(createEngine({ schema: planSchema(workload), limits }), store);
  },
};
