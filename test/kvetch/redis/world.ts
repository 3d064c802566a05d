import * as assert from 'uvu/assert';
import { type Kvetch, type KvetchOptions, memoryShards, type ShardStore } from '../../../src/kvetch.ts';
import { type RedisCache, redisCache } from '../../../src/kvetch-redis.ts';
import { type OwnRedis, redisForTests, sleep, startRedis } from '../../support/redisServer.ts';
import { wrapStore } from '../backends.ts';
import { todoStore } from '../todo.ts';

const redis = await redisForTests();

/** Some processes on the same shards and the same Redis. */
export interface World {
  readonly cache: RedisCache;
  readonly store: Kvetch;
  readonly calls: string[];
  /** The same rows without the cache. */
  readonly truth: Kvetch;
  /** Another process on the same shards and the same Redis. */
  other(options?: Parameters<typeof redisCache>[0]): Promise<Kvetch>;
  /** Holds the answer to the next read of objects that reaches the store. */
  pauseNextRead(): { readonly begun: Promise<void>; resume(): void };
}

/** What a test opened, to be closed in opposite order. */
export const endings: Array<() => unknown> = [];

export async function endAll(): Promise<void> {
  for (const end of endings.splice(0).reverse()) await end();
}

export interface WorldOptions {
  /** Default: one in memory. */
  readonly shards?: readonly ShardStore[];
  /** Milliseconds, at random, before and after each call of a shard. */
  readonly delay?: number;
  readonly kvetch?: Partial<KvetchOptions>;
}

/** A todo store over shards whose calls are noted, behind Redis. */
export async function openWorld(
  options: Parameters<typeof redisCache>[0],
  { shards = memoryShards(1), delay = 0, kvetch = {} }: WorldOptions = {},
): Promise<World> {
  const calls: string[] = [];
  endings.push(async () => {
    for (const shard of shards) await shard.close();
  });
  let hold: { begin(): void; readonly until: Promise<void> } | null = null;
  const noted: readonly ShardStore[] = shards.map((shard) =>
    wrapStore(shard, async (method, run) => {
      calls.push(`${shard.name} ${method}`);
      if (delay > 0) await sleep(Math.random() * delay);
      const answer = await run();
      if (delay > 0) await sleep(Math.random() * delay);
      if (hold !== null && method === 'readObjects') {
        const { begin, until } = hold;
        hold = null;
        begin();
        await until;
      }
      return answer;
    }),
  );
  const open = async (given = options): Promise<readonly [Kvetch, RedisCache]> => {
    const cache = redisCache({ timeoutMs: 2000, ...given });
    endings.push(() => cache.close());
    await cache.ready();
    return [todoStore(noted, { ...kvetch, cache }), cache];
  };
  const [store, cache] = await open();
  return {
    ...{ cache, store, calls, truth: todoStore(shards) },
    other: async (given) => (await open(given))[0],
    pauseNextRead: () => {
      let resume = (): void => undefined;
      const until = new Promise<void>((resolve) => {
        resume = resolve;
      });
      const begun = new Promise<void>((begin) => {
        hold = { begin, until };
      });
      return { begun, resume };
    },
  };
}

/** A server that ends with the test: it needs `redis-server`. */
export async function ownRedis(): Promise<OwnRedis> {
  const server = await startRedis();
  endings.push(() => server.kill());
  return server;
}

/** A user with ten lists of five items. */
export async function fillTodos(store: Kvetch): Promise<string> {
  const user = await store.createObject('User', { username: 'jane' });
  for (let list = 0; list < 10; list++) {
    const listId = await store.createObject('List', { owner: user });
    for (let item = 0; item < 5; item++) await store.createObject('Item', { text: `${list}.${item}`, list: listId });
  }
  return user;
}

/** Reads the todo view in five steps: the number of items. */
export async function view(store: Kvetch, user: string): Promise<number> {
  const [found] = await store.getObjects([user]);
  assert.ok(found && !(found instanceof Error));
  const lists = await store.getEdges('user_to_list', user, { first: 20 });
  const ids = lists.edges.map(({ toId }) => toId);
  await store.getObjects(ids);
  const pages = await store.getEdgeLists(ids.map((fromId) => ({ edge: 'list_to_item', fromId, first: 5 })));
  const items = pages.flatMap((page) => (page instanceof Error ? [] : page.edges.map(({ toId }) => toId)));
  return (await store.getObjects(items)).filter((item) => item !== null && !(item instanceof Error)).length;
}

/** Options for the Redis of all tests, with a prefix of its own. */
export const shared = (): { url: string; prefix: string } => ({
  url: redis.url,
  prefix: redis.newPrefix(),
});

/** Reads the view until Redis has all of it: nobody waits for a fill. */
export async function untilWarm(store: Kvetch, user: string, calls: string[]): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(10)) {
    calls.length = 0;
    assert.is(await view(store, user), 50);
    if (calls.length === 0) return;
  }
  throw new Error('The view does not get warm.');
}
