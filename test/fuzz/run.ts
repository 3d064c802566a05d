/**
 * Looks for differences between planql and graphql-js on random schemas, data and operations.
 *
 *   node --import tsx test/fuzz/run.ts [--seed N] [--count N | --forever] [--keep-going] [--incremental]
 *
 * `--incremental` tries only the seeds whose operations may have `@defer` and `@stream`.
 */
import { parseArgs } from 'node:util';
import { attemptOf, differenceOf } from './attempt.ts';
import { report } from './report.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1000' },
    forever: { type: 'boolean', default: false },
    'keep-going': { type: 'boolean', default: false },
    incremental: { type: 'boolean', default: false },
  },
});

const first = Number(values.seed);
const last = values.forever ? Number.POSITIVE_INFINITY : first + Number(values.count);
let differences = 0;
for (let seed = first; seed < last; seed++) {
  const attempt = attemptOf(seed);
  if (values.incremental && !attempt.knobs.incremental) continue;
  if ((await differenceOf(attempt)) !== null) {
    differences++;
    process.exitCode = 1;
    if (values['keep-going']) console.log(`seed ${seed} differs`);
    else {
      console.log(await report(attempt));
      break;
    }
  }
  if ((seed - first + 1) % 1000 === 0) console.log(`${seed - first + 1} seeds, ${differences} differences`);
}
console.log(`${differences} differences from seed ${first} on`);
