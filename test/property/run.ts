/**
 * Looks for operations that plans over Kvetch answer in more rounds than resolvers, or otherwise than without what starts
 * ahead (spec/10-loads.md).
 *
 *   npm run property:loads [-- --seed N] [--count N]
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { attempt, described, problemOf } from './attempt.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, count: { type: 'string', default: '2000' } },
});

const result = await fc.check(
  fc.asyncProperty(attempt, async (one) => {
    const problem = await problemOf(one);
    if (problem !== null) throw new Error(problem);
  }),
  { seed: Number(values.seed), numRuns: Number(values.count), endOnFailure: false },
);
if (result.counterexample === null) console.log(`${result.numRuns} attempts from seed ${values.seed}, none fails`);
else {
  const [one] = result.counterexample;
  console.log(
    `After ${result.numRuns} attempts and ${result.numShrinks} steps to make it small:\n${await described(one)}`,
  );
  console.log((result.errorInstance as Error | null)?.message);
  process.exitCode = 1;
}
