/** Objects that expire: `expiresAt` of types. Spec 6.12. */
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { shardOfId } from '../../src/kvetch/ids/routing.ts';
import {
  check,
  create,
  createKvetch,
  defineKvetchSchema,
  deleteObject,
  insertEdge,
  type Kvetch,
  type KvetchSchema,
  memoryShards,
  update,
} from '../../src/kvetch.ts';
import { needs } from '../support/needs.ts';
import { until } from '../support/until.ts';
import { backends, fewBackends, type OpenBackend } from './backends.ts';
import { idsOf, rejection } from './todo.ts';

const ofUser = { from: 'User', storedOn: 'Session', storedIdAttr: 'user' } as const;
const schema: KvetchSchema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'User' },
    {
      ...{ typeId: 2, name: 'Session', expiresAt: 'expiresAt' },
      fields: { user: 'uuid', token: 'string', kind: 'string', rank: 'int', expiresAt: 'int' },
    },
    { typeId: 3, name: 'Note', fields: { session: 'uuid', other: 'uuid', strict: 'uuid' } },
  ],
  edges: [
    { edgeId: 11, name: 'sessions', ...ofUser },
    { edgeId: 12, name: 'ranked', ...ofUser, orderBy: ['-rank'] },
    { edgeId: 13, name: 'pinned', from: 'User', to: 'Session', fields: { at: 'int' }, orderBy: ['at'] },
    { edgeId: 14, name: 'guests', from: 'Session', to: 'User' },
    { edgeId: 15, name: 'notes', from: 'Session', storedOn: 'Note', storedIdAttr: 'session', onDelete: 'delete' },
    { edgeId: 16, name: 'others', from: 'Session', storedOn: 'Note', storedIdAttr: 'other' },
    { edgeId: 17, name: 'strict', from: 'Session', storedOn: 'Note', storedIdAttr: 'strict', mustExist: true },
  ],
  indexes: [
    { name: 'token', type: 'Session', attr: 'token', kind: 'string', unique: true },
    { name: 'kind', type: 'Session', attr: 'kind', kind: 'string' },
    { name: 'tag', type: 'Session', kind: 'string' },
    { name: 'by_user', type: 'Session', attrs: ['user'], orderBy: ['rank'] },
    { name: 'all_sessions', type: 'Session', attrs: [] },
  ],
});

const all = [...fewBackends, ...backends.filter(({ name }) => name.endsWith('mysql x 1'))];

for (const backend of all) {
  const test = needs(suite(`expiresAt: ${backend.name}`), ...backend.servers);
  let opened: OpenBackend;
  let kvetch: Kvetch;
  let now = Date.now();
  const clock = (): number => now;

  test.before(() => {
    opened = backend.open();
    kvetch = createKvetch({ schema, ...opened, clock, outboxPollMs: 20, processCache: true });
  });
  test.after(() => kvetch.close());

  let made = 0;
  const session = async (data: object): Promise<string> =>
    kvetch.createObject('Session', { token: `t${++made}`, kind: 'web', ...data });

  /** All roads to the sessions of a user: the ids, the counts and the sums that each gives. */
  async function roads(user: string, sessions: readonly string[]): Promise<Record<string, unknown>> {
    const { reads } = kvetch.forRequest();
    const places = (ids: readonly string[]): readonly number[] => ids.map((id) => sessions.indexOf(id)).sort();
    const own = (ids: readonly string[]): readonly number[] => places(ids).filter((at) => at !== -1);
    const objectsOf = (page: unknown): readonly number[] => {
      if (page instanceof Error) throw page;
      return own((page as { objects: readonly { id: string }[] }).objects.map(({ id }) => id));
    };
    const value = { user };
    const found: Record<string, unknown> = {
      objects: own((await kvetch.getObjects(sessions)).flatMap((one) => (one as { id: string } | null)?.id ?? [])),
      first: own((await kvetch.browse('Session', { first: 1000 })).objects.map((one) => (one as { id: string }).id)),
      last: own((await kvetch.browse('Session', { last: 1000 })).objects.map((one) => (one as { id: string }).id)),
      kind: own((await kvetch.queryIndex('kind', 'web', { first: 1000 })).ids),
      kindTurned: own((await kvetch.queryIndex('kind', 'web', { last: 1000 })).ids),
      kindObjects: objectsOf((await reads.indexObjects([{ index: 'kind', value: 'web', first: 1000 }]))[0]),
      tag: own((await kvetch.queryIndex('tag', user)).ids),
      byUser: own((await kvetch.queryIndex('by_user', value)).ids),
      byUserTurned: own((await kvetch.queryIndex('by_user', value, { last: 9 })).ids),
      byUserObjects: objectsOf((await reads.indexObjects([{ index: 'by_user', value }]))[0]),
      byUserCount: await kvetch.countIndex('by_user', value),
      byUserSum: await kvetch.sumIndex('by_user', value, 'rank'),
      all: own((await kvetch.queryIndex('all_sessions', {}, { first: 1000 })).ids),
      tokens: (await kvetch.queryIndexes(sessions.map((_, at) => ({ index: 'token', value: `${user} ${at}` })))).map(
        (page) => (page instanceof Error ? page : page.ids.length),
      ),
    };
    for (const edge of ['sessions', 'ranked', 'pinned']) {
      found[edge] = own((await kvetch.getEdges(edge, user)).edges.map(({ toId }) => toId));
      found[`${edge} turned`] = own((await kvetch.getEdges(edge, user, { last: 9 })).edges.map(({ toId }) => toId));
      found[`${edge} objects`] = objectsOf((await reads.edgeObjects([{ edge, fromId: user }]))[0]);
      found[`${edge} count`] = await kvetch.countEdges(edge, user);
      found[`${edge} upTo`] = await kvetch.countEdges(edge, user, { upTo: 2 });
      found[`${edge} has`] = await kvetch.hasEdges(sessions.map((toId) => ({ edge, fromId: user, toId })));
    }
    found['ranked sum'] = await kvetch.sumEdges('ranked', user, 'rank');
    found['pinned sum'] = await kvetch.sumEdges('pinned', user, 'at', { range: { at: { from: 1 } } });
    return found;
  }

  function expected(there: readonly number[], count: number): Record<string, unknown> {
    const all = Array.from({ length: count }, (_, at) => at);
    const sum = there.reduce((one, other) => one + other, 0);
    const own: Record<string, unknown> = {
      ...{ byUserCount: there.length, byUserSum: sum, 'ranked sum': sum, 'pinned sum': sum },
      tokens: all.map((at) => (there.includes(at) ? 1 : 0)),
    };
    for (const name of ['objects', 'first', 'last', 'kind', 'kindTurned', 'kindObjects', 'tag', 'all'])
      own[name] = there;
    for (const name of ['byUser', 'byUserTurned', 'byUserObjects']) own[name] = there;
    for (const edge of ['sessions', 'ranked', 'pinned']) {
      for (const name of [edge, `${edge} turned`, `${edge} objects`]) own[name] = there;
      own[`${edge} count`] = there.length;
      own[`${edge} upTo`] = Math.min(2, there.length);
      own[`${edge} has`] = all.map((at) => there.includes(at));
    }
    return own;
  }

  async function userWithSessions(
    ends: readonly (number | null)[],
  ): Promise<{ user: string; sessions: readonly string[] }> {
    const user = await kvetch.createObject('User', {});
    const sessions = idsOf(
      await kvetch.createObjects(
        'Session',
        ends.map((expiresAt, at) => ({
          data: { user, rank: at, token: `${user} ${at}`, kind: 'web', ...(expiresAt !== null && { expiresAt }) },
        })),
      ),
    );
    for (const [at, toId] of sessions.entries()) {
      await kvetch.insertEdge('pinned', { fromId: user, toId, data: { at } });
      await kvetch.insertIndexEntry('tag', { value: user, targetId: toId });
    }
    return { user, sessions };
  }

  test('[6.12] hidden on all roads from the moment on, one without a time never; cleaners remove it with its rows', async () => {
    const { user, sessions } = await userWithSessions([now + 1000, now + 2000, null, now + 9_000_000]);
    assert.equal(await roads(user, sessions), expected([0, 1, 2, 3], 4));
    now += 999;
    assert.equal(await roads(user, sessions), expected([0, 1, 2, 3], 4));
    now += 1;
    assert.equal(await roads(user, sessions), expected([1, 2, 3], 4), 'at the very time');
    now += 1000;
    assert.equal(await roads(user, sessions), expected([2, 3], 4));
    await kvetch.updateObject(sessions[3] ?? '', { expiresAt: now });
    assert.equal(await roads(user, sessions), expected([2], 4), 'ended by an update');
    now += 100_000;
    const young = await kvetch.clean({ graceMs: 1_000_000 });
    assert.is(young.expired, 0, 'the grace goes by the time of their end');
    assert.equal(await roads(user, sessions), expected([2], 4));
    assert.equal(await kvetch.countExpired(1000), { scanned: 5, isWhole: true, expired: 3, old: 0 });
    assert.is((await kvetch.clean({ dryRun: true })).expired, 3);
    const report = await kvetch.clean();
    assert.equal([report.expired, report.errors, report.conflicts, report.complete], [3, 0, 0, true]);
    assert.equal(await roads(user, sessions), expected([2], 4));
    const states = await Promise.all(
      opened.shards.map(async (store) => {
        const [row = null] = await store.readObjects(sessions.slice(0, 1));
        return row === null || row instanceof Error ? [] : row.state; // it lies on another shard
      }),
    );
    assert.equal(states.flat(), [0], 'its row is a tombstone');
    now += 100_000;
    const again = await kvetch.clean();
    assert.equal(
      [again.expired, again.orphanEdges, again.staleIndex, again.missingEdges, again.errors],
      [0, 0, 0, 0, 0],
    );
    assert.equal(await roads(user, sessions), expected([2], 4));
    assert.is((await kvetch.countExpired(1000)).expired, 0);
  });

  test('[6.12] writes take it for deleted', async () => {
    const user = await kvetch.createObject('User', {});
    const id = await session({ user, rank: 1, expiresAt: now + 1000 });
    const near = { near: id };
    const neighbour = await kvetch.createObject('User', {}, near);
    const alive = { expiresAt: now + 1_000_000 };
    await kvetch.updateObject(id, { rank: 2 });
    now += 1000;
    const codeOf = async (write: Promise<unknown>): Promise<unknown> => (await rejection(write)).code;
    assert.is(await codeOf(kvetch.updateObject(id, alive)), 'NOT_FOUND', 'no write brings it back');
    assert.is(await codeOf(kvetch.updateObject(id, alive, { ifVersion: 2 })), 'NOT_FOUND');
    assert.is(await codeOf(kvetch.updateObject(id, alive, { if: { rank: 9 } })), 'NOT_FOUND');
    assert.is(await kvetch.deleteObject(id), false);
    assert.is(await codeOf(kvetch.insertEdge('pinned', { fromId: user, toId: id, data: { at: 1 } })), 'NOT_FOUND');
    assert.is(await codeOf(kvetch.insertEdge('guests', { fromId: id, toId: user })), 'NOT_FOUND');
    assert.is(await codeOf(kvetch.insertIndexEntry('tag', { value: 'x', targetId: id })), 'NOT_FOUND');
    assert.is(await codeOf(kvetch.createObject('Note', { strict: id })), 'NOT_FOUND');
    assert.is(await codeOf(kvetch.createObject('Session', { rank: 2 }, { id })), 'CONFLICT');
    const far = create('User', {});
    for (const more of [[], [far, create('User', {}), create('User', {})]]) {
      assert.is(await codeOf(kvetch.write([check(id), ...more])), 'NOT_FOUND');
      assert.is(await codeOf(kvetch.write([update(id, alive), ...more])), 'NOT_FOUND');
      assert.is(await codeOf(kvetch.write([create('Note', { strict: id }, near), ...more])), 'NOT_FOUND');
      assert.is(
        await codeOf(kvetch.write([insertEdge('guests', { fromId: id, toId: neighbour }), ...more])),
        'NOT_FOUND',
      );
      assert.is(await codeOf(kvetch.write([create('Session', {}, { id }), ...more])), 'CONFLICT');
      await kvetch.write([deleteObject(id), update(neighbour, { name: `n${more.length}` }), ...more]);
    }
    const own = await session({ user, expiresAt: now + 500 });
    const error = await rejection(
      kvetch.write([update(own, { expiresAt: now }), check(own), update(own, { rank: 3 })]),
    );
    assert.equal([error.code, (error as { member?: number }).member], ['NOT_FOUND', 2], 'a check sees it as it was');
    const [first, second] = await Promise.all([
      kvetch.updateObject(own, { expiresAt: now }),
      kvetch.updateObject(own, { rank: 4 }).catch((cause: { code: string }) => cause.code),
    ]);
    assert.equal([first.expiresAt, second], [now, 'NOT_FOUND'], 'the next in line, too');
  });

  test('[6.12] a unique value can be taken at once, and stays with its new owner', async () => {
    const old = await kvetch.createObject('Session', { token: 'mine', expiresAt: now + 10 });
    assert.is((await rejection(kvetch.createObject('Session', { token: 'mine' }))).code, 'UNIQUE_VIOLATION');
    now += 10;
    const next = await kvetch.createObject('Session', { token: 'mine' });
    assert.equal((await kvetch.queryIndex('token', 'mine')).ids, [next]);
    now += 1000;
    const early = await kvetch.clean({ graceMs: 2000 });
    assert.equal([early.expired, early.conflicts], [0, 0], 'no conflict between the two');
    now += 100_000;
    const report = await kvetch.clean();
    assert.equal([report.conflicts, report.errors, report.expired > 0], [0, 0, true]);
    assert.equal((await kvetch.queryIndex('token', 'mine')).ids, [next]);
    assert.is(await kvetch.getObject(old), null);
  });

  test('[6.12] its own lists are empty; children go when it is removed', async () => {
    const user = await kvetch.createObject('User', {});
    const id = await session({ user, expiresAt: now + 10 });
    const [note = '', other = ''] = idsOf(
      await kvetch.createObjects('Note', [{ data: { session: id } }, { data: { other: id } }]),
    );
    await kvetch.insertEdge('guests', { fromId: id, toId: user });
    const lists = ['notes', 'others', 'guests'];
    const seen = async (): Promise<unknown> => {
      const { reads } = kvetch.forRequest();
      const pages = await reads.edgeObjects(lists.map((edge) => ({ edge, fromId: id })));
      return [
        pages.map((page) => (page instanceof Error ? page : page.objects.length)),
        (await kvetch.getEdgeLists(lists.map((edge) => ({ edge, fromId: id })))).map((page) =>
          page instanceof Error ? page : page.edges.length,
        ),
        await kvetch.countEdgeLists(lists.map((edge) => ({ edge, fromId: id }))),
        await kvetch.hasEdge('guests', id, user),
      ];
    };
    assert.equal(await seen(), [[1, 1, 1], [1, 1, 1], [1, 1, 1], true]);
    now += 10;
    assert.equal(await seen(), [[0, 0, 0], [0, 0, 0], [0, 0, 0], false]);
    assert.ok(await kvetch.getObject(note), 'by its id it is there until the parent is removed');
    now += 100_000;
    await kvetch.clean();
    assert.equal(await seen(), [[0, 0, 0], [0, 0, 0], [0, 0, 0], false]);
    await until('the child is gone', async () => (await kvetch.getObject(note)) === null);
    assert.ok(await kvetch.getObject(other), 'onDelete: keep');
  });

  test('[6.12] pages go on over expired ones; a request and cached rows are judged when they are read', async () => {
    const { user, sessions } = await userWithSessions(
      Array.from({ length: 9 }, (_, at) => (at % 3 === 0 ? null : now + 50)),
    );
    const request = kvetch.forRequest();
    assert.is((await request.getObjects(sessions)).filter((one) => one !== null).length, 9);
    await sleep(20);
    now += 50;
    assert.is(
      (await request.getObjects(sessions)).filter((one) => one !== null).length,
      3,
      'what it has read is judged anew',
    );
    for (const edge of ['sessions', 'ranked', 'pinned'])
      for (const way of [{}, { reverse: true }]) {
        const found: string[] = [];
        let pages = 0;
        for (let after: string | null = null; ; pages++) {
          const page = await kvetch.getEdges(edge, user, { first: 2, after, ...way });
          found.push(...page.edges.map(({ toId }) => toId));
          if (!page.hasNextPage) break;
          after = page.endCursor;
        }
        assert.equal([found.sort(), pages], [sessions.filter((_, at) => at % 3 === 0).sort(), 4]);
      }
    const backwards: string[] = [];
    for (let before: string | null = null; ; ) {
      const page = await kvetch.getEdges('ranked', user, { last: 2, before });
      backwards.push(...page.edges.map(({ toId }) => toId));
      if (page.hasPreviousPage !== true) break;
      before = page.startCursor ?? null;
    }
    assert.is(backwards.length, 3);
    const tracked: string[] = [];
    await kvetch.reads.counts([{ edge: 'sessions', fromId: user }], {
      recordDependency: (key) => void tracked.push(key),
    });
    for (const id of sessions) assert.ok(tracked.includes(`o:${id}`), 'an update that ends one changes the count');
  });

  test('[6.12] exports have what has expired, and it is hidden where it comes to', async () => {
    const id = await session({ token: 'exported', expiresAt: now + 10 });
    now += 10;
    const lines: string[] = [];
    const shard = shardOfId(id);
    await kvetch.exportShards([shard, shard], async (some) => void lines.push(...some));
    const own = lines.filter((line) => line.includes(id) && line.includes('"kind":"object"'));
    assert.is(own.length, 1);
    let then = now - 1;
    const other = createKvetch({ schema, shards: memoryShards(1), clock: () => then });
    const counters = await other.importLines(own);
    assert.is(counters.written, 1);
    assert.is((await other.getObject(id))?.token, 'exported');
    then++;
    assert.is(await other.getObject(id), null);
    assert.is((await other.importLines(own)).same, 1, 'rows are compared as they are stored');
    await other.close();
  });

  test.run();
}

const test = suite('expiresAt');

test('[6.12] a long list of what has expired is counted, from a store that answers at once', async () => {
  const kvetch = createKvetch({ schema, shards: memoryShards(1) });
  const user = await kvetch.createObject('User', {});
  const sessions = Array.from({ length: 1000 }, (_, n) => ({
    data: { user, token: null, rank: n, expiresAt: 1 },
  }));
  for (let n = 0; n < 60; n++) idsOf(await kvetch.createObjects('Session', sessions));
  assert.is(await kvetch.countEdges('sessions', user, { upTo: 1 }), 0);
  idsOf(await kvetch.createObjects('Session', [{ data: { user, rank: 5, expiresAt: Date.now() + 60_000 } }]));
  assert.is(await kvetch.countEdges('sessions', user, { upTo: 1 }), 1);
  assert.is(await kvetch.sumEdges('ranked', user, 'rank'), 5);
  await kvetch.close();
});

test('[6.4.4] values of what has expired do not make a sum too long', async () => {
  const kvetch = createKvetch({ schema, shards: memoryShards(1), limits: { maxSummed: 2 } });
  const user = await kvetch.createObject('User', {});
  const put = (rank: number, expiresAt: number) => kvetch.createObject('Session', { user, rank, expiresAt });
  for (const rank of [1, 2, 3, 4]) await put(rank, 1);
  for (const rank of [5, 6, 6]) await put(rank, Date.now() + 60_000);
  assert.is(await kvetch.sumEdges('ranked', user, 'rank'), 17);
  await put(7, Date.now() + 60_000);
  await kvetch.sumEdges('ranked', user, 'rank').then(
    () => assert.unreachable(),
    ({ message }) => assert.match(message, /more than 2 different values/),
  );
  await kvetch.close();
});

test('[6.12] definitions', () => {
  const fields = { at: 'int', when: 'date', far: 'float', name: 'string' } as const;
  const edges = [{ edgeId: 1, name: 'e', from: 'A', storedOn: 'B', storedIdAttr: 'a', onDelete: 'refuse' }] as const;
  for (const expiresAt of ['at', 'when', 'far'])
    defineKvetchSchema({ objects: [{ typeId: 1, name: 'A', fields, expiresAt }] });
  const objects = [
    { typeId: 1, name: 'A', fields, expiresAt: 'att' },
    { typeId: 2, name: 'B', fields: { a: 'uuid' }, expiresAt: 'a' },
    { typeId: 3, name: 'C', expiresAt: 'at' },
    { typeId: 4, name: 'D', fields, expiresAt: 7 },
    { typeId: 5, name: 'E', fields, expiresAt: 'version' },
  ];
  assert.throws(
    () => defineKvetchSchema({ objects, edges } as never),
    (error: Error) => {
      assert.equal(error.message.split('\n- ').slice(1), [
        'The type "A", "expiresAt", names "att", which is no field of "A". Did you mean "at"?',
        'The edge "e" has the "onDelete" "refuse", but objects of "A" expire.',
        'The type "B", "expiresAt", names "B.a", which is of kind "uuid" and must be "int" or "float" or "date".',
        'The type "C", "expiresAt", names "at", whose kind is not known: give "C" "fields".',
        'The type "D", "expiresAt", is 7 and must be the name of an attribute.',
        'The type "E", "expiresAt", is "version", a name that is reserved for the store.',
        'The type "E", "expiresAt", names "version", which is no field of "E".',
      ]);
      return true;
    },
  );
});

test.run();
