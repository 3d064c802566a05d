import { Redis } from 'ioredis';
import type { Places } from './places.ts';
import { programNamed } from './programs/index.ts';
import type { Program } from './programs/Program.ts';
import { workloadNamed } from './workloads.ts';

export interface AlternateTask {
  readonly workload: string;
  readonly programs: readonly string[];
  readonly windows: number;
  readonly places: Places;
}

/** Of one operation, in microseconds. */
export interface Cost {
  readonly cpu: number;
  readonly elapsed: number;
}

export interface AlternateOutcome {
  readonly kind: 'alternated';
  /** By program. */
  readonly costs: ReadonlyArray<{ readonly best: Cost; readonly median: Cost }>;
}

/** So many make a window of some tens of milliseconds. */
const OPERATIONS = { view: 100, objects: 10, pages: 20, index: 200 } as const;

/** Each program runs this much before it is measured, as V8 compiles meanwhile. The limit that is reached first counts. */
const WARM_UP = { operations: 3000, milliseconds: 8000 } as const;

async function main({ workload: name, programs: names, windows, places }: AlternateTask): Promise<AlternateOutcome> {
  const workload = workloadNamed(name);
  const many = OPERATIONS[workload.operation];
  const operations = workload.cache === 'warm' ? many : Math.min(Math.ceil(many / 4), workload.turns);
  const redis = new Redis(places.redis);
  const programs: Program[] = [];
  for (const one of names) programs.push(await programNamed(one).open(places, workload.cache !== 'none'));
  const costs = programs.map((): Cost[] => []);
  for (const program of programs) await warmUp(program);
  for (let window = 0; window < windows; window++) {
    for (const [at, program] of programs.entries()) {
      // so that what one program left is nothing that another uses
      if (workload.cache === 'cold') await redis.flushall();
      costs[at]?.push(await run(program, operations));
    }
  }
  for (const program of programs) await program.close();
  redis.disconnect();
  return { kind: 'alternated', costs: costs.map((own) => ({ best: at(own, 0.1), median: at(own, 0.5) })) };

  /** What is asked for warm is there after it. */
  async function warmUp(program: Program): Promise<void> {
    const end = performance.now() + WARM_UP.milliseconds;
    for (let done = 0; done < WARM_UP.operations && performance.now() < end; done += workload.turns) {
      if (workload.cache === 'cold') await redis.flushall();
      await run(program, workload.turns);
    }
  }

  async function run(program: Program, times: number): Promise<Cost> {
    const before = process.cpuUsage();
    const start = performance.now();
    for (let turn = 0; turn < times; turn++) await program.ask(workload.operation, workload.variables(turn));
    const { user, system } = process.cpuUsage(before);
    return { cpu: (user + system) / times, elapsed: ((performance.now() - start) * 1000) / times };
  }
}

/** What so large a part of the windows stayed below. */
function at(costs: readonly Cost[], part: number): Cost {
  const quantile = (of: (cost: Cost) => number): number =>
    costs.map(of).sort((a, b) => a - b)[Math.floor(costs.length * part)] as number;
  return { cpu: quantile(({ cpu }) => cpu), elapsed: quantile(({ elapsed }) => elapsed) };
}

const outcome = await main(JSON.parse(process.argv[2] as string) as AlternateTask);
process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(0));
