import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { shardOfId } from '../../src/kvetch/ids/routing.ts';
import type { RepairHint } from '../../src/kvetch/KvetchContext.ts';
import {
  type EdgeObjectsPage,
  type KvetchChange,
  type KvetchObject,
  memoryShards,
  type ShardStore,
  ShardUnavailableError,
} from '../../src/kvetch.ts';
import { lateBackend, wrapStore } from './backends.ts';
import { errorOf, idsOf, rejection, todoStore } from './todo.ts';

const test = suite('kvetch failures');

/** Three shards; the last can be made to fail. */
function fragile(shards: readonly ShardStore[] = memoryShards(3)) {
  const state = { down: '' };
  const wrapped = shards.map((store, at) =>
    wrapStore(store, (method, run) => {
      if (at === 2 && (state.down === method || state.down === 'all'))
        throw new Error(`SELECT * FROM secret at 10.0.0.1`);
      return run();
    }),
  );
  return { state, wrapped };
}

const isLost = (id: string): boolean => shardOfId(id) >= Math.floor((2 * 4096) / 3);

for (const [kind, shards] of [
  ['memory', memoryShards],
  ['late', () => lateBackend.open().shards],
] as const) {
  test(`a lost shard costs its own rows only (${kind})`, async () => {
    const { state, wrapped } = fragile(shards(3));
    const kvetch = todoStore(wrapped);
    const users = idsOf(
      await kvetch.createObjects(
        'User',
        Array.from({ length: 30 }, (_, n) => ({ data: { n } })),
      ),
    );
    const [hub = ''] = users.filter((id) => !isLost(id));
    const lists = idsOf(
      await kvetch.createObjects(
        'List',
        users.map((_, n) => ({ data: { n, owner: hub } })),
      ),
    );
    state.down = 'all';
    const read = await kvetch.getObjects(users);
    assert.ok(users.some(isLost) && !users.every(isLost));
    for (const [at, id] of users.entries()) {
      if (!isLost(id)) assert.is((read[at] as KvetchObject).id, id);
      else {
        const error = errorOf(read[at]) as ShardUnavailableError;
        assert.instance(error, ShardUnavailableError);
        assert.equal(
          [error.message, error.next, error.effect],
          [`Shard ${shardOfId(id)} is unavailable.`, 'retry', 'not-applied'],
        );
        assert.match((error.cause as Error).message, 'secret');
      }
    }
    const edges = await kvetch.getEdgeLists(users.map((fromId) => ({ edge: 10000, fromId })));
    assert.equal(
      edges.map((page) => page instanceof Error),
      users.map(isLost),
    );
    const [page] = (await kvetch.reads.edgeObjects([{ edge: 10000, fromId: hub }])) as readonly EdgeObjectsPage[];
    assert.equal(
      page?.objects.map((object) => object instanceof Error),
      lists.map(isLost),
      'an error in its place, the others served',
    );
    assert.instance(await rejection(kvetch.browse('User')), ShardUnavailableError);
    const made = await kvetch.createObjects(
      'User',
      users.map(() => ({ data: {} })),
    );
    assert.ok(made.some((entry) => entry instanceof Error) && made.some((entry) => typeof entry === 'string'));
    assert.is((made.find((entry) => entry instanceof Error) as ShardUnavailableError).effect, 'unknown');
    assert.ok(kvetch.stats.failures > 0 && kvetch.stats.node(kvetch.stores[2]?.name ?? '').failures > 0);
    state.down = '';
    assert.is((await kvetch.getObjects(users)).filter((entry) => entry instanceof Error).length, 0);
  });
}

test('a derived row that cannot be written does not fail the object', async () => {
  const { state, wrapped } = fragile();
  const hints: RepairHint[] = [];
  const clock = Object.assign(() => clock.ms, { ms: 1_800_000_000_000 });
  const kvetch = todoStore(wrapped, { clock, onRepair: (hint) => hints.push(hint) });
  const owners = idsOf(
    await kvetch.createObjects(
      'User',
      Array.from({ length: 20 }, () => ({ data: {} })),
    ),
  ).filter(isLost);
  state.down = 'putEdges';
  const list = await kvetch.createObject('List', { owner: owners[0] });
  assert.equal(
    hints.map(({ reason, id }) => [reason, id]),
    [['derived-write-failed', list]],
  );
  assert.is(kvetch.stats.derivedFailures, 1);
  state.down = '';
  assert.is((await kvetch.getObject(list))?.owner, owners[0]);
  assert.is(await kvetch.countEdges(10000, owners[0] ?? ''), 0);
  clock.ms += 60_000;
  await kvetch.clean();
  assert.is(await kvetch.countEdges(10000, owners[0] ?? ''), 1);
});

test('with strictDerived it is an error that knows the id', async () => {
  const { state, wrapped } = fragile();
  const kvetch = todoStore(wrapped, { strictDerived: true });
  const owners = idsOf(
    await kvetch.createObjects(
      'User',
      Array.from({ length: 20 }, () => ({ data: {} })),
    ),
  ).filter(isLost);
  const list = await kvetch.createObject('List', {});
  state.down = 'putEdges';
  const error = (await rejection(kvetch.createObject('List', { owner: owners[0] }))) as Error & {
    id: string;
    code: string;
  };
  assert.is(error.code, 'DERIVED_WRITE');
  assert.ok(await kvetch.getObject(error.id));
  assert.is((await rejection(kvetch.updateObject(list, { owner: owners[0] }))).code, 'DERIVED_WRITE');
});

test('answers of the wrong length, and foreign errors among them, become shard errors', async () => {
  const [store] = memoryShards(1) as [ShardStore];
  const user = await todoStore([store]).createObject('User', {});
  const short = todoStore([wrapStore(store, (method, run) => (method === 'readObjects' ? [] : run()))]);
  assert.instance(await rejection(short.getObject(user)), ShardUnavailableError);
  const foreign = todoStore([
    wrapStore(store, (method, run) => (method === 'readObjects' ? [new Error('SQL')] : run())),
  ]);
  assert.is((await rejection(foreign.getObject(user))).message, `Shard ${shardOfId(user)} is unavailable.`);
});

test('a lost race locks the row; where that comes to nothing, too, it is given up after a while', async () => {
  const [store] = memoryShards(1) as [ShardStore];
  let refusals = 3;
  let isLockable = true;
  const kvetch = todoStore(
    [
      wrapStore(store, (method, run) => {
        if (method === 'rewriteObjects' && !isLockable) return [null];
        return method === 'replaceObjects' && refusals-- > 0 ? [false] : run();
      }),
    ],
    { limits: { updateWaitMs: 1000 } },
  );
  const user = await kvetch.createObject('User', { username: 'a' });
  assert.is((await kvetch.updateObject(user, { username: 'b' })).username, 'b');
  refusals = Number.POSITIVE_INFINITY;
  isLockable = false;
  const error = (await rejection(kvetch.updateObject(user, { username: 'c' }))) as Error & {
    code: string;
    next: string;
  };
  assert.equal([error.code, error.next], ['CONFLICT', 'retry']);
  assert.equal((await kvetch.queryIndex('username', 'c')).ids, [], 'the claim was given back');
  isLockable = true;
  assert.is((await kvetch.updateObject(user, { username: 'c', city: 'Oslo' })).username, 'c');
  assert.is(await kvetch.deleteObject(user), true);
});

test('hooks: what was read and what a write changed', async () => {
  const reads: string[] = [];
  const changes: KvetchChange[] = [];
  const kvetch = todoStore(memoryShards(3), {
    onRead: (key) => reads.push(key),
    onWrite: (change) => changes.push(change),
  });
  const [a = '', b = ''] = idsOf(await kvetch.createObjects('User', [{ data: { city: 'X' } }, { data: {} }]));
  const list = await kvetch.createObject('List', { owner: a });
  await kvetch.updateObject(list, { owner: b });
  await kvetch.updateObject(a, { city: 'Y' });
  await kvetch.insertEdge('friends', { fromId: a, toId: b });
  await kvetch.deleteObject(list);
  assert.equal(
    changes.map(({ kind, keys }) => [kind, ...keys]),
    [
      ['create', `o:${a}`, 't:100000', 'i:city:sX', `o:${b}`],
      ['create', `o:${list}`, 't:100002', `e:10000:${a}`, `i:list_owner:u${a}`],
      ['update', `o:${list}`, `e:10000:${b}`, `i:list_owner:u${b}`, `e:10000:${a}`, `i:list_owner:u${a}`],
      ['update', `o:${a}`, 'i:city:sY', 'i:city:sX'],
      ['insertEdge', `e:10002:${a}`],
      ['delete', `o:${list}`, 't:100002', `e:10000:${b}`, `i:list_owner:u${b}`],
    ],
  );
  assert.equal(reads, [], "what writes read for themselves is nobody's dependency");
  const own: string[] = [];
  const extra = { recordDependency: (key: string) => own.push(key) };
  await kvetch.reads.objects([a, 'x', list], extra);
  await kvetch.reads.edgeObjects(
    [
      { edge: 'friends', fromId: a, first: 0 },
      { edge: 'friends', fromId: a },
    ],
    extra,
  );
  await kvetch.reads.index([{ index: 'city', value: 'Z' }], extra);
  await kvetch.reads.browse([{ type: 'User', first: 1 }], extra);
  assert.equal(own, [
    `o:${a}`,
    `o:${list}`,
    `e:10002:${a}`,
    `e:10002:${a}`,
    `o:${b}`,
    'i:city:sZ',
    't:100000',
    `o:${[a, b].sort()[0]}`,
  ]);
  assert.equal(reads, own);
});

test('hooks that throw cost nothing but a count', async () => {
  const kvetch = todoStore(memoryShards(1), {
    onWrite: () => {
      throw new Error('hook');
    },
  });
  assert.ok(await kvetch.getObject(await kvetch.createObject('User', {})));
  assert.is(kvetch.stats.hookErrors, 1);
});

test('a cache wraps the stores', async () => {
  const order: string[] = [];
  const kvetch = todoStore(memoryShards(2), {
    cache: {
      wrap: (store) =>
        wrapStore(store, (method, run) => {
          order.push(method);
          return run();
        }),
    },
    onWrite: ({ kind }) => order.push(`told ${kind}`),
  });
  await kvetch.building(); // asks each store what it has filled in, once for each process
  order.length = 0;
  await kvetch.createObject('User', {});
  assert.equal(order, ['insertObjects', 'told create']);
});

test('options are checked', () => {
  assert.throws(() => todoStore([]), /needs "shards"/);
  assert.throws(() => memoryShards(0), /integer from 1/);
  assert.throws(
    () => todoStore(memoryShards(1), { limits: { maxFirst: -1 } }),
    /"limits.maxFirst" is -1 and must be an integer of 0 or more/,
  );
  const [store] = memoryShards(1) as [ShardStore];
  assert.throws(() => todoStore([], { shards: [{ from: 0, to: 100, store }] }), /must cover 0\.\.4095/);
  assert.throws(
    () =>
      todoStore([], {
        shards: [
          { from: 0, to: 100, store },
          { from: 100, to: 4095, store },
        ],
      }),
    /must cover/,
  );
});

test.run();
