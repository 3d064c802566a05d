import { measureSubject, type Subject } from '../measure.ts';
import { ITEMS, itemId, LISTS } from './data.ts';
import { programNamed } from './programs/index.ts';
import type { Program } from './programs/Program.ts';
import { ServerCounts } from './ServerCounts.ts';
import type { KvetchOutcome, KvetchTask } from './Task.ts';
import { type KvetchWorkload, workloadNamed } from './workloads.ts';

/** A request that waits most of its time takes some thousand until V8 has compiled what answers it. */
const WARM_UP = 6000;

/** The process of one (workload, program): does its task, tells the outcome in one line, and ends. */
async function main(task: KvetchTask): Promise<KvetchOutcome> {
  const workload = workloadNamed(task.workload);
  const servers = await ServerCounts.open(task.places);
  await servers.flushRedis(); // what another program left is nothing that this one could use, or trust
  const program = await programNamed(task.program).open(task.places, workload.cache !== 'none');
  try {
    if (task.task === 'answer') return { kind: 'answers', answers: await answersOf(workload, program) };
    const subject = subjectOf(workload, program, servers);
    if (workload.cache !== 'cold')
      for (let turn = 0; turn < workload.turns; turn++) await step(workload, program, turn);
    const measurement = await measureSubject(subject, () => 0, task.milliseconds);
    const counted = Math.min(5, workload.turns);
    await subject.supply?.(counted);
    const { sqlStatements, redisCommands } = await servers.during(() => subject.run(counted));
    const operations = counted * subject.perTime;
    return {
      kind: 'measured',
      measurement: {
        ...measurement,
        sqlStatements: sqlStatements / operations,
        redisCommands: redisCommands / operations,
      },
    };
  } finally {
    await program.close();
    await servers.close();
  }
}

/** In some turns, twice in a row: what is remembered of the first time may answer the second. */
async function answersOf(workload: KvetchWorkload, program: Program): Promise<readonly string[]> {
  const answers: string[] = [];
  for (const turn of [0, 0, 1, 1, 2, 10, 11, 13, 13, 57]) {
    answers.push(Buffer.from(await step(workload, program, turn)).toString('utf8'));
  }
  return answers;
}

/** One operation: asks, or in the turns for it writes to what the next turns ask for. */
async function step(workload: KvetchWorkload, program: Program, turn: number): Promise<Uint8Array | string> {
  const { operation, variables, writeEvery } = workload;
  if (writeEvery === 0 || turn % writeEvery !== 0) return program.ask(operation, variables(turn));
  const user = Math.floor(turn / writeEvery) % workload.turns;
  await program.write(itemId(user * LISTS * ITEMS), `written in turn ${turn}`);
  return 'written';
}

function subjectOf(workload: KvetchWorkload, program: Program, servers: ServerCounts): Subject {
  const { clients, cache, turns } = workload;
  let turn = 0;
  let bytes = 0;
  const client = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) {
      const answer = await step(workload, program, turn++);
      if (typeof answer !== 'string') bytes += answer.byteLength;
    }
  };
  return {
    perTime: clients,
    maxTimes: cache === 'cold' ? turns : 20_000,
    warmUpTimes: WARM_UP / clients,
    supply: cache === 'cold' ? () => servers.flushRedis() : null,
    answeredBytes: () => bytes,
    run: async (times) => void (await Promise.all(Array.from({ length: clients }, () => client(times)))),
  };
}

const outcome = await main(JSON.parse(process.argv[2] as string) as KvetchTask);
process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(0));
