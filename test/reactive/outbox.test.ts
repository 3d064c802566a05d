/** A write that could not tell of its change, or died before, is told by another process (spec 11.4.3). */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, makeSchema } from '../../src/index.ts';
import { shardOfId } from '../../src/kvetch/ids/routing.ts';
import type { FaultPoint } from '../../src/kvetch/KvetchContext.ts';
import { createKvetch, type Kvetch, type KvetchOptions, memoryShards, type ShardStore } from '../../src/kvetch.ts';
import { mysqlShards } from '../../src/kvetch-mysql.ts';
import { sqliteShards } from '../../src/kvetch-sqlite.ts';
import { createReactive, memoryVersions, type Reactive, type VersionStore } from '../../src/reactive.ts';
import { redisVersions } from '../../src/reactive-redis.ts';
import { mysqlDatabases, temporaryDirectory } from '../kvetch/backends.ts';
import { todoSchema } from '../kvetch/todo.ts';
import { needs, type SharedServer } from '../support/needs.ts';
import { redisForTests, startRedis } from '../support/redisServer.ts';
import { typescript } from '../support/repository.ts';
import { mysqlForTests } from '../support/servers.ts';
import { until } from '../support/until.ts';
import { membersOf, secrets } from './dyingWriter.ts';

const test = suite('invalidations survive their writers');
const ends: (() => unknown)[] = [];
test.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const engine = createEngine({ schema: makeSchema({ typeDefs: 'type Query { n: Int }' }) });

function layer(versions: VersionStore): Reactive {
  const reactive = createReactive({ engine, versions, secrets });
  ends.push(() => reactive.close());
  return reactive;
}

function process(shards: readonly ShardStore[], reactive: Reactive, options: Partial<KvetchOptions> = {}): Kvetch {
  const kvetch = createKvetch({ schema: todoSchema, shards, changes: reactive.changes, ...options });
  ends.push(() => kvetch.close());
  return kvetch;
}

async function versionOf(reactive: Reactive, key: string): Promise<number> {
  return (await reactive.versions.read([reactive.wireKeys.of(key)])).states[0]?.version ?? 0;
}

const [mysql, redis] = [await mysqlForTests(), await redisForTests()];
const kinds: ReadonlyArray<readonly [name: string, open: () => readonly ShardStore[], ...servers: SharedServer[]]> = [
  ['memory', () => memoryShards(2)],
  ['sqlite', () => sqliteShards({ directory: temporaryDirectory(), count: 2 })],
  ['mysql', () => mysqlDatabases(2), mysql],
];

for (const [name, shardsOf, ...servers] of kinds) {
  const onShards = needs(test, ...servers);

  onShards(`${name}: a writer that dies behind its commit [11.4.2]`, async () => {
    const [shards, reactive] = [shardsOf(), layer(memoryVersions())];
    const dead = { now: false };
    const faults = (): void => {
      if (dead.now) throw new Error('killed');
    };
    const writer = process(shards, reactive, { faults, outboxPollMs: 0 });
    const id = await writer.createObject('User', { city: 'Oslo' });
    process(shards, reactive, { outboxPollMs: 50 }); // another process
    const before = await versionOf(reactive, `o:${id}`);
    dead.now = true;
    await writer.updateObject(id, { city: 'Rome' }).then(
      () => assert.unreachable('it is killed'),
      () => undefined,
    );
    for (const key of [`o:${id}`, 'i:city:sRome', 'i:city:sOslo']) {
      const known = key.startsWith('o:') ? before : key.endsWith('Oslo') ? 1 : 0;
      await until(`${key} is told`, async () => (await versionOf(reactive, key)) > known);
    }
  });

  onShards(
    `${name}: a version store that is away; who listens to nothing cannot finish the write [11.4.3]`,
    async () => {
      const versions = memoryVersions();
      const away = { now: true };
      const { invalidate } = versions;
      versions.invalidate = (keys) => {
        if (away.now) throw new Error('away');
        return invalidate.call(versions, keys);
      };
      const [shards, reactive] = [shardsOf(), layer(versions)];
      const writer = process(shards, reactive, { outboxPollMs: 50 });
      const id = await writer.createObject('User', {});
      const deaf = createKvetch({ schema: todoSchema, shards, outboxPollMs: 0 });
      await until(
        'the note is due',
        async () => (await Promise.all(shards.map((shard) => shard.readNotes(null, 9)))).flat().length > 0,
      );
      await deaf.clean();
      const left = await Promise.all(shards.map((shard) => shard.readNotes(null, 9)));
      assert.equal(
        left.flat().map(({ needsListener }) => needsListener),
        [true],
      );
      away.now = false;
      await until('it is told', async () => (await versionOf(reactive, `o:${id}`)) > 0);
      await until('nothing is left', async () => {
        await Promise.all(
          shards.map((shard) =>
            shard.postponeNotes(
              left.flat().map((note) => note.id),
              0,
            ),
          ),
        );
        return (await Promise.all(shards.map((shard) => shard.readNotes(null, 9)))).flat().length === 0;
      });
    },
  );
}

const points = ['afterPrepare', 'afterDecide', 'beforeApply', 'afterApply'] as const;
const finishers = ['the relay', 'a writer that listens to nothing', 'cleaners that listen to nothing'] as const;
for (const [name, shardsOf, ...servers] of kinds) {
  for (const point of points) {
    for (const finisher of finishers) {
      needs(test, ...servers)(
        `${name}: a unit over two servers whose writer dies at ${point}, ended by ${finisher} [11.4.2]`,
        async () => {
          const [shards, reactive] = [shardsOf(), layer(memoryVersions())];
          const dead = { now: false };
          const faults = (at: FaultPoint): void => {
            if (at === point) dead.now = true;
            if (dead.now) throw new Error('killed');
          };
          const writer = process(shards, reactive, { outboxPollMs: 0 });
          const dying = process(shards, reactive, { faults, outboxPollMs: 0 });
          const ids = idsOfServers(writer);
          const [one, two] = ids;
          for (const id of ids) await writer.createObject('User', { n: 0, city: 'Oslo' }, { id });
          const keys = keysOf(ids);
          const before = await Promise.all(keys.map((key) => versionOf(reactive, key)));
          await dying.write(membersOf([one, two])).catch(() => null);
          assert.ok(dead.now);
          assert.equal(await Promise.all(keys.map((key) => versionOf(reactive, key))), before, 'nobody has told');
          const deaf = createKvetch({ schema: todoSchema, shards, outboxPollMs: 0 });
          ends.push(() => deaf.close());
          if (finisher === 'a writer that listens to nothing')
            for (const id of ids) await deaf.updateObject(id, { x: 1 });
          if (finisher === 'cleaners that listen to nothing') await deaf.clean({ graceMs: 0 });
          const reader = process(shards, reactive, { outboxPollMs: 50 });
          const isWritten = point !== 'afterPrepare';
          const told = isWritten ? keys : keys.slice(0, 2);
          for (const [at, key] of told.entries())
            await until(`${key} is told`, async () => (await versionOf(reactive, key)) > (before[at] ?? 0));
          // who is told reads the unit's end
          for (const id of ids) assert.is((await reader.getObject(id))?.n, isWritten ? 1 : 0);
          assert.is((await reader.getEdges('friends', one)).edges.length, isWritten ? 1 : 0);
        },
      );
    }
  }
}

/** The id of an object on each of two servers. */
function idsOfServers(kvetch: Kvetch): readonly [one: string, two: string] {
  const idOf = (isFirst: boolean): string => {
    for (;;) {
      const id = kvetch.newId('User');
      if (shardOfId(id) < 2048 === isFirst) return id;
    }
  };
  return [idOf(true), idOf(false)];
}

/** What a unit of `membersOf` tells, its objects first. */
function keysOf([one, two]: readonly [one: string, two: string]): readonly string[] {
  return [`o:${one}`, `o:${two}`, 'i:city:sRome', 'i:city:sOslo', `e:10002:${one}`];
}

function spawnDyingWriter(argument: object): ChildProcess {
  const file = fileURLToPath(new URL('dyingWriter.ts', import.meta.url));
  return spawn(globalThis.process.execPath, [...typescript, file, JSON.stringify(argument)], { stdio: 'ignore' });
}

for (const point of points) {
  needs(test, mysql)(
    `kill -9 of the writer of a unit over two servers at ${point}: told by a process without a cache [11.4.2]`,
    async () => {
      const places = [0, 1].map(() => ({ uri: mysql.uri, database: mysql.newDatabase() }));
      const reactive = layer(memoryVersions());
      const kvetch = process(mysqlShards(places, { createDatabase: true }), reactive, { outboxPollMs: 50 });
      const ids = idsOfServers(kvetch);
      for (const id of ids) await kvetch.createObject('User', { n: 0, city: 'Oslo' }, { id });
      const keys = keysOf(ids);
      const before = await Promise.all(keys.map((key) => versionOf(reactive, key)));
      const [, signal] = await once(spawnDyingWriter({ places, ids, point }), 'exit');
      assert.is(signal, 'SIGKILL');
      const isWritten = point !== 'afterPrepare';
      for (const [at, key] of (isWritten ? keys : keys.slice(0, 2)).entries())
        await until(`${key} is told`, async () => (await versionOf(reactive, key)) > (before[at] ?? 0));
      for (const id of ids) assert.is((await kvetch.getObject(id))?.n, isWritten ? 1 : 0);
      assert.is((await kvetch.getEdges('friends', ids[0])).edges.length, isWritten ? 1 : 0);
      await until('nothing is left', async () => {
        const left = await Promise.all(kvetch.stores.map((store) => store.readNotes(null, 9)));
        return left.flat().length === 0;
      });
    },
  );
}

const onServers = needs(test, mysql, redis, 'redis-server');
onServers('kill -9 between commit and invalidation: told through MySQL and Redis [11.4.2]', async () => {
  const place = { uri: mysql.uri, database: mysql.newDatabase() };
  const versions = redisVersions({ url: redis.url, prefix: redis.newPrefix(), timeoutMs: 30_000 });
  ends.push(() => versions.close());
  await versions.ready();
  const reactive = layer(versions);
  const kvetch = process(mysqlShards([place], { createDatabase: true }), reactive, { outboxPollMs: 50 });
  const id = await kvetch.createObject('User', { n: 1 });
  const before = await versionOf(reactive, `o:${id}`);
  const [, signal] = await once(spawnDyingWriter({ places: [place], ids: [id] }), 'exit');
  assert.is(signal, 'SIGKILL');
  assert.is((await kvetch.getObject(id))?.n, 2, 'the write is there');
  await until('it is told', async () => (await versionOf(reactive, `o:${id}`)) > before);
});

onServers('section 8, Redis away, writing: writes go on, and are told when it is back', async () => {
  const server = await startRedis();
  ends.push(() => server.kill());
  const versions = redisVersions({ url: server.url, timeoutMs: 500, checkMs: 50 });
  ends.push(() => versions.close());
  await versions.ready();
  const reactive = layer(versions);
  const kvetch = process(mysqlDatabases(1), reactive, { outboxPollMs: 50 });
  await server.kill();
  const ids = await Promise.all([1, 2, 3].map((n) => kvetch.createObject('User', { n })));
  await kvetch.updateObject(ids[0] as string, { n: 9 });
  assert.not.ok(await reactive.invalidate('by hand'));
  await server.start();
  for (const key of [...ids.map((id) => `o:${id}`), 'm:by hand']) {
    await until(`${key} is told`, async () => (await versionOf(reactive, key).catch(() => 0)) > 0);
  }
});

test.run();
