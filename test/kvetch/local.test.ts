import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConsistencyToken, type Kvetch, type KvetchOptions, memoryShards, type ShardStore } from '../../src/kvetch.ts';
import { until } from '../support/until.ts';
import { wrapStore } from './backends.ts';
import { rejection, todoStore } from './todo.ts';

/** A process on shards whose reads can be held, and another on the same shards. */
interface World {
  readonly kvetch: Kvetch;
  readonly other: Kvetch;
  readonly calls: string[];
  /** Holds all reads that begin from now on, until `resume`, except those by the methods `passing`. */
  hold(...passing: readonly string[]): { resume(): void };
}

function openWorld(options: Partial<KvetchOptions> = {}): World {
  const calls: string[] = [];
  const shards = memoryShards(1);
  let gate: Promise<void> = Promise.resolve();
  let passes: ReadonlySet<string> = new Set();
  const late: readonly ShardStore[] = shards.map((shard) =>
    wrapStore(shard, async (method, run) => {
      if (!method.startsWith('read') && method !== 'countEdges') return run();
      calls.push(method);
      const answer = await run(); // it has read, and its answer is under way
      if (!passes.has(method)) await gate;
      return answer;
    }),
  );
  return {
    kvetch: todoStore(late, options),
    other: todoStore(shards),
    calls,
    hold: (...passing: readonly string[]) => {
      passes = new Set(passing);
      let resume = (): void => undefined;
      gate = new Promise((resolve) => {
        resume = resolve;
      });
      return {
        resume: () => {
          gate = Promise.resolve();
          resume();
        },
      };
    },
  };
}

/** Stops the clock that never goes back. */
function stopClock(): { resume(): void } {
  const { now } = performance;
  const stopped = performance.now();
  performance.now = () => stopped;
  return {
    resume: () => {
      performance.now = now;
    },
  };
}

const test = suite('kvetch in one process');

test('reads of the same that are under way are one read, entry by entry', async () => {
  const { kvetch, calls, hold } = openWorld();
  const ids = [await kvetch.createObject('User', { n: 0 }), await kvetch.createObject('User', { n: 1 })];
  const held = hold();
  const clock = stopClock(); // a read is joined for 100 ms, and a busy machine may take longer to ask
  const reading = [
    ...Array.from({ length: 198 }, () => kvetch.getObject(ids[0] as string)),
    kvetch.getObject(ids[1] as string),
  ];
  const both = kvetch.getObjects(ids);
  const lists = Array.from({ length: 50 }, () => kvetch.getEdges('friends', ids[0] as string, { first: 3 }));
  const tags = Array.from({ length: 50 }, () => kvetch.queryIndex('city', 'Oslo'));
  const counts = Array.from({ length: 50 }, () => kvetch.countEdges('friends', ids[0] as string));
  clock.resume();
  held.resume();
  const read = await Promise.all(reading);
  assert.equal(
    (await both).map((object) => (object instanceof Error ? null : object?.n)),
    [0, 1],
  );
  assert.ok(read.every((object) => object?.n === 0 || object?.n === 1));
  await Promise.all([...lists, ...tags, ...counts]);
  assert.equal(calls, ['readObjects', 'readObjects', 'readEdgePages', 'readEntryPages', 'countEdges']);
  assert.is(kvetch.stats.joined, 197 + 2 + 49 + 49 + 49);
});

test('pages of one list that differ are read by themselves', async () => {
  const { kvetch, calls, hold } = openWorld();
  const user = await kvetch.createObject('User', {});
  const held = hold();
  const pages = [1, 2, 2].map((first) => kvetch.getEdges('friends', user, { first }));
  held.resume();
  await Promise.all(pages);
  assert.is(calls.length, 2);
});

test('a read that begins after a write has ended joins none from before', async () => {
  const { kvetch, hold } = openWorld();
  const user = await kvetch.createObject('User', { n: 1 });
  const friend = await kvetch.createObject('User', {});
  const held = hold();
  const before = [
    kvetch.getObject(user).then((object) => object?.n),
    kvetch.getEdges('friends', user).then(({ edges }) => edges.length),
    kvetch.queryIndex('tags', 'red').then(({ ids }) => ids.length),
  ];
  held.resume(); // the answers are still a turn away
  const slow = hold('readObjects'); // writes look at the ends of their rows
  const held2 = [
    kvetch.getEdges('friends', user).then(({ edges }) => edges.length),
    kvetch.countEdges('friends', user),
    kvetch.queryIndex('tags', 'red').then(({ ids }) => ids.length),
  ];
  await kvetch.insertEdge('friends', { fromId: user, toId: friend });
  await kvetch.insertIndexEntry('tags', { value: 'red', targetId: user });
  const after = [
    kvetch.getEdges('friends', user).then(({ edges }) => edges.length),
    kvetch.countEdges('friends', user),
    kvetch.queryIndex('tags', 'red').then(({ ids }) => ids.length),
  ];
  slow.resume();
  assert.equal(await Promise.all(before), [1, 0, 0]);
  assert.equal(await Promise.all(held2), [0, 0, 0]);
  assert.equal(await Promise.all(after), [1, 1, 1]);
});

test('a failure is the failure of all that joined, and of nobody after', async () => {
  let fails = true;
  const shards = memoryShards(1).map((shard) =>
    wrapStore(shard, async (method, run) => {
      if (fails && method === 'readObjects') throw new Error('10.0.0.1 is down');
      return run();
    }),
  );
  const kvetch = todoStore(shards);
  const id = await kvetch.createObject('User', {});
  const errors = await Promise.all([rejection(kvetch.getObject(id)), rejection(kvetch.getObject(id))]);
  assert.equal(
    errors.map(({ code }) => code),
    ['SHARD_UNAVAILABLE', 'SHARD_UNAVAILABLE'],
  );
  fails = false;
  assert.is((await kvetch.getObject(id))?.id, id);
});

test('the process cache answers without a call, and never what its process has overwritten', async () => {
  const { kvetch, calls, hold } = openWorld({ processCache: { ttlMs: 3_600_000 } });
  const user = await kvetch.createObject('User', { n: 0 });
  await kvetch.getObject(user);
  calls.length = 0;
  for (let n = 1; n <= 50; n++) {
    assert.is((await kvetch.getObject(user))?.n, n - 1);
    const held = hold();
    const reading = [kvetch.getObject(user), kvetch.getObject(user)];
    held.resume();
    await Promise.all([...reading, kvetch.updateObject(user, { n })]);
    assert.is((await kvetch.getObject(user))?.n, n);
  }
  assert.is(calls.length, 50, 'each update looked at the row, and nobody else');
  assert.is(kvetch.stats.memoryHits, 200);
  await kvetch.deleteObject(user);
  assert.is(await kvetch.getObject(user), null);
});

test('a late write of this process does not bring back what a later one has replaced', async () => {
  let resume = (): void => undefined;
  let held: Promise<void> | null = null;
  const shards = memoryShards(1).map((shard) =>
    wrapStore(shard, async (method, run) => {
      const answer = await run(); // it is written, and the answer is under way
      if (method === 'replaceObjects') await held;
      return answer;
    }),
  );
  const kvetch = todoStore(shards, { processCache: { ttlMs: 3_600_000, maxEntries: 1 } });
  const user = await kvetch.createObject('User', { n: 0 });
  const other = await kvetch.createObject('User', {});
  await kvetch.getObject(user);
  held = new Promise((release) => {
    resume = release;
  });
  const late = kvetch.updateObject(user, { n: 1 }, { ifVersion: 1 });
  await until('the first is written', async () => (await todoStore(shards).getObject(user))?.n === 1);
  held = null;
  await kvetch.updateObject(user, { n: 2 }, { ifVersion: 2 });
  await kvetch.getObject(other); // pushes the newer version out
  resume();
  await late;
  assert.is((await kvetch.getObject(user))?.n, 2);
});

test('an update decides on the row of the store, not on what the process cache remembers', async () => {
  const { kvetch, other } = openWorld({ processCache: { ttlMs: 3_600_000 } });
  const user = await kvetch.createObject('User', { n: 0 });
  await kvetch.getObject(user);
  await other.updateObject(user, { m: 1 });
  assert.is((await kvetch.getObject(user))?.m, undefined, 'not seen yet');
  const updated = await kvetch.updateObject(user, { n: 1 }, { ifVersion: 2 });
  assert.equal([updated.n, updated.m], [1, 1]);
  assert.is((await kvetch.getObject(user))?.m, 1);
});

test('the process cache is bounded, in objects and in bytes', async () => {
  for (const processCache of [{ maxEntries: 5 }, { maxBytes: 5000 }]) {
    const { kvetch, calls } = openWorld({ processCache: { ttlMs: 3_600_000, ...processCache } });
    const ids: string[] = [];
    for (let n = 0; n < 50; n++) ids.push(await kvetch.createObject('User', { n, text: 'x'.repeat(100) }));
    calls.length = 0;
    for (const id of ids) await kvetch.getObject(id);
    for (const id of ids) await kvetch.getObject(id);
    assert.is(calls.length, 100, 'fifty do not fit, and the oldest goes first');
    await kvetch.getObject(ids.at(-1) as string);
    assert.is(calls.length, 100);
  }
  assert.throws(() => openWorld({ processCache: { maxBytes: 0 } }), /processCache.maxBytes/);
});

test('a freshness token shows on another process what was written, whatever its cache says', async () => {
  const { kvetch, other } = openWorld({ processCache: { ttlMs: 3_600_000 } });
  const user = await kvetch.createObject('User', { n: 0 });
  await kvetch.getObject(user);
  const mine = new ConsistencyToken();
  await other.with({ freshness: mine }).updateObject(user, { n: 1 });
  assert.is((await kvetch.getObject(user))?.n, 0, 'the process cache has not heard of it');
  const travelled = ConsistencyToken.parse(mine.toString());
  assert.is((await kvetch.with({ freshness: travelled }).getObject(user))?.n, 1);
  assert.is((await kvetch.getObject(user))?.n, 1, 'and now it has');
});

test('tokens are short, bounded, and refused when they are something else', async () => {
  const { kvetch } = openWorld();
  const freshness = new ConsistencyToken();
  const view = kvetch.with({ freshness });
  const user = await view.createObject('User', { username: 'jane', city: 'Zürich' });
  const text = freshness.toString();
  assert.ok(text.length < 300 && /^[\w.~-]+$/.test(text), text);
  assert.is(ConsistencyToken.parse(text).toString(), text);
  for (let n = 0; n < 100; n++)
    await view.insertEdge('friends', { fromId: user, toId: await view.createObject('User', {}) });
  assert.is(freshness.size, 32);
  assert.ok(freshness.toString().length <= 4096);
  assert.is(ConsistencyToken.parse('').size, 0);
  for (const bad of ['x', `${text}~`, 'o.1.1.1.1', `${text}\u0000`, 'o.'.repeat(9000), text.replace('o.', 'p.')]) {
    assert.throws(() => ConsistencyToken.parse(bad), /was not made by this store/);
  }
});

test.run();
