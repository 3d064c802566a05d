/**
 * Compares worlds with and without secrets by many operations, and ends with 1 if one differs.
 *
 *   npm run test:secrets [-- operations] [first seed]
 */
import { compareWorlds } from './compareWorlds.ts';

const [wanted = 20_000, first = Date.now() % 1_000_000] = process.argv.slice(2).map(Number);
const OF_ONE_SEED = 1_000;
const all = new Map<string, { taken: number; shown: number }>();
let count = 0;
let differing = 0;
for (let seed = first; count < wanted; seed++) {
  const { operations, differences, roads } = await compareWorlds(seed, Math.min(OF_ONE_SEED, wanted - count));
  count += operations;
  differing += differences.length;
  for (const text of differences) console.log(`seed ${seed}, ${text}`);
  for (const [road, { taken, shown }] of roads) {
    const sum = all.get(road) ?? { taken: 0, shown: 0 };
    all.set(road, { taken: sum.taken + taken, shown: sum.shown + shown });
  }
  if (differing > 20) break;
}
for (const [road, { taken, shown }] of all) console.log(`${road}: ${taken} (${shown} show something)`);
console.log(`${count} operations from seed ${first}, ${differing} differences`);
process.exitCode = differing === 0 ? 0 : 1;
