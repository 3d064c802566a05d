/**
 * The bench: npm run bench [-- --help]. Each contender runs each workload in a process of its own, in turn with the
 * others, after all have given the same answers. See README.md.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { difference } from './answers.ts';
import { type BenchArguments, parseBenchArguments, usage } from './arguments.ts';
import { circumstances, repository } from './circumstances.ts';
import type { Contender } from './contenders/Contender.ts';
import { contenderNamed } from './contenders/index.ts';
import { median } from './median.ts';
import { optionsOrExit } from './options.ts';
import { drawChart } from './report/chart.ts';
import type { ContenderResults, Results, WorkloadResults } from './report/Results.ts';
import { printTable } from './report/table.ts';
import { type Bundle, bundleChild, runTask } from './runTask.ts';
import type { Measurement } from './Task.ts';
import type { Workload } from './Workload.ts';
import { workloadNamed } from './workloads/index.ts';

/** One contender at one workload. */
interface Pair {
  readonly workload: Workload;
  readonly contender: Contender;
  readonly rounds: Measurement[];
  missing: string | null;
}

process.env.GRAPHILE_ENV ??= 'production'; // or Grafast says on loading that it is not set

if (process.argv.includes('--help')) {
  console.log(usage);
} else {
  await main();
}

async function main(): Promise<void> {
  const options = optionsOrExit(parseBenchArguments, usage);
  const bundle = await bundleChild(join(repository, options.useDist ? 'dist' : 'src'));
  try {
    const pairs = await checkedPairs(bundle, options);
    await measureAll(bundle, options, pairs);
    report(options, resultsOf(options, pairs));
  } finally {
    bundle.remove();
  }
}

/** The pairs that can be timed, and those that cannot with the reason. Ends the run when answers differ. */
async function checkedPairs(bundle: Bundle, options: BenchArguments): Promise<readonly Pair[]> {
  const pairs: Pair[] = [];
  const problems: string[] = [];
  for (const workload of options.workloads.map(workloadNamed)) {
    const reference = await answersIn(bundle, workload, 'graphql-js');
    if (!Array.isArray(reference)) throw new Error(`graphql-js has no answer to ${workload.name}: ${reference}`);
    for (const name of options.contenders) {
      const contender = await contenderNamed(name);
      const pair: Pair = { workload, contender, rounds: [], missing: workload.unfit[name] ?? null };
      if (pair.missing === null && name !== 'validate') {
        const answers = await answersIn(bundle, workload, name);
        if (answers === null) continue;
        if (typeof answers === 'string') pair.missing = answers;
        else {
          const problem = difference(reference, answers, contender.isExact);
          if (problem !== null) problems.push(`${workload.name}, ${contender.title}: ${problem}`);
        }
      }
      if (name !== 'validate' || workload.byHand === null) pairs.push(pair);
    }
    console.log(`answers compared: ${workload.name}`);
  }
  if (problems.length === 0) return pairs;
  console.error(`Nothing is timed, for not all answers are equal:\n${problems.join('\n')}`);
  bundle.remove();
  process.exit(1);
}

/** Its answers, null where it does not apply, or why it failed. */
async function answersIn(
  bundle: Bundle,
  workload: Workload,
  contender: string,
): Promise<readonly string[] | string | null> {
  const outcome = await runTask(bundle, { task: 'answer', workload: workload.name, contender, milliseconds: 0 });
  if (outcome.kind === 'failed') return outcome.reason;
  return outcome.kind === 'answers' ? outcome.answers : null;
}

/** Round after round through all pairs, so that what slows the machine down for a while slows all of them. */
async function measureAll(bundle: Bundle, options: BenchArguments, pairs: readonly Pair[]): Promise<void> {
  for (let round = 1; round <= options.rounds; round++) {
    for (const pair of pairs) {
      if (pair.missing !== null) continue;
      const { workload, contender } = pair;
      const task = { task: 'measure', workload: workload.name, contender: contender.name } as const;
      const outcome = await runTask(bundle, { ...task, milliseconds: options.milliseconds });
      if (outcome.kind === 'measured') pair.rounds.push(outcome.measurement);
      else pair.missing = outcome.kind === 'failed' ? outcome.reason : 'does not apply';
    }
    console.log(`round ${round} of ${options.rounds} done`);
  }
}

function resultsOf(options: BenchArguments, pairs: readonly Pair[]): Results {
  return {
    ...circumstances(),
    planql: options.useDist ? 'dist' : 'sources',
    rounds: options.rounds,
    milliseconds: options.milliseconds,
    versions: Object.fromEntries(
      ['graphql', 'dataloader', 'graphql-jit', 'grafast'].map((name) => [name, versionOf(name)]),
    ),
    workloads: options.workloads.map((name) => workloadResults(pairs.filter(({ workload }) => workload.name === name))),
  };
}

function versionOf(name: string): string {
  const file = join(repository, 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function workloadResults(pairs: readonly Pair[]): WorkloadResults {
  const [first] = pairs;
  if (first === undefined) throw new Error('No contender applies.');
  const { name, title } = first.workload;
  const [baseline = null] = pairs.filter(isBaseline).sort((a, b) => cpuOf(a) - cpuOf(b));
  const base = baseline === null ? null : cpuOf(baseline);
  const contenders = pairs.map((pair) => contenderResults(pair, base));
  return { name, title, baseline: baseline?.contender.name ?? 'nothing', contenders };
}

/** The faster of the programs by hand: which form that is depends on the answer. Shared batches are another game. */
function isBaseline({ contender, rounds }: Pair): boolean {
  return ['validate', 'hand-bytes', 'hand-objects'].includes(contender.name) && rounds.length > 0;
}

function cpuOf({ rounds }: Pair): number {
  return median(rounds.map(({ cpuMicros }) => cpuMicros));
}

function contenderResults({ contender, rounds, missing }: Pair, base: number | null): ContenderResults {
  const { name, title } = contender;
  if (rounds.length === 0 || base === null) {
    return { name, title, measured: null, ratio: null, spread: null, missing: missing ?? 'no baseline' };
  }
  const medianOf = (key: keyof Measurement): number => median(rounds.map((round) => round[key]));
  const measured: Measurement = {
    opsPerSecond: medianOf('opsPerSecond'),
    cpuMicros: medianOf('cpuMicros'),
    allocatedBytes: medianOf('allocatedBytes'),
    storeCalls: medianOf('storeCalls'),
  };
  const ratios = rounds.map(({ cpuMicros }) => cpuMicros / base);
  const spread = rounds.length === 1 ? null : ([Math.min(...ratios), Math.max(...ratios)] as const);
  return { name, title, measured, ratio: measured.cpuMicros / base, spread, missing };
}

function report({ out }: BenchArguments, results: Results): void {
  console.log(`\n${results.machine}, Node ${results.node}, planql from its ${results.planql}, ${results.revision}\n`);
  console.log(printTable(results));
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(`${out}.json`, `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(`${out}.svg`, drawChart(results));
  console.log(`\nWritten: ${out}.json, ${out}.svg`);
}
