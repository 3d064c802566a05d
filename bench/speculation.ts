/**
 * What looking for loads that may start ahead costs operations that have none, or gain nothing by it: CPU time and
 * allocation with `limits.speculation` and without, in one process, window after window in turn.
 *   node --expose-gc --max-semi-space-size=128 --import tsx bench/speculation.ts [windows]
 */
import { parse } from 'graphql';
import { createEngine } from '../src/index.ts';
import { planSchema } from './contenders/planql.ts';
import { median } from './median.ts';
import { markdown, number } from './report/table.ts';
import type { Workload } from './Workload.ts';
import { workloadNamed } from './workloads/index.ts';

const windows = Number(process.argv[2] ?? 40);
const rows: string[][] = [];

interface Side {
  readonly ask: () => Promise<unknown>;
  readonly cpu: number[];
  readonly bytes: number[];
}

for (const name of ['todo', 'friends', 'deep', 'flat', 'union']) {
  const workload = workloadNamed(name);
  const sides = [await sideOf(workload, true), await sideOf(workload, false)];
  const times = name === 'flat' ? 10 : 60;
  for (const side of sides) await run(side, 10 * times);
  for (const side of sides) side.cpu.length = side.bytes.length = 0;
  for (let window = 0; window < windows; window++) for (const side of sides) await run(side, times);
  const [ahead, inTurn] = sides as [Side, Side];
  const ratio = (of: 'cpu' | 'bytes'): string => number(median(ahead[of]) / median(inTurn[of]));
  const best = number(Math.min(...ahead.cpu) / Math.min(...inTurn.cpu));
  rows.push([workload.title, ratio('cpu'), best, ratio('bytes'), number(median(ahead.bytes) / 1024)]);
}
console.log(markdown(['with as a multiple of without', 'CPU, median', 'CPU, best', 'bytes', 'KB/op'], rows));

async function sideOf(workload: Workload, isAhead: boolean): Promise<Side> {
  const engine = createEngine({ schema: planSchema(workload), limits: isAhead ? {} : { speculation: false } });
  const document = parse(workload.document(0));
  const contextValue = await workload.makeStore();
  const variableValues = workload.variables(0);
  return {
    ask: async () => engine.executeToBuffer({ document, variableValues, contextValue }),
    cpu: [],
    bytes: [],
  };
}

/** The young generation is large enough for a window: what the heap grew is what was allocated. */
async function run({ ask, cpu, bytes }: Side, times: number): Promise<void> {
  globalThis.gc?.();
  const heap = process.memoryUsage().heapUsed;
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) await ask();
  const { user, system } = process.cpuUsage(before);
  cpu.push((user + system) / times);
  bytes.push((process.memoryUsage().heapUsed - heap) / times);
}
