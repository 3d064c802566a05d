/**
 * Looks for plans that planql answers otherwise than graphql-js answers the same recipes as resolvers.
 *
 *   npm run property:plans -- [--seeds N] [--from N] [--keep-going]
 */
import { parseArgs } from 'node:util';
import { attemptOf } from './attempt.ts';
import { differenceOf } from './differenceOf.ts';
import { report } from './report.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    'keep-going': { type: 'boolean', default: false },
  },
});

const from = Number(values.from);
const end = from + Number(values.seeds);
const counts = { tried: 0, undefined: 0, differences: 0 };
for (let seed = from; seed < end; seed++) {
  const attempt = attemptOf(seed);
  const outcome = await differenceOf(attempt);
  counts.tried++;
  if (outcome === 'undefined') counts.undefined++;
  else if (outcome !== null) {
    counts.differences++;
    process.exitCode = 1;
    console.log(`seed ${seed} differs, on the road "${outcome.road}"`);
    if (values['keep-going']) console.log(outcome.message.split('\n').slice(0, 3).join('\n').slice(0, 300));
    else {
      console.log(await report(attempt));
      break;
    }
  }
  if (counts.tried % 1000 === 0) console.log(counts);
}
console.log(
  `${counts.tried} seeds from ${from}, ${counts.undefined} of them undefined: ${counts.differences} differences`,
);
