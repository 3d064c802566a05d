import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { shardOfValue } from '../../src/kvetch/ids/routing.ts';
import type { FaultPoint, RepairHint } from '../../src/kvetch/KvetchContext.ts';
import type { LeaseRequest } from '../../src/kvetch/shards/ShardStore.ts';
import {
  type CleanReport,
  type Kvetch,
  type KvetchObject,
  memoryShards,
  type ObjectPage,
  type ShardStore,
} from '../../src/kvetch.ts';
import { needs } from '../support/needs.ts';
import { fewBackends, wrapStore } from './backends.ts';
import { idsOf, type ManualClock, manualClock, openTodo, rejection, todoStore, work } from './todo.ts';

/**
 * The crash matrix: a write dies at a fault point (`nth` time it passes there), the documented effect is seen, one run
 * of the cleaners repairs it, and a second run changes nothing.
 */
interface World {
  kvetch: Kvetch;
  clock: ManualClock;
  hints: RepairHint[];
  crashAt(point: FaultPoint, nth?: number): void;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

for (const backend of fewBackends) {
  const test = needs(suite<World>(`cleaners: ${backend.name}`), ...backend.servers);
  test.before.each((world) => {
    let crash: { point: FaultPoint; nth: number } | null = null;
    world.clock = manualClock();
    world.hints = [];
    world.crashAt = (point, nth = 1) => {
      crash = { point, nth };
    };
    world.kvetch = openTodo(backend, {
      outboxPollMs: 0, // what is found is to be found by the cleaners
      clock: world.clock,
      onRepair: (hint) => world.hints.push(hint),
      faults: (point) => {
        if (crash?.point !== point || --crash.nth > 0) return;
        crash = null;
        throw new Error('crash');
      },
    });
  });
  test.after.each(({ kvetch }) => kvetch.close());

  test('unique claim only: the value is reserved, then free', async ({ kvetch, clock, crashAt }) => {
    crashAt('afterClaim');
    assert.is((await rejection(kvetch.createObject('User', { username: 'jane' }))).message, 'crash');
    assert.is((await rejection(kvetch.createObject('User', { username: 'jane' }))).code, 'UNIQUE_VIOLATION');
    assert.is((await repaired(kvetch, clock)).staleIndex, 1);
    const jane = await kvetch.createObject('User', { username: 'jane' });
    assert.equal((await kvetch.queryIndex('username', 'jane')).ids, [jane]);
  });

  test('unique claim only, without a cleaner: taken over after the grace', async ({ kvetch, clock, crashAt }) => {
    crashAt('afterClaim');
    await rejection(kvetch.createObject('User', { username: 'jane' }));
    clock.ms += MINUTE;
    const jane = await kvetch.createObject('User', { username: 'jane' });
    assert.equal((await kvetch.queryIndex('username', 'jane')).ids, [jane]);
    assert.equal(work(await kvetch.clean()), {});
  });

  test('unique claim of an update only', async ({ kvetch, clock, crashAt }) => {
    const jane = await kvetch.createObject('User', { username: 'jane' });
    crashAt('afterClaim');
    await rejection(kvetch.updateObject(jane, { username: 'joan' }));
    assert.equal((await kvetch.queryIndex('username', 'joan')).ids, [jane], 'the raw index already says so');
    const [page] = await kvetch.reads.indexObjects([{ index: 'username', value: 'joan' }]);
    assert.equal((page as ObjectPage).objects, [], 'a reader that loads the object knows better');
    assert.is((await repaired(kvetch, clock)).staleIndex, 1);
    assert.equal((await kvetch.queryIndex('username', 'joan')).ids, []);
    assert.equal((await kvetch.queryIndex('username', 'jane')).ids, [jane]);
  });

  test('object insert only: the list misses it, then has it at its place', async ({ kvetch, clock, crashAt }) => {
    const user = await kvetch.createObject('User', {});
    const first = await kvetch.createObject('List', { owner: user });
    crashAt('afterObject');
    await rejection(kvetch.createObject('List', { owner: user, lost: true }));
    const third = await kvetch.createObject('List', { owner: user });
    assert.equal(await targets(kvetch, user), [first, third]);
    const report = await repaired(kvetch, clock);
    assert.equal([report.missingEdges, report.missingIndex], [1, 1]);
    const [a, lost, c] = await targets(kvetch, user);
    assert.equal([a, c], [first, third]);
    assert.is((await kvetch.getObject(lost as string))?.lost, true);
  });

  test('edge but no index entry', async ({ kvetch, clock, crashAt }) => {
    crashAt('beforeIndex');
    await rejection(kvetch.createObject('User', { username: 'jane', city: 'Oslo' }));
    assert.equal((await kvetch.queryIndex('city', 'Oslo')).ids, []);
    assert.is((await repaired(kvetch, clock)).missingIndex, 1);
    assert.equal((await kvetch.queryIndex('city', 'Oslo')).ids, (await kvetch.queryIndex('username', 'jane')).ids);
  });

  test('index entry but no edge', async ({ kvetch, clock, crashAt }) => {
    const user = await kvetch.createObject('User', {});
    for (const point of ['beforeEdge', 'afterEdge'] as const) {
      crashAt(point);
      await rejection(kvetch.createObject('List', { owner: user }));
    }
    const { ids } = await kvetch.queryIndex('list_owner', user);
    assert.is(ids.length, 2, 'entries do not wait for edges');
    assert.equal(await targets(kvetch, user), ids.slice(1));
    assert.is((await repaired(kvetch, clock)).missingEdges, 1);
    assert.equal(await targets(kvetch, user), ids);
  });

  test('update, object only: A still lists it, a reader hides it, B misses it', async ({
    kvetch,
    clock,
    hints,
    crashAt,
  }) => {
    const [a = '', b = ''] = idsOf(await kvetch.createObjects('User', [{ data: {} }, { data: {} }]));
    const list = await kvetch.createObject('List', { owner: a });
    crashAt('afterObject');
    await rejection(kvetch.updateObject(list, { owner: b }));
    assert.equal([await targets(kvetch, a), await targets(kvetch, b)], [[list], []]);
    assert.equal(await shown(kvetch, a), []);
    assert.equal(
      hints.map(({ reason, id }) => [reason, id]),
      [['stale-edge', list]],
    );
    await repaired(kvetch, clock);
    assert.equal([await targets(kvetch, a), await targets(kvetch, b)], [[], [list]]);
    assert.equal((await kvetch.queryIndex('list_owner', a)).ids, []);
    assert.equal((await kvetch.queryIndex('list_owner', b)).ids, [list]);
  });

  test('update, B inserted and A not removed: the recent pass sees it too', async ({ kvetch, clock, crashAt }) => {
    const [a = '', b = ''] = idsOf(await kvetch.createObjects('User', [{ data: {} }, { data: {} }]));
    const list = await kvetch.createObject('List', { owner: a });
    clock.ms += MINUTE;
    assert.equal(work(await kvetch.clean({ mode: 'recent' })), {});
    clock.ms += MINUTE;
    crashAt('beforeIndex');
    await rejection(kvetch.updateObject(list, { owner: b }));
    assert.equal([await targets(kvetch, a), await targets(kvetch, b)], [[list], [list]]);
    assert.equal([await shown(kvetch, a), await shown(kvetch, b)], [[], [list]]);
    const report = await repaired(kvetch, clock, 'recent');
    assert.equal([report.orphanEdges, report.staleIndex, report.missingIndex], [1, 1, 1]);
    assert.equal([await targets(kvetch, a), await targets(kvetch, b)], [[], [list]]);
    assert.equal(work(await kvetch.clean()), {}, 'a full pass finds nothing more');
  });

  for (const mode of ['full', 'recent'] as const) {
    test(`delete, object only: dangling rows go (${mode})`, async ({ kvetch, clock, crashAt }) => {
      const user = await kvetch.createObject('User', {});
      const list = await kvetch.createObject('List', { owner: user });
      clock.ms += MINUTE;
      await kvetch.clean({ mode });
      clock.ms += MINUTE;
      crashAt('afterObject');
      await rejection(kvetch.deleteObject(list));
      assert.equal([await targets(kvetch, user), await shown(kvetch, user)], [[list], []]);
      const report = await repaired(kvetch, clock, mode);
      assert.equal([report.orphanEdges, report.staleIndex], [1, 1]);
      assert.equal(await targets(kvetch, user), []);
    });
  }

  test('all rows but no cache: what was read before is old until the cleaner comes', async ({
    kvetch,
    clock,
    crashAt,
  }) => {
    const [user = '', friend = ''] = idsOf(
      await kvetch.createObjects('User', [{ data: { name: 'old' } }, { data: {} }]),
    );
    const seen = async () => [
      (await kvetch.getObject(user))?.name,
      (await kvetch.getEdges('friends', user)).edges.length,
      (await kvetch.queryIndex('tags', 'red')).ids.length,
    ];
    assert.equal(await seen(), ['old', 0, 0]);
    const writes = [
      () => kvetch.updateObject(user, { name: 'new' }),
      () => kvetch.insertEdge('friends', { fromId: user, toId: friend }),
      () => kvetch.insertIndexEntry('tags', { value: 'red', targetId: user }),
    ];
    for (const write of writes) {
      crashAt('beforeCache');
      await rejection(write());
    }
    const isCached = kvetch.stats.snapshot().cache !== null;
    const found = isCached ? { cacheFixed: 3 } : {};
    assert.equal(await seen(), isCached ? ['old', 0, 0] : ['new', 1, 1]);
    clock.ms += MINUTE;
    assert.equal(work(await kvetch.clean({ mode: 'recent', dryRun: true })), found);
    assert.equal(await seen(), isCached ? ['old', 0, 0] : ['new', 1, 1]);
    const relayed = kvetch.stats.relayed;
    const { cacheFixed = 0, ...rest } = work(await repaired(kvetch, clock, 'recent')) as Record<string, number>;
    assert.equal(rest, {});
    // notes that a slow machine lets become due are relayed, before the audit comes to it or behind
    const told = isCached ? kvetch.stats.relayed - relayed : 0;
    assert.ok(cacheFixed <= (isCached ? 3 : 0) && told <= 3 && cacheFixed + told >= (isCached ? 3 : 0));
    assert.equal(await seen(), ['new', 1, 1]);
  });

  test('plain edges from and to what is gone go too', async ({ kvetch, clock }) => {
    const [a = '', b = '', c = ''] = idsOf(
      await kvetch.createObjects('User', [{ data: {} }, { data: {} }, { data: {} }]),
    );
    for (const [fromId, toId] of [
      [a, b],
      [b, c],
      [c, a],
    ] as const)
      await kvetch.insertEdge('friends', { fromId, toId });
    await kvetch.insertIndexEntry('tags', { value: 'red', targetId: b });
    await kvetch.deleteObject(b);
    const report = await repaired(kvetch, clock);
    assert.equal([report.orphanEdges, report.staleIndex], [2, 1]);
    assert.equal(
      (await kvetch.getEdges('friends', c)).edges.map(({ toId }) => toId),
      [a],
    );
  });

  test('a write under way is left alone until the grace has passed', async ({ kvetch, clock, crashAt }) => {
    crashAt('afterObject');
    await rejection(kvetch.createObject('User', { city: 'Oslo' }));
    for (const mode of ['full', 'recent'] as const) {
      const report = await kvetch.clean({ mode });
      assert.equal([work(report), report.tooYoung], [{}, 1]);
    }
    clock.ms += MINUTE;
    const report = await kvetch.clean();
    assert.equal([work(report), report.tooYoung], [{ missingIndex: 1 }, 0]);
    assert.is((await kvetch.clean()).tooYoung, 1, 'the repaired one');
  });

  test('a dry run counts and changes nothing', async ({ kvetch, clock, crashAt }) => {
    crashAt('afterObject');
    await rejection(kvetch.createObject('User', { city: 'Oslo' }));
    clock.ms += MINUTE;
    const dry = await kvetch.clean({ dryRun: true });
    assert.equal(work(dry), { missingIndex: 1 });
    assert.equal((await kvetch.queryIndex('city', 'Oslo')).ids, []);
    assert.equal(work(await kvetch.clean()), work(dry));
  });

  test('tombstones are purged after the retention', async ({ kvetch, clock }) => {
    const user = await kvetch.createObject('User', { username: 'jane', city: 'Oslo' });
    await kvetch.createObject('List', { owner: user });
    const list = await kvetch.createObject('List', { owner: user });
    await kvetch.deleteObject(list);
    await kvetch.deleteObject(user);
    clock.ms += MINUTE;
    assert.equal(work(await kvetch.clean()), {});
    clock.ms += DAY;
    assert.equal(work(await kvetch.clean({ mode: 'recent' })), {});
    assert.equal(work(await kvetch.clean({ dryRun: true })), { purged: 6 });
    assert.equal(work(await kvetch.clean({ pageSize: 1 })), { purged: 6 });
    assert.equal(work(await kvetch.clean()), {});
    assert.is(await kvetch.createObject('User', { again: true }, { id: user }), user, 'the id is free again');
  });

  test('every page size, in small ranges of shards, at a limited rate', async ({ kvetch, clock, crashAt }) => {
    const users = idsOf(
      await kvetch.createObjects(
        'User',
        Array.from({ length: 20 }, (_, n) => ({ data: { n } })),
      ),
    );
    crashAt('afterObject');
    await rejection(
      kvetch.createObjects(
        'List',
        users.map((owner) => ({ data: { owner } })),
      ),
    );
    clock.ms += MINUTE;
    const requests = users.map((fromId) => ({ edge: 10000, fromId }));
    // A list that came to lie on the shard of its user was written together with its edge.
    const there = (await kvetch.countEdgeLists(requests)).filter((count) => count === 1).length;
    let missing = 0;
    const begin = performance.now();
    let slept = 0;
    const sleep = async (ms: number) => {
      slept += ms;
    };
    for (let from = 0; from < 4096; from += 1024) {
      const report = await kvetch.clean({ shards: [from, from + 1023], pageSize: 1, maxRowsPerSecond: 100, sleep });
      missing += report.missingEdges;
      assert.ok(report.complete);
    }
    assert.is(missing, 20 - there);
    assert.ok(slept + performance.now() - begin >= 300, 'ten milliseconds for each row but the last of a range');
    assert.equal(
      await kvetch.countEdgeLists(requests),
      users.map(() => 1),
    );
  });

  test('a lease of another cleaner is respected until it expires', async ({ kvetch, clock }) => {
    await kvetch.createObject('User', {});
    clock.ms += MINUTE;
    const task = 'full:key:forward:0-4095';
    const nowUs = clock.ms * 1000;
    await kvetch.stores[0]?.acquireLease({ task, owner: 'other', nowUs, leaseUs: 30_000_000 });
    assert.is((await kvetch.clean()).complete, false);
    clock.ms += MINUTE;
    assert.is((await kvetch.clean()).complete, true);
  });

  test('a cleaner that is stopped gives its lease back: another goes on at once, from where it was', async ({
    kvetch,
    clock,
  }) => {
    await kvetch.createObjects(
      'User',
      Array.from({ length: 40 }, (_, n) => ({ data: { age: n } })),
    );
    clock.ms += MINUTE;
    /** Counts the rows of each pass. */
    const counted = (onPage: (pass: string) => void = () => {}) => {
      const rows: Record<string, number> = {};
      let before = 0;
      const onProgress = ({ pass }: { readonly pass: string }, all: number): void => {
        rows[pass] = (rows[pass] ?? 0) + all - before;
        before = all;
        onPage(pass);
      };
      return { rows, onProgress };
    };
    const [settings, whole] = [{ pageSize: 4 }, counted()];
    await kvetch.clean({ ...settings, onProgress: whole.onProgress, owner: 'first' });
    assert.equal([whole.rows.survey, whole.rows['reverse-entries'], whole.rows.forward], [40, 40, 0]);
    const stopping = new AbortController();
    const first = counted((pass) => {
      if (pass === 'reverse-entries') stopping.abort();
    });
    const stopped = await kvetch.clean({
      ...settings,
      onProgress: first.onProgress,
      owner: 'second',
      signal: stopping.signal,
    });
    const before = first.rows['reverse-entries'] ?? 0;
    assert.equal([stopped.complete, before > 0 && before < 40], [false, true]);
    const second = counted();
    const rest = await kvetch.clean({ ...settings, onProgress: second.onProgress, owner: 'third' });
    assert.equal([rest.complete, second.rows['reverse-entries']], [true, 40 - before]);
    assert.is(second.rows.forward, 40, 'who has not seen all rows looks objects up');
    const none = await kvetch.clean({ owner: 'fourth', signal: stopping.signal });
    assert.equal([none.complete, none.scanned], [false, 0], 'nothing begins behind a stop');
  });

  test('a cleaner that dies is followed by another, from where it was, when its lease has ended', async ({
    kvetch,
    clock,
    crashAt,
  }) => {
    const user = await kvetch.createObject('User', {});
    crashAt('afterObject');
    await rejection(
      kvetch.createObjects(
        'List',
        Array.from({ length: 12 }, () => ({ data: { owner: user } })),
      ),
    );
    const missing = 12 - (await kvetch.countEdges('user_to_list', user)); // some are written with their object
    clock.ms += MINUTE;
    let pages = 0;
    const sleep = async () => {
      if (++pages > 3) throw new Error('crash');
    };
    const dead = await kvetch.clean({ owner: 'first', pageSize: 1, sleep });
    assert.equal([dead.complete, dead.errors > 0], [false, true]);
    const held = await kvetch.clean({ owner: 'second' });
    assert.is(held.complete, false, 'the lease still holds');
    clock.ms += MINUTE;
    const next = await kvetch.clean({ owner: 'second' });
    assert.ok(next.complete);
    assert.is(await kvetch.countEdges('user_to_list', user), 12);
    const found = dead.missingEdges + held.missingEdges + next.missingEdges; // held may have relayed notes
    assert.is(found, missing, 'no page was gone through twice');
    assert.equal(work(await kvetch.clean()), {}, 'a second run changes nothing');
  });

  test.run();
}

const twice = suite('cleaners: once is enough');

for (const backend of fewBackends) {
  needs(twice, ...backend.servers)(
    `${backend.name}: what stands in the way of a unique value goes before it is claimed`,
    async () => {
      const { shards, ...cache } = backend.open();
      const clock = manualClock();
      const kvetch = todoStore(shards, { ...cache, clock, outboxPollMs: 0 });
      const id = await kvetch.createObject('User', { username: 'ann' });
      const value = 'sann';
      const store = shards[Math.floor((shardOfValue(value) * shards.length) / 4096)] as ShardStore;
      const [holder] = await store.readHolders([{ index: 'username', value }]);
      assert.ok(holder && !(holder instanceof Error) && holder.targetId === id);
      // a write that died has taken it over: its object never came
      const ghost = { ...holder, targetId: '00000000-0000-4000-8000-00000000dead', srcVersion: 9 };
      assert.equal(await store.claimEntries([{ row: ghost, replaces: holder }]), [null]);
      clock.ms += MINUTE;
      const report = await kvetch.clean();
      assert.equal([report.staleIndex, report.missingIndex, report.conflicts], [1, 1, 0]);
      assert.equal((await kvetch.queryIndex('username', 'ann')).ids, [id]);
      assert.equal(work(await kvetch.clean()), {}, 'a second run changes nothing');
      await kvetch.close();
    },
  );

  needs(twice, ...backend.servers)(`${backend.name}: writes that die anywhere, and then two runs`, async () => {
    const { shards, ...cache } = backend.open();
    const clock = manualClock();
    let dies = 0;
    const faults = (): void => {
      if (Math.random() < dies) throw new Error('killed');
    };
    const kvetch = todoStore(shards, { ...cache, clock, faults, outboxPollMs: 0, limits: { claimGraceMs: 0 } });
    const users = idsOf(await kvetch.createObjects('User', new Array(6).fill({ data: {} })));
    const lists = idsOf(
      await kvetch.createObjects(
        'List',
        Array.from({ length: 10 }, (_, n) => ({ data: { owner: users[n % 6] } })),
      ),
    );
    const some = <T>(of: readonly T[]): T => of[Math.floor(Math.random() * of.length)] as T;
    for (let round = 0; round < 4; round++) {
      dies = 0.25;
      for (let n = 0; n < 25; n++) {
        clock.ms += 5;
        const write = some<() => Promise<unknown>>([
          () => kvetch.updateObject(some(lists), { owner: some(users) }),
          () => kvetch.updateObject(some(users), { username: `name-${n % 5}`, city: some(['a', 'b']) }),
          () => kvetch.updateObject(some(users), { username: null }),
          () => kvetch.createObject('List', { owner: some(users) }),
          () => kvetch.insertEdge('friends', { fromId: some(users), toId: some(users) }),
          () => kvetch.deleteObject(some(lists)),
        ]);
        await write().catch(() => undefined);
      }
      dies = 0;
      clock.ms += MINUTE;
      const first = await kvetch.clean();
      assert.ok(first.complete && first.errors === 0);
      assert.equal(work(await kvetch.clean()), {}, `a second run changes nothing: ${JSON.stringify(first)}`);
    }
    await kvetch.close();
  });
}

twice.run();

const leases = suite('cleaners: whose lease it is');

leases('one name a process, which no process of another machine has', async () => {
  const owners = new Set<string>();
  const [store] = memoryShards(1) as [ShardStore];
  const acquire = store.acquireLease.bind(store);
  const kvetch = todoStore([
    Object.assign(store, {
      acquireLease: (request: LeaseRequest) => {
        owners.add(request.owner);
        return acquire(request);
      },
    }),
  ]);
  for (let run = 0; run < 2; run++) assert.ok((await kvetch.clean()).complete);
  assert.is(owners.size, 1);
  assert.match([...owners].join(), /^cleaner-[0-9a-f-]{36}$/, 'a number of a process repeats in every container');
});

leases.run();

const down = suite('cleaners: a node is down');

down('its pages are skipped, nothing on it counts as missing, nothing is purged', async () => {
  const clock = manualClock();
  let isDown = false;
  const shards = fewBackends[0]?.open().shards.map((store, at) =>
    wrapStore(store, (_method, run) => {
      if (isDown && at === 1) throw new Error('ECONNREFUSED 10.0.0.1');
      return run();
    }),
  ) as ShardStore[];
  const kvetch = todoStore(shards, { clock });
  const users = idsOf(
    await kvetch.createObjects(
      'User',
      Array.from({ length: 30 }, (_, n) => ({ data: { n, city: `c${n}` } })),
    ),
  );
  await kvetch.createObjects(
    'List',
    users.map((owner) => ({ data: { owner } })),
  );
  await kvetch.deleteObject(users[0] as string);
  clock.ms += 2 * DAY;
  isDown = true;
  const report = await kvetch.clean();
  assert.equal(
    [report.complete, report.orphanEdges, report.missingEdges, report.staleIndex, report.purged],
    [false, 0, 0, 0, 0],
  );
  assert.ok(report.errors > 0);
  isDown = false;
  const after = await kvetch.clean();
  assert.equal([after.complete, after.errors, after.orphanEdges, after.missingEdges], [true, 0, 0, 0]);
});

down.run();

/** Cleans after the grace, and checks that a second run finds nothing to do. */
async function repaired(kvetch: Kvetch, clock: ManualClock, mode: 'full' | 'recent' = 'full'): Promise<CleanReport> {
  clock.ms += MINUTE;
  const report = await kvetch.clean({ mode });
  assert.ok(report.complete);
  assert.equal(work(await kvetch.clean({ mode })), {}, 'a second run changes nothing');
  clock.ms += MINUTE;
  assert.equal(work(await kvetch.clean({ mode: 'full' })), {}, 'nor does a later one');
  return report;
}

async function targets(kvetch: Kvetch, user: string): Promise<string[]> {
  return (await kvetch.getEdges('user_to_list', user)).edges.map(({ toId }) => toId);
}

/** What a reader that loads the targets sees. */
async function shown(kvetch: Kvetch, user: string): Promise<string[]> {
  const [page] = await kvetch.reads.edgeObjects([{ edge: 'user_to_list', fromId: user }]);
  if (page === undefined || page instanceof Error) throw page;
  return page.objects.map((object) => (object as KvetchObject).id);
}
