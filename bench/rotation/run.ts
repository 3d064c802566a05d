/**
 * What servers with 50, 300 and 2,000 different operations in rotation need: µs of CPU a request in the first pass over
 * all operations, in the second and later on, and what stays on the heap.
 *
 *   npm run bench:rotation [-- --rounds N]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { repository } from '../circumstances.ts';
import { median } from '../median.ts';
import { markdown } from '../report/table.ts';
import { bundleChild, runTask } from '../runTask.ts';
import type { Rotation, RotationTask } from './child.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });
const OPERATIONS = [50, 300, 2_000];
const CONTENDERS = {
  planql: 'planql',
  'planql-store': 'planql, plan store',
  'planql-warm': 'planql, plan store, warmed up, no planner',
  'graphql-js': 'graphql-js',
  dataloader: 'graphql-js with DataLoader',
  'hand-objects': 'by hand',
};

const bundle = await bundleChild(join(repository, 'src'), 'bench/rotation/child.ts');
try {
  for (const operations of OPERATIONS) {
    const plans = mkdtempSync(join(tmpdir(), 'planql-rotation-'));
    await run({ contender: 'fill', operations, plans });
    const measured = new Map(Object.keys(CONTENDERS).map((name): [string, Rotation[]] => [name, []]));
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const [contender, rounds] of measured) {
        const rotation = await run({ contender, operations, plans });
        if (rotation !== null) rounds.push(rotation);
      }
    }
    rmSync(plans, { recursive: true });
    const rows = Object.entries(CONTENDERS).map(([name, title]) => {
      const of = (figure: keyof Rotation): number => median((measured.get(name) ?? []).map((round) => round[figure]));
      return [title, of('first').toFixed(0), of('second').toFixed(0), of('later').toFixed(0), of('heap').toFixed(1)];
    });
    const head = [`${operations} operations`, 'first, µs', 'second, µs', 'later, µs', 'heap, MiB'];
    console.log(`${markdown(head, rows)}\n`);
  }
} finally {
  bundle.remove();
}

async function run(task: RotationTask): Promise<Rotation | null> {
  const outcome = await runTask<RotationTask, Rotation | null>(bundle, task);
  if (outcome !== null && 'kind' in outcome) throw new Error(`${task.contender}: ${outcome.reason}`);
  return outcome;
}
