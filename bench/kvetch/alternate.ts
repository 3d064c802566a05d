/**
 * Two programs in one process, in turn: npm run bench:kvetch:alternate [-- --only view-warm,view-cold --against planql].
 * On a machine where others work too, this tells ratios that a process for each program does not: what slows one window
 * of a hundred operations slows the next as well. The best tenth of the windows, and the median. See ../README.md.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { repository } from '../circumstances.ts';
import { markdown, number } from '../report/table.ts';
import { bundleChild, runTask } from '../runTask.ts';
import type { AlternateOutcome, AlternateTask, Cost } from './alternateChild.ts';
import { fill } from './data.ts';
import { startServers } from './startServers.ts';
import { workloadNamed } from './workloads.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'view-warm,view-cold,view-sql,objects-warm,pages-warm,index-warm' },
    against: { type: 'string', default: 'hand-ahead,planql' },
    windows: { type: 'string', default: '60' },
  },
});

const programs = ['hand', ...values.against.split(',')];
const bundle = await bundleChild(join(repository, 'src'), 'bench/kvetch/alternateChild.ts');
const servers = await startServers();
try {
  await fill(servers.places);
  for (const workload of values.only.split(',')) {
    const task: AlternateTask = { workload, programs, windows: Number(values.windows), places: servers.places };
    const outcome = await runTask<AlternateTask, AlternateOutcome>(bundle, task);
    if (outcome.kind === 'failed') throw new Error(`${workload}: ${outcome.reason}`);
    print(workloadNamed(workload).title, outcome.costs);
  }
} finally {
  await servers.stop();
  bundle.remove();
}

function print(title: string, costs: ReadonlyArray<{ readonly best: Cost; readonly median: Cost }>): void {
  const [hand] = costs;
  if (hand === undefined) throw new Error('No program was run.');
  const cell = (own: number, base: number): string => `${number(own / base)} (${number(own)} µs)`;
  const rows = costs.map(({ best, median }, at) => [
    programs[at] as string,
    cell(best.cpu, hand.best.cpu),
    cell(median.cpu, hand.median.cpu),
    cell(best.elapsed, hand.best.elapsed),
    cell(median.elapsed, hand.median.elapsed),
  ]);
  console.log(`\n${markdown([title, 'CPU, best', 'CPU, median', 'elapsed, best', 'elapsed, median'], rows)}`);
}
