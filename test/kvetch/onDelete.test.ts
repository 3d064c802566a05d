/** What becomes of objects whose stored id names a deleted one: `onDelete` of edges. */
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  create,
  createKvetch,
  defineKvetchSchema,
  deleteObject,
  type Kvetch,
  type KvetchChange,
  type KvetchSchema,
  update,
} from '../../src/kvetch.ts';
import { needs } from '../support/needs.ts';
import { until } from '../support/until.ts';
import { fewBackends, type OpenBackend, wrapStore } from './backends.ts';
import { idsOf, rejection } from './todo.ts';

const child = { storedOn: 'List', storedIdAttr: 'owner' } as const;
const schema: KvetchSchema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'User' },
    { typeId: 2, name: 'List', fields: { owner: 'uuid', team: 'uuid', rank: 'int' } },
    { typeId: 3, name: 'Item', fields: { list: 'uuid', author: 'uuid', title: 'string' } },
    { typeId: 4, name: 'Team' },
  ],
  edges: [
    { edgeId: 11, name: 'lists', from: 'User', ...child, onDelete: 'delete' },
    { edgeId: 12, name: 'ranked', from: 'User', ...child, orderBy: ['rank'], onDelete: 'delete' },
    { edgeId: 13, name: 'items', from: 'List', storedOn: 'Item', storedIdAttr: 'list', onDelete: 'delete' },
    { edgeId: 14, name: 'written', from: 'User', storedOn: 'Item', storedIdAttr: 'author', onDelete: 'clear' },
    { edgeId: 15, name: 'teams', from: 'Team', storedOn: 'List', storedIdAttr: 'team', onDelete: 'refuse' },
    { edgeId: 16, name: 'friends', from: 'User', to: 'User' },
  ],
  indexes: [{ name: 'title', type: 'Item', attr: 'title', kind: 'string' }],
});

for (const backend of fewBackends) {
  const test = needs(suite(`onDelete: ${backend.name}`), ...backend.servers);
  let opened: OpenBackend;
  let kvetch: Kvetch;
  const changes: KvetchChange[] = [];

  test.before(() => {
    opened = backend.open();
    kvetch = createKvetch({ schema, ...opened, outboxPollMs: 20, onWrite: (change) => void changes.push(change) });
  });
  test.after(() => kvetch.close());

  test('refuse: a parent is deleted when its last child is gone, moved or let go of', async () => {
    const [team, other] = [await kvetch.createObject('Team', {}), await kvetch.createObject('Team', {})];
    const lists: string[] = [];
    for (let n = 0; n < 3; n++) lists.push(await kvetch.createObject('List', { team }));
    const [one = '', two = '', three = ''] = lists;
    const refused = async (): Promise<void> => {
      const error = await rejection(kvetch.deleteObject(team));
      assert.is(error.code, 'HAS_CHILDREN');
      assert.is(error.message, `Object "${team}" cannot be deleted while its list "teams" has objects.`);
      assert.ok(await kvetch.getObject(team));
    };
    await refused();
    await kvetch.deleteObject(one);
    await refused();
    await kvetch.updateObject(two, { team: other });
    await refused();
    const [answer, gone] = await kvetch.deleteObjects([{ id: team }, { id: three }]);
    assert.instance(answer, Error);
    assert.is(gone, true);
    assert.is(await kvetch.deleteObject(team), true);
    assert.is(await kvetch.deleteObject(team), false);
    await kvetch.updateObject(two, { team: null });
    assert.is(await kvetch.deleteObject(other), true);
  });

  test('refuse: a unit may delete a parent with all of its children, and not without one', async () => {
    const team = await kvetch.createObject('Team', {});
    const near = { near: team };
    const [one, two] = [
      await kvetch.createObject('List', { team }, near),
      await kvetch.createObject('List', { team }, near),
    ];
    const fresh = kvetch.newId('List', {}, near);
    const refused = [
      [deleteObject(team)],
      [deleteObject(team), deleteObject(one)],
      [deleteObject(team), deleteObject(one), update(two, { rank: 1 })],
      [deleteObject(one), update(two, { team: null }), create('List', { team }, { id: fresh }), deleteObject(team)],
    ];
    for (const members of refused) {
      const error = await rejection(kvetch.write(members));
      assert.is(error.code, 'HAS_CHILDREN');
      assert.is(
        (error as { member?: number }).member,
        members.findIndex((member) => member.kind === 'delete' && member.id === team),
      );
    }
    assert.ok(await kvetch.getObject(one));
    await kvetch.write([deleteObject(team), deleteObject(one), update(two, { team: null })]);
    assert.equal(await kvetch.getObjects([team, one]), [null, null]);
    const away = await kvetch.createObject('List', { team: await kvetch.createObject('Team', {}) });
    const far = String((await kvetch.getObject(away))?.team);
    assert.is((await rejection(kvetch.write([deleteObject(far), update(two, { rank: 2 })]))).code, 'HAS_CHILDREN');
    await kvetch.write([deleteObject(far), deleteObject(away), update(two, { rank: 2 })]);
    assert.equal(await kvetch.getObjects([far, away]), [null, null]);
  });

  test('delete and clear: a tree goes in the background; lists of the deleted are empty at once', async () => {
    const user = await kvetch.createObject('User', {});
    const other = await kvetch.createObject('User', {});
    const lists = idsOf(
      await kvetch.createObjects(
        'List',
        [1, 2, 3].map((rank) => ({ data: { owner: user, rank } })),
      ),
    );
    const items = idsOf(
      await kvetch.createObjects(
        'Item',
        lists.flatMap((list, n) =>
          [0, 1, 2].map((m) => ({ data: { list, author: other, title: `${user} ${n} ${m}` } })),
        ),
      ),
    );
    const written = await kvetch.createObject('Item', { author: user, title: 'stays' });
    const moved = await kvetch.createObject('List', { owner: user });
    await kvetch.updateObject(moved, { owner: other });
    const seen = async (): Promise<unknown> => [
      (await kvetch.getEdges('lists', user)).edges.length,
      (await kvetch.getEdges('ranked', user, { reverse: true })).edges.length,
      await kvetch.countEdges('written', user),
      await kvetch.hasEdge('lists', user, lists[0] ?? ''),
      (await objectsOf(kvetch, 'lists', user)).length,
    ];
    assert.equal(await seen(), [3, 3, 1, true, 3]);
    changes.length = 0;
    assert.is(await kvetch.deleteObject(user), true);
    assert.equal(await seen(), [0, 0, 0, false, 0]);
    const keys = changes.flatMap((change) => (change.kind === 'delete' ? change.keys : []));
    for (const key of [`e:11:${user}`, `e:14:${user}`]) assert.ok(keys.includes(key), key);
    await until('the tree is gone', async () => {
      const left = await kvetch.getObjects([...lists, ...items]);
      return left.every((one) => one === null) && (await kvetch.getObject(written))?.author === undefined;
    });
    assert.is((await kvetch.getObject(written))?.title, 'stays');
    assert.is((await kvetch.getObject(moved))?.owner, other);
    await until('no note is left', async () => {
      await sleep(1100); // those of a moment ago are not due yet
      const notes = await Promise.all(opened.shards.map((store) => store.readNotes(null, 10)));
      return notes.flat().length === 0;
    });
    assert.is((await kvetch.queryIndex('title', `${user} 0 0`)).ids.length, 0);
    assert.ok(kvetch.stats.cascaded >= 13, 'counted behind the last write');
    const report = await kvetch.clean({ graceMs: 0 });
    assert.equal([report.cascaded, report.orphanEdges, report.missingEdges, report.errors], [0, 0, 0, 0]);
  });

  test('the process that deletes a parent lets go of a tree at once, level by level', async () => {
    const store = createKvetch({ schema, ...backend.open(), outboxPollMs: 3_600_000 });
    const users = idsOf(await store.createObjects('User', [{ data: {} }, { data: {} }, { data: {} }]));
    const lists = idsOf(
      await store.createObjects(
        'List',
        users.map((owner) => ({ data: { owner } })),
      ),
    );
    const items = idsOf(
      await store.createObjects(
        'Item',
        lists.map((list) => ({ data: { list, title: 'deep' } })),
      ),
    );
    const [alone = '', inUnit = '', inSplit = ''] = users;
    await store.deleteObject(alone);
    await store.write([deleteObject(inUnit)]);
    await store.write([deleteObject(inSplit), create('User', {}), create('User', {})]);
    await until('all are gone', async () =>
      (await store.getObjects([...lists, ...items])).every((one) => one === null),
    );
    await store.close();
  });

  test('a unit that deletes a parent leaves its children to the background, too', async () => {
    const [near, far] = [await kvetch.createObject('User', {}), await kvetch.createObject('User', {})];
    const lists = idsOf(await kvetch.createObjects('List', [{ data: { owner: near } }, { data: { owner: far } }]));
    await kvetch.write([deleteObject(near)]);
    await kvetch.write([deleteObject(far), create('User', {})]);
    await until('the lists are gone', async () => (await kvetch.getObjects(lists)).every((one) => one === null));
  });

  test('a child that refuses to go stays with its id; cleaners name it, and delete it when it may go', async () => {
    const strict: KvetchSchema = defineKvetchSchema({
      objects: [1, 2, 3].map((typeId) => ({ typeId, name: `T${typeId}` })),
      edges: [
        { edgeId: 1, name: 'twos', from: 'T1', storedOn: 'T2', storedIdAttr: 'up', onDelete: 'delete' },
        { edgeId: 2, name: 'threes', from: 'T2', storedOn: 'T3', storedIdAttr: 'up', onDelete: 'refuse' },
      ],
    });
    const { shards, ...cache } = backend.open();
    const store = createKvetch({ schema: strict, shards, ...cache, outboxPollMs: 20 });
    const top = await store.createObject('T1', {});
    const twos = idsOf(
      await store.createObjects(
        'T2',
        [1, 2, 3].map(() => ({ data: { up: top } })),
      ),
    );
    const three = await store.createObject('T3', { up: twos[1] });
    await store.deleteObject(top);
    await until(
      'the others are gone',
      async () => (await store.getObjects(twos)).filter((one) => one !== null).length === 1,
    );
    await sleep(20);
    const named: unknown[] = [];
    const first = await store.clean({ graceMs: 0, onDangling: (one) => void named.push(one) });
    assert.equal(named, [{ edge: 'twos', id: twos[1], storedId: top }]);
    assert.equal([first.danglingIds, first.cascaded, first.errors], [1, 0, 0]);
    await store.deleteObject(three);
    await sleep(5);
    assert.is((await store.clean({ graceMs: 0, dryRun: true })).cascaded, 1);
    const second = await store.clean({ graceMs: 0 });
    assert.equal([second.danglingIds, second.cascaded], [0, 1]);
    assert.is(await store.getObject(twos[1] ?? ''), null);
    await store.close();
  });

  test.run();
}

const test = suite('onDelete');

test('without a relay, and where the note was lost, cleaners go on; ids of nobody are left alone', async () => {
  for (const isLost of [false, true]) {
    const opened = fewBackends[0]?.open() as OpenBackend;
    const shards = opened.shards.map((store) =>
      wrapStore(store, (method, run, args) => {
        if (isLost && method === 'replaceObjects')
          return store.replaceObjects((args[0] as never[]).map((one) => ({ ...(one as object), notes: [] })) as never);
        return run();
      }),
    );
    const kvetch = createKvetch({ schema, shards, outboxPollMs: 0 });
    const user = await kvetch.createObject('User', {});
    const [list = ''] = idsOf(await kvetch.createObjects('List', [{ data: { owner: user } }]));
    const item = await kvetch.createObject('Item', { list });
    const orphan = await kvetch.createObject('List', { owner: '018f3c5a-7b00-8abc-8000-000000000000' });
    await kvetch.deleteObject(user);
    await sleep(50);
    assert.ok(await kvetch.getObject(list));
    let cascaded = 0;
    for (let runs = 0; runs < 2; runs++) cascaded += (await kvetch.clean({ graceMs: 0 })).cascaded;
    assert.is(cascaded, 2);
    assert.equal(await kvetch.getObjects([list, item]), [null, null]);
    assert.ok(await kvetch.getObject(orphan));
    await kvetch.close();
  }
});

test('definitions', () => {
  const objects = [
    { typeId: 1, name: 'User' },
    { typeId: 2, name: 'List', fields: { owner: { kind: 'uuid', required: true }, done: 'bool' } },
  ] as const;
  const of = { from: 'User', storedOn: 'List', storedIdAttr: 'owner' };
  const edges = [
    { edgeId: 1, name: 'a', ...of, onDelete: 'cascade' },
    { edgeId: 2, name: 'b', from: 'User', to: 'User', onDelete: 'delete' },
    { edgeId: 3, name: 'c', ...of, where: { done: true }, onDelete: 'refuse' },
    { edgeId: 4, name: 'd', ...of, onDelete: 'clear' },
    { edgeId: 5, name: 'e', ...of, where: { done: true }, onDelete: 'keep' },
  ];
  assert.throws(
    () => defineKvetchSchema({ objects, edges: edges as never }),
    (error: Error) => {
      assert.equal(error.message.split('\n- ').slice(1), [
        'The edge "a" has the "onDelete" "cascade", which is none of keep, clear, delete, refuse.',
        'The edge "b" has a "onDelete" but no "storedOn".',
        'The edge "c" has a "where" and an "onDelete": give that to an edge that lists all of its objects.',
        'The edge "d" has the "onDelete" "clear", but "List.owner" is required.',
        'The edges "a" and "c" follow from one attribute and must have the same "onDelete".',
        'The edges "a" and "d" follow from one attribute and must have the same "onDelete".',
      ]);
      return true;
    },
  );
});

test.run();

async function objectsOf(kvetch: Kvetch, edge: string, fromId: string): Promise<readonly unknown[]> {
  const [page] = await kvetch.forRequest().reads.edgeObjects([{ edge, fromId }]);
  if (page === undefined || page instanceof Error) throw page;
  return page.objects;
}
