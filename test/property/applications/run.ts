/**
 * Random applications - an annotated schema, what Grapple makes of it, writes and queries - compared with plain arrays
 * of objects.
 *
 *   npm run property:applications -- [--seed N] [--seeds N] [--steps N] [--stores memory,late,sqlite,mysql,redis,redismemory] [--trace]
 *
 * `--trace` prints each step. The exit code is 1 when there is a difference.
 */
import { parseArgs } from 'node:util';
import { runApplication } from './runApplication.ts';
import { isStore } from './stores.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '100' },
    steps: { type: 'string', default: '250' },
    stores: { type: 'string', default: 'memory' },
    trace: { type: 'boolean', default: false },
  },
});
const from = Number(values.seed);
const end = from + Number(values.seeds);
const steps = Number(values.steps);
const counts = { runs: 0, asked: 0, written: 0, refused: 0 };
/** By the kind of difference. */
const found = new Map<string, number>();

for (const store of values.stores.split(',')) {
  if (!isStore(store)) throw new Error(`There is no store "${store}".`);
  for (let seed = from; seed < end; seed++) {
    try {
      const report = await runApplication({ seed, steps, store, trace: values.trace });
      for (const name of ['asked', 'written', 'refused'] as const) counts[name] += report[name];
      if (report.failures.length > 0) console.log(`seed ${seed}: rules failed: ${report.failures[0]}`);
    } catch (error) {
      note(seed, (error as Error).message);
    }
    counts.runs++;
  }
}
console.log(counts, [...found]);
// a run that was given up may still wait for something
process.exit(found.size > 0 ? 1 : 0);

/** Differences that look the same are printed once. */
function note(seed: number, message: string): void {
  const [first = ''] = message.split('\n');
  const kind = first.replace(/[0-9a-f-]{36}|\d+/g, '#').slice(0, 60);
  const count = (found.get(kind) ?? 0) + 1;
  found.set(kind, count);
  if (count === 1) console.log(`\nseed ${seed} differs: ${message.slice(0, 2500)}`);
}
