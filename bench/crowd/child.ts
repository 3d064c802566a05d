import { setImmediate as turn } from 'node:timers/promises';
import { parse } from 'graphql';
import { contenderNamed } from '../contenders/index.ts';
import { slowStore } from '../slowStore.ts';
import { workloadNamed } from '../workloads/index.ts';

export interface CrowdTask {
  readonly contenders: readonly string[];
  readonly windows: number;
}

/** One window: µs of CPU for a request, and requests a second. */
export interface CrowdWindow {
  readonly cpuMicros: number;
  readonly opsPerSecond: number;
}

const CLIENTS = 100;
/** Requests of a client in a window. */
const TIMES = 3;
const WARM_UP = 130;

type Run = () => Promise<CrowdWindow>;

const workload = workloadNamed('crowd');
const document = parse(workload.document(0));

async function runOf(contender: string): Promise<Run> {
  const store = slowStore(await workload.makeStore(), { milliseconds: 2, connections: 10 });
  const answer = (await contenderNamed(contender)).prepare(workload, store);
  if (answer === null) throw new Error(`${contender} does not answer the crowd.`);
  async function client(number: number): Promise<void> {
    const variables = workload.variables(number);
    for (let time = 0; time < TIMES; time++) await answer?.(document, variables);
  }
  return async () => {
    const start = performance.now();
    const before = process.cpuUsage();
    await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
    const { user, system } = process.cpuUsage(before);
    const requests = CLIENTS * TIMES;
    await turn();
    return { cpuMicros: (user + system) / requests, opsPerSecond: (requests * 1000) / (performance.now() - start) };
  };
}

/** The contenders take turns, and who begins changes. */
async function main({ contenders, windows }: CrowdTask): Promise<readonly CrowdWindow[][]> {
  const runs = await Promise.all(contenders.map(runOf));
  const found = runs.map((): CrowdWindow[] => []);
  for (let window = -WARM_UP; window < windows; window++) {
    const order = window % 2 === 0 ? [...runs.entries()] : [...runs.entries()].reverse();
    for (const [index, run] of order) {
      const measured = await run();
      if (window >= 0) found[index]?.push(measured);
    }
  }
  return found;
}

const outcome = await main(JSON.parse(process.argv[2] as string) as CrowdTask);
process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(0));
