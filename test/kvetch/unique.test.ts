import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { shardOfId, shardOfValue } from '../../src/kvetch/ids/routing.ts';
import { type Kvetch, type KvetchError, type KvetchOptions, memoryShards, type ShardStore } from '../../src/kvetch.ts';
import { sqliteShards } from '../../src/kvetch-sqlite.ts';
import { needs, type SharedServer } from '../support/needs.ts';
import { mysqlForTests } from '../support/servers.ts';
import { until } from '../support/until.ts';
import { mysqlDatabases, temporaryDirectory, wrapStore } from './backends.ts';
import { idsOf, rejection, todoStore } from './todo.ts';

const mysql = await mysqlForTests();
const kinds: ReadonlyArray<
  readonly [name: string, open: (count: number) => readonly ShardStore[], ...servers: SharedServer[]]
> = [
  ['memory', memoryShards],
  ['sqlite', (count) => sqliteShards({ directory: temporaryDirectory(), count })],
  ['mysql', mysqlDatabases, mysql],
];

/** A point of a write at which its process can be stopped, and goes on later. */
function pausePoint(name: string): {
  readonly faults: NonNullable<KvetchOptions['faults']>;
  pause(): void;
  go(): void;
  isPaused: boolean;
} {
  let wanted = false;
  let go = (): void => undefined;
  const point = {
    isPaused: false,
    faults: async (at: string): Promise<void> => {
      if (at !== name || !wanted) return;
      wanted = false;
      point.isPaused = true;
      await new Promise<void>((resume) => {
        go = resume;
      });
      point.isPaused = false;
    },
    pause: () => {
      wanted = true;
    },
    go: () => go(),
  };
  return point;
}

const UNOWNED = (n: number, isLow: boolean): string => {
  for (let k = 0; ; k++) if (shardOfValue(`sname-${n}-${k}`) < 2048 === isLow) return `name-${n}-${k}`;
};

for (const [name, shardsOf, ...servers] of kinds) {
  const test = needs(suite(`kvetch: unique values, ${name}`), ...servers);
  const limits = { claimGraceMs: 0 };
  const closing: Kvetch[] = [];
  test.after.each(async () => {
    for (const kvetch of closing.splice(0)) await kvetch.close();
  });

  const open = (count: number) => {
    const shards = shardsOf(count);
    const point = pausePoint('afterClaim');
    const slow = todoStore(shards, { limits, faults: point.faults });
    const quick = todoStore(shards, { limits });
    const cleaner = todoStore(shards, { limits: { ...limits, updateWaitMs: 0 } }); // its retention may be short
    closing.push(slow);
    return { slow, quick, cleaner, point };
  };

  /** The live objects that have a name. */
  const named = async (kvetch: Kvetch, username: string): Promise<readonly string[]> =>
    (await kvetch.browse('User')).objects.flatMap((object) =>
      !(object instanceof Error) && object.username === username ? [object.id] : [],
    );

  for (const servers of [1, 2]) {
    test(`${servers} server(s): a create that pauses between claim and object does not double a value`, async () => {
      const { slow, quick, point } = open(servers);
      for (let n = 0; n < 6; n++) {
        const username = UNOWNED(n, n % 2 === 0);
        point.pause();
        const late = rejection(slow.createObject('User', { username, n: 'late' }));
        await until('it has its claim', () => point.isPaused);
        await new Promise((resolve) => setTimeout(resolve, 2)); // the grace is over
        const winner = await quick.createObject('User', { username, n: 'quick' });
        point.go();
        const error = await late;
        assert.is(error.code, 'UNIQUE_VIOLATION');
        assert.equal(await named(quick, username), [winner]);
        assert.equal((await quick.queryIndex('username', username)).ids, [winner]);
        await quick.updateObject(winner, { username: null });
        assert.ok(await quick.createObject('User', { username }), 'the value is free again');
      }
    });

    test(`${servers} server(s): an update that pauses gets back what it was`, async () => {
      const { slow, quick, point } = open(servers);
      for (let n = 0; n < 6; n++) {
        const [before, username] = [`before-${n}`, UNOWNED(n, n % 2 === 0)];
        const id = await quick.createObject('User', { username: before, n, city: 'Oslo' });
        point.pause();
        const late = rejection(slow.updateObject(id, { username, city: 'Rome' }));
        await until('it has its claim', () => point.isPaused);
        await new Promise((resolve) => setTimeout(resolve, 2));
        const winner = await quick.createObject('User', { username });
        point.go();
        assert.is((await late).code, 'UNIQUE_VIOLATION');
        const object = await quick.getObject(id);
        assert.equal([object?.username, object?.city, object?.n], [before, 'Oslo', n]);
        assert.equal(await named(quick, username), [winner]);
        assert.equal((await quick.queryIndex('username', username)).ids, [winner]);
        assert.equal((await quick.queryIndex('username', before)).ids, [id]);
        assert.equal((await quick.queryIndex('city', 'Rome')).ids, []);
      }
    });
  }

  test('a claim that was given up while its write paused is claimed again', async () => {
    const { slow, quick, point } = open(1);
    point.pause();
    const late = slow.createObject('User', { username: 'ann' });
    await until('it has its claim', () => point.isPaused);
    await new Promise((resolve) => setTimeout(resolve, 2));
    assert.is((await quick.clean({ graceMs: 0 })).staleIndex, 1, 'a cleaner takes it for a leftover');
    point.go();
    const id = await late;
    assert.equal(await named(quick, 'ann'), [id]);
    assert.is((await rejection(quick.createObject('User', { username: 'ann' }))).code, 'UNIQUE_VIOLATION');
  });

  test('what another changed meanwhile is not undone', async () => {
    const { slow, quick, point } = open(2);
    const id = await quick.createObject('User', { username: 'was', city: 'Oslo' });
    const username = UNOWNED(99, shardOfId(id) >= 2048); // on the other server
    point.pause();
    const late = rejection(slow.updateObject(id, { username, city: 'Rome', m: 1 }));
    await until('it has its claim', () => point.isPaused);
    await new Promise((resolve) => setTimeout(resolve, 2));
    const winner = await quick.createObject('User', { username });
    await quick.updateObject(id, { k: 2 });
    point.go();
    assert.is((await late).code, 'UNIQUE_VIOLATION');
    const object = await quick.getObject(id);
    assert.equal([object?.username, object?.city, object?.m, object?.k], ['was', 'Oslo', undefined, 2]);
    assert.equal(await named(quick, username), [winner]);
  });

  /** Two servers; the one with the first shards answers no claims while it is away. */
  const openHalf = () => {
    const state = { isAway: false, rounds: 0 };
    const shards = shardsOf(2).map((store, at) =>
      wrapStore(store, (method, run) => {
        if (at === 0 && state.isAway && method === 'claimEntries') throw new Error('away');
        return run();
      }),
    );
    const faults = async (at: string): Promise<void> => {
      if (at === 'afterObject') state.isAway = state.rounds-- > 0;
    };
    const kvetch = todoStore(shards, { limits, faults });
    closing.push(kvetch);
    return { kvetch, state };
  };
  const HIGH = 'ffffffff-ffff-8fff-bfff-ffffffffffff';

  test('a create whose claim gets no answer any more is there, and its repeat says so', async () => {
    const { kvetch, state } = openHalf();
    const username = UNOWNED(1, true);
    const owned = { data: { username, city: 'Rome' }, near: HIGH, idempotencyKey: 'one' };
    state.rounds = 1;
    const [failure] = await kvetch.createObjects('User', [owned]);
    assert.equal(
      [(failure as KvetchError).code, (failure as KvetchError).effect],
      ['SHARD_UNAVAILABLE', 'unknown'],
      'nobody knows whether it keeps the value',
    );
    state.isAway = false;
    const [id = ''] = idsOf(await kvetch.createObjects('User', [owned]));
    const object = await kvetch.getObject(id);
    assert.equal([object?.username, object?.version], [username, 1]);
    assert.equal((await kvetch.queryIndex('username', username)).ids, [id]);
    assert.equal((await kvetch.queryIndex('city', 'Rome')).ids, [id]);
    assert.is((await rejection(kvetch.createObject('User', { username }))).code, 'UNIQUE_VIOLATION');
  });

  test('an update whose claim gets no answer any more stays', async () => {
    const { kvetch, state } = openHalf();
    const [username, before] = [UNOWNED(2, true), UNOWNED(3, true)];
    const id = await kvetch.createObject('User', { username: before }, { near: HIGH });
    state.rounds = 1;
    const failure = (await rejection(kvetch.updateObject(id, { username, city: 'Rome' }))) as KvetchError;
    assert.equal([failure.code, failure.effect], ['SHARD_UNAVAILABLE', 'unknown']);
    state.isAway = false;
    assert.is((await kvetch.getObject(id))?.username, username);
    assert.equal((await kvetch.queryIndex('username', username)).ids, [id]);
    assert.equal((await kvetch.queryIndex('city', 'Rome')).ids, [id]);
    assert.ok(await kvetch.createObject('User', { username: before }), 'what it gave up is free');
  });

  test('the repeat of a create that lost its value is not answered with an object that is gone', async () => {
    const { slow, quick, point } = open(2);
    const username = UNOWNED(4, true);
    const options = { near: HIGH, idempotencyKey: 'late' };
    point.pause();
    const late = rejection(slow.createObject('User', { username }, options));
    await until('it has its claim', () => point.isPaused);
    await new Promise((resolve) => setTimeout(resolve, 2)); // the grace is over
    const winner = await quick.createObject('User', { username });
    point.go();
    assert.is((await late).code, 'UNIQUE_VIOLATION');
    assert.is((await rejection(slow.createObject('User', { username }, options))).code, 'UNIQUE_VIOLATION');
    await quick.deleteObject(winner);
    assert.is((await rejection(slow.createObject('User', { username }, options))).code, 'CONFLICT');
    assert.ok(await slow.createObject('User', { username }, { ...options, idempotencyKey: 'later' }));
  });

  test('6.5: the key of a create that was undone is free again once its tombstone is purged', async () => {
    const { slow, quick, cleaner, point } = open(2);
    const username = UNOWNED(5, true);
    const options = { near: HIGH, idempotencyKey: 'undone' };
    point.pause();
    const late = rejection(slow.createObject('User', { username }, options));
    await until('it has its claim', () => point.isPaused);
    await new Promise((resolve) => setTimeout(resolve, 2)); // the grace is over
    const winner = await quick.createObject('User', { username });
    point.go();
    assert.is((await late).code, 'UNIQUE_VIOLATION');
    await quick.deleteObject(winner);
    assert.is((await rejection(slow.createObject('User', { username }, options))).code, 'CONFLICT');
    await new Promise((resolve) => setTimeout(resolve, 5)); // tombstones of this very millisecond stay
    const report = await cleaner.clean({ mode: 'full', graceMs: 0, retentionMs: 1 });
    assert.ok(report.purged > 0);
    const id = await slow.createObject('User', { username }, options);
    assert.is(await slow.createObject('User', { username }, options), id, 'and stands for this create');
    assert.equal(await named(quick, username), [id]);
  });

  test('6.5: a writer that loses its claim and dies before it knows leaves two objects; the index has one, cleaners count it', async () => {
    const shards = shardsOf(2);
    const point = pausePoint('afterClaim');
    let dies = false;
    const slow = todoStore(shards, {
      limits,
      faults: async (at) => {
        if (dies && at === 'afterObject') throw new Error('killed');
        await point.faults(at);
      },
    });
    const quick = todoStore(shards, { limits });
    closing.push(slow);
    const username = UNOWNED(6, true);
    point.pause();
    const late = rejection(slow.createObject('User', { username, n: 'dead' }, { near: HIGH })); // its claim lies elsewhere
    await until('it has its claim', () => point.isPaused);
    await new Promise((resolve) => setTimeout(resolve, 2)); // the grace is over
    const winner = await quick.createObject('User', { username });
    dies = true;
    point.go();
    assert.is((await late).message, 'killed');
    const both = await named(quick, username);
    assert.equal([both.length, both.includes(winner)], [2, true]);
    assert.equal((await quick.queryIndex('username', username)).ids, [winner]);
    for (let run = 0; run < 2; run++) {
      const { conflicts, errors } = await quick.clean({ mode: 'full', graceMs: 0 });
      assert.equal([conflicts > 0, errors], [true, 0], 'nobody decides for the program which of them goes');
    }
    assert.equal((await named(quick, username)).length, 2);
    await quick.deleteObject(both.find((id) => id !== winner) as string);
    assert.is((await quick.clean({ mode: 'full', graceMs: 0 })).conflicts, 0);
  });

  test('many writers that pause at random: a value has one object', async () => {
    const shards = shardsOf(2);
    const pauses = async (point: string): Promise<void> => {
      if (point === 'afterClaim') await new Promise((resolve) => setTimeout(resolve, Math.random() * 6));
    };
    const stores = Array.from({ length: 3 }, () => todoStore(shards, { limits, faults: pauses }));
    const first = stores[0] as Kvetch;
    closing.push(first);
    const doubled: string[] = [];
    for (let round = 0; round < 8; round++) {
      const names = Array.from({ length: 4 }, (_, n) => `r${round}-${n}`);
      const answers = await Promise.allSettled(
        names.flatMap((username) => stores.map((store) => store.createObject('User', { username }))),
      );
      for (const [at, username] of names.entries()) {
        const own = answers.slice(at * 3, at * 3 + 3);
        const created = own.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
        const live = await named(first, username);
        if (live.length > 1 || created.length > 1 || (created.length === 1 && live[0] !== created[0]))
          doubled.push(`${username}: ${created.length} created, ${live.length} live`);
        for (const answer of own) {
          if (answer.status === 'rejected') assert.match(answer.reason.code, /UNIQUE_VIOLATION|CLAIM_LOST/);
        }
      }
    }
    assert.equal(doubled, []);
  });

  test.run();
}
