/**
 * The bench of Kvetch on MySQL and Redis: npm run bench:kvetch [-- --help]. Each program does each workload in a process
 * of its own, in turn with the others, after all have given the same answers. See ../README.md.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { difference } from '../answers.ts';
import { circumstances, repository } from '../circumstances.ts';
import { median } from '../median.ts';
import { optionsOrExit } from '../options.ts';
import { type Bundle, bundleChild, runTask } from '../runTask.ts';
import { type KvetchBenchArguments, parseKvetchArguments, usage } from './arguments.ts';
import { fill } from './data.ts';
import type { Places } from './places.ts';
import { printKvetchTable } from './printKvetchTable.ts';
import { programNamed } from './programs/index.ts';
import type { KvetchProgramResults, KvetchResults, KvetchWorkloadResults } from './Results.ts';
import { startServers } from './startServers.ts';
import type { KvetchMeasurement, KvetchOutcome, KvetchTask } from './Task.ts';
import { type KvetchWorkload, workloadNamed } from './workloads.ts';

/** One program at one workload. */
interface Pair {
  readonly workload: KvetchWorkload;
  readonly program: string;
  readonly rounds: KvetchMeasurement[];
  missing: string | null;
}

if (process.argv.includes('--help')) console.log(usage);
else await main(optionsOrExit(parseKvetchArguments, usage));

async function main(options: KvetchBenchArguments): Promise<void> {
  const measured = circumstances(); // before it takes long: somebody may commit meanwhile
  const bundle = await bundleChild(join(repository, 'src'), 'bench/kvetch/child.ts');
  const servers = await startServers();
  try {
    await fill(servers.places);
    const pairs = await checkedPairs(bundle, options, servers.places);
    await measureAll(bundle, options, servers.places, pairs);
    report(options, resultsOf(options, pairs, measured));
  } finally {
    await servers.stop();
    bundle.remove();
  }
}

function run(bundle: Bundle, task: KvetchTask): Promise<KvetchOutcome | { kind: 'failed'; reason: string }> {
  return runTask<KvetchTask, KvetchOutcome>(bundle, task);
}

/** All pairs. Throws when two programs answer differently. */
async function checkedPairs(bundle: Bundle, options: KvetchBenchArguments, places: Places): Promise<readonly Pair[]> {
  const pairs: Pair[] = [];
  const problems: string[] = [];
  for (const workload of options.workloads.map(workloadNamed)) {
    let reference: readonly string[] | null = null;
    for (const program of options.programs) {
      const task = { task: 'answer', workload: workload.name, program, milliseconds: 0, places } as const;
      const outcome = await run(bundle, task);
      if (outcome.kind !== 'answers') {
        problems.push(`${workload.name}, ${program}: ${outcome.kind === 'failed' ? outcome.reason : outcome.kind}`);
        continue;
      }
      reference ??= outcome.answers;
      const problem = difference(reference, outcome.answers, true);
      if (problem !== null) problems.push(`${workload.name}, ${program}: ${problem}`);
      pairs.push({ workload, program, rounds: [], missing: null });
    }
    console.log(`answers compared: ${workload.name}`);
  }
  if (problems.length > 0) throw new Error(`Nothing is timed, for not all answers are equal:\n${problems.join('\n')}`);
  return pairs;
}

/** Round after round through all pairs, so that what slows the machine down for a while slows all of them. */
async function measureAll(
  bundle: Bundle,
  { rounds, milliseconds }: KvetchBenchArguments,
  places: Places,
  pairs: readonly Pair[],
): Promise<void> {
  for (let round = 1; round <= rounds; round++) {
    for (const pair of pairs) {
      const { workload, program } = pair;
      const outcome = await run(bundle, { task: 'measure', workload: workload.name, program, milliseconds, places });
      if (outcome.kind === 'measured') pair.rounds.push(outcome.measurement);
      else pair.missing = outcome.kind === 'failed' ? outcome.reason : 'not measured';
    }
    console.log(`round ${round} of ${rounds} done`);
  }
}

function resultsOf(
  { rounds, milliseconds, workloads }: KvetchBenchArguments,
  pairs: readonly Pair[],
  measured: ReturnType<typeof circumstances>,
): KvetchResults {
  return {
    ...measured,
    rounds,
    milliseconds,
    workloads: workloads.map((name) => workloadResults(pairs.filter(({ workload }) => workload.name === name))),
  };
}

function workloadResults(pairs: readonly Pair[]): KvetchWorkloadResults {
  const [hand] = pairs;
  if (hand === undefined) throw new Error('No program was run.');
  const { name, title } = hand.workload;
  return { name, title, programs: pairs.map((pair) => programResults(pair, hand)) };
}

function medianOf({ rounds }: Pair, key: keyof KvetchMeasurement): number {
  return median(rounds.map((round) => round[key]));
}

function programResults(pair: Pair, hand: Pair): KvetchProgramResults {
  const { title } = programNamed(pair.program);
  const common = { name: pair.program, title };
  if (pair.rounds.length === 0 || hand.rounds.length === 0) {
    const missing = pair.missing ?? 'nothing to compare with';
    return { ...common, measured: null, timeRatio: null, cpuRatio: null, spread: null, missing };
  }
  const measured: KvetchMeasurement = {
    opsPerSecond: medianOf(pair, 'opsPerSecond'),
    cpuMicros: medianOf(pair, 'cpuMicros'),
    allocatedBytes: medianOf(pair, 'allocatedBytes'),
    storeCalls: medianOf(pair, 'storeCalls'),
    sqlStatements: medianOf(pair, 'sqlStatements'),
    redisCommands: medianOf(pair, 'redisCommands'),
  };
  const base = medianOf(hand, 'opsPerSecond');
  const ratios = pair.rounds.map(({ opsPerSecond }) => base / opsPerSecond);
  return {
    ...common,
    measured,
    timeRatio: base / measured.opsPerSecond,
    cpuRatio: measured.cpuMicros / medianOf(hand, 'cpuMicros'),
    spread: ratios.length === 1 ? null : [Math.min(...ratios), Math.max(...ratios)],
    missing: null,
  };
}

function report({ out }: KvetchBenchArguments, results: KvetchResults): void {
  console.log(`\n${results.machine}, Node ${results.node}, ${results.revision}\n`);
  console.log(printKvetchTable(results));
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(`${out}.json`, `${JSON.stringify(results, null, 2)}\n`);
  console.log(`\nWritten: ${out}.json`);
}
