import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type KvetchOptions, update } from '../../src/kvetch.ts';
import { sqliteShards } from '../../src/kvetch-sqlite.ts';
import { temporaryDirectory } from './backends.ts';
import { idsOf, todoStore } from './todo.ts';

const test = suite('kvetch sqlite');

test('what was written is there after closing and opening again', async () => {
  const directory = temporaryDirectory();
  const first = todoStore(sqliteShards({ directory, count: 3 }));
  const [user = ''] = idsOf(await first.createObjects('User', [{ data: { username: 'jane', at: new Date(5) } }]));
  const lists = idsOf(
    await first.createObjects(
      'List',
      [1, 2, 3].map((n) => ({ data: { n, owner: user } })),
    ),
  );
  await first.close();
  assert.equal(
    readdirSync(directory).filter((name) => name.endsWith('.db')),
    ['kvetch-0.db', 'kvetch-1.db', 'kvetch-2.db'],
  );
  const second = todoStore(sqliteShards({ directory, count: 3 }));
  assert.equal((await second.getObject(user))?.at, new Date(5));
  assert.equal(
    (await second.getEdges('user_to_list', user)).edges.map(({ toId }) => toId),
    lists,
  );
  assert.equal((await second.queryIndex('username', 'jane')).ids, [user]);
  await second.close();
});

test('a store may be closed twice', async () => {
  const shards = sqliteShards({ file: ':memory:' });
  await todoStore(shards).close();
  await todoStore(shards).close();
});

test('two stores over the same files see each other at once', async () => {
  const directory = temporaryDirectory();
  const [a, b] = [1, 2].map(() => todoStore(sqliteShards({ directory, count: 2 })));
  const user = (await a?.createObject('User', { n: 1 })) ?? '';
  await Promise.all([a?.updateObject(user, { a: 1 }), b?.updateObject(user, { b: 1 })]);
  const record = await b?.getObject(user);
  assert.equal([record?.a, record?.b, record?.version], [1, 1, 3]);
  await a?.close();
  await b?.close();
});

test('a store that was open before the feed leaves its changes from then on, and none where it ends [6.13.8]', async () => {
  const directory = temporaryDirectory();
  const open = (options: Partial<KvetchOptions> = {}) => todoStore(sqliteShards({ directory, count: 2 }), options);
  const old = open();
  const user = await old.createObject('User', { n: 1 });
  const feed = open({ changeFeed: { retentionMs: 3_600_000 } });
  const from = await feed.changePosition();
  const ways: ReadonlyArray<() => Promise<unknown>> = [
    () => old.updateObject(user, { n: 2 }),
    () => old.insertEdge('friends', { fromId: user, toId: user }),
    () => old.write([update(user, { n: 3 })]),
    () => old.deleteObject(user),
  ];
  const kinds: string[] = [];
  for (const write of ways) {
    const position = await feed.changePosition();
    await write();
    for await (const { kind } of old.changes({ from: position, follow: false })) kinds.push(kind);
  }
  assert.equal(kinds, ['object', 'edge', 'object', 'object']);
  await open({ changeFeed: { retentionMs: 0 } }).close();
  await old.createObject('User', { n: 1 });
  const again = open({ changeFeed: { retentionMs: 3_600_000 } });
  const ended = await (async () => {
    for await (const change of again.changes({ from, follow: false })) return change.kind;
    return null;
  })().catch(({ code }: { code: string }) => code);
  assert.is(ended, 'CHANGES_GONE');
  for (const store of [old, feed, again]) await store.close();
});

test('files are not opened as what they are not', async () => {
  const directory = temporaryDirectory();
  await todoStore(sqliteShards({ directory, count: 3 })).close();
  assert.throws(
    () => sqliteShards({ directory, count: 4 }),
    /store 0 was made as "1 of 3.*cannot be opened as "1 of 4/,
  );
  assert.throws(() => sqliteShards({}), /either a "directory" or a "file"/);
  assert.throws(() => sqliteShards({ file: join(directory, 'x.db'), count: 2 }), /a "file" holds one store/);
  assert.throws(() => sqliteShards({ directory, count: 0 }), /integer from 1/);
  const single = todoStore(sqliteShards({ file: join(directory, 'single.db') }));
  assert.ok(await single.getObject(await single.createObject('User', {})));
  await single.close();
});

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const hasOwnDriver = major > 22 || (major === 22 && minor >= 13);

test('the driver that this Node has works, with texts of every kind', async () => {
  const kvetch = todoStore(sqliteShards({ file: ':memory:', driver: hasOwnDriver ? 'node' : 'libsql' }));
  const user = await kvetch.createObject('User', { username: 'jane\u0000', n: 1n });
  assert.equal((await kvetch.queryIndex('username', 'jane\u0000')).ids, [user]);
  assert.is((await kvetch.getObject(user))?.n, 1n);
  await kvetch.close();
});

test('a Node without a driver of its own says what to do', () => {
  if (hasOwnDriver) return;
  assert.throws(
    () => sqliteShards({ file: ':memory:', driver: 'node' }),
    /The SQLite driver "node" is not installed\. Run "npm install libsql", or use Node 22\.13 or newer\./,
  );
});

test.run();
