/**
 * Looks for tampered plans that are neither refused nor harmless.
 *
 *   node --import tsx test/plans/tamper.ts [--seed N] [--count N]
 */
import { parseArgs } from 'node:util';
import { attemptTampered } from './attemptTampered.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, count: { type: 'string', default: '100000' } },
});
const first = Number(values.seed);
const fates: Record<string, number> = {};
let current = first;
// A plan that hangs, or that leaves a rejection behind, is found by its seed.
process.on('unhandledRejection', (error) => console.log(`seed ${current}: unhandled`, error));
process.on('SIGTERM', () => {
  console.log(`ended at seed ${current}`, fates);
  process.exit(1);
});
for (; current < first + Number(values.count); current++) {
  try {
    const fate = await attemptTampered(current);
    fates[fate] = (fates[fate] ?? 0) + 1;
  } catch (error) {
    process.exitCode = 1;
    console.log(`seed ${current}:`, error);
  }
  if (current % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
}
console.log(fates);
