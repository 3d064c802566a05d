import { answersOf } from './answers.ts';
import { contenderNamed } from './contenders/index.ts';
import { measure } from './measure.ts';
import { countingStore, slowStore } from './slowStore.ts';
import type { Outcome, Task } from './Task.ts';
import { workloadNamed } from './workloads/index.ts';

/** The process of one (workload, contender): does its task, tells the outcome in one line, and ends. */
async function main({ task, workload: name, contender: contenderName, milliseconds }: Task): Promise<Outcome> {
  const workload = workloadNamed(name);
  const contender = await contenderNamed(contenderName);
  if (task === 'answer') {
    const answers = await answersOf(workload, contender);
    return answers === null ? { kind: 'none' } : { kind: 'answers', answers };
  }
  let calls = 0;
  const counting = countingStore(await workload.makeStore(), () => {
    calls++;
  });
  const store = workload.mode === 'crowd' ? slowStore(counting, { milliseconds: 2, connections: 10 }) : counting;
  const answer = contender.prepare(workload, store);
  if (answer === null) return { kind: 'none' };
  return { kind: 'measured', measurement: await measure(workload, answer, () => calls, milliseconds) };
}

const outcome = await main(JSON.parse(process.argv[2] as string) as Task);
process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(0));
