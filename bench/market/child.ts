/** Measures the screens in one place: all programs in one process, window after window in turn. */
import { createKvetch, type Kvetch, memoryShards, type ShardStore } from 'planql/kvetch';
import { mysqlShards } from 'planql/kvetch/mysql';
import { redisCache } from 'planql/kvetch/redis';
import { sqliteShards } from 'planql/kvetch/sqlite';
import { type Filled, fill, type Size } from '../../examples/market/fill.ts';
import { kvetchSchema } from '../../examples/market/generated/kvetchSchema.ts';
import { median } from '../median.ts';
import { programs } from './programs.ts';
import { type Screen, screens } from './screens.ts';

export type PlaceName = 'memory' | 'sqlite' | 'mysql' | 'redis';

export interface MarketTask {
  readonly place: PlaceName;
  readonly size: Size;
  readonly windows: number;
  readonly milliseconds: number;
  /** Visits of each screen by each program before anything is measured: V8 compiles meanwhile. */
  readonly warmUp: number;
  readonly screens: readonly string[];
  readonly programs: readonly string[];
  readonly mysql: readonly string[];
  readonly redis: string;
  readonly sqlite: string;
}

export interface Measured {
  readonly screen: string;
  readonly program: string;
  /** Of one visit, alone. */
  readonly rounds: number;
  readonly keys: number;
  /** Milliseconds. */
  readonly p50: number;
  /** Of the whole process, in microseconds a visit. */
  readonly cpu: number;
}

const task = JSON.parse(process.argv[2] as string) as MarketTask;
const shards = (): readonly ShardStore[] => {
  if (task.place === 'memory') return memoryShards(2);
  if (task.place === 'sqlite') return sqliteShards({ file: task.sqlite });
  return mysqlShards([...task.mysql], { createDatabase: true });
};
const cache = task.place === 'redis' ? redisCache({ url: task.redis, timeoutMs: 2000 }) : null;
const kvetch = createKvetch({ schema: kvetchSchema, shards: shards(), ...(cache && { cache }) });
const made = await fill(kvetch, task.size);
await cache?.ready();
const measured: Measured[] = [];
for (const screen of screens.filter(({ name }) => task.screens.includes(name)))
  measured.push(...(await measure(kvetch, made, screen, task)));
await kvetch.close();
await cache?.close();
process.stdout.write(`${JSON.stringify({ kind: 'market', place: task.place, measured })}\n`, () => process.exit(0));

async function measure(
  store: Kvetch,
  filled: Filled,
  screen: Screen,
  { windows, milliseconds, warmUp, programs: names }: MarketTask,
): Promise<readonly Measured[]> {
  const chosen = programs.filter(({ name }) => names.includes(name));
  const running = chosen.map(({ name, open }) => ({ name, ask: open(store), turn: 0 }));
  for (let n = 0; n < 10; n++) {
    const answers = await Promise.all(
      running.map(async ({ ask }) => Buffer.from(await ask(screen, screen.visit(filled, n))).toString('utf8')),
    );
    const other = answers.findIndex((answer) => answer !== answers[0]);
    if (other !== -1) {
      throw new Error(
        `${screen.name}: ${running[other]?.name} answers ${answers[other]?.slice(0, 500)}, and ${running[0]?.name} ${answers[0]?.slice(0, 500)}`,
      );
    }
    if (!answers[0]?.includes('"id"')) throw new Error(`${screen.name} shows nothing: ${answers[0]}`);
  }
  for (const one of running) for (let n = 0; n < warmUp; n++) await one.ask(screen, screen.visit(filled, n));
  const latencies = running.map((): number[] => []);
  const cpus = running.map((): number[] => []);
  for (let window = 0; window < windows; window++) {
    for (const [at, one] of running.entries()) {
      const before = process.cpuUsage();
      const start = performance.now();
      let count = 0;
      for (let from = start; from - start < milliseconds; count++) {
        await one.ask(screen, screen.visit(filled, one.turn++));
        const to = performance.now();
        latencies[at]?.push(to - from);
        from = to;
      }
      const { user, system } = process.cpuUsage(before);
      cpus[at]?.push((user + system) / count);
    }
  }
  const results: Measured[] = [];
  for (const [at, { name, ask }] of running.entries()) {
    store.stats.reset();
    const visits = 20;
    for (let n = 0; n < visits; n++) await ask(screen, screen.visit(filled, n));
    const { rounds, keys } = store.stats.snapshot();
    results.push({
      ...{ screen: screen.name, program: name, rounds: rounds / visits, keys: keys / visits },
      p50: median(latencies[at] ?? []),
      cpu: median(cpus[at] ?? []),
    });
  }
  return results;
}
