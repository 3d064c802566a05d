/**
 * The screens of the market (examples/market) by planql, by graphql-js with DataLoader, and by hand, on the same store:
 * npm run bench:market [-- --help]. Answers are compared first. Each program has a process of its own, as it would have in
 * production: code that all use is compiled for one. They take turns, so that all share the machine's noise.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Filled } from '../../examples/market/fill.ts';
import { circumstances, repository } from '../circumstances.ts';
import { startServers } from '../kvetch/startServers.ts';
import { median } from '../median.ts';
import { chosen, optionsOrExit } from '../options.ts';
import { markdown, number } from '../report/table.ts';
import { bundleChild } from '../runTask.ts';
import type { Counted, Place, PlaceName, Request, Window } from './child.ts';
import { type ProgramName, programs } from './programs.ts';
import type { ScreenName } from './Screen.ts';
import { screens } from './screens.ts';

const titles: Readonly<Record<PlaceName, string>> = {
  memory: 'in memory',
  sqlite: 'a SQLite file',
  mysql: 'two MySQL servers',
  redis: 'two MySQL servers and Redis, warm',
};
const placeNames = Object.keys(titles) as PlaceName[];
const screenNames = Object.keys(screens) as ScreenName[];
const programNames = programs.map(({ name }) => name);
/** Clients at once, in the columns that say so. */
const CROWD = 20;

const usage = `npm run bench:market -- [options]
  --only <names>      places, by comma: ${placeNames.join(', ')}
  --screens <names>   of ${screenNames.join(', ')}
  --programs <names>  of ${programNames.join(', ')}
  --share <n>         how much of 50,000 listings and 200,000 messages (0.1)
  --windows <n>       windows for each program and screen (10)
  --milliseconds <n>  how long each takes at least (100)
  --warm-up <n>       visits of each screen before that (3000)
  --profile <folder>  writes a .cpuprofile of each process`;

interface Options {
  readonly only: readonly PlaceName[];
  readonly screens: readonly ScreenName[];
  readonly programs: readonly ProgramName[];
  readonly profile: string | undefined;
  readonly share: number;
  readonly windows: number;
  readonly milliseconds: number;
  readonly warmUp: number;
}

function parse(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string', default: placeNames.join() },
      screens: { type: 'string', default: screenNames.join() },
      programs: { type: 'string', default: programNames.join() },
      profile: { type: 'string' },
      share: { type: 'string', default: '0.1' },
      windows: { type: 'string', default: '10' },
      milliseconds: { type: 'string', default: '100' },
      'warm-up': { type: 'string', default: '3000' },
    },
  });
  const above0 = (name: 'share' | 'windows' | 'milliseconds' | 'warm-up'): number => {
    const value = Number(values[name]);
    if (!(value > 0)) throw new Error(`--${name} is ${values[name]}, which is no number above 0.`);
    return value;
  };
  return {
    only: chosen('place', values.only, placeNames) as readonly PlaceName[],
    screens: chosen('screen', values.screens, screenNames) as readonly ScreenName[],
    programs: chosen('program', values.programs, programNames) as readonly ProgramName[],
    profile: values.profile,
    share: above0('share'),
    windows: above0('windows'),
    milliseconds: above0('milliseconds'),
    warmUp: above0('warm-up'),
  };
}

interface Measured extends Counted {
  readonly screen: ScreenName;
  readonly program: ProgramName;
  /** Of one client alone. */
  readonly alone: Window;
  readonly crowd: Window;
}

if (process.argv.includes('--help')) console.log(usage);
else await main(optionsOrExit(parse, usage));

async function main(options: Options): Promise<void> {
  const { machine, node, revision } = circumstances();
  console.log(`${machine}, Node ${node}, ${revision}`);
  const bundle = await bundleChild(join(repository, 'src'), 'bench/market/child.ts');
  // The generated plans read it beside them, and the resolvers where it lies.
  const sdl = join(repository, 'examples/market/generated/schema.graphql');
  cpSync(sdl, join(dirname(bundle.entry), 'schema.graphql'));
  const { only, share } = options;
  const servers = only.some((name) => name === 'mysql' || name === 'redis') ? await startServers() : null;
  const sqlite = join(repository, '.tmp', `market-${process.pid}.db`);
  const size = { listings: Math.ceil(50_000 * share), messages: Math.ceil(200_000 * share) };
  try {
    for (const name of only) {
      const mysql = (servers?.places.mysql ?? []).map((uri) => `${uri}_${name}`);
      const place = { name, size, mysql, redis: servers?.places.redis ?? '', sqlite };
      console.log(`\n${print(name, await measurePlace(bundle.entry, place, options))}`);
    }
  } finally {
    for (const end of ['', '-wal', '-shm']) rmSync(`${sqlite}${end}`, { force: true });
    await servers?.stop();
    bundle.remove();
  }
}

async function measurePlace(entry: string, place: Place, options: Options): Promise<readonly Measured[]> {
  const flags = options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`];
  const children: ChildProcess[] = [];
  const open = async (execArgv: readonly string[], made: Filled | null): Promise<[ChildProcess, Filled]> => {
    const child = fork(entry, { execArgv: [...execArgv], env: { ...process.env, NODE_ENV: 'production' } });
    children.push(child);
    return [child, await asked<Filled>(child, { kind: 'open', place, made })];
  };
  try {
    const [judge, made] = await open([], null);
    await asked(judge, { kind: 'compare' });
    const running = new Map<ProgramName, ChildProcess>();
    // Memory is each process's own.
    const before = place.name === 'memory' ? null : made;
    for (const program of options.programs) running.set(program, (await open(flags, before))[0]);
    const measured: Measured[] = [];
    for (const screen of options.screens) measured.push(...(await measureScreen(running, screen, options)));
    return measured;
  } finally {
    await Promise.all(children.map(end));
  }
}

async function measureScreen(
  running: ReadonlyMap<ProgramName, ChildProcess>,
  screen: ScreenName,
  { windows, milliseconds, warmUp }: Options,
): Promise<readonly Measured[]> {
  for (const [program, child] of running) {
    await asked(child, { kind: 'visit', program, screen, clients: 1, length: { visits: warmUp } });
    await asked(child, { kind: 'visit', program, screen, clients: CROWD, length: { visits: warmUp } });
  }
  const inTurn = async (clients: number): Promise<(program: ProgramName) => Window> => {
    const taken = new Map<ProgramName, Window[]>();
    for (let n = 0; n < windows; n++) {
      for (const [program, child] of running) {
        const request: Request = { kind: 'visit', program, screen, clients, length: { milliseconds } };
        taken.set(program, [...(taken.get(program) ?? []), await asked<Window>(child, request)]);
      }
    }
    return (program) => {
      const middle = (name: keyof Window): number => median((taken.get(program) ?? []).map((window) => window[name]));
      return { p50: middle('p50'), cpu: middle('cpu'), perSecond: middle('perSecond') };
    };
  };
  const alone = await inTurn(1);
  const crowd = await inTurn(CROWD);
  const measured: Measured[] = [];
  for (const [program, child] of running) {
    const counted = await asked<Counted>(child, { kind: 'count', program, screen });
    measured.push({ ...counted, screen, program, alone: alone(program), crowd: crowd(program) });
  }
  return measured;
}

/** Sends a request and waits for its answer. Throws what the child throws, or that it ended. */
async function asked<T>(child: ChildProcess, request: Request): Promise<T> {
  const answered = new AbortController();
  const { signal } = answered;
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`A process ended with ${code}.`);
  });
  const answer = once(child, 'message', { signal });
  child.send(request);
  try {
    const [message] = await Promise.race([answer, ended]);
    if (message.error !== undefined) throw new Error(message.error);
    return message.result;
  } finally {
    answered.abort();
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = once(child, 'exit');
  child.disconnect();
  await exit;
}

/** Figures, and in brackets what part they are of those by hand; then geometric means of these parts. */
function print(place: PlaceName, measured: readonly Measured[]): string {
  const figures: readonly ((one: Measured) => number)[] = [
    ({ alone }) => alone.p50,
    ({ alone }) => alone.cpu,
    ({ crowd }) => crowd.cpu,
    ({ crowd }) => crowd.perSecond,
  ];
  const partOf = (one: Measured, figure: (one: Measured) => number): number | null => {
    const base = measured.find(({ screen, program }) => screen === one.screen && program === 'hand');
    return base === undefined ? null : figure(one) / figure(base);
  };
  const titleOf = (program: ProgramName): string => programs.find(({ name }) => name === program)?.title ?? program;
  const rows = measured.map((one) => [
    ...[one.screen, titleOf(one.program), number(one.rounds), number(one.keys)],
    ...figures.map((figure) => {
      const part = one.program === 'hand' ? null : partOf(one, figure);
      return number(figure(one)) + (part === null ? '' : ` (${number(part)})`);
    }),
  ]);
  const means = [...new Set(measured.map(({ program }) => program))].map((program) => [
    ...['geometric mean', titleOf(program), '', ''],
    ...figures.map((figure) => {
      const parts = measured.filter((one) => one.program === program).map((one) => partOf(one, figure) ?? Number.NaN);
      return number(Math.exp(parts.reduce((sum, part) => sum + Math.log(part), 0) / parts.length));
    }),
  ]);
  const head = ['rounds', 'keys', 'p50 ms', 'CPU µs', `CPU µs, ${CROWD} clients`, `visits/s, ${CROWD} clients`];
  return markdown([titles[place], 'program', ...head], [...rows, ...means]);
}
