import { setTimeout } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeBody } from '../../src/kvetch/codec/objectBody.ts';
import type { ObjectRow } from '../../src/kvetch/shards/rows.ts';
import type { Kvetch } from '../../src/kvetch.ts';
import { needs } from '../support/needs.ts';
import { sleep } from '../support/redisServer.ts';
import { fewBackends } from './backends.ts';
import { idsOf, openTodo, todoStore } from './todo.ts';

/** What is asked of a store in one turn of the event loop: whatever it makes of it together, each call hears of itself alone. */
const MANY = 40;
const numbers = Array.from({ length: MANY }, (_, n) => n);

for (const backend of fewBackends) {
  const all = suite(`kvetch: writes of one turn, ${backend.name}`);
  const test = needs(all, ...backend.servers);
  const closing: Kvetch[] = [];
  test.after.each(async () => {
    for (const kvetch of closing.splice(0)) await kvetch.close();
  });

  function open(): Kvetch {
    const kvetch = openTodo(backend);
    closing.push(kvetch);
    return kvetch;
  }

  test('6.5: of creates of one turn with one unique value one has it, and the others of the turn are made', async () => {
    const kvetch = open();
    const made = await Promise.allSettled(
      numbers.map((n) => kvetch.createObject('User', { n, username: n % 4 === 0 ? 'jane' : `user ${n}` })),
    );
    const refused = made.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
    assert.equal(refused, new Array(MANY / 4 - 1).fill('UNIQUE_VIOLATION'));
    const { ids } = await kvetch.queryIndex('username', 'jane');
    assert.is(ids.length, 1);
    const { value } = made.find((one) => one.status === 'fulfilled') as PromiseFulfilledResult<string>;
    assert.is(value, ids[0], 'the first');
    assert.equal((await kvetch.clean({ graceMs: 0 })).missingIndex, 0);
  });

  test('6.7: what is wrong with one create of a turn is its error alone', async () => {
    const kvetch = open();
    const taken = await kvetch.createObject('User', { n: -1 });
    const made = await Promise.allSettled([
      kvetch.createObject('User', { n: 0 }),
      kvetch.createObject('User', { n: 1 }, { id: taken }),
      kvetch.createObject('User', { n: 2 }),
      kvetch.createObject('User', { text: 'x'.repeat(2 << 20) }),
      kvetch.createObject('User', { n: 4 }, { idempotencyKey: 'k' }),
      kvetch.createObject('User', { n: 4 }, { idempotencyKey: 'k' }),
    ]);
    assert.equal(
      made.map((one) => (one.status === 'fulfilled' ? 'made' : one.reason.code)),
      ['made', 'CONFLICT', 'made', 'BODY_TOO_LARGE', 'made', 'made'],
    );
    const [, , , , one, other] = made as ReadonlyArray<PromiseFulfilledResult<string>>;
    assert.is(one?.value, other?.value);
    assert.is((await kvetch.getObject(taken))?.n, -1);
  });

  test('6.4: puts of one turn to one edge count in the order of the calls', async () => {
    const kvetch = open();
    const [a = '', b = '', c = ''] = idsOf(
      await kvetch.createObjects('User', [{ data: {} }, { data: {} }, { data: {} }]),
    );
    await Promise.all([
      kvetch.insertEdge('friends', { fromId: a, toId: b, data: 1 }),
      kvetch.insertEdge('friends', { fromId: a, toId: c, data: 1 }),
      kvetch.deleteEdge('friends', { fromId: a, toId: b }),
      kvetch.insertEdge('friends', { fromId: a, toId: c, data: 2 }),
      kvetch.insertEdge('friends', { fromId: a, toId: b, data: 3 }),
      kvetch.deleteEdge('friends', { fromId: a, toId: b }),
    ]);
    const { edges } = await kvetch.getEdges('friends', a);
    assert.equal(
      edges.map(({ toId, data }) => [toId, data]),
      [[c, 2]],
    );
  });

  test('what is refused, changes nothing or is behind a deletion goes with the others and hears of itself alone', async () => {
    const kvetch = open();
    const user = await kvetch.createObject('User', { city: 'Oslo' });
    const [one, refused, same, other] = await Promise.allSettled([
      kvetch.updateObject(user, { a: 1 }),
      kvetch.updateObject(user, { age: 'old' }),
      kvetch.updateObject(user, { city: 'Oslo' }),
      kvetch.updateObject(user, { b: 1 }),
    ]);
    assert.equal(
      [one.status, refused.status, same.status, other.status],
      ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
    );
    assert.is((refused as PromiseRejectedResult).reason.code, 'BAD_VALUE');
    assert.is((await kvetch.getObject(user))?.version, 3);
    const first = kvetch.updateObject(user, { a: 2 });
    await sleep(0); // reads the row
    const [before, gone, after, again] = await Promise.allSettled([
      first,
      kvetch.deleteObject(user),
      kvetch.updateObject(user, { a: 3 }),
      kvetch.deleteObject(user),
    ]);
    assert.equal([before.status, gone.status, after.status], ['fulfilled', 'fulfilled', 'rejected']);
    assert.is((after as PromiseRejectedResult).reason.code, 'NOT_FOUND');
    assert.equal(
      [gone, again].map((one) => (one as PromiseFulfilledResult<unknown>).value),
      [true, false],
    );
  });

  test('a crash behind changes that were written together: a cleaner finds all that they took away', async () => {
    const { shards, ...cache } = backend.open();
    const kvetch = todoStore(shards, cache);
    closing.push(kvetch);
    const lists = idsOf(await kvetch.createObjects('List', [{ data: {} }, { data: {} }, { data: {} }]));
    const item = await kvetch.createObject('Item', { text: 'x', list: lists[0] });
    const crashing = todoStore(shards, {
      ...cache,
      faults: (point) => {
        if (point === 'afterObject') throw new Error('crash');
      },
    });
    await Promise.allSettled([
      crashing.updateObject(item, { list: lists[1] }),
      crashing.updateObject(item, { list: lists[2] }),
      crashing.updateObject(item, { done: true }),
    ]);
    const rows = await Promise.all(shards.map((store) => store.readObjects([item])));
    const row = rows.flat().find((one) => one !== null && !(one instanceof Error)) as ObjectRow | undefined;
    assert.is(row?.version, 4);
    assert.equal(
      decodeBody(row as ObjectRow).envelope.goneEdges,
      [lists[0], lists[1]].map((list) => [10001, list]),
    );
    await setTimeout(2); // what was written in this millisecond is too young
    await kvetch.clean({ mode: 'recent', graceMs: 0 });
    const pages = await Promise.all(lists.map((list) => kvetch.getEdges('list_to_item', list)));
    assert.equal(
      pages.map(({ edges }) => edges.length),
      [0, 0, 1],
    );
  });

  all.run();
}
