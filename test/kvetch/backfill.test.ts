import { setTimeout } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createKvetch,
  defineKvetchSchema,
  type Kvetch,
  type KvetchError,
  type KvetchOptions,
  type KvetchSchema,
} from '../../src/kvetch.ts';
import { needs } from '../support/needs.ts';
import { fewBackends, type OpenBackend, wrapStore } from './backends.ts';
import { errorOf, idsOf, rejection } from './todo.ts';

const objects = [
  { typeId: 1, name: 'User' },
  { typeId: 2, name: 'List' },
];
const listed = [
  { typeId: 1, name: 'User' },
  { typeId: 2, name: 'List', fields: { owner: 'uuid', n: 'int' } },
] as const;
const city = { name: 'city', type: 'User', attr: 'city', kind: 'string' } as const;
const email = { name: 'email', type: 'User', attr: 'email', kind: 'string' } as const;
const before: KvetchSchema = defineKvetchSchema({ objects, indexes: [city] });
const after: KvetchSchema = defineKvetchSchema({
  objects,
  edges: [{ edgeId: 10, name: 'lists', from: 'User', storedOn: 'List', storedIdAttr: 'owner' }],
  indexes: [city, { ...email, unique: true }],
});

function open(schema: KvetchSchema, backend: OpenBackend, options: Partial<KvetchOptions> = {}): Kvetch {
  return createKvetch({ schema, ...backend, ...options });
}

/** The same stores. That of the users fails, or hangs, when it is asked for what it has filled in. */
async function away(backend: OpenBackend, ask: (run: () => unknown) => unknown): Promise<OpenBackend> {
  const isHolder = await Promise.all(backend.shards.map(async (store) => (await store.builtOf([1])).used.length > 0));
  assert.is(isHolder.filter(Boolean).length, 1);
  const around = (method: string, run: () => unknown) => (method === 'builtOf' ? ask(run) : run());
  const shards = backend.shards.map((store, at) => (isHolder[at] === true ? wrapStore(store, around) : store));
  return { ...backend, shards };
}

function fail(): never {
  throw new Error('connection lost');
}

for (const backend of fewBackends) {
  const test = needs(
    suite<{ shared: OpenBackend; old: Kvetch }>(`kvetch backfill: ${backend.name}`),
    ...backend.servers,
  );
  test.before.each((context) => {
    context.shared = backend.open();
    context.old = open(before, context.shared);
  });
  test.after.each(({ old }) => old.close());

  test('an index or edge over existing data is told until the cleaners have filled it in [6.9]', async ({
    shared,
    old,
  }) => {
    const [user = ''] = idsOf(
      await old.createObjects('User', [{ data: { city: 'Oslo', email: 'a@b' } }, { data: {} }]),
    );
    const list = await old.createObject('List', { owner: user });
    const kvetch = open(after, shared);
    assert.equal((await kvetch.building()).toSorted(), ['edge "lists"', 'index "email"']);
    const error = await rejection(kvetch.queryIndex('email', 'a@b'));
    assert.is(error.code, 'BUILDING');
    assert.is(
      error.message,
      'The index "email" is not filled in yet for objects that were there before it. Run "kvetch clean", or "planql migrate" in a generated application, once all programs have this schema; "kvetch stats" tells when it is done.',
    );
    const reads = await Promise.all([
      kvetch.reads.indexObjects([{ index: 'email', value: 'a@b' }]),
      kvetch.reads.edges([{ edge: 'lists', fromId: user }]),
      kvetch.reads.edgeObjects([{ edge: 'lists', fromId: user }]),
      kvetch.reads.counts([{ edge: 'lists', fromId: user }]),
    ]);
    for (const [entry] of reads) assert.is((errorOf(entry) as { code?: string }).code, 'BUILDING');
    assert.is((await rejection(kvetch.createObject('User', { email: 'a@b' }))).code, 'BUILDING');
    assert.is((await rejection(kvetch.updateObject(user, { email: 'c@d' }))).code, 'BUILDING');
    // all else goes on
    assert.equal((await kvetch.queryIndex('city', 'Oslo')).ids, [user]);
    assert.is((await kvetch.updateObject(user, { city: 'Bergen' })).city, 'Bergen');
    const later = await kvetch.createObject('List', { owner: user });

    const dry = await kvetch.clean({ dryRun: true });
    assert.ok(dry.complete);
    await kvetch.clean({ shards: [0, 100] });
    assert.is((await kvetch.building()).length, 2, 'neither a dry run nor a part of the shards fills in');
    const report = await kvetch.clean();
    assert.equal([report.complete, report.errors, report.missingEdges, report.missingIndex], [true, 0, 1, 1]);
    assert.equal(await kvetch.building(), []);
    assert.equal((await kvetch.queryIndex('email', 'a@b')).ids, [user]);
    assert.equal(
      (await kvetch.getEdges('lists', user)).edges.map(({ toId }) => toId).toSorted(),
      [list, later].toSorted(),
    );
    assert.is((await rejection(kvetch.createObject('User', { email: 'a@b' }))).code, 'UNIQUE_VIOLATION');
    // another process knows it at once
    assert.is(await open(after, shared).countEdges('lists', user), 2);
  });

  test('[6.4] an edge over existing data orders objects by their creation: also those that are updated later, and cleaned again', async ({
    shared,
    old,
  }) => {
    const owner = await old.createObject('User', {});
    const lists: string[] = [];
    for (let n = 0; n < 4; n++) lists.push(await old.createObject('List', { owner }));
    const [first = '', second = ''] = lists;
    const kvetch = open(after, shared);
    const shown = async (): Promise<readonly string[]> =>
      (await kvetch.getEdges('lists', owner)).edges.map(({ toId }) => toId);
    await kvetch.updateObject(second, { title: 'before it is filled in' });
    await kvetch.clean();
    assert.equal(await shown(), lists);
    await kvetch.updateObject(first, { title: 'afterwards' });
    assert.equal(await shown(), lists);
    assert.is((await kvetch.clean()).missingEdges, 0, 'the row is where it belongs');
    assert.equal(await shown(), lists);
  });

  test('a process that has met the gap sees when another has filled it in', async ({ shared, old }) => {
    await old.createObject('User', { email: 'a@b' });
    const reader = open(after, shared);
    assert.is((await rejection(reader.queryIndex('email', 'a@b'))).code, 'BUILDING');
    await open(after, shared).clean();
    const end = Date.now() + 10_000;
    let found = 0;
    for (; found === 0 && Date.now() < end; await setTimeout(20))
      found = await reader.queryIndex('email', 'a@b').then(
        ({ ids }) => ids.length,
        () => 0,
      );
    assert.is(found, 1);
  });

  test('a store that has not told what it has filled in makes reads fail, not answer without its objects [6.9]', async ({
    shared,
    old,
  }) => {
    const user = await old.createObject('User', { email: 'a@b', city: 'Oslo' });
    let isAway = true;
    const shards = await away(shared, (run) => (isAway ? fail() : run()));
    const kvetch = open(after, shards);
    const reads = [kvetch.queryIndex('email', 'a@b'), kvetch.getEdges('lists', user)];
    for (const failed of await Promise.all(reads.map(rejection))) {
      assert.equal([failed.code, (failed as KvetchError).next], ['BUILDING', 'retry']);
      assert.match(failed.message, /^A server has not told whether the (index "email"|edge "lists") is/);
    }
    assert.is((await rejection(kvetch.createObject('User', { email: 'a@b' }))).code, 'BUILDING');
    const lenient = open(after, shards, { whileBuilding: 'answer' });
    assert.equal((await lenient.queryIndex('email', 'a@b')).ids, []);
    assert.equal((await kvetch.queryIndex('city', 'Oslo')).ids, [user], 'as the process before has heard');
    isAway = false;
    const met = new Set<unknown>();
    for (const end = Date.now() + 10_000; !met.has('fail') && Date.now() < end; await setTimeout(50))
      met.add(
        await kvetch.queryIndex('email', 'a@b').then(
          ({ ids }) => ids,
          (error) => error.next,
        ),
      );
    met.delete('retry');
    assert.equal([...met], ['fail']);
    await kvetch.clean();
    assert.equal((await kvetch.queryIndex('email', 'a@b')).ids, [user]);
  });

  test('stores that have heard of all others vouch for one that is away; not for another definition [6.9]', async ({
    shared,
    old,
  }) => {
    const user = await old.createObject('User', { email: 'a@b', city: 'Oslo' });
    await open(after, shared).clean();
    assert.equal((await open(after, shared).queryIndex('email', 'a@b')).ids, [user]);
    const cold = await away(shared, fail);
    const kvetch = open(after, cold);
    assert.equal((await kvetch.queryIndex('email', 'a@b')).ids, [user]);
    assert.is(await kvetch.countEdges('lists', user), 0);
    // the same index over another attribute
    const changed = defineKvetchSchema({ objects, indexes: [city, { ...email, attr: 'city' }] });
    const other = open(changed, cold);
    assert.match((await rejection(other.queryIndex('email', 'Oslo'))).message, /^A server has not told/);
    assert.equal((await other.queryIndex('city', 'Oslo')).ids, [user]);
    // filled in by the other program: the first definition has lost what vouched for it
    await open(changed, shared).clean();
    const back = open(after, cold);
    assert.is((await rejection(back.queryIndex('email', 'a@b'))).code, 'BUILDING');
  });

  test('no read waits for a silent store for which others vouch', async ({ shared, old }) => {
    const user = await old.createObject('User', { city: 'Oslo' });
    assert.equal((await old.queryIndex('city', 'Oslo')).ids, [user]);
    const silent = await away(shared, () => new Promise(() => {}));
    assert.equal((await open(before, silent).queryIndex('city', 'Oslo')).ids, [user]);
  });

  test('where no object of the type is, there is nothing to fill in', async ({ shared, old }) => {
    await old.createObject('List', {});
    const kvetch = open(after, shared);
    assert.equal(await kvetch.building(), ['edge "lists"']);
    const user = await kvetch.createObject('User', { email: 'a@b' });
    assert.equal((await open(after, shared).queryIndex('email', 'a@b')).ids, [user]);
  });

  test('an index that changes its meaning is another one; "answer" gives what is there', async ({ shared, old }) => {
    const user = await old.createObject('User', { city: 'Oslo', town: 'Bergen' });
    const changed = defineKvetchSchema({ objects, indexes: [{ ...city, attr: 'town' }] });
    assert.is((await rejection(open(changed, shared).queryIndex('city', 'Bergen'))).code, 'BUILDING');
    const lenient = open(changed, shared, { whileBuilding: 'answer' });
    assert.equal((await lenient.queryIndex('city', 'Bergen')).ids, []);
    assert.equal(await lenient.building(), ['index "city"']);
    await lenient.clean();
    assert.equal((await open(changed, shared).queryIndex('city', 'Bergen')).ids, [user]);
  });

  for (const isOlder of [false, true]) {
    const where = isOlder ? ', in a store that an earlier version has marked' : '';
    test(`a definition that is taken back after another one is filled in anew${where}`, async ({ shared, old }) => {
      const first = defineKvetchSchema({
        objects: listed,
        edges: [{ edgeId: 10, name: 'lists', from: 'User', storedOn: 'List', storedIdAttr: 'owner', orderBy: ['n'] }],
        indexes: [city, { ...email, unique: true }],
      });
      const second = defineKvetchSchema({
        objects: listed,
        edges: [{ edgeId: 10, name: 'lists', from: 'User', storedOn: 'List', storedIdAttr: 'owner', orderBy: ['-n'] }],
        indexes: [city, { ...email, unique: true, attr: 'mail' }],
      });
      const user = await old.createObject('User', { city: 'Oslo' });
      const lists = idsOf(
        await old.createObjects('List', [{ data: { owner: user, n: 1 } }, { data: { owner: user, n: 2 } }]),
      );
      assert.ok((await open(first, shared).clean()).complete);
      if (isOlder) {
        for (const store of shared.shards) {
          const { marks } = await store.builtOf([]);
          await store.addBuilt(
            new Map([...marks.keys()].filter((mark) => mark.includes(':')).map((mark) => [mark, `no ${mark}`])),
          );
        }
        await open(first, shared).clean({ dryRun: true });
        await open(first, shared).clean();
      }
      const later = open(second, shared);
      assert.ok((await later.clean()).complete);
      await later.createObject('User', { email: 'a@b', mail: 'c@d' });
      // back: without a run, the list would be in the other order, and the value free
      const back = open(first, shared);
      assert.equal((await back.building()).toSorted(), ['edge "lists"', 'index "email"']);
      assert.is((await rejection(back.getEdges('lists', user))).code, 'BUILDING');
      assert.is((await rejection(back.createObject('User', { email: 'a@b' }))).code, 'BUILDING');
      assert.ok((await back.clean()).complete);
      assert.equal(
        (await back.getEdges('lists', user)).edges.map(({ toId }) => toId),
        lists,
      );
      assert.is((await rejection(back.createObject('User', { email: 'a@b' }))).code, 'UNIQUE_VIOLATION');
    });
  }

  test('objects whose values no row can hold are named, and keep what they are missing in from being filled in', async ({
    shared,
    old,
  }) => {
    const [odd = '', user = ''] = idsOf(
      await old.createObjects('User', [{ data: { email: { at: 'b' } } }, { data: { email: 'a@b' } }]),
    );
    for (const mode of ['full', 'recent', 'full'] as const) {
      const told: unknown[] = [];
      const onError = (error: Error, place: object): void => void told.push([error.message, place]);
      const report = await open(after, shared).clean({ mode, graceMs: 0, onError });
      assert.is(report.errors, 1);
      const [[message, { id, pass }]] = told as unknown as [[string, { id: string; pass: string }]];
      assert.equal([told.length, id, pass], [1, odd, 'forward']);
      assert.match(message, /email.* which is no well-formed text/);
    }
    assert.is((await rejection(open(after, shared).queryIndex('email', 'a@b'))).code, 'BUILDING');
    await old.updateObject(odd, { email: 'c@d' });
    assert.is((await open(after, shared).clean()).errors, 0);
    assert.equal((await open(after, shared).queryIndex('email', 'a@b')).ids, [user]);
  });

  test('a run that ends early, or meets an error, fills nothing in; the next goes on', async ({ shared, old }) => {
    await old.createObjects(
      'User',
      Array.from({ length: 60 }, (_, n) => ({ data: { email: `${n}@b` } })),
    );
    let puts = 0;
    const shards = shared.shards.map((store) =>
      wrapStore(store, (method, run) => {
        if (method === 'claimEntries' && puts++ === 1) throw new Error('10.0.0.1 is away');
        return run();
      }),
    );
    const failing = open(after, { ...shared, shards });
    const report = await failing.clean({ pageSize: 10 });
    assert.ok(report.errors > 0);
    assert.is((await rejection(open(after, shared).queryIndex('email', '1@b'))).code, 'BUILDING');
    const again = await open(after, shared).clean({ pageSize: 10 });
    assert.is(again.errors, 0);
    const kvetch = open(after, shared);
    for (let n = 0; n < 60; n++) assert.is((await kvetch.queryIndex('email', `${n}@b`)).ids.length, 1, `${n}`);
  });

  test.run();
}

const test = suite('kvetch backfill: options');
test('whileBuilding is checked', () => {
  assert.throws(
    () => open(before, { shards: fewBackends[0]?.open().shards ?? [] }, { whileBuilding: 'wait' as 'answer' }),
    'createKvetch: "whileBuilding" is "wait" and must be "refuse" or "answer".',
  );
});
test.run();
