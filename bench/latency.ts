/**
 * How long 100 clients wait who ask at the same time for the todo view of a store that takes 2 ms and has 10 connections.
 *
 *   node --import tsx bench/latency.ts [--rounds N]
 */
import { parseArgs } from 'node:util';
import { parse } from 'graphql';
import { contenderNamed } from './contenders/index.ts';
import { countingStore, slowStore } from './slowStore.ts';
import { workloadNamed } from './workloads/index.ts';

const CLIENTS = 100;
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '50' } } });
const workload = workloadNamed('crowd');
const document = parse(workload.document(0));

for (const name of ['planql', 'planql-shared', 'planql', 'planql-shared']) {
  let calls = 0;
  const counting = countingStore(await workload.makeStore(), () => {
    calls++;
  });
  const store = slowStore(counting, { milliseconds: 2, connections: 10 });
  const answer = (await contenderNamed(name)).prepare(workload, store);
  if (answer === null) throw new Error(`${name} does not answer the crowd.`);
  const waits: number[] = [];
  const client = async (number: number): Promise<void> => {
    const start = performance.now();
    await answer(document, workload.variables(number));
    waits.push(performance.now() - start);
  };
  const rounds = Number(values.rounds);
  for (let round = 0; round < 2 * rounds; round++) {
    if (round === rounds) [waits.length, calls] = [0, 0]; // the first half warms up
    await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
  }
  waits.sort((a, b) => a - b);
  const at = (share: number): string => (waits[Math.floor((waits.length - 1) * share)] as number).toFixed(1);
  const perRequest = (calls / waits.length).toFixed(3);
  console.log(`${name.padEnd(14)} p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ${perRequest} store calls a request`);
}
