/** Faults of a real Redis: restarts, wiped data, lost messages, silence (spec 11.2.6 to 11.2.9). */
import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type AskedKeys, KnownReadings } from '../../src/reactive/versions/KnownReadings.ts';
import { Watches } from '../../src/reactive/versions/Watches.ts';
import { heldVersion, type Moment } from '../../src/reactive.ts';
import { type RedisVersions, redisVersions } from '../../src/reactive-redis.ts';
import { getOrCreate } from '../../src/utils/getOrCreate.ts';
import { needs } from '../support/needs.ts';
import { type OwnRedis, startRedis, startRedisCluster } from '../support/redisServer.ts';
import { TcpProxy } from '../support/tcpProxy.ts';
import { until } from '../support/until.ts';

const test = needs(suite('versions: faults of Redis'), 'redis-server');
let ends: (() => unknown)[] = [];
test.after.each(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

async function ownRedis(): Promise<OwnRedis> {
  const server = await startRedis();
  ends.push(() => server.kill());
  return server;
}

function open(url: string): RedisVersions {
  const store = redisVersions({ url, checkMs: 50, timeoutMs: 30_000 });
  ends.push(() => store.close());
  return store;
}

function clientOf(url: string): Redis {
  const client = new Redis(url);
  client.on('error', () => undefined);
  ends.push(() => client.disconnect());
  return client;
}

/** What a client holds: it reads again whatever it is told is stale, until nothing is. */
class Cells {
  readonly truth = new Map<string, number>();
  readonly cells = new Map<string, number>();
  readonly #watches: Watches;
  readonly #store: RedisVersions;
  readonly #readings: KnownReadings;
  readonly #asked = new Map<string, AskedKeys>();
  reads = 0;
  #isOver = false;

  constructor(store: RedisVersions) {
    this.#store = store;
    this.#watches = new Watches(store);
    this.#readings = new KnownReadings(store);
    ends.push(() => {
      this.#isOver = true;
      this.#watches.close();
    });
  }

  /** Half of the cells ask the store each time, half what is known of it. */
  async #version(key: string, asOf: Moment): Promise<number> {
    if (this.reads % 2 === 0) return heldVersion(asOf, await this.#store.read([key]), 0);
    const asked = getOrCreate(this.#asked, key, () => ({ keys: [key], text: key }));
    return (await this.#readings.heldSince(asOf, asked)).versions[0] ?? 0;
  }

  /** Reads a cell and holds it. */
  async hold(key: string): Promise<void> {
    while (!this.#isOver) {
      try {
        const asOf = this.#store.seen as Moment;
        this.reads++;
        const value = this.truth.get(key) ?? 0;
        await new Promise((resolve) => setTimeout(resolve, 5));
        const version = await this.#version(key, asOf);
        this.cells.set(key, value);
        const again = (): void => {
          unwatch();
          void this.hold(key);
        };
        const held = { ...asOf, keys: [key], versions: [version] };
        const unwatch = this.#watches.watch(held, {
          onStale: () => queueMicrotask(again),
          onReset: () => queueMicrotask(again),
        });
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20)); // Redis is away: ask again later
      }
    }
  }

  stale(): readonly string[] {
    return [...this.cells].filter(([key, value]) => value !== (this.truth.get(key) ?? 0)).map(([key]) => key);
  }
}

test('a restart begins a new epoch, and everything that was held is stale [11.2.6]', async () => {
  const server = await ownRedis();
  const store = open(server.url);
  await store.ready();
  const before = await store.invalidate(['a']);
  let resets = 0;
  const watches = new Watches(store);
  ends.push(() => watches.close());
  watches.watch({ ...before, keys: ['a'], versions: [1] }, { onStale: () => undefined, onReset: () => resets++ });
  await server.kill();
  await server.start();
  await until('the watch is told', () => resets === 1);
  const after = await store.read(['a']);
  assert.is.not(after.epoch, before.epoch);
  assert.equal(after.states[0], { version: 0, seq: 0 });
});

test('wiped counters begin a new epoch without any break of a connection [11.2.6]', async () => {
  const server = await ownRedis();
  const [store, other] = [open(server.url), open(server.url)];
  await Promise.all([store.ready(), other.ready()]);
  const before = await store.invalidate(['a']);
  await clientOf(server.url).flushall();
  await until('both have seen it', () => [store, other].every(({ seen }) => seen?.epoch !== before.epoch));
  assert.is(store.seen?.epoch, other.seen?.epoch);
});

test('lost messages are found out by the next one, and by looking [11.2.8]', async () => {
  const server = await ownRedis();
  const [store, writer] = [open(server.url), open(server.url)];
  await Promise.all([store.ready(), writer.ready()]);
  const cells = new Cells(store);
  await Promise.all(['a', 'b', 'c'].map((key) => cells.hold(key)));
  const admin = clientOf(server.url);
  for (let round = 1; round <= 20; round++) {
    await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    for (const key of ['a', 'b', 'c']) {
      cells.truth.set(key, round);
      await writer.invalidate([key]);
    }
  }
  await until('nothing is stale', () => cells.stale().length === 0);
});

test('a connection for messages that hangs is given up', async () => {
  const server = await ownRedis();
  const proxy = await TcpProxy.open(server.port);
  ends.push(() => proxy.close());
  const [store, writer] = [open(`redis://127.0.0.1:${proxy.port}`), open(server.url)];
  await Promise.all([store.ready(), writer.ready()]);
  const cells = new Cells(store);
  await cells.hold('a');
  // Messages begin with this; answers to commands pass.
  proxy.rule((from, chunk) => (from === 'server' && chunk.includes('$7\r\nmessage') ? 'drop' : 'pass'));
  cells.truth.set('a', 1);
  await writer.invalidate(['a']);
  await until('it is told all the same', () => cells.stale().length === 0);
});

test('without Redis reads and invalidations say so, within their time', async () => {
  const server = await ownRedis();
  const store = redisVersions({ url: server.url, timeoutMs: 100, checkMs: 50 });
  ends.push(() => store.close());
  await store.ready();
  server.pause();
  for (const call of [() => store.read(['a']), () => store.invalidate(['a'])]) {
    const error = await call().then(
      () => null,
      (thrown: unknown) => thrown,
    );
    assert.is((error as { code?: string } | null)?.code, 'VERSIONS_UNAVAILABLE');
  }
  server.resume();
  await until('it answers again', () =>
    store.read(['a']).then(
      () => true,
      () => false,
    ),
  );
});

test('chaos: killed connections and wiped data; in the end nothing is stale [11.2.8]', async () => {
  const server = await ownRedis();
  const stores = [open(server.url), open(server.url), open(server.url)];
  await Promise.all(stores.map((store) => store.ready()));
  const holders = stores.map((store) => new Cells(store));
  const keys = Array.from({ length: 42 }, (_, n) => `key ${n}`);
  await Promise.all(holders.flatMap((cells) => keys.map((key) => cells.hold(key))));
  const admin = clientOf(server.url);
  const isOver = { now: false };
  /** Invalidates until it is done: the outbox does so in life. */
  const invalidate = async (key: string): Promise<void> => {
    const [store] = stores as [RedisVersions];
    while (
      !(await store.invalidate([key]).then(
        () => true,
        () => false,
      ))
    )
      await new Promise((resolve) => setTimeout(resolve, 10));
  };
  const write = async (): Promise<void> => {
    for (let n = 0; !isOver.now; n++) {
      const key = keys[(n * 17) % keys.length] as string;
      for (const { truth } of holders) truth.set(key, (truth.get(key) ?? 0) + 1);
      await invalidate(key);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const breakThings = async (): Promise<void> => {
    for (let round = 0; round < 24; round++) {
      const fault = round % 4;
      if (fault === 0) await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      if (fault === 1) await admin.flushall();
      if (fault === 2) await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      if (fault === 3 && round === 11) {
        await server.kill();
        await server.start();
      }
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
    isOver.now = true;
  };
  await Promise.all([write(), write(), breakThings()]);
  await until('nothing is stale', () => holders.every((cells) => cells.stale().length === 0));
  console.log(
    `  ${stores.length * keys.length} cells, ${holders.reduce((all, { reads }) => all + reads, 0)} reads, 0 stale`,
  );
});

test('a Cluster whose master fails: the promoted replica begins a new epoch [11.2.6]', async () => {
  const servers = await startRedisCluster(1);
  for (const server of servers) ends.push(() => server.kill());
  const nodes = servers.map(({ port }) => `127.0.0.1:${port}`);
  const store = redisVersions({ nodes, checkMs: 50, timeoutMs: 30_000 });
  ends.push(() => store.close());
  await store.ready();
  const cells = new Cells(store);
  await cells.hold('a');
  cells.truth.set('a', 1);
  await until('it is invalidated', () => isInvalidated(store));
  const before = await store.read([]);
  await until('it is told', () => cells.stale().length === 0);
  const owner = await ownerOf(servers, 'planql:{deps}:versions');
  await owner.kill();
  cells.truth.set('a', 2);
  await until('it can be invalidated again', () => isInvalidated(store));
  await until('nothing is stale', () => cells.stale().length === 0);
  assert.is.not((await store.read(['a'])).epoch, before.epoch);
});

function isInvalidated(store: RedisVersions): Promise<boolean> {
  return store.invalidate(['a']).then(
    () => true,
    () => false,
  );
}

async function ownerOf(servers: readonly OwnRedis[], key: string): Promise<OwnRedis> {
  for (const server of servers) {
    const client = clientOf(server.url);
    try {
      await client.call('GET', `${key}-none`);
      if (((await client.call('ROLE')) as unknown[])[0] === 'master') return server;
    } catch {
      // it is not this one
    }
  }
  throw new Error('No server has the slot.');
}

test('notes go from process to process, also after a restart, and to those only that listen', async () => {
  const server = await ownRedis();
  const [writer, reader] = [open(server.url), open(server.url)];
  const heard: string[] = [];
  const leave = reader.notes?.listen((text) => void heard.push(text));
  await Promise.all([writer.ready(), reader.ready()]);
  const untilHeard = async (text: string): Promise<void> => {
    await until(`"${text}" is heard`, () => {
      writer.notes?.send(text); // nobody catches up: it is said until it is heard
      return heard.includes(text);
    });
  };
  await untilHeard('one');
  await server.kill();
  writer.notes?.send('lost');
  await server.start();
  await untilHeard('two');
  leave?.();
  const before = heard.length;
  const others: string[] = [];
  ends.push(writer.notes?.listen((text) => void others.push(text)) ?? (() => undefined));
  await until('"three" is heard', () => {
    writer.notes?.send('three');
    return others.length > 0;
  });
  assert.not.ok(heard.slice(before).includes('three'));
  assert.not.ok(heard.includes('lost'));
});

test('counters that somebody has overwritten are not read as versions: the store is unavailable', async () => {
  const server = await ownRedis();
  const store = open(server.url);
  await store.ready();
  const names = ['a', 'b', 'c'].map((letter) => letter.repeat(16));
  await store.invalidate(names);
  const client = clientOf(server.url);
  for (const text of ['x', '7', '7:', '1:1,1:1', '-1:1', 'NaN:NaN']) {
    await client.hset('planql:{deps}:versions', 'b'.repeat(16), text);
    for (const keys of [names, names.slice(1, 2), [...names, 'a key of another form']]) {
      const answer = await store.read(keys).catch((error: { code: string }) => error.code);
      assert.is(answer, 'VERSIONS_UNAVAILABLE', text);
    }
  }
  assert.equal((await store.read(['a'.repeat(16), 'nobody'])).states, [
    { version: 1, seq: 1 },
    { version: 0, seq: 0 },
  ]);
});

test.run();
