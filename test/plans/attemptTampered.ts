import { type ExecutionResult, parse } from 'graphql';
import { createEngine } from '../../src/engine/createEngine.ts';
import { createExecutor } from '../../src/engine/createExecutor.ts';
import { PlanDocumentError } from '../../src/engine/PlanDocumentError.ts';
import type { PreparedPlan } from '../../src/engine/PreparedPlan.ts';
import { type PlanDocument, planHash } from '../../src/plan/PlanDocument.ts';
import { Random } from '../fuzz/Random.ts';
import { operations, request, schema } from './library.ts';
import { mutatePlan } from './mutatePlan.ts';

/** What became of a tampered plan. */
export type Fate = 'refused' | 'answered';

const planner = createEngine({ schema });
const originals = Object.values(operations).map((text) => planner.exportPlan(planner.prepare(parse(text))));

/** Set when code runs that no field offers. */
export const breach = { happened: false };
const rootValue = {
  secret: () => {
    breach.happened = true;
  },
};

/** Mutates a plan, with the hash that it has then, imports and runs it in all forms. Throws what must not happen. */
export async function attemptTampered(seed: number): Promise<Fate> {
  const random = new Random(seed);
  const mutated = structuredClone(random.pick(originals));
  mutatePlan(random, mutated);
  const plan = JSON.parse(JSON.stringify(mutated)) as PlanDocument & { hash: string };
  plan.hash = planHash(plan);
  const prepared = imported(plan);
  if (prepared === null) return 'refused';
  const args = { ...request, rootValue, deadline: Date.now() + 10_000 };
  const result = (await prepared.execute(args)) as ExecutionResult;
  const text = await prepared.executeToString(args);
  prepared.explain();
  prepared.explain('mermaid');
  assertResponse(result);
  assertResponse(JSON.parse(text));
  if (breach.happened) throw new Error('Code ran that no field offers.');
  return 'answered';
}

function imported(plan: PlanDocument): PreparedPlan | null {
  try {
    return createExecutor({ schema, codegen: 'always' }).importPlan(plan);
  } catch (error) {
    if (error instanceof PlanDocumentError && error.problems.length > 0) return null;
    throw error;
  }
}

function assertResponse(result: ExecutionResult): void {
  if (typeof result !== 'object' || result === null || !('data' in result)) {
    throw new Error(`This is no response: ${JSON.stringify(result)}`);
  }
  for (const { message } of result.errors ?? []) {
    if (/is a bug in/.test(message)) throw new Error(`A defect was found: ${message}`);
  }
}
