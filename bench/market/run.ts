/**
 * The screens of the market (examples/market) by planql, by graphql-js with DataLoader, and by hand, on the same store:
 * npm run bench:market [-- --help]. Answers are compared first.
 */
import { cpSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { circumstances, repository } from '../circumstances.ts';
import { startServers } from '../kvetch/startServers.ts';
import { chosen, optionsOrExit } from '../options.ts';
import { markdown, number } from '../report/table.ts';
import { bundleChild, runTask } from '../runTask.ts';
import type { MarketTask, Measured, PlaceName } from './child.ts';
import { programs } from './programs.ts';
import { screens } from './screens.ts';

const titles: Readonly<Record<PlaceName, string>> = {
  memory: 'in memory',
  sqlite: 'a SQLite file',
  mysql: 'two MySQL servers',
  redis: 'two MySQL servers and Redis, warm',
};
const placeNames = Object.keys(titles) as PlaceName[];
const PATIENCE = 1_500_000;

const usage = `npm run bench:market -- [options]
  --only <names>      places, by comma: ${placeNames.join(', ')}
  --share <n>         how much of 50,000 listings and 200,000 messages (0.1)
  --windows <n>       windows for each program and screen (10)
  --milliseconds <n>  how long each takes at least (100)
  --warm-up <n>       visits of each screen before that (3000)
  --screens <names>   screens, by comma (all): ${screens.map(({ name }) => name).join(', ')}
  --programs <names>  programs, by comma (all): ${programs.map(({ name }) => name).join(', ')}`;

interface Options {
  readonly only: readonly PlaceName[];
  readonly share: number;
  readonly windows: number;
  readonly milliseconds: number;
  readonly warmUp: number;
  readonly screens: readonly string[];
  readonly programs: readonly string[];
}

function parse(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string', default: placeNames.join() },
      share: { type: 'string', default: '0.1' },
      windows: { type: 'string', default: '10' },
      milliseconds: { type: 'string', default: '100' },
      'warm-up': { type: 'string', default: '3000' },
      screens: { type: 'string', default: screens.map(({ name }) => name).join() },
      programs: { type: 'string', default: programs.map(({ name }) => name).join() },
    },
  });
  const above0 = (name: 'share' | 'windows' | 'milliseconds' | 'warm-up'): number => {
    const value = Number(values[name]);
    if (!(value > 0)) throw new Error(`--${name} is ${values[name]}, which is no number above 0.`);
    return value;
  };
  return {
    only: chosen('place', values.only, placeNames) as readonly PlaceName[],
    ...{
      share: above0('share'),
      windows: above0('windows'),
      milliseconds: above0('milliseconds'),
      warmUp: above0('warm-up'),
    },
    screens: chosen(
      'screen',
      values.screens,
      screens.map(({ name }) => name),
    ),
    programs: chosen(
      'program',
      values.programs,
      programs.map(({ name }) => name),
    ),
  };
}

if (process.argv.includes('--help')) console.log(usage);
else await main(optionsOrExit(parse, usage));

async function main({ only, share, ...options }: Options): Promise<void> {
  const { machine, node, revision } = circumstances();
  console.log(`${machine}, Node ${node}, ${revision}`);
  const bundle = await bundleChild(join(repository, 'src'), 'bench/market/child.ts');
  // The generated plans read it beside them, and the resolvers where it lies.
  const sdl = join(repository, 'examples/market/generated/schema.graphql');
  cpSync(sdl, join(dirname(bundle.entry), 'schema.graphql'));
  const servers = only.some((name) => name === 'mysql' || name === 'redis') ? await startServers() : null;
  try {
    for (const place of only) {
      const sqlite = join(repository, '.tmp', `market-${process.pid}.db`);
      const size = { listings: Math.ceil(50_000 * share), messages: Math.ceil(200_000 * share) };
      const mysql = (servers?.places.mysql ?? []).map((uri) => `${uri}_${place}`);
      const task = { ...options, place, size, mysql, redis: servers?.places.redis ?? '', sqlite };
      const outcome = await runTask<MarketTask, { readonly kind: 'market'; readonly measured: readonly Measured[] }>(
        bundle,
        task,
        PATIENCE,
      );
      for (const end of ['', '-wal', '-shm']) rmSync(`${sqlite}${end}`, { force: true });
      if (outcome.kind === 'failed') throw new Error(`${place}: ${outcome.reason}`);
      console.log(`\n${print(place, outcome.measured)}`);
    }
  } finally {
    await servers?.stop();
    bundle.remove();
  }
}

/** Figures, and in brackets what part they are of those by hand. */
function print(place: PlaceName, measured: readonly Measured[]): string {
  const rows = measured.map((one) => {
    const base = measured.find(({ screen, program }) => screen === one.screen && program === 'hand');
    const part = (name: 'p50' | 'cpu'): string => {
      const text = number(one[name]);
      return base === undefined || base === one ? text : `${text} (${number(one[name] / base[name])})`;
    };
    const title = programs.find(({ name }) => name === one.program)?.title ?? one.program;
    return [one.screen, title, number(one.rounds), number(one.keys), part('p50'), part('cpu')];
  });
  return markdown([titles[place], 'program', 'rounds', 'keys', 'p50 ms', 'CPU µs'], rows);
}
