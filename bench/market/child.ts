/** A process for one program in one place, or for all of them, to compare their answers. It visits when run.ts says so. */
import { createKvetch, type Kvetch, memoryShards, type ShardStore } from 'planql/kvetch';
import { mysqlShards } from 'planql/kvetch/mysql';
import { redisCache } from 'planql/kvetch/redis';
import { sqliteShards } from 'planql/kvetch/sqlite';
import { type Filled, fill, type Size } from '../../examples/market/fill.ts';
import { kvetchSchema } from '../../examples/market/generated/kvetchSchema.ts';
import { median } from '../median.ts';
import { type ProgramName, programs } from './programs.ts';
import type { ScreenName } from './Screen.ts';
import { screens } from './screens.ts';

export type PlaceName = 'memory' | 'sqlite' | 'mysql' | 'redis';

export interface Place {
  readonly name: PlaceName;
  readonly size: Size;
  readonly mysql: readonly string[];
  readonly redis: string;
  readonly sqlite: string;
}

/** What run.ts asks a child for. Each message has one answer. */
export type Request =
  /** Answers with what was made, here or before. */
  | { readonly kind: 'open'; readonly place: Place; readonly made: Filled | null }
  | { readonly kind: 'compare' }
  | {
      readonly kind: 'visit';
      readonly program: ProgramName;
      readonly screen: ScreenName;
      readonly clients: number;
      /** As many visits, or as many as begin in this time. */
      readonly length: { readonly visits: number } | { readonly milliseconds: number };
    }
  | { readonly kind: 'count'; readonly program: ProgramName; readonly screen: ScreenName };

export interface Window {
  /** Milliseconds. */
  readonly p50: number;
  /** Of the whole process, in microseconds a visit. */
  readonly cpu: number;
  readonly perSecond: number;
}

/** Of one visit, alone. */
export interface Counted {
  readonly rounds: number;
  readonly keys: number;
}

let kvetch: Kvetch;
let made: Filled;
let asks: ReadonlyMap<ProgramName, (screen: ScreenName, n: number) => Promise<Uint8Array | string>>;

/** Each visit is another one. */
let turn = 0;

process.on('disconnect', () => process.exit(0));
process.on('message', (request: Request) => {
  answer(request).then(
    (result) => process.send?.({ result }),
    (error: Error) => process.send?.({ error: error.message }),
  );
});

function answer(request: Request): Promise<Filled | Window | Counted | null> {
  if (request.kind === 'open') return open(request.place, request.made);
  if (request.kind === 'compare') return compare();
  return request.kind === 'visit' ? visit(request) : count(request);
}

function shardsOf({ name, mysql, sqlite }: Place): readonly ShardStore[] {
  if (name === 'memory') return memoryShards(2);
  return name === 'sqlite' ? sqliteShards({ file: sqlite }) : mysqlShards([...mysql], { createDatabase: true });
}

async function open(place: Place, before: Filled | null): Promise<Filled> {
  const cache = place.name === 'redis' ? redisCache({ url: place.redis, timeoutMs: 2000 }) : null;
  kvetch = createKvetch({ schema: kvetchSchema, shards: shardsOf(place), ...(cache && { cache }) });
  made = before ?? (await fill(kvetch, place.size));
  await cache?.ready();
  asks = new Map(
    programs.map((program) => {
      const ask = program.open(kvetch);
      return [
        program.name,
        (name, n) => {
          const screen = screens[name];
          return ask(screen, screen.visit(made, n));
        },
      ];
    }),
  );
  return made;
}

async function compare(): Promise<null> {
  for (const screen of Object.keys(screens) as ScreenName[]) {
    for (let n = 0; n < 10; n++) {
      const answers = new Map<string, ProgramName>();
      for (const [name, ask] of asks) answers.set(Buffer.from(await ask(screen, n)).toString('utf8'), name);
      const [[one, by] = ['', ''], other] = answers;
      if (other)
        throw new Error(`${screen}: ${by} answers ${one.slice(0, 500)}, and ${other[1]} ${other[0].slice(0, 500)}`);
      if (!one.includes('"id"')) throw new Error(`${screen} shows nothing: ${one}`);
    }
  }
  return null;
}

function askOf(program: ProgramName): (screen: ScreenName, n: number) => Promise<unknown> {
  const ask = asks.get(program);
  if (ask === undefined) throw new Error(`There is no program ${program}.`);
  return ask;
}

async function visit({ program, screen, clients, length }: Request & { kind: 'visit' }): Promise<Window> {
  const ask = askOf(program);
  const latencies: number[] = [];
  let begun = 0;
  const before = process.cpuUsage();
  const start = performance.now();
  const goesOn = (): boolean =>
    'visits' in length ? begun < length.visits : performance.now() - start < length.milliseconds;
  const client = async (): Promise<void> => {
    while (goesOn()) {
      const from = performance.now();
      begun++;
      await ask(screen, turn++);
      latencies.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const { user, system } = process.cpuUsage(before);
  const perSecond = (1000 * latencies.length) / (performance.now() - start);
  return { p50: median(latencies), cpu: (user + system) / latencies.length, perSecond };
}

async function count({ program, screen }: Request & { kind: 'count' }): Promise<Counted> {
  const ask = askOf(program);
  const visits = 20;
  kvetch.stats.reset();
  for (let n = 0; n < visits; n++) await ask(screen, n);
  const { rounds, keys } = kvetch.stats.snapshot();
  return { rounds: rounds / visits, keys: keys / visits };
}
