import type { KvetchCache } from '../../src/kvetch.ts';
import { type RedisCache, redisCache } from '../../src/kvetch-redis.ts';
import { createReactive, memoryVersions, type VersionStore } from '../../src/reactive.ts';
import { redisVersions } from '../../src/reactive-redis.ts';
import { redisForTests } from '../../test/support/redisServer.ts';
import { median } from '../median.ts';
import { secrets } from './secrets.ts';
import { openView, type View } from './view.ts';

const LISTS = 20;
const ITEMS = 49;
const OBJECTS = 1 + LISTS + LISTS * ITEMS;
const WINDOWS = 60;
const TIMES = 25;
const WARM_UP = 600;

interface Side {
  readonly ask: () => Promise<string>;
  readonly cpu: number[];
}

/** What dependencies cost a query of 1,001 objects: CPU time, bytes, and reads of versions. */
export async function cost(): Promise<Record<string, number>> {
  const inMemory = named('in memory', await measure(memoryVersions(), () => null));
  const redis = await redisForTests();
  if (redis === null) return inMemory;
  const { url } = redis;
  const versions = redisVersions({ url, prefix: redis.newPrefix(), timeoutMs: 30_000 });
  const caches: RedisCache[] = [];
  const openCache = (): KvetchCache => {
    const cache = redisCache({ url, prefix: redis.newPrefix(), timeoutMs: 30_000, ttlSeconds: 600 });
    caches.push(cache);
    return cache;
  };
  await versions.ready();
  const overRedis = named('over Redis', await measure(versions, openCache));
  for (const cache of caches) await cache.close();
  await versions.close();
  return { ...inMemory, ...overRedis };
}

async function measure(versions: VersionStore, openCache: () => KvetchCache | null): Promise<Record<string, number>> {
  let reads = 0;
  const read = versions.read.bind(versions);
  versions.read = (keys) => {
    reads++;
    return read(keys);
  };
  const plain = await openView(versions, LISTS, ITEMS, false, openCache());
  const view = await openView(versions, LISTS, ITEMS, true, openCache());
  const sides = [
    sideOf(plain, versions, 'engine'),
    sideOf(view, versions, 'silent'),
    sideOf(view, versions, 'asked'),
    sideOf(view, versions, 'cold'),
  ] as const;
  const [engine, silent, asked, cold] = sides;
  for (const side of sides) await run(side, WARM_UP);
  for (const side of sides) side.cpu.length = 0;
  // Each side goes first as often as the others: a window may pay for the garbage of the one before.
  for (let window = 0; window < WINDOWS; window++) {
    for (let n = 0; n < sides.length; n++) await run(sides[(window + n) % sides.length] ?? engine, TIMES);
  }
  reads = 0;
  const texts = [await engine.ask(), await silent.ask()];
  const silentReads = reads;
  const text = await asked.ask();
  const askedReads = reads - silentReads;
  await cold.ask();
  const ratio = ({ cpu }: Side): number => median(cpu) / median(engine.cpu);
  return {
    objects: OBJECTS,
    'query, us of CPU': median(engine.cpu),
    'not asked for, ratio': ratio(silent),
    'not asked for, bytes more': (texts[1] ?? '').length - (texts[0] ?? '').length,
    'not asked for, reads of versions': silentReads,
    'asked for, ratio': ratio(asked),
    'asked for, ratio of best': Math.min(...asked.cpu) / Math.min(...engine.cpu),
    'asked for, bytes ratio': text.length / (texts[0] ?? '').length,
    'asked for, reads of versions': askedReads,
    'asked for the first time, ratio': ratio(cold),
    'asked for the first time, ratio of best': Math.min(...cold.cpu) / Math.min(...engine.cpu),
    'asked for the first time, reads of versions': reads - silentReads - askedReads,
  };
}

function named(place: string, figures: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(figures).map(([what, figure]) => [`${place}: ${what}`, figure]));
}

/** `cold`: of a layer that knows no key yet. */
function sideOf(view: View, versions: VersionStore, kind: 'engine' | 'silent' | 'asked' | 'cold'): Side {
  const { kvetch, engine, document, user } = view;
  const extensions = kind === 'asked' || kind === 'cold' ? { reactive: { v: 1 } } : undefined;
  return {
    ask: async () => {
      const contextValue = { kvetch: kvetch.forRequest() };
      const args = { document, variableValues: { id: user }, contextValue, extensions, subject: 'bench' };
      const reactive = kind === 'cold' ? createReactive({ engine, versions, secrets }) : view.reactive;
      const text = JSON.stringify(await reactive.execute(args));
      if (kind === 'cold') await reactive.close();
      return text;
    },
    cpu: [],
  };
}

async function run({ ask, cpu }: Side, times: number): Promise<void> {
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) await ask();
  const { user, system } = process.cpuUsage(before);
  cpu.push((user + system) / times);
}
