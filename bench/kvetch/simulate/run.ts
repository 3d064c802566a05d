/**
 * Simulates a store of many servers while they fail, and sees that it keeps its promises. bench/README.md says what is real.
 *
 *   npm run simulate:kvetch -- [--seeds 1-20] [--servers 12] [--programs 4] [--users 60] [--seconds 30]
 *   npm run simulate:kvetch -- --cached --seeds 1-20             programs share a cache in Redis, which fails, too
 *   npm run simulate:kvetch -- --capacity --servers 1000 [--programs 4] [--users 4000]   what docs/capacity.md cites
 *   npm run simulate:kvetch -- --prove         takes one check of the store out after the other: each must be found
 *   npm run simulate:kvetch -- --without fence --seeds 2
 *
 * Each seed has a process of its own, so that it is the same run alone and within a range.
 */
import './replaceDrivers.ts';
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { measureCapacity } from './capacity.ts';
import { type Given, guards } from './guards.ts';
import { Violation } from './History.ts';
import { type Broken, isOfCache } from './Server.ts';
import { type Scenario, simulate } from './simulate.ts';
import { realMilliseconds, runVirtualTime, startVirtualTime } from './virtualTime.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    servers: { type: 'string' },
    programs: { type: 'string' },
    users: { type: 'string' },
    seconds: { type: 'string' },
    cached: { type: 'boolean' },
    without: { type: 'string' },
    capacity: { type: 'boolean', default: false },
    prove: { type: 'boolean', default: false },
  },
});
const usual: Given = { servers: '12', programs: '4', users: '60', seconds: '30', seeds: '1' };
const given: Given = { ...usual, ...values };
const known = Object.keys(guards) as Broken[];
const without = known.find((check) => check === values.without) ?? null;
if (values.without !== undefined && without === null) throw new Error(`--without knows ${known.join(', ')}.`);
process.on('unhandledRejection', (error) => {
  throw error;
});

const [from, to] = rangeOf(given);
const isWell = values.capacity ? await capacity() : values.prove ? prove() : from === to ? await keep(from) : keepAll();
process.exit(isWell ? 0 : 1);

function rangeOf({ seeds }: Given): readonly [number, number] {
  const [first = 1, last = first] = seeds.split('-').map(Number);
  return [first, last];
}

function sizeOf({ servers, programs, users }: Given): Pick<Scenario, 'servers' | 'programs' | 'users'> {
  return { servers: Number(servers), programs: Number(programs), users: Number(users) };
}

async function capacity(): Promise<boolean> {
  startVirtualTime(from);
  await runVirtualTime(
    measureCapacity({ ...sizeOf(given), outageMs: Number(given.seconds) * 1000 }, (line) => console.log(line)),
  );
  const { heapUsed, rss } = process.memoryUsage();
  const [heap, all] = [heapUsed, rss].map((bytes) => Math.round(bytes / 2 ** 20));
  console.log(`${Math.round(realMilliseconds() / 1000)} s, ${heap} MB of objects, ${all} MB in all`);
  return true;
}

/** Whether all promises are kept with a seed. */
async function keep(seed: number): Promise<boolean> {
  const scenario: Scenario = {
    ...sizeOf(given),
    faultsMs: Number(given.seconds) * 1000,
    isCached: given.cached === true || isOfCache(without),
    broken: without,
  };
  startVirtualTime(seed);
  try {
    const outcome = await runVirtualTime(simulate(scenario));
    console.log(`seed ${seed}: all promises were kept ${JSON.stringify(outcome)}`);
    return true;
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    console.log(`seed ${seed}: ${error.message}`);
    return false;
  }
}

/** The same, with all seeds until one breaks a promise. */
function keepAll(): boolean {
  for (let seed = from; seed <= to; seed++) {
    const { isKept, out } = inProcess(seed, without, given);
    process.stdout.write(out);
    if (!isKept) return false;
  }
  return true;
}

/** Whether one of the seeds shows that a check is missing, for each. */
function prove(): boolean {
  let isWell = true;
  for (const check of without === null ? known : [without]) {
    const needs = { ...usual, ...guards[check], ...values };
    const [first, last] = rangeOf(needs);
    let found = 'NOT FOUND';
    for (let seed = first; seed <= last && found === 'NOT FOUND'; seed++) {
      const { isKept, out } = inProcess(seed, check, needs);
      if (!isKept) found = out.split('\n')[0] ?? '';
    }
    console.log(`without ${check}: ${found}`);
    isWell &&= found !== 'NOT FOUND';
  }
  return isWell;
}

/** Runs a seed as a program of its own. */
function inProcess(seed: number, broken: Broken | null, { servers, programs, users, seconds, cached }: Given) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...process.execArgv,
      process.argv[1] ?? '',
      ...['--seeds', String(seed), '--servers', servers, '--programs', programs, '--users', users],
      ...['--seconds', seconds, ...(cached === true ? ['--cached'] : []), ...(broken ? ['--without', broken] : [])],
    ],
    { encoding: 'utf8' },
  );
  // a program that ends by a mistake of its own ends with the same status as one that has found something
  if (!stdout.startsWith(`seed ${seed}: `)) throw new Error(`Seed ${seed} ended with ${status}: ${stderr}`);
  return { isKept: status === 0, out: stdout };
}
