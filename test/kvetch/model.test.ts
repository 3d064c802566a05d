import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createKvetch, type Kvetch, type KvetchObject, memoryShards } from '../../src/kvetch.ts';
import { sqliteShards } from '../../src/kvetch-sqlite.ts';
import { needs } from '../support/needs.ts';
import { type Backend, backends, lateBackend, wrapStore } from './backends.ts';
import { manualClock, openTodo, todoSchema } from './todo.ts';

/** Random operations against the simplest thing that could be right: maps and lists. */
interface Model {
  readonly users: { id: string; username: string | null; city: string | null }[];
  readonly lists: { id: string; owner: string | null; movedAt: number }[];
}

type Operation =
  | { readonly kind: 'createUser'; readonly username: string | null; readonly city: string | null }
  | { readonly kind: 'createList'; readonly owner: number }
  | { readonly kind: 'updateUser'; readonly at: number; readonly username: string | null; readonly city: string | null }
  | { readonly kind: 'move'; readonly at: number; readonly owner: number }
  | { readonly kind: 'deleteUser' | 'deleteList'; readonly at: number }
  | { readonly kind: 'clean' | 'look' };

const word = fc.option(fc.constantFrom('a', 'b', 'A', 'ä', ''));
const at = fc.nat({ max: 9 });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('createUser' as const), username: word, city: word }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('createList' as const), owner: at }) },
  fc.record({ kind: fc.constant('updateUser' as const), at, username: word, city: word }),
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('move' as const), at, owner: at }) },
  fc.record({ kind: fc.constantFrom('deleteUser' as const, 'deleteList' as const), at }),
  fc.record({ kind: fc.constant('clean' as const) }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('look' as const) }) }, // caches have it from then on
);

const modelBackends: readonly Backend[] = [
  { name: 'memory x 1', isSync: true, servers: [], open: () => ({ shards: memoryShards(1) }) },
  { name: 'memory x 16', isSync: true, servers: [], open: () => ({ shards: memoryShards(16) }) },
  {
    name: 'sqlite x 3',
    isSync: true,
    servers: [],
    open: () => ({ shards: sqliteShards({ file: ':memory:', count: 3 }) }),
  },
  lateBackend,
  ...backends.filter(({ name }) => name === 'redis over memory x 3' || name === 'redis over mysql x 1'),
];

for (const backend of modelBackends) {
  const test = needs(suite(`kvetch model: ${backend.name}`), ...backend.servers);

  test('random operations agree with a simple model', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 25 }), async (operations) => {
        const clock = manualClock();
        const kvetch = openTodo(backend, { clock });
        const model: Model = { users: [], lists: [] };
        try {
          for (const [step, one] of operations.entries()) {
            clock.ms += 7;
            await apply(kvetch, model, one, step);
          }
          await compare(kvetch, model);
          clock.ms += 60_000;
          const { scanned: _scanned, complete: _complete, tooYoung: _tooYoung, ...work } = await kvetch.clean();
          assert.ok(
            Object.values(work).every((count) => count === 0),
            `nothing crashed, so nothing is to be repaired: ${JSON.stringify(work)}`,
          );
          await compare(kvetch, model);
        } finally {
          await kvetch.close();
        }
      }),
      { numRuns: backend.isSync ? 60 : 20 },
    );
  });

  test.run();
}

async function apply(kvetch: Kvetch, model: Model, one: Operation, step: number): Promise<void> {
  const owner = (n: number): string | null => model.users[n]?.id ?? null;
  const taken = (username: string | null, but?: string) =>
    model.users.some((user) => username !== null && user.username === username && user.id !== but);
  switch (one.kind) {
    case 'createUser': {
      const { username, city } = one;
      const id = await kvetch.createObject('User', { username, city }).catch((error: { code: string }) => error.code);
      if (taken(username)) assert.is(id, 'UNIQUE_VIOLATION');
      else model.users.push({ id, username, city });
      return;
    }
    case 'createList':
      model.lists.push({
        id: await kvetch.createObject('List', { owner: owner(one.owner) }),
        owner: owner(one.owner),
        movedAt: step,
      });
      return;
    case 'updateUser': {
      const user = model.users[one.at];
      if (user === undefined) return;
      const { username, city } = one;
      const outcome = await kvetch.updateObject(user.id, { username, city }).then(
        () => 'done',
        (error: { code: string }) => error.code,
      );
      assert.is(outcome, taken(username, user.id) ? 'UNIQUE_VIOLATION' : 'done');
      if (outcome === 'done') Object.assign(user, { username, city });
      return;
    }
    case 'move': {
      const list = model.lists[one.at];
      if (list === undefined) return;
      await kvetch.updateObject(list.id, { owner: owner(one.owner) });
      if (list.owner !== owner(one.owner)) Object.assign(list, { owner: owner(one.owner), movedAt: step });
      return;
    }
    case 'deleteUser':
    case 'deleteList': {
      const rows = one.kind === 'deleteUser' ? model.users : model.lists;
      const [gone] = rows.splice(one.at, 1);
      if (gone !== undefined) assert.is(await kvetch.deleteObject(gone.id), true);
      return;
    }
    case 'look':
      return compare(kvetch, model);
    case 'clean':
      await kvetch.clean();
  }
}

async function compare(kvetch: Kvetch, { users, lists }: Model): Promise<void> {
  const records = await kvetch.getObjects(users.map(({ id }) => id));
  const seen = records.map((record) => [
    (record as KvetchObject).username ?? null,
    (record as KvetchObject).city ?? null,
  ]);
  assert.equal(
    seen,
    users.map(({ username, city }) => [username, city]),
  );
  for (const { id } of users) {
    const own = lists.filter(({ owner }) => owner === id).sort((a, b) => a.movedAt - b.movedAt);
    const page = await kvetch.getEdges('user_to_list', id);
    assert.equal(
      page.edges.map(({ toId }) => toId),
      own.map((list) => list.id),
    );
    assert.is(await kvetch.countEdges('user_to_list', id), own.length);
  }
  for (const value of ['a', 'b', 'A', 'ä', '']) {
    const having = (attr: 'city' | 'username') =>
      users
        .filter((user) => user[attr] === value)
        .map(({ id }) => id)
        .sort();
    assert.equal((await kvetch.queryIndex('city', value)).ids, having('city'));
    assert.equal((await kvetch.queryIndex('username', value)).ids, having('username'));
  }
  const browsed = await kvetch.browse('List');
  assert.equal(
    browsed.objects.map((object) => (object as KvetchObject).id),
    lists.map(({ id }) => id).sort(),
  );
}

const racing = suite('kvetch model: races');

racing('updates that race in any interleaving leave one place, the right one', async () => {
  // some calls arrive long after the next writer has read, won and written
  const delays = fc.array(fc.constantFrom(0, 0, 0, 1, 4, 9), { minLength: 40, maxLength: 40 });
  const moves = fc.array(fc.nat({ max: 3 }), { minLength: 2, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(delays, moves, fc.boolean(), async (waits, owners, alsoDelete) => {
      const quiet = memoryShards(3);
      const before = createKvetch({ schema: todoSchema, shards: quiet });
      const users = (await before.createObjects(
        'User',
        [0, 1, 2, 3].map(() => ({ data: {} })),
      )) as string[];
      const list = await before.createObject('List', { owner: users[0] });
      let calls = 0;
      const shards = quiet.map((store) =>
        wrapStore(store, (_method, run) => sleep(waits[calls++ % waits.length] ?? 0).then(run)),
      );
      const kvetch = createKvetch({ schema: todoSchema, shards });
      const racers: Promise<unknown>[] = owners.map((n) =>
        kvetch
          .updateObject(list, { owner: users[n] })
          .catch((error: { code: string }) => assert.is(error.code, 'NOT_FOUND')),
      );
      if (alsoDelete) racers.push(sleep(3).then(() => kvetch.deleteObject(list)));
      await Promise.all(racers);
      const owner = (await before.getObject(list))?.owner ?? null;
      assert.is(owner === null, alsoDelete);
      const counts = await before.countEdgeLists(users.map((fromId) => ({ edge: 10000, fromId })));
      assert.equal(
        counts,
        users.map((id) => (id === owner ? 1 : 0)),
      );
      const indexed = await before.queryIndexes(users.map((value) => ({ index: 'list_owner', value })));
      assert.equal(
        indexed.map((page) => (page as { ids: readonly string[] }).ids),
        users.map((id) => (id === owner ? [list] : [])),
      );
    }),
    { numRuns: 100 },
  );
});

function sleep(ms: number): Promise<void> {
  return ms === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}

racing.run();
