import { type Profiler, Session } from 'node:inspector/promises';
import { parse } from 'graphql';
import { contenderNamed } from '../contenders/index.ts';
import { workloadNamed } from '../workloads/index.ts';
import { byPhase, type CallNode } from './phases.ts';

const WARM_UP = 8_000;
const MEASURED = 16_000;
const AT_ONCE = 100;

/** New operations of the workload `cold`, profiled where V8 has compiled what plans them. */
async function main(): Promise<Record<string, number>> {
  const workload = workloadNamed('cold');
  const answer = (await contenderNamed('planql')).prepare(workload, await workload.makeStore());
  if (answer === null) throw new Error('planql does not answer the workload.');
  let turn = 1000;
  const run = async (times: number): Promise<void> => {
    for (let done = 0; done < times; done += AT_ONCE) {
      const documents = Array.from({ length: AT_ONCE }, () => parse(workload.document(turn++)));
      for (const document of documents) await answer(document, workload.variables(turn));
    }
  };
  const session = new Session();
  session.connect();
  await run(WARM_UP);
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 200 });
  await session.post('Profiler.start');
  await run(MEASURED);
  const taken = byPhase(timesOf((await session.post('Profiler.stop')).profile));
  return Object.fromEntries([...taken].map(([phase, micros]) => [phase, micros / MEASURED]));
}

function timesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): CallNode {
  const self = new Map<number, number>();
  samples.forEach((id, at) => {
    self.set(id, (self.get(id) ?? 0) + (timeDeltas[at] ?? 0));
  });
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const callNode = ({ id, callFrame, children = [] }: Profiler.ProfileNode): CallNode => ({
    name: callFrame.functionName,
    self: self.get(id) ?? 0,
    children: children.map((child) => callNode(byId.get(child) as Profiler.ProfileNode)),
  });
  return callNode(nodes[0] as Profiler.ProfileNode);
}

const measured = await main();
process.stdout.write(`${JSON.stringify(measured)}\n`, () => process.exit(0));
