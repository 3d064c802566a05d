import { parse } from 'graphql';
import { contenderNamed } from '../contenders/index.ts';
import { workloadNamed } from '../workloads/index.ts';

const OPERATIONS = 1_000;

/** In a process that has done nothing yet: CPU of 1,000 different small operations, µs each, the first and the second time. */
async function main(name: string): Promise<readonly number[]> {
  const workload = workloadNamed('cold');
  const answer = (await contenderNamed(name)).prepare(workload, await workload.makeStore());
  if (answer === null) throw new Error(`${name} does not answer the workload.`);
  const documents = Array.from({ length: OPERATIONS }, (_, turn) => parse(workload.document(turn)));
  const rounds: number[] = [];
  for (let round = 0; round < 2; round++) {
    const before = process.cpuUsage();
    for (const document of documents) await answer(document, workload.variables(0));
    const { user, system } = process.cpuUsage(before);
    rounds.push((user + system) / OPERATIONS);
  }
  return rounds;
}

const rounds = await main(JSON.parse(process.argv[2] as string).contender);
process.stdout.write(`${JSON.stringify(rounds)}\n`, () => process.exit(0));
