import { mysqlShards } from '../../src/kvetch-mysql.ts';
import { redisCache } from '../../src/kvetch-redis.ts';
import { createReactive, memoryVersions, type VersionStore } from '../../src/reactive.ts';
import { redisVersions } from '../../src/reactive-redis.ts';
import { itemAt } from '../../src/utils/itemAt.ts';
import { redisForTests } from '../../test/support/redisServer.ts';
import { mysqlForTests } from '../../test/support/servers.ts';
import { median } from '../median.ts';
import { secrets } from './secrets.ts';
import { openView, type View, type ViewStore } from './view.ts';

const LISTS = 20;
const ITEMS = 49;
const OBJECTS = 1 + LISTS + LISTS * ITEMS;
const WINDOWS = 60;
const TIMES = 25;
const WARM_UP = 600;

interface Side {
  readonly kvetch: View['kvetch'];
  readonly ask: () => Promise<string>;
  readonly cpu: number[];
}

/** Where rows and versions lie. */
interface Place {
  readonly name: string;
  readonly versions: VersionStore;
  /** A place of its own for the rows of a view. */
  readonly openStore: () => ViewStore;
  /** How much less is measured than in memory. */
  readonly divisor: number;
}

/** What dependencies cost a query of 1,001 objects: CPU time, bytes, calls of the store, and reads of versions. */
export async function cost(): Promise<Record<string, number>> {
  const ends: (() => unknown)[] = [];
  const inMemory = { name: 'in memory', versions: memoryVersions(), openStore: () => ({}), divisor: 1 };
  const figures: Record<string, number>[] = [];
  for (const place of [inMemory, ...(await remotePlaces(ends))]) figures.push(await measure(place));
  for (const end of ends) await end();
  return Object.assign({}, ...figures);
}

async function remotePlaces(ends: (() => unknown)[]): Promise<readonly Place[]> {
  const redis = await redisForTests();
  if (!redis.isThere) return [];
  const { url } = redis;
  const versions = redisVersions({ url, prefix: redis.newPrefix(), timeoutMs: 30_000 });
  ends.push(() => versions.close());
  await versions.ready();
  const openCached = (): ViewStore => {
    const cache = redisCache({ url, prefix: redis.newPrefix(), timeoutMs: 30_000, ttlSeconds: 600 });
    ends.push(() => cache.close());
    return { cache };
  };
  const overRedis: Place = { name: 'over Redis', versions, openStore: openCached, divisor: 1 };
  const mysql = await mysqlForTests();
  if (!mysql.isThere) return [overRedis];
  const openDatabase = (): ViewStore => {
    const shards = mysqlShards([{ uri: mysql.uri, database: mysql.newDatabase() }], { createDatabase: true });
    ends.push(() => Promise.all(shards.map((shard) => shard.close())));
    return { shards };
  };
  return [overRedis, { name: 'over MySQL and Redis', versions, openStore: openDatabase, divisor: 3 }];
}

async function measure({ name, versions, openStore, divisor }: Place): Promise<Record<string, number>> {
  let reads = 0;
  const read = versions.read.bind(versions);
  versions.read = (keys) => {
    reads++;
    return read(keys);
  };
  const plain = await openView(versions, LISTS, ITEMS, { ...openStore(), isTracked: false });
  const view = await openView(versions, LISTS, ITEMS, openStore());
  const sides = [
    sideOf(plain, versions, 'engine'),
    sideOf(plain, versions, 'engine'),
    sideOf(view, versions, 'silent'),
    sideOf(view, versions, 'asked'),
    sideOf(view, versions, 'cold'),
  ] as const;
  const [engine, again, silent, asked, cold] = sides;
  for (const side of sides) await run(side, WARM_UP / divisor);
  for (const side of sides) side.cpu.length = 0;
  // Each side goes first as often as the others: a window may pay for the garbage of the one before.
  for (let window = 0; window < WINDOWS / divisor; window++) {
    for (let n = 0; n < sides.length; n++) await run(itemAt(sides, (window + n) % sides.length), TIMES);
  }
  const once = async ({ kvetch, ask }: Side) => {
    const [readBefore, { storeCalls, keys }] = [reads, kvetch.stats.snapshot()];
    const text = await ask();
    const now = kvetch.stats.snapshot();
    return {
      bytes: text.length,
      reads: reads - readBefore,
      calls: now.storeCalls - storeCalls,
      keys: now.keys - keys,
    };
  };
  const [base, quiet, told, first] = [await once(engine), await once(silent), await once(asked), await once(cold)];
  versions.read = read;
  const figures = {
    objects: OBJECTS,
    'query, us of CPU': median(engine.cpu),
    'the same again, ratio': ratio(again, engine),
    'not asked for, ratio': ratio(silent, engine),
    'not asked for, ratio of best': ratioOfBest(silent, engine),
    'not asked for, bytes more': quiet.bytes - base.bytes,
    'not asked for, calls and keys of the store more': quiet.calls - base.calls + (quiet.keys - base.keys),
    'not asked for, reads of versions': quiet.reads,
    'asked for, ratio': ratio(asked, engine),
    'asked for, ratio of best': ratioOfBest(asked, engine),
    'asked for, bytes ratio': told.bytes / base.bytes,
    'asked for, calls and keys of the store more': told.calls - base.calls + (told.keys - base.keys),
    'asked for, reads of versions': told.reads,
    'asked for the first time, ratio': ratio(cold, engine),
    'asked for the first time, ratio of best': ratioOfBest(cold, engine),
    'asked for the first time, reads of versions': first.reads,
  };
  return Object.fromEntries(Object.entries(figures).map(([figure, value]) => [`${name}: ${figure}`, value]));
}

/** The ratio of a window to that of the other side in the same turn: the middle one. */
function ratio({ cpu }: Side, other: Side): number {
  return median(cpu.map((one, window) => one / itemAt(other.cpu, window)));
}

/** The ratio of the best windows: what others on the machine do to caches is the least there. */
function ratioOfBest({ cpu }: Side, other: Side): number {
  return Math.min(...cpu) / Math.min(...other.cpu);
}

/** `cold`: of a layer that knows no key yet. */
function sideOf(view: View, versions: VersionStore, kind: 'engine' | 'silent' | 'asked' | 'cold'): Side {
  const { kvetch, engine, document, user } = view;
  const extensions = kind === 'asked' || kind === 'cold' ? { reactive: { v: 1 } } : undefined;
  return {
    kvetch,
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
