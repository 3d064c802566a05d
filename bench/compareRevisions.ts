/**
 * Two revisions of planql against each other, with the workloads of the bench as it is now:
 * npm run bench:compare -- <before> [<after>] [--only …] [--peers …] [--rounds n]. See README.md.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { difference } from './answers.ts';
import { type BenchArguments, parseBenchArguments } from './arguments.ts';
import { repository } from './circumstances.ts';
import { median } from './median.ts';
import { optionsOrExit } from './options.ts';
import { markdown, number } from './report/table.ts';
import { type Bundle, bundleChild, runTask } from './runTask.ts';
import type { Measurement, Outcome } from './Task.ts';

const usage = `npm run bench:compare -- <before> [<after>] [options]
  <before>, <after>   git revisions; without <after>, the files as they are now
  --only, --peers, --rounds, --milliseconds, --quick   as in the bench; contenders that are not planql tell the noise`;

/** One contender at one workload, measured in turn on both revisions. */
interface Comparison {
  readonly workload: string;
  readonly contender: string;
  readonly before: Measurement[];
  readonly after: Measurement[];
}

if (process.argv.includes('--help')) console.log(usage);
else await main();

async function main(): Promise<void> {
  const { revisions, options } = optionsOrExit(parseRevisions, usage);
  const bundles: Bundle[] = [];
  try {
    for (const revision of revisions) bundles.push(await bundleOf(revision));
    const [before, after] = bundles as [Bundle, Bundle];
    const comparisons = await comparable(before, after, options);
    for (let round = 1; round <= options.rounds; round++) {
      for (const comparison of comparisons) {
        comparison.before.push(await measured(before, comparison, options));
        comparison.after.push(await measured(after, comparison, options));
      }
      console.log(`round ${round} of ${options.rounds} done`);
    }
    console.log(`\n${revisions[1] ?? 'The files as they are now'} as a multiple of ${revisions[0]}\n`);
    console.log(table(comparisons));
  } finally {
    for (const bundle of bundles) bundle.remove();
  }
}

interface Arguments {
  readonly revisions: readonly [before: string, after: string | null];
  readonly options: BenchArguments;
}

/** Revisions come first, then what the bench is told. */
function parseRevisions(argv: readonly string[]): Arguments {
  const first = argv.findIndex((word) => word.startsWith('--'));
  const end = first === -1 ? argv.length : first;
  const { positionals } = parseArgs({ args: argv.slice(0, end), allowPositionals: true });
  const [before, after = null] = positionals;
  if (before === undefined || positionals.length > 2) throw new Error('Name one revision, or two.');
  for (const revision of positionals) assertRevision(revision);
  return { revisions: [before, after], options: parseBenchArguments(['--peers', 'planql', ...argv.slice(end)]) };
}

function assertRevision(revision: string): void {
  const { status } = spawnSync('git', ['rev-parse', '--verify', '--quiet', `${revision}:src/index.ts`], {
    cwd: repository,
  });
  if (status !== 0) throw new Error(`${JSON.stringify(revision)} is no revision that has a src/index.ts.`);
}

/** The bench of today around the planql of a revision, or of the files as they are. */
async function bundleOf(revision: string | null): Promise<Bundle> {
  if (revision === null) return bundleChild(join(repository, 'src'));
  mkdirSync(join(repository, '.tmp'), { recursive: true });
  const folder = mkdtempSync(join(repository, '.tmp', 'revision-'));
  try {
    const archive = execFileSync('git', ['archive', revision, 'src', 'steps'], {
      cwd: repository,
      maxBuffer: 1 << 28,
    });
    execFileSync('tar', ['-x', '-C', folder], { input: archive });
    return await bundleChild(join(folder, 'src'));
  } finally {
    rmSync(folder, { recursive: true, force: true }); // the bundle holds all of it
  }
}

/** What both revisions can run, and answer alike: nothing is timed when answers differ. */
async function comparable(before: Bundle, after: Bundle, options: BenchArguments): Promise<readonly Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const workload of options.workloads) {
    for (const contender of options.contenders) {
      const task = { task: 'answer', workload, contender, milliseconds: 0 } as const;
      const [left, right] = [await runTask(before, task), await runTask(after, task)];
      if (left.kind !== 'answers' || right.kind !== 'answers') {
        for (const { kind, ...rest } of [left, right]) {
          if (kind === 'failed') console.log(`left out: ${workload}, ${contender}: ${JSON.stringify(rest)}`);
        }
        continue;
      }
      const problem = difference(left.answers, right.answers, true);
      if (problem !== null) throw new Error(`${workload}, ${contender}: the revisions answer differently: ${problem}`);
      comparisons.push({ workload, contender, before: [], after: [] });
    }
  }
  return comparisons;
}

async function measured(bundle: Bundle, { workload, contender }: Comparison, options: BenchArguments) {
  const { milliseconds } = options;
  const outcome: Outcome | { kind: 'failed'; reason: string } = await runTask(bundle, {
    ...{ task: 'measure', workload, contender, milliseconds },
  });
  if (outcome.kind === 'measured') return outcome.measurement;
  throw new Error(`${workload}, ${contender}: ${JSON.stringify(outcome)}`);
}

function table(comparisons: readonly Comparison[]): string {
  const rows = comparisons.map(({ workload, contender, before, after }) => {
    const ratios = (key: keyof Measurement): number[] => after.map((one, at) => one[key] / (before[at]?.[key] ?? 1));
    const cpu = ratios('cpuMicros');
    const spread = `${number(Math.min(...cpu))}–${number(Math.max(...cpu))}`;
    const medianOf = (list: readonly Measurement[], key: keyof Measurement): string =>
      number(median(list.map((one) => one[key])));
    return [
      ...[
        workload,
        contender,
        number(median(cpu)),
        spread,
        medianOf(before, 'cpuMicros'),
        medianOf(after, 'cpuMicros'),
      ],
      number(median(ratios('allocatedBytes'))),
    ];
  });
  return markdown(['', '', 'CPU', 'lowest–highest', 'before, µs/op', 'after, µs/op', 'allocation'], rows);
}
