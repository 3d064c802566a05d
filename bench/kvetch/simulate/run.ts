/**
 * Simulates a store of many servers while they fail, and sees that it keeps its promises. bench/README.md says what is real.
 *
 *   npm run simulate:kvetch -- [--seeds 1-20] [--servers 12] [--programs 4] [--users 60] [--seconds 30]
 *   npm run simulate:kvetch -- --cached --seeds 1-20             programs share a cache in Redis, which fails, too
 *   npm run simulate:kvetch -- --capacity --servers 1000 [--programs 4] [--users 4000]   what docs/capacity.md cites
 *   npm run simulate:kvetch -- --prove         takes one check of the store out after the other: each must be found
 *   npm run simulate:kvetch -- --without fence --seeds 2
 */
import './replaceDrivers.ts';
import { parseArgs } from 'node:util';
import { measureCapacity } from './capacity.ts';
import { Violation } from './History.ts';
import { type Broken, cacheChecks, checks } from './Server.ts';
import { type Outcome, type Scenario, simulate } from './simulate.ts';
import { realMilliseconds, runVirtualTime, startVirtualTime } from './virtualTime.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1' },
    servers: { type: 'string', default: '12' },
    programs: { type: 'string', default: '4' },
    users: { type: 'string', default: '60' },
    seconds: { type: 'string', default: '30' },
    cached: { type: 'boolean', default: false },
    without: { type: 'string' },
    capacity: { type: 'boolean', default: false },
    prove: { type: 'boolean', default: false },
  },
});
const [from = 1, to = from] = values.seeds.split('-').map(Number);
const known: readonly Broken[] = [...checks, ...cacheChecks];
const without = known.find((check) => check === values.without) ?? null;
if (values.without !== undefined && without === null) throw new Error(`--without knows ${known.join(', ')}.`);
process.on('unhandledRejection', (error) => {
  throw error;
});

const size = { servers: Number(values.servers), programs: Number(values.programs), users: Number(values.users) };
const isWell = values.capacity ? await capacity() : values.prove ? await prove() : await keep();
process.exit(isWell ? 0 : 1);

async function capacity(): Promise<boolean> {
  startVirtualTime(from);
  await runVirtualTime(
    measureCapacity({ ...size, outageMs: Number(values.seconds) * 1000 }, (line) => console.log(line)),
  );
  const { heapUsed, rss } = process.memoryUsage();
  const [heap, all] = [heapUsed, rss].map((bytes) => Math.round(bytes / 2 ** 20));
  console.log(`${Math.round(realMilliseconds() / 1000)} s, ${heap} MB of objects, ${all} MB in all`);
  return true;
}

async function run(seed: number, broken: Broken | null): Promise<Outcome | Violation> {
  const scenario: Scenario = {
    ...size,
    faultsMs: Number(values.seconds) * 1000,
    isCached: values.cached || cacheChecks.some((check) => check === broken),
    broken,
  };
  startVirtualTime(seed);
  return runVirtualTime(simulate(scenario)).catch((error: unknown) => {
    if (error instanceof Violation) return error;
    throw error;
  });
}

/** Whether all promises are kept with all seeds. */
async function keep(): Promise<boolean> {
  for (let seed = from; seed <= to; seed++) {
    const outcome = await run(seed, without);
    if (outcome instanceof Violation) {
      console.log(`seed ${seed}: ${outcome.message}`);
      return false;
    }
    console.log(`seed ${seed}: all promises were kept ${JSON.stringify(outcome)}`);
  }
  return true;
}

/** Whether one of the seeds shows that a check is missing, for each. */
async function prove(): Promise<boolean> {
  let isWell = true;
  for (const check of without === null ? known : [without]) {
    let found = 'NOT FOUND';
    for (let seed = from; seed <= to && found === 'NOT FOUND'; seed++) {
      const outcome = await run(seed, check);
      if (outcome instanceof Violation) found = `seed ${seed}: ${outcome.message.split('\n')[0]}`;
    }
    console.log(`without ${check}: ${found}`);
    isWell &&= found !== 'NOT FOUND';
  }
  return isWell;
}
