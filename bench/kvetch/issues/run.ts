/**
 * The view of the issue tracker, 10,000 issues and 30,000 comments: npm run bench:kvetch:issues [-- --help]. In each place
 * all programs run in one process, window after window in turn. See ../../README.md.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { circumstances, repository } from '../../circumstances.ts';
import { chosen, optionsOrExit } from '../../options.ts';
import { bundleChild, runTask } from '../../runTask.ts';
import { startServers } from '../startServers.ts';
import type { IssueOutcome, IssueTask } from './measureIssues.ts';
import { type IssuePlaces, type PlaceName, placeTitles } from './openPlace.ts';
import { printIssues } from './printIssues.ts';
import { issuePrograms } from './programs.ts';

const placeNames = Object.keys(placeTitles) as PlaceName[];
const programNames = issuePrograms.map(({ name }) => name);
/** A request that waits takes some thousand until V8 has compiled what answers it. */
const WARM_UP = 3000;
/** Twenty-five minutes for a place: seven programs are warmed up six times each. */
const PATIENCE = 1_500_000;

const usage = `npm run bench:kvetch:issues -- [options]
  --only <names>      places, by comma: ${placeNames.join(', ')}
  --programs <names>  programs, by comma: ${programNames.join(', ')}
  --clients <numbers> how many ask at once, by comma (1,20,100)
  --windows <n>       windows for each program (20)
  --milliseconds <n>  how long each takes at least (100)
  --out <path>        where results go, without extension (bench/results/issues-run)`;

type Options = Pick<IssueTask, 'programs' | 'clients' | 'windows' | 'milliseconds'> & {
  readonly only: readonly PlaceName[];
  readonly out: string;
};

function parse(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string', default: placeNames.join() },
      programs: { type: 'string', default: programNames.join() },
      clients: { type: 'string', default: '1,20,100' },
      windows: { type: 'string', default: '20' },
      milliseconds: { type: 'string', default: '100' },
      out: { type: 'string', default: 'bench/results/issues-run' },
    },
  });
  const numbers = (text: string): readonly number[] =>
    text.split(',').map((one) => {
      const number = Number(one);
      if (!Number.isInteger(number) || number < 1) throw new Error(`${one} is no whole number above 0.`);
      return number;
    });
  return {
    only: chosen('place', values.only, placeNames) as readonly PlaceName[],
    programs: chosen('program', values.programs, programNames),
    clients: numbers(values.clients),
    windows: numbers(values.windows)[0] as number,
    milliseconds: numbers(values.milliseconds)[0] as number,
    out: values.out,
  };
}

if (process.argv.includes('--help')) console.log(usage);
else await main(optionsOrExit(parse, usage));

async function main({ only, out, ...task }: Options): Promise<void> {
  const measured = circumstances();
  console.log(`${measured.machine}, Node ${measured.node}, ${measured.revision}`);
  const bundle = await bundleChild(join(repository, 'src'), 'bench/kvetch/issues/child.ts');
  const needsServers = only.some((name) => name === 'mysql' || name === 'redis');
  const servers = needsServers ? await startServers() : null;
  const outcomes: IssueOutcome[] = [];
  try {
    for (const place of only) {
      const file = join(repository, '.tmp', `issues-${process.pid}.db`);
      const places: IssuePlaces = {
        // A database of its own for each place: it is filled anew.
        mysql: (servers?.places.mysql ?? []).map((uri) => `${uri}_${place}`),
        redis: servers?.places.redis ?? '',
        sqlite: file,
      };
      const outcome = await runTask<IssueTask, IssueOutcome>(
        bundle,
        { ...task, warmUp: WARM_UP, place, places },
        PATIENCE,
      );
      for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
      if (outcome.kind === 'failed') throw new Error(`${place}: ${outcome.reason}`);
      outcomes.push(outcome);
      console.log(`\n${printIssues(outcome)}`);
    }
  } finally {
    await servers?.stop();
    bundle.remove();
  }
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(`${out}.json`, `${JSON.stringify({ ...measured, ...task, places: outcomes }, null, 2)}\n`);
  console.log(`\nWritten: ${out}.json`);
}
