/**
 * What 1,000 different small operations cost a process that has just begun, the first and the second time each: µs of
 * CPU, the median of processes that take turns.
 *
 *   node --import tsx bench/young/run.ts [folder of sources …]
 */
import { join } from 'node:path';
import { repository } from '../circumstances.ts';
import { median } from '../median.ts';
import { markdown } from '../report/table.ts';
import { bundleChild, runTask } from '../runTask.ts';

const PROCESSES = 7;
const [first = join(repository, 'src'), ...others] = process.argv.slice(2);
const contenders = [
  { title: `planql, ${first}`, contender: 'planql', planql: first },
  ...others.map((planql) => ({ title: `planql, ${planql}`, contender: 'planql', planql })),
  { title: 'graphql-js', contender: 'graphql-js', planql: first },
  { title: 'graphql-js with DataLoader', contender: 'dataloader', planql: first },
  { title: 'by hand', contender: 'hand-objects', planql: first },
];
const entries = await Promise.all(
  contenders.map(async (entry) => ({
    ...entry,
    bundle: await bundleChild(entry.planql, 'bench/young/child.ts'),
    measured: [] as (readonly number[])[],
  })),
);
try {
  for (let turn = 0; turn < PROCESSES; turn++) {
    for (const { bundle, contender, measured } of entries) {
      const rounds = await runTask<object, readonly number[]>(bundle, { contender });
      if ('kind' in rounds) throw new Error(`${contender}: ${rounds.reason}`);
      measured.push(rounds);
    }
  }
} finally {
  for (const { bundle } of entries) bundle.remove();
}
const rows = entries.map(({ title, measured }) => [
  title,
  ...[0, 1].map((round) => median(measured.map((rounds) => rounds[round] ?? Number.NaN)).toFixed(0)),
]);
console.log(markdown(['', 'first, µs', 'second, µs'], rows));
