import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Kvetch, memoryShards, type ShardStore } from '../../../src/kvetch.ts';
import { needs, type SharedServer } from '../../support/needs.ts';
import { redisForTests, sleep } from '../../support/redisServer.ts';
import { mysqlForTests } from '../../support/servers.ts';
import { until } from '../../support/until.ts';
import { mysqlDatabases } from '../backends.ts';
import { endAll, fillTodos, openWorld, shared, untilWarm, view } from './world.ts';

/** What is promised of Redis in front of shards, in memory and in MySQL. */
const [redis, mysql] = [await redisForTests(), await mysqlForTests()];
const kinds: ReadonlyArray<readonly [string, (count: number) => readonly ShardStore[], ...SharedServer[]]> = [
  ['memory', memoryShards],
  ['mysql', mysqlDatabases, mysql],
];

const test = needs(suite('redis over shards'), redis);
test.after.each(endAll);

/** Some are longer than what is kept of a list, some shorter. */
const someFirst = (): number => 1 + Math.floor(Math.random() * 6);

for (const [name, shards, ...servers] of kinds) {
  const onShards = needs(test, ...servers);
  onShards(`the todo view: warm five rounds and no store call, cold five rounds of each store: ${name}`, async () => {
    const options = shared();
    const { store, cache, calls, other } = await openWorld(options, { shards: shards(3) });
    const user = await fillTodos(store);
    await untilWarm(store, user, calls);
    await until('a view comes between two looks at who Redis is, which are rounds of Redis, too', async () => {
      cache.stats.reset();
      store.stats.reset();
      assert.is(await view(store, user), 50);
      return cache.stats.rounds === store.stats.rounds;
    });
    assert.equal(calls, []);
    assert.equal([store.stats.rounds, cache.stats.rounds, cache.stats.misses, cache.stats.loads], [5, 5, 0, 0]);
    assert.equal(store.stats.snapshot().cache?.hits, 1 + 1 + 10 + 10 + 50);

    const cold = await other({ ...options, prefix: `${options.prefix}cold:` });
    await cold.building(); // asked once for each process
    calls.length = 0;
    assert.is(await view(cold, user), 50);
    assert.is(cold.stats.rounds, 5);
    const perStore = calls.map((call) => call.split(' ')[0] as string);
    for (const node of new Set(perStore)) {
      assert.ok(
        perStore.filter((one) => one === node).length <= 5,
        `${node} was asked more than once a round: ${calls}`,
      );
    }
  });

  onShards(`200 readers of one cold key reach the store once: ${name}`, async () => {
    const { store, other, calls, truth } = await openWorld(shared(), { shards: shards(1), delay: 20 });
    const id = await truth.createObject('User', { username: 'cold' });
    const read = await Promise.all(Array.from({ length: 200 }, () => store.getObject(id)));
    assert.ok(read.every((object) => object?.id === id));
    assert.is(calls.length, 1);
    assert.is(store.stats.joined, 199);

    const processes = [store, await other(), await other()];
    const list = await truth.createObject('List', { owner: id });
    calls.length = 0;
    await Promise.all(Array.from({ length: 200 }, (_, at) => processes[at % 3]?.getObject(list)));
    assert.ok(calls.length <= 3, `${calls.length} calls of three processes`);
  });

  onShards(`400 interleavings of fill and write leave nothing old: ${name}`, async () => {
    const options = shared();
    const { store, truth, other } = await openWorld(options, { shards: shards(1), delay: 4 });
    const elsewhere = await other();
    let old = 0;
    const one = async (): Promise<void> => {
      const user = await truth.createObject('User', { n: 0 });
      const [target = '', ...others] = (
        await truth.createObjects(
          'User',
          Array.from({ length: 4 }, () => ({ data: { n: 0 } })),
        )
      ).map(String);
      for (const toId of others) await truth.insertEdge('friends', { fromId: user, toId });
      const city = `city ${user}`;
      const reader = async (): Promise<void> => {
        await sleep(Math.random() * 10);
        await Promise.all([
          store.getObject(user),
          store.getEdges('friends', user, { first: someFirst() }),
          elsewhere.getEdges('friends', user, { first: someFirst() }),
          elsewhere.queryIndex('city', city),
        ]);
      };
      const writer = async (): Promise<void> => {
        await sleep(Math.random() * 10);
        await elsewhere.updateObject(user, { n: Math.random(), city });
        await store.insertEdge('friends', { fromId: user, toId: target, data: Math.random() });
        if (Math.random() < 0.5) await store.deleteEdge('friends', { fromId: user, toId: target });
      };
      await Promise.all([reader(), writer(), reader(), writer(), reader()]);
      const look = async (from: Kvetch, first: number): Promise<string> =>
        JSON.stringify([
          await from.getObject(user),
          await from.getEdges('friends', user, { first }),
          await from.queryIndex('city', city),
        ]);
      const short = await look(truth, 2);
      const long = await look(truth, 10);
      // with what Redis has now, with what late fills have made of it, and with what these reads themselves have filled
      for (const wait of [0, 10, 10]) {
        await sleep(wait);
        if ((await look(store, 2)) !== short || (await look(store, 10)) !== long) return void old++;
      }
    };
    for (let at = 0; at < 400; at += 40) await Promise.all(Array.from({ length: 40 }, one));
    assert.is(old, 0);
  });
}

test.run();
