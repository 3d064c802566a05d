/**
 * What shared batches cost: 100 clients of a store that takes 2 ms and has 10 connections, all contenders in one process,
 * in windows that take turns. On a busy machine the best windows tell more than the others.
 *
 *   node --import tsx bench/crowd/run.ts [--peers hand-shared,planql-shared] [--windows 200] [folder of sources]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { repository } from '../circumstances.ts';
import { markdown } from '../report/table.ts';
import { bundleChild, runTask } from '../runTask.ts';
import type { CrowdTask, CrowdWindow } from './child.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    peers: { type: 'string', default: 'hand-shared,planql-shared' },
    windows: { type: 'string', default: '200' },
  },
});
const task: CrowdTask = { contenders: values.peers.split(','), windows: Number(values.windows) };
const bundle = await bundleChild(positionals[0] ?? join(repository, 'src'), 'bench/crowd/child.ts');
const measured = await runTask<CrowdTask, readonly CrowdWindow[][]>(bundle, task).finally(() => bundle.remove());
if ('kind' in measured) throw new Error(measured.reason);

/** The value below which a share of the values lies. */
function at(share: number, all: readonly number[]): number {
  const sorted = [...all].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
}

const figures = measured.map((windows) => {
  const cpu = windows.map(({ cpuMicros }) => cpuMicros);
  const rate = windows.map(({ opsPerSecond }) => opsPerSecond);
  return [at(0.02, cpu), at(0.5, cpu), at(0.98, rate), at(0.5, rate)];
});
const rows = figures.map((own, index) => [
  task.contenders[index] ?? '',
  ...own.map((figure, column) => {
    const ratio = figure / (figures[0]?.[column] ?? Number.NaN);
    return `${ratio.toFixed(2)} (${figure.toFixed(column < 2 ? 1 : 0)})`;
  }),
]);
console.log(
  markdown(
    ['', 'CPU, best windows (µs a request)', 'CPU, median', 'rate, best windows (requests/s)', 'rate, median'],
    rows,
  ),
);
