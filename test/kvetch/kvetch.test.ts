import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { shardOfId } from '../../src/kvetch/ids/routing.ts';
import type { EdgePage, Kvetch, KvetchObject, ObjectPage } from '../../src/kvetch.ts';
import { needs } from '../support/needs.ts';
import { backends, lateBackend } from './backends.ts';
import { errorOf, idsOf, openTodo, rejection } from './todo.ts';

const UNKNOWN = '00000000-0000-4000-8000-000000000000';

for (const backend of [...backends, lateBackend]) {
  const test = needs(suite<{ kvetch: Kvetch }>(`kvetch: ${backend.name}`), ...backend.servers);
  // stores that answer at once leave no turn of the event loop: timers would be set by a clock of seconds ago
  test.before(() => new Promise((resolve) => setImmediate(resolve)));
  test.before.each((context) => {
    context.kvetch = openTodo(backend);
  });
  test.after.each(({ kvetch }) => kvetch.close());

  test('create and read: a flat frozen record', async ({ kvetch }) => {
    const user = await kvetch.createObject('User', {
      username: 'jane',
      nested: { a: [1, { b: null }] },
      gone: undefined,
      cleared: null,
    });
    const record = (await kvetch.getObject(user)) as KvetchObject;
    assert.equal(
      { ...record, createdAt: 0, updatedAt: 0 },
      {
        ...{ id: user, typeId: 100000, version: 1, createdAt: 0, updatedAt: 0 },
        ...{ username: 'jane', nested: { a: [1, { b: null }] } },
      },
    );
    assert.ok(Object.isFrozen(record) && Object.isFrozen(record.nested));
    assert.ok(Math.abs(record.createdAt - Date.now()) < 60_000);
    assert.is(await kvetch.getObject(UNKNOWN), null);
    assert.is((await kvetch.getObject(user.toUpperCase()))?.id, user);
    assert.is((await kvetch.getObject(user.replaceAll('-', '')))?.id, user);
  });

  test('batched reads answer in order, each entry for itself', async ({ kvetch }) => {
    const [a = '', b = ''] = idsOf(await kvetch.createObjects(100000, [{ data: { n: 1 } }, { data: { n: 2 } }]));
    const read = await kvetch.getObjects([b, UNKNOWN, 'nonsense', a, b]);
    assert.equal(
      read.map((entry) => (entry instanceof Error ? entry.message : (entry?.n ?? null))),
      [2, null, 'Id "nonsense" is not a UUID.', 1, 2],
    );
    assert.equal(await kvetch.getObjects([]), []);
  });

  test('a batch of creates fails entry by entry', async ({ kvetch }) => {
    const made = await kvetch.createObjects('Item', [
      { data: { text: 'good' } },
      { data: {} },
      { data: { text: 'x', lst: UNKNOWN } },
      { data: { text: 'x', list: 'no' } },
      { data: { text: 'also good' } },
    ]);
    assert.equal(
      made.map((entry) => (entry instanceof Error ? entry.message : 'id')),
      [
        'id',
        'Item.text is required.',
        'Item has no field "lst". Did you mean "list"?',
        'Item.list "no" is not a UUID.',
        'id',
      ],
    );
  });

  test('stored-id edges follow create, move, clear and delete', async ({ kvetch }) => {
    const [a = '', b = ''] = idsOf(await kvetch.createObjects('User', [{ data: {} }, { data: {} }]));
    const lists = idsOf(
      await kvetch.createObjects(
        'List',
        [1, 2, 3, 4].map((n) => ({ data: { n, owner: a.toUpperCase() } })),
      ),
    );
    const listsOf = async (user: string) =>
      (await kvetch.getEdges('user_to_list', user)).edges.map(({ toId }) => lists.indexOf(toId));
    assert.equal(await listsOf(a), [0, 1, 2, 3]);
    await kvetch.updateObject(lists[1] as string, { owner: b });
    await kvetch.updateObject(lists[2] as string, { owner: null });
    await kvetch.updateObject(lists[3] as string, { owner: undefined, n: 5 });
    assert.equal([await listsOf(a), await listsOf(b)], [[0, 3], [1]]);
    assert.is(await kvetch.deleteObject(lists[0] as string), true);
    assert.is(await kvetch.deleteObject(lists[0] as string), false);
    assert.is(await kvetch.getObject(lists[0] as string), null);
    assert.equal(await listsOf(a), [3]);
    await kvetch.updateObject(lists[2] as string, { owner: a });
    await kvetch.updateObject(lists[1] as string, { owner: a });
    assert.equal(await listsOf(a), [3, 2, 1], 'who comes back stands at the end');
    assert.equal(
      await kvetch.countEdgeLists([
        { edge: 10000, fromId: a },
        { edge: 10000, fromId: b },
      ]),
      [3, 0],
    );
  });

  test('pages: first, after, cursors, ends', async ({ kvetch }) => {
    const user = await kvetch.createObject('User', {});
    const lists = idsOf(
      await kvetch.createObjects(
        'List',
        Array.from({ length: 7 }, (_, n) => ({ data: { n, owner: user } })),
      ),
    );
    const page = async (args: object) => kvetch.getEdges('user_to_list', user, args);
    const numbers = ({ edges }: EdgePage) => edges.map(({ toId }) => lists.indexOf(toId));
    const one = await page({ first: 3 });
    assert.equal([numbers(one), one.hasNextPage], [[0, 1, 2], true]);
    const two = await page({ first: 3, after: one.endCursor });
    assert.equal([numbers(two), two.hasNextPage], [[3, 4, 5], true]);
    const three = await page({ first: 3, after: two.endCursor });
    assert.equal([numbers(three), three.hasNextPage], [[6], false]);
    assert.equal(await page({ first: 3, after: three.endCursor }), { edges: [], hasNextPage: false, endCursor: null });
    assert.equal(await page({ first: 0 }), { edges: [], hasNextPage: false, endCursor: null });
    assert.equal(numbers(await page({ after: lists[4] })), [5, 6], 'an id works as a cursor');
    assert.equal(numbers(await page({ after: UNKNOWN })), []);
    assert.is((await page({ first: 7 })).hasNextPage, false);
    await kvetch.deleteObject(lists[2] as string);
    assert.equal(
      numbers(await page({ first: 2, after: one.endCursor })),
      [3, 4],
      'a cursor to a deleted edge still works',
    );
    assert.equal(numbers(await page({ first: 2, after: lists[2] })), [3, 4]);
    const many = await kvetch.getEdgeLists([
      { edge: 'user_to_list', fromId: user, first: 1 },
      { edge: 'user_to_list', fromId: user, first: 2 },
      { edge: 'user_to_list', fromId: user, first: 2, after: lists[3] },
      { edge: 'list_to_item', fromId: user },
    ]);
    assert.equal(
      many.map((entry) => numbers(entry as EdgePage)),
      [[0], [0, 1], [4, 5], []],
    );
  });

  test('lists with their objects: two rounds, stale targets left out', async ({ kvetch }) => {
    const users = idsOf(await kvetch.createObjects('User', [{ data: {} }, { data: {} }, { data: {} }]));
    await kvetch.createObjects(
      'List',
      users.flatMap((owner, u) => [0, 1, 2, 3].map((n) => ({ data: { name: `${u}.${n}`, owner } }))),
    );
    kvetch.stats.reset();
    const pages = await kvetch.reads.edgeObjects(users.map((fromId) => ({ edge: 10000, fromId, first: 2 })));
    assert.is(kvetch.stats.rounds, 2);
    assert.equal(
      pages.map((page) => (page instanceof Error ? page : page.objects.map((object) => (object as KvetchObject).name))),
      [
        ['0.0', '0.1'],
        ['1.0', '1.1'],
        ['2.0', '2.1'],
      ],
    );
  });

  test('what an edge leads to has the type that it says [6.6]', async ({ kvetch }) => {
    const [a = '', b = ''] = idsOf(await kvetch.createObjects('User', [{ data: {} }, { data: {} }]));
    const secret = await kvetch.createObject('List', { name: 'nobody else may see this' });
    await kvetch.insertEdge('friends', { fromId: a, toId: b });
    for (const store of kvetch.stores) {
      // as a version that did not look at the ends has left it
      const [row] = await store.readEdges([{ edgeId: 10002, fromId: a, toId: b }]);
      if (row == null || row instanceof Error) continue;
      const wrong = { ...row, toId: secret, pos: row.pos - 1 };
      assert.equal(await store.putEdges([{ row: wrong, keepPosition: false }]), [null]);
    }
    assert.is(await kvetch.countEdges('friends', a), 2);
    const [page] = await kvetch.reads.edgeObjects([{ edge: 'friends', fromId: a }]);
    assert.equal(page instanceof Error ? page : page?.objects.map((one) => (one as { id: string }).id), [b]);
  });

  test('what is inserted by hand leads from and to objects of the types that its definition says [6.4]', async ({
    kvetch,
  }) => {
    const user = await kvetch.createObject('User', {});
    const list = await kvetch.createObject('List', {});
    const gone = await kvetch.createObject('User', {});
    await kvetch.deleteObject(gone);
    const wrong = await rejection(kvetch.insertEdge('friends', { fromId: user, toId: list }));
    assert.is(wrong.code, 'WRONG_TYPE');
    assert.is(
      wrong.message,
      `The edge "friends": "toId" must be the id of an object of type "User", and "${list}" is of type "List".`,
    );
    const from = await rejection(kvetch.insertEdge('friends', { fromId: list, toId: user }));
    assert.match(from.message, /"fromId" must be the id of an object of type "User"/);
    const entry = await rejection(kvetch.insertIndexEntry('tags', { value: 'x', targetId: list }));
    assert.is(
      entry.message,
      `The index "tags": "targetId" must be the id of an object of type "User", and "${list}" is of type "List".`,
    );
    for (const id of [UNKNOWN, gone]) {
      const message = `There is no object "${id}".`;
      assert.is((await rejection(kvetch.insertEdge('friends', { fromId: user, toId: id }))).message, message);
      assert.is((await rejection(kvetch.insertEdge('friends', { fromId: id, toId: user }))).message, message);
      assert.is((await rejection(kvetch.insertIndexEntry('tags', { value: 'x', targetId: id }))).message, message);
    }
    assert.is(await kvetch.countEdges('friends', user), 0);
    await kvetch.deleteEdge('friends', { fromId: user, toId: list }); // what is wrong already can be taken away
  });

  test('the ends of edges of one turn are looked at in one call for each store', async ({ kvetch }) => {
    const ids = idsOf(
      await kvetch.createObjects(
        'User',
        Array.from({ length: 20 }, () => ({ data: {} })),
      ),
    );
    kvetch.stats.reset();
    await Promise.all(ids.map((toId, at) => kvetch.insertEdge('friends', { fromId: ids.at(at - 1) ?? '', toId })));
    const { storeCalls } = kvetch.stats;
    assert.ok(backend.isSync || storeCalls <= kvetch.stores.length + ids.length, `${storeCalls} calls`);
    assert.is(await kvetch.countEdges('friends', ids[0] as string), 1);
  });

  test('plain edges: upsert keeps the place, delete, data', async ({ kvetch }) => {
    const [a = '', b = '', c = ''] = idsOf(
      await kvetch.createObjects('User', [{ data: {} }, { data: {} }, { data: {} }]),
    );
    await kvetch.insertEdge('friends', { fromId: a, toId: b, data: { since: new Date(0) } });
    await kvetch.insertEdge('friends', { fromId: a, toId: c });
    await kvetch.insertEdge('friends', { fromId: a, toId: b, data: { since: 2n } });
    const { edges } = await kvetch.getEdges('friends', a);
    assert.equal(
      edges.map(({ toId, data }) => [toId, data]),
      [
        [b, { since: 2n }],
        [c, null],
      ],
    );
    await kvetch.deleteEdge('friends', { fromId: a, toId: b });
    await kvetch.deleteEdge('friends', { fromId: b, toId: a });
    assert.is(await kvetch.countEdges('friends', a), 1);
    await kvetch.insertEdge('friends', { fromId: a, toId: b });
    assert.equal(
      (await kvetch.getEdges('friends', a)).edges.map(({ toId }) => toId),
      [c, b],
    );
    assert.match(
      (await rejection(kvetch.insertEdge('user_to_list', { fromId: a, toId: b }))).message,
      /follows from List\.owner/,
    );
  });

  test('indexes: exact values of every kind, kept in step', async ({ kvetch }) => {
    const words = [
      'Jane',
      'jane',
      'jane ',
      'é',
      'e',
      '😀',
      '😁',
      '\u0000',
      "' OR 1=1 --",
      'x'.repeat(3000),
      `${'x'.repeat(3000)}y`,
    ];
    const users = idsOf(
      await kvetch.createObjects(
        'User',
        words.map((city, age) => ({ data: { city, age } })),
      ),
    );
    const found = await kvetch.queryIndexes(words.map((value) => ({ index: 'city', value })));
    assert.equal(
      found.map((page) => (page instanceof Error ? page : page.ids)),
      users.map((id) => [id]),
    );
    assert.equal((await kvetch.queryIndex('age', 3)).ids, [users[3]]);
    assert.equal((await kvetch.queryIndex('age', 3n)).ids, [users[3]]);
    await kvetch.updateObject(users[3] as string, { age: 4 });
    assert.equal((await kvetch.queryIndex('age', 3)).ids, []);
    assert.equal((await kvetch.queryIndex('age', 4)).ids, [users[3], users[4]].sort());
    await kvetch.deleteObject(users[4] as string);
    assert.equal((await kvetch.queryIndex('age', 4)).ids, [users[3]]);
    const due = new Date(86_400_000);
    const item = await kvetch.createObject('Item', { text: 'a', done: false, due, list: users[0] });
    const item2 = await kvetch.createObject('Item', { text: 'b', done: false });
    assert.equal(await kvetch.queryIndex('item_done', false, { first: 1 }), {
      ids: [[item, item2].sort()[0]],
      hasNextPage: true,
      endCursor: [item, item2].sort()[0],
    });
    assert.equal((await kvetch.queryIndex('item_done', false, { after: [item, item2].sort()[0] as string })).ids, [
      [item, item2].sort()[1],
    ]);
    assert.equal((await kvetch.queryIndex('item_due', due)).ids, [item]);
    assert.equal((await kvetch.getObject(item))?.due, due);
    const pages = await kvetch.reads.indexObjects([
      { index: 'item_done', value: false },
      { index: 'item_done', value: 'x' },
    ]);
    assert.is((pages[0] as ObjectPage).objects.length, 2);
    assert.match(errorOf(pages[1]).message, /is "x", which is no boolean/);
  });

  test('indexes kept by hand', async ({ kvetch }) => {
    const user = await kvetch.createObject('User', {});
    await kvetch.insertIndexEntry(7, { value: 'red', targetId: user });
    assert.equal((await kvetch.queryIndex('tags', 'red')).ids, [user]);
    await kvetch.deleteIndexEntry('tags', { value: 'red', targetId: user });
    assert.equal((await kvetch.queryIndex('tags', 'red')).ids, []);
    assert.match(
      (await rejection(kvetch.insertIndexEntry('city', { value: 'x', targetId: user }))).message,
      /follows from User\.city/,
    );
  });

  test('unique indexes: one owner at a time', async ({ kvetch }) => {
    const jane = await kvetch.createObject('User', { username: 'jane' });
    assert.is((await rejection(kvetch.createObject('User', { username: 'jane' }))).code, 'UNIQUE_VIOLATION');
    const joe = await kvetch.createObject('User', { username: 'joe' });
    assert.is((await rejection(kvetch.updateObject(joe, { username: 'jane' }))).code, 'UNIQUE_VIOLATION');
    assert.is((await kvetch.getObject(joe))?.username, 'joe');
    await kvetch.updateObject(jane, { username: 'jo' });
    await kvetch.updateObject(joe, { username: 'jane' });
    assert.equal((await kvetch.queryIndex('username', 'jane')).ids, [joe]);
    await kvetch.deleteObject(joe);
    const again = await kvetch.createObject('User', { username: 'jane' });
    assert.equal((await kvetch.queryIndex('username', 'jane')).ids, [again]);
    const both = await kvetch.createObjects('User', [{ data: { username: 'twin' } }, { data: { username: 'twin' } }]);
    assert.equal(
      both.map((entry) => entry instanceof Error),
      [false, true],
    );
  });

  test('idempotency keys and given ids', async ({ kvetch }) => {
    const options = { idempotencyKey: 'k1' };
    const a = await kvetch.createObject('User', { name: 'a', username: 'u' }, options);
    assert.is(await kvetch.createObject('User', { name: 'a', username: 'u' }, options), a);
    assert.equal((await kvetch.queryIndex('username', 'u')).ids, [a]);
    assert.is((await rejection(kvetch.createObject('User', { name: 'b' }, options))).code, 'CONFLICT');
    await kvetch.updateObject(a, { name: 'c' });
    assert.is(await kvetch.createObject('User', { name: 'a', username: 'u' }, options), a, 'also after a change');
    assert.is.not(await kvetch.createObject('List', { name: 'a' }, options), a);
    await kvetch.deleteObject(a);
    assert.is(
      await kvetch.createObject('User', { name: 'a', username: 'u' }, options),
      a,
      'it was created, then deleted',
    );
    assert.is(await kvetch.getObject(a), null);
    const given = '1b4e28ba-2fa1-41d2-883f-0016d3cca427';
    assert.is(await kvetch.createObject('User', { n: 1 }, { id: given.toUpperCase() }), given);
    assert.is(await kvetch.createObject('User', { n: 1 }, { id: given }), given);
    assert.is((await rejection(kvetch.createObject('User', { n: 2 }, { id: given }))).code, 'CONFLICT');
    assert.is((await rejection(kvetch.createObject('User', {}, { id: given, idempotencyKey: 'x' }))).code, 'BAD_VALUE');
    const near = await kvetch.createObject('User', {}, { near: a });
    assert.is(shardOfId(near), shardOfId(a));
    const item = await kvetch.createObject('Item', { text: 'x', list: near });
    assert.is(shardOfId(item), shardOfId(near), 'colocate');
    assert.is((await kvetch.getEdges('list_to_item', near)).edges.length, 1);
  });

  test('updates: absent keeps, null clears, versions compare', async ({ kvetch }) => {
    const user = await kvetch.createObject('User', { a: 1, b: 2, c: 3 });
    const second = await kvetch.updateObject(user, { a: 9, b: null, c: undefined, d: 4 });
    assert.equal([second.version, second.a, 'b' in second, second.c, second.d], [2, 9, false, 3, 4]);
    assert.equal(await kvetch.getObject(user), second);
    assert.is((await kvetch.updateObject(user, { a: 9 })).version, 2, 'nothing changed, nothing written');
    assert.is((await rejection(kvetch.updateObject(user, { a: 0 }, { ifVersion: 1 }))).code, 'CONFLICT');
    assert.is((await kvetch.updateObject(user, { a: 0 }, { ifVersion: 2 })).version, 3);
    assert.is((await rejection(kvetch.deleteObject(user, { ifVersion: 2 }))).code, 'CONFLICT');
    assert.is((await rejection(kvetch.updateObject(UNKNOWN, {}))).code, 'NOT_FOUND');
    const item = await kvetch.createObject('Item', { text: 'x' });
    assert.match((await rejection(kvetch.updateObject(item, { text: null }))).message, /Item\.text is required/);
  });

  test('browse: by id over all shards, in pages', async ({ kvetch }) => {
    const users = idsOf(
      await kvetch.createObjects(
        'User',
        Array.from({ length: 25 }, (_, n) => ({ data: { n } })),
      ),
    ).sort();
    await kvetch.createObject('List', {});
    const seen: string[] = [];
    let after: string | null = null;
    for (;;) {
      const page: Awaited<ReturnType<Kvetch['browse']>> = await kvetch.browse('User', { first: 10, after });
      seen.push(...page.objects.map((object) => (object as KvetchObject).id));
      if (!page.hasNextPage) break;
      after = page.endCursor;
    }
    assert.equal(seen, users);
    assert.equal(await kvetch.browse('User', { first: 0 }), { objects: [], hasNextPage: false, endCursor: null });
  });

  test('a job over all objects of a type goes on behind the page that it has done, and meets what came meanwhile', async ({
    kvetch,
  }) => {
    const made = await kvetch.createObjects(
      'User',
      Array.from({ length: 25 }, (_, n) => ({ data: { n } })),
    );
    const users = idsOf(made).sort();
    const seen: string[] = [];
    let done: string | null = null;
    const run = async (pages: number): Promise<void> => {
      for await (const { objects, endCursor } of kvetch.browsePages('User', { first: 10, after: done })) {
        const found = objects as readonly KvetchObject[];
        seen.push(...found.map(({ id }) => id));
        for (const { id } of found) await kvetch.updateObject(id, { n: -1 });
        done = endCursor;
        if (--pages === 0) return; // as if it were stopped
      }
    };
    await run(1);
    assert.equal(seen, users.slice(0, 10));
    await kvetch.deleteObject(users.at(-1) ?? '');
    const late = await kvetch.createObject('User', { n: 1 });
    await run(Number.POSITIVE_INFINITY);
    assert.equal(seen, [...users.slice(0, -1), late]);
    const counts = [];
    for await (const { objects } of kvetch.browsePages('User')) counts.push(objects.length);
    assert.equal(counts, [25]);
    for await (const { objects } of kvetch.browsePages('List')) assert.equal(objects, []);
    const wrong = kvetch.browsePages('User', { frist: 10 } as object);
    assert.match((await rejection(wrong.next())).message, /frist.*Did you mean "first"/);
  });

  test('racing updates end in one place, whatever the order', async ({ kvetch }) => {
    const users = idsOf(
      await kvetch.createObjects(
        'User',
        [0, 1, 2, 3].map((n) => ({ data: { n } })),
      ),
    );
    const list = await kvetch.createObject('List', { owner: users[0] });
    const moves = [1, 2, 3, 0, 2, 1].map((n) => kvetch.updateObject(list, { owner: users[n] }));
    const done = await Promise.allSettled(moves);
    assert.ok(done.some(({ status }) => status === 'fulfilled'));
    const owner = (await kvetch.getObject(list))?.owner;
    const counts = await kvetch.countEdgeLists(users.map((fromId) => ({ edge: 10000, fromId })));
    assert.equal(
      counts,
      users.map((id) => (id === owner ? 1 : 0)),
    );
  });

  if (backend.isSync) {
    test('reads answer without a promise, in few rounds and calls', async ({ kvetch }) => {
      const user = await kvetch.createObject('User', { username: 'jane' });
      const lists = idsOf(
        await kvetch.createObjects(
          'List',
          Array.from({ length: 10 }, () => ({ data: { owner: user } })),
        ),
      );
      await kvetch.createObjects(
        'Item',
        lists.flatMap((list) => [1, 2, 3, 4, 5].map((n) => ({ data: { text: `${n}`, list } }))),
      );
      kvetch.stats.reset();
      const [root] = kvetch.reads.objects([user]) as readonly KvetchObject[];
      const [own] = kvetch.reads.edgeObjects([{ edge: 'user_to_list', fromId: root?.id ?? '' }]) as readonly {
        objects: readonly KvetchObject[];
      }[];
      const items = kvetch.reads.edgeObjects(
        (own?.objects ?? []).map(({ id }) => ({ edge: 'list_to_item', fromId: id, first: 5 })),
      );
      assert.is((items as readonly ObjectPage[]).flatMap(({ objects }) => objects).length, 50);
      assert.is(kvetch.stats.rounds, 5, 'the todo view: user, lists and their objects, items and their objects');
      assert.ok(kvetch.stats.storeCalls <= 2 + 3 * kvetch.stores.length);
    });
  }

  test.run();
}
