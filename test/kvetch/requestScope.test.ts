import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createKvetch,
  type EdgePage,
  type IndexPage,
  increment,
  type Kvetch,
  type KvetchObject,
  memoryShards,
  type ObjectPage,
  type PageArgs,
  type ShardStore,
  ShardUnavailableError,
  update,
} from '../../src/kvetch.ts';
import { needs } from '../support/needs.ts';
import { fewBackends, wrapStore } from './backends.ts';
import { errorOf, openTodo, rejection, todoSchema } from './todo.ts';

interface Fixture {
  readonly kvetch: Kvetch;
  /** What the shards were called with since the store was filled. */
  readonly calls: string[];
  readonly user: string;
  readonly lists: readonly string[];
}

const lists = 'user_to_list';

/** A user with five lists, on shards that answer later. */
async function open(
  count = 1,
  around: (method: string, run: () => unknown) => unknown = (_method, run) => run(),
): Promise<Fixture> {
  const calls: string[] = [];
  const late = (shard: ShardStore): ShardStore =>
    wrapStore(shard, async (method, run) => {
      if (method.startsWith('read') || method === 'countEdges') calls.push(`${shard.name} ${method}`);
      await new Promise((resolve) => setImmediate(resolve));
      return around(method, run);
    });
  const kvetch = createKvetch({ schema: todoSchema, shards: memoryShards(count).map(late) });
  const user = await kvetch.createObject('User', { username: 'anne' });
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) ids.push(await kvetch.createObject('List', { owner: user, n }));
  calls.length = 0;
  kvetch.stats.reset();
  return { kvetch, calls, user, lists: ids };
}

const test = suite('kvetch.forRequest()');

test('objects, lists, counts and index values of one turn are one call a server', async () => {
  for (const count of [1, 3]) {
    const { kvetch, calls, user, lists: ids } = await open(count);
    const { reads } = kvetch.forRequest();
    const [objects, pages, counts, entries] = await Promise.all([
      reads.objects([...ids, user]),
      reads.edges([{ edge: lists, fromId: user }]),
      reads.counts([{ edge: 'friends', fromId: user }]),
      reads.index([{ index: 'username', value: 'anne' }]),
    ]);
    assert.is(objects.length, 6);
    assert.equal((pages[0] as EdgePage).edges.length, 5);
    assert.equal(counts, [0]);
    assert.equal((entries[0] as IndexPage).ids, [user]);
    const servers = calls.map((call) => call.split(' ')[0]);
    assert.is(new Set(servers).size, servers.length, calls.join());
    assert.is(kvetch.stats.rounds, 1);
    assert.is(kvetch.stats.storeCalls, calls.length);
  }
});

test('each key is asked for once, whichever read asks for it', async () => {
  const { kvetch, user, lists: ids } = await open();
  const { reads } = kvetch.forRequest();
  await reads.objects([user, user, ids[0]]);
  await reads.edgeObjects([{ edge: lists, fromId: user }]);
  assert.equal([kvetch.stats.keys, kvetch.stats.keysAsked], [2 + 1 + 4, 3 + 1 + 5]);
  kvetch.stats.reset();
  await Promise.all([
    reads.objects([user.toUpperCase(), ...ids]),
    reads.edges([{ edge: lists, fromId: user }]),
    reads.counts([{ edge: lists, fromId: user }]),
  ]);
  assert.equal([kvetch.stats.keys, kvetch.stats.rounds, kvetch.stats.requestHits], [0, 0, 8]);
});

test('a list that was read answers its windows, and no others', async () => {
  const { kvetch, user, lists: ids } = await open();
  const page = async (reads: Kvetch['reads'], first: number | null, after: string | null = null) => {
    kvetch.stats.reset();
    const [found] = await reads.edges([{ edge: lists, fromId: user, first, after }]);
    if (found === undefined || found instanceof Error) throw found;
    return {
      ids: found.edges.map(({ toId }) => toId),
      next: found.hasNextPage,
      end: found.endCursor,
      keys: kvetch.stats.keys,
    };
  };
  for (const firsts of [
    [3, 1, 2, 3, 0, 5, 4, 9],
    [9, 5, 4, 0],
    [null, 5, 6],
  ]) {
    const { reads } = kvetch.forRequest();
    let longest = -1;
    for (const first of firsts) {
      const found = await page(reads, first);
      assert.equal(found.ids, ids.slice(0, first ?? 5), `first ${first}`);
      assert.is(found.next, first !== null && first > 0 && first < 5, `first ${first}`);
      assert.is(
        found.keys,
        longest === -1 || ((first ?? 100) > longest && longest < 5) ? 1 : 0,
        `first ${first} after ${longest}`,
      );
      longest = Math.max(longest, first ?? 100);
    }
  }
  const { reads } = kvetch.forRequest();
  await page(reads, 9);
  const two = await page(reads, 2);
  assert.is((await page(reads, 2, two.end)).keys, 0);
  assert.equal((await page(reads, 2, two.end)).ids, ids.slice(2, 4));
  assert.equal((await page(reads, 2, ids[3])).ids, ids.slice(4));
  const unknown = await page(reads, 2, user);
  assert.equal([unknown.ids, unknown.keys], [[], 1], 'only the store knows of edges that are gone');
});

test('of two windows of one index value the shorter one knows that more follows', async () => {
  const { kvetch } = await open();
  for (let n = 0; n < 5; n++) await kvetch.createObject('User', { username: `user ${n}`, city: 'Kyiv' });
  kvetch.stats.reset();
  const { reads } = kvetch.forRequest();
  const pages = await Promise.all([1, 4, 2].map((first) => reads.index([{ index: 'city', value: 'Kyiv', first }])));
  assert.equal(
    pages.map(([page]) => [(page as IndexPage).ids.length, (page as IndexPage).hasNextPage]),
    [
      [1, true],
      [4, true],
      [2, true],
    ],
  );
  assert.equal([kvetch.stats.keys, kvetch.stats.rounds], [1, 1]);
});

test('of two windows that go out together the longer one is asked for', async () => {
  const { kvetch, user, lists: ids } = await open();
  const { reads } = kvetch.forRequest();
  const pages = await Promise.all([1, 4, 2].map((first) => reads.edges([{ edge: lists, fromId: user, first }])));
  assert.equal(
    pages.map(([page]) => (page as EdgePage).edges.length),
    [1, 4, 2],
  );
  assert.equal([kvetch.stats.keys, kvetch.stats.rounds], [1, 1]);
  assert.is(ids.length, 5);
});

test('what is read after a write of the request is read anew, whatever came of the write', async () => {
  const { kvetch, user, lists: ids } = await open();
  const bound = kvetch.forRequest();
  const nameOf = async (): Promise<unknown> => (await bound.getObject(user))?.username;
  const count = () => bound.countEdges(lists, user);
  assert.equal([await nameOf(), await count()], ['anne', 5]);
  await bound.updateObject(user, { username: 'bo' });
  await bound.createObject('List', { owner: user });
  assert.equal([await nameOf(), await count()], ['bo', 6]);
  await kvetch.updateObject(user, { username: 'cy' });
  assert.is(await nameOf(), 'bo', 'the writes of others are seen by later requests');
  assert.is((await rejection(bound.updateObject(user, {}, { ifVersion: 1 }))).code, 'CONFLICT');
  assert.is(await nameOf(), 'cy');
  await bound.deleteObject(ids[0] as string);
  assert.is(await count(), 5);
});

test('a write forgets lists, counts and values; its objects are known as written, others as they were read [10.1.5]', async () => {
  const { kvetch, user, lists: ids } = await open();
  const [one, two, three] = ids as [string, string, string];
  const friend = await kvetch.createObject('User', { username: 'bo' });
  const bound = kvetch.forRequest();
  const readAll = async (): Promise<number> => {
    kvetch.stats.reset();
    await Promise.all([
      bound.getObjects([user, ...ids]),
      bound.getEdges(lists, user),
      bound.countEdges('friends', user),
      bound.queryIndex('username', 'anne'),
    ]);
    return kvetch.stats.keys;
  };
  const others = 3; // the list, the count, the value
  assert.is(await readAll(), 6 + others);
  const writes: ReadonlyArray<readonly [() => Promise<unknown>, number]> = [
    [() => bound.updateObject(one.toUpperCase(), { n: 7 }), 0],
    [() => bound.updateObjects([one, two].map((id) => ({ id, data: { n: 8 } }))), 0],
    [() => bound.createObject('List', { owner: user }), 0],
    [() => bound.createObjects('List', [{ data: { owner: user } }]), 0],
    [() => bound.createOnce('List', { owner: user }, { idempotencyKey: 'k' }), 0],
    [() => bound.insertEdge('friends', { fromId: user, toId: friend }), 0],
    [() => bound.insertEdges('friends', [{ fromId: user, toId: friend }]), 0],
    [() => bound.deleteEdge('friends', { fromId: user, toId: friend }), 0],
    // what may have changed any object
    [() => bound.deleteObject(three), 6],
    [() => bound.write([update(one, { n: 9 })]), 6],
    [() => rejection(bound.updateObject(one, { n: 1 }, { ifVersion: 1 })), 6],
    [() => bound.updateObjects([{ id: one, data: { n: 1 }, ifVersion: 1 }]), 6],
    [() => bound.createObjects('List', [{ data: { owner: user } }, { data: { owner: 'nobody' } }]), 6],
  ];
  for (const [write, count] of writes) {
    await write();
    assert.is(await readAll(), count + others, String(write));
  }
});

test('writes of one object side by side: the last one is known, whichever ends first [10.1.5]', async () => {
  let release: () => void = () => {};
  let isHeld = false;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const {
    kvetch,
    user,
    lists: ids,
  } = await open(1, async (method, run) => {
    const answer = await run();
    if (isHeld && method === 'putEdges') await held;
    return answer;
  });
  const bound = kvetch.forRequest();
  const [id, other] = ids as [string, string];
  const agrees = async () => assert.equal(await bound.getObjects([id, other]), await kvetch.getObjects([id, other]));
  await Promise.all(Array.from({ length: 20 }, () => bound.updateObject(id, { n: increment(1) })));
  await agrees();
  await bound.updateObjects([1, 2, 3].map((n) => ({ id: other, data: { [`m${n}`]: n } })));
  await agrees();
  isHeld = true;
  const first = bound.updateObject(id, { owner: user.replace(/.$/, '0') }); // an edge is written after the object
  await new Promise((resolve) => setTimeout(resolve, 20));
  await bound.updateObject(id, { n: 100 });
  release();
  await first;
  await agrees();
});

test('a request that writes and writes does not keep all that it wrote [10.1.5]', async () => {
  const { kvetch, user } = await open();
  const bound = kvetch.forRequest();
  const many = await bound.createObjects(
    'List',
    Array.from({ length: 900 }, () => ({ data: { owner: user } })),
  );
  const more = await bound.createObjects(
    'List',
    Array.from({ length: 900 }, () => ({ data: { owner: user } })),
  );
  kvetch.stats.reset();
  await bound.getObjects([...many, ...more] as string[]);
  assert.is(kvetch.stats.keys, 1800);
});

test('an id that was read as missing is there after its create [10.1.5]', async () => {
  const { kvetch, user } = await open();
  const bound = kvetch.forRequest();
  const id = bound.newId('List', { owner: user });
  assert.is(await bound.getObject(id), null);
  await bound.createObject('List', { owner: user }, { id });
  assert.is((await bound.getObject(id))?.owner, user);
});

test('what was browsed before a write ended says nothing of what it wrote [10.1.5]', async () => {
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let isHeld = false;
  const { kvetch, lists: ids } = await open(1, async (method, run) => {
    const answer = await run();
    if (method === 'browse' && isHeld) await held;
    return answer;
  });
  const bound = kvetch.forRequest();
  isHeld = true;
  const before = bound.browse('List');
  await new Promise((resolve) => setTimeout(resolve, 10));
  await bound.updateObject(ids[0] as string, { title: 'own' });
  release();
  await before;
  assert.is((await bound.getObject(ids[0] as string))?.title, 'own');
});

test('a read that began before a write ended is no answer to what is asked after it', async () => {
  const { kvetch, user } = await open();
  const bound = kvetch.forRequest();
  const before = bound.getObject(user);
  await bound.updateObject(user, { username: 'bo' });
  assert.is((await bound.getObject(user))?.username, 'bo');
  await before;
});

test('what fails for somebody who did not need it yet has failed for nobody', async () => {
  let isDown = true;
  const { kvetch, user } = await open(1, (method, run) => {
    if (isDown && method === 'readObjects') throw new Error('down');
    return run();
  });
  const { reads } = kvetch.forRequest();
  const [ahead] = await reads.objects([user], { isAhead: true });
  assert.is(errorOf(ahead).name, 'ShardUnavailableError');
  isDown = false;
  const [object] = await reads.objects([user]);
  assert.is((object as { id: string }).id, user);
  isDown = true;
  const other = kvetch.forRequest().reads;
  const underWay = other.objects([user], { isAhead: true });
  const needed = other.objects([user]);
  await underWay;
  isDown = false;
  assert.is(((await needed)[0] as { id: string }).id, user, 'asked for again, as it was under way for nobody');
});

test('what was asked for ahead counts as wasted until somebody needs it', async () => {
  const { kvetch, user, lists: ids } = await open();
  const { reads } = kvetch.forRequest();
  await reads.objects([user, ...ids], { isAhead: true });
  assert.equal([kvetch.stats.ahead, kvetch.stats.aheadUsed, kvetch.stats.aheadWasted], [6, 0, 6]);
  await reads.objects([user, user, ids[0]]);
  assert.equal([kvetch.stats.aheadUsed, kvetch.stats.aheadWasted, kvetch.stats.keys], [2, 4, 6]);
});

test('what nobody waits for any more is not sent', async () => {
  const { kvetch, calls, user, lists: ids } = await open();
  const { reads } = kvetch.forRequest();
  const over = reads.objects([user], { isOver: true });
  const wanted = reads.objects([ids[0]]);
  assert.is(((await wanted)[0] as { id: string }).id, ids[0]);
  await over;
  assert.equal([calls.length, kvetch.stats.keys], [1, 1]);
});

test('a store that answers nonsense fails the reads, and nobody waits for ever', async () => {
  for (const nonsense of [undefined, null, {}, { objects: [], pages: 7 }]) {
    for (const isTracked of [false, true]) {
      const { kvetch, user } = await open(1, (method, run) => (method === 'read' ? nonsense : run()));
      const { reads } = kvetch.forRequest();
      const extra = { recordsDependencies: isTracked, recordDependencies: () => {} };
      const answers = await Promise.all([
        reads.objects([user], extra),
        reads.edges([{ edge: lists, fromId: user }], extra),
      ]);
      for (const [answer] of answers) assert.instance(answer, ShardUnavailableError);
    }
  }
});

test('shards that answer at once stay synchronous', async () => {
  const kvetch = createKvetch({ schema: todoSchema, shards: memoryShards(2) });
  const user = await kvetch.createObject('User', {});
  const { reads } = kvetch.forRequest();
  assert.ok(Array.isArray(reads.objects([user])));
  assert.ok(Array.isArray(reads.edgeObjects([{ edge: lists, fromId: user }])));
});

test('what was browsed is known: the same page, shorter ones, and its objects by id [10.1.6]', async () => {
  for (const count of [1, 3]) {
    const browsed: string[] = [];
    const {
      kvetch,
      calls,
      user,
      lists: ids,
    } = await open(count, (method, run) => {
      if (method === 'browse') browsed.push(method);
      return run();
    });
    const sorted = ids.toSorted();
    const { reads } = kvetch.forRequest();
    const idsOf = async (page: PageArgs) => {
      const [found] = (await reads.browse([{ ...page, type: 'List' }])) as readonly [ObjectPage];
      return [found.objects.map((object) => (object as KvetchObject).id), found.hasNextPage, found.endCursor];
    };
    const pages = await Promise.all([idsOf({ first: 3 }), idsOf({ first: 3 }), idsOf({ first: 2 })]);
    const [three, two] = [sorted.slice(0, 3), sorted.slice(0, 2)];
    assert.equal(pages, [
      [three, true, three[2]],
      [three, true, three[2]],
      [two, true, two[1]],
    ]);
    assert.is(browsed.length, count);
    assert.equal([kvetch.stats.rounds, kvetch.stats.requestHits], [1, 2]);
    assert.equal(await idsOf({ first: 0 }), [[], false, null]);
    assert.is(browsed.length, count);
    assert.equal(await idsOf({ first: 9 }), [sorted, false, sorted[4]], 'a longer page is asked for');
    assert.is(browsed.length, 2 * count);
    assert.equal(await idsOf({ first: 1000 }), [sorted, false, sorted[4]], 'there are no more');
    assert.is(browsed.length, 2 * count);
    assert.equal(await idsOf({ first: 1, after: three[0] as string }), [[sorted[1]], true, sorted[1]]);
    assert.is(browsed.length, 3 * count, 'another start');
    assert.equal(await reads.objects([...ids, user].slice(0, 5)), await kvetch.getObjects(ids));
    calls.length = 0;
    await reads.objects(ids);
    assert.equal(calls, [], 'its objects are there');
    await reads.objects([...ids, user]);
    assert.is(calls.length, 1, 'the user is not');
  }
});

test('a write, another request, and a server that fails: browsed anew, or an error for its page alone', async () => {
  let isDown = false;
  const {
    kvetch,
    calls,
    lists: ids,
  } = await open(1, (method, run) => {
    if (method === 'browse' && isDown) throw new Error('down');
    return run();
  });
  const request = kvetch.forRequest();
  const titles = async () => (await request.browse('List')).objects.map((object) => (object as KvetchObject).title);
  assert.equal(new Set(await titles()), new Set([undefined]));
  await kvetch.updateObject(ids[0] as string, { title: 'elsewhere' });
  assert.equal(new Set(await titles()), new Set([undefined]), 'as it was when this request asked');
  await request.updateObject(ids[1] as string, { title: 'own' });
  assert.equal(new Set(await titles()), new Set([undefined, 'elsewhere', 'own']));
  calls.length = 0;
  assert.is((await request.getObject(ids[1] as string))?.title, 'own');
  assert.equal(calls, []);
  isDown = true;
  const other = kvetch.forRequest();
  assert.is((await rejection(other.browse('List'))).code, 'SHARD_UNAVAILABLE');
  assert.is((await other.getObject(ids[0] as string))?.title, 'elsewhere');
  const [bad, none] = await request.reads.browse([{ type: 'List', first: -1 }, { type: 'User' }]);
  assert.match(errorOf(bad).message, /-1/);
  assert.instance(none, ShardUnavailableError);
});

test.run();

for (const backend of fewBackends) {
  const written = needs(suite(`kvetch.forRequest(): ${backend.name}`), ...backend.servers);

  written('what a request knows of an object that it wrote is what the store has [10.1.5]', async () => {
    const kvetch = openTodo(backend);
    const bound = kvetch.forRequest();
    const data = { n: -0, title: 'ä\ud83d', when: new Date(), text: 'x'.repeat(5000) };
    const user = await bound.createObject('User', { username: `anne ${Math.random()}` });
    const id = await bound.createObject('List', { owner: user, ...data });
    const agree = async (what: string): Promise<void> => {
      kvetch.stats.reset();
      const known = await bound.getObjects([id, user]);
      assert.is(kvetch.stats.keys, 0, what);
      assert.equal(known, await kvetch.getObjects([id, user]), what);
    };
    await agree('created');
    const record = await bound.updateObject(id, { n: increment(2), title: null, more: [1, { a: null }] });
    assert.equal(await bound.getObject(id), record);
    await agree('updated');
    await bound.updateObject(user, { username: `bo ${Math.random()}` });
    await agree('a unique value changed');
    await bound.updateObject(id, {});
    await agree('nothing changed');
    await bound.deleteObject(id);
    assert.is(await bound.getObject(id), null);
    await kvetch.close();
  });

  written.run();
}
