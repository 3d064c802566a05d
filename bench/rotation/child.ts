import { parse } from 'graphql';
import { createExecutor } from '../../src/execute.ts';
import { createEngine } from '../../src/index.ts';
import { filePlanStore, type PlanStore } from '../../src/plan-stores.ts';
import { itemAt } from '../../src/utils/itemAt.ts';
import type { Answer } from '../contenders/Contender.ts';
import { contenderNamed } from '../contenders/index.ts';
import { planSchema } from '../contenders/planql.ts';
import { median } from '../median.ts';
import type { Store } from '../Workload.ts';
import { workloadNamed } from '../workloads/index.ts';

/** So many requests are answered, and each operation at least four times. */
const REQUESTS = 12_000;

export interface RotationTask {
  /** `fill` fills the plan store and measures nothing. */
  readonly contender: string;
  readonly operations: number;
  /** The folder of the plan store. */
  readonly plans: string;
}

/** What a process needed, in µs of CPU a request. */
export interface Rotation {
  readonly first: number;
  readonly second: number;
  readonly later: number;
  /** What the heap holds at the end, beyond documents and data, in MiB. */
  readonly heap: number;
}

const workload = workloadNamed('cold');

async function main({ contender, operations, plans }: RotationTask): Promise<Rotation> {
  const store = await workload.makeStore();
  const documents = Array.from({ length: operations }, (_, turn) => parse(workload.document(turn)));
  const before = heapAfterCollection();
  const answer = await answerOf(contender, store, plans);
  const passes: number[] = [];
  const atLeast = Math.max(4, Math.ceil(REQUESTS / operations));
  for (let pass = 0; pass < atLeast; pass++) {
    const begun = process.cpuUsage();
    for (const [turn, document] of documents.entries()) await answer(document, workload.variables(turn));
    const { user, system } = process.cpuUsage(begun);
    passes.push((user + system) / operations);
  }
  const last = `${Buffer.from(await answer(itemAt(documents, 0), workload.variables(0)))}`;
  if (!last.startsWith('{"data":{')) throw new Error(`${contender} answers with ${last.slice(0, 300)}`);
  const [first, second, ...others] = passes as [number, number, ...number[]];
  // What comes last is warm.
  const later = median(others.slice(others.length >> 1));
  return { first, second, later, heap: (heapAfterCollection() - before) / 2 ** 20 };
}

async function answerOf(name: string, store: Store, plans: string): Promise<Answer> {
  if (name === 'planql-store' || name === 'planql-warm') {
    const planStore = storeAt(plans);
    const schema = planSchema(workload);
    const engine =
      name === 'planql-store' ? createEngine({ schema, planStore }) : createExecutor({ schema, planStore });
    if (name === 'planql-warm') await engine.warmUp();
    return async (document, variableValues) =>
      engine.executeToBuffer({ document, variableValues, contextValue: store });
  }
  const answer = (await contenderNamed(name)).prepare(workload, store);
  if (answer === null) throw new Error(`${name} does not answer the workload.`);
  return answer;
}

/** Fills the plan store, as another process does. */
async function fill({ operations, plans }: RotationTask): Promise<null> {
  const store = await workload.makeStore();
  const planStoreOptions = { savesPerMinute: 1e9, settleMs: 0 };
  const engine = createEngine({ schema: planSchema(workload), planStore: storeAt(plans), planStoreOptions });
  for (let turn = 0; turn < operations; turn++) {
    const document = parse(workload.document(turn));
    const request = { document, variableValues: workload.variables(turn), contextValue: store };
    for (let time = 0; time < 2; time++) await engine.execute(request); // what comes once is not saved
  }
  await engine.saved();
  return null;
}

function storeAt(folder: string): PlanStore {
  return filePlanStore({ folder, release: 'bench' });
}

function heapAfterCollection(): number {
  for (let turn = 0; turn < 3; turn++) globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

const task: RotationTask = JSON.parse(process.argv[2] as string);
const outcome = await (task.contender === 'fill' ? fill(task) : main(task));
process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(0));
