/** Mutations made without a connection (spec 12.9): kept in order, shown, sent once. */
import * as assert from 'uvu/assert';
import { offline } from '../../../src/reactive-client-offline.ts';
import { until } from '../../support/until.ts';
import { casesOf, pause } from './cases.ts';
import { ADD, LIST, openOffline, RENAME, ran } from './offlineWorld.ts';
import { document } from './world.ts';

const { test, ends } = casesOf('client, mutations made offline');
const open = (): ReturnType<typeof openOffline> => openOffline(ends);
const once = { key: 'key' };
const repeatable = { isRepeatable: true };

test('[12.9.1, 12.9.2] made while the server is away: shown, kept through a reload, sent in order, once', async () => {
  const { todo, storage, page } = await open();
  const id = await todo.kvetch.createObject('List', { title: 'first' });
  const before = page();
  const shown = before.client.watch(document(LIST), { id });
  ends.push(shown.subscribe(() => {}));
  const title = (one: typeof shown): unknown => (one.getSnapshot().data as { list?: { title: string } })?.list?.title;
  await until('it is shown', () => title(shown) === 'first');
  await todo.away();
  const lost = ['second', 'third'].map((text) =>
    before.client
      .mutate(
        document(RENAME),
        { id, title: text },
        {
          offline: { isRepeatable: true },
          optimistic: (draft) => draft.set({ __typename: 'List', id }, { title: text }),
        },
      )
      .catch(String),
  );
  assert.is(title(shown), 'third');
  assert.is(before.queue.getSnapshot().length, 2);
  await until('it is stored', () => [...storage.values.keys()].filter((key) => key.startsWith('queue/')).length === 2);
  before.client.close();
  assert.match(String(await lost[0]), 'sent by the next one of this user');
  await todo.back();
  const after = page();
  await until('it is sent', async () => (await todo.kvetch.getObject(id))?.title === 'third');
  assert.equal(ran, ['rename second', 'rename third']);
  await until('nothing is kept', () => storage.values.size === 0);
  assert.equal(after.queue.getSnapshot(), []);
});

test('[12.9.3] an answer that gets lost: the mutation is sent again with its key, and creates one object', async () => {
  const { todo, page } = await open();
  const { client } = page();
  let cut = 1;
  todo.after = ({ query }) => {
    if (query.includes('Add') && cut-- > 0) return todo.away().then(() => undefined);
    return undefined;
  };
  const done = client.mutate(document(ADD), { title: 'one' }, { offline: { key: 'key' } });
  await until('it was run', () => ran.length === 1);
  await pause(100);
  await todo.back();
  const { data } = (await done) as { data: { add: { id: string } } };
  assert.equal(ran, ['add one', 'add one']);
  assert.is((await todo.kvetch.getObject(data.add.id))?.title, 'one');
});

test('[12.9.5] objects that do not exist yet: mutations after it name the real id; refused with it', async () => {
  const { todo, page } = await open();
  const { client, queue } = page();
  await todo.away();
  const id = queue.newId();
  const gone = queue.newId();
  const made = client.mutate(
    document(ADD),
    { title: 'one' },
    {
      offline: { key: 'key', creates: { id, at: 'add.id' } },
    },
  );
  const renamed = client.mutate(document(RENAME), { id, title: 'two' }, { offline: { isRepeatable: true } });
  const refused = client.mutate(
    document('mutation { refuse { id } }'),
    {},
    {
      offline: { isRepeatable: true, creates: { id: gone, at: 'refuse.id' } },
    },
  );
  const dependent = client
    .mutate(document(RENAME), { id: gone, title: 'x' }, { offline: { isRepeatable: true } })
    .catch(String);
  await todo.back();
  const real = ((await made) as { data: { add: { id: string } } }).data.add.id;
  assert.is((await renamed).errors, undefined);
  assert.is((await todo.kvetch.getObject(real))?.title, 'two');
  assert.ok((await refused).errors);
  assert.match(String(await dependent), 'was not sent');
});

test('two pages over one storage send each once; another user sees and sends nothing; garbled ones are forgotten', async () => {
  const { todo, storage, page } = await open();
  await todo.away();
  const [left, right, other] = [page(), page(), page({ user: 'bob' })];
  const done = [left, right, left].map(({ client }, n) =>
    client.mutate(document(ADD), { title: `t${n}` }, { offline: { key: 'key' } }),
  );
  await until(
    'all are stored',
    () => [...storage.values.keys()].filter((key) => key.startsWith('queue/')).length === 3,
  );
  assert.equal(other.queue.getSnapshot(), []);
  storage.values.set('queue/ann/0-x', '{"v":1,');
  await todo.back();
  await Promise.all(done);
  assert.equal([...ran].sort(), ['add t0', 'add t1', 'add t2']);
  assert.ok([...left.errors, ...right.errors].some((text) => text.includes('cannot be read')));
});

test('a mutation that is not safe to repeat is refused', async () => {
  const { page } = await open();
  const { client } = page();
  const message = await client.mutate(document(ADD), { title: 'x' }, { offline: {} }).catch(String);
  assert.match(String(message), 'isRepeatable');
});

test('the page may change its variables, name one "loc", and give a key below a variable', async () => {
  const { todo, page } = await open();
  const { client, queue } = page();
  await todo.away();
  const variables = { loc: 'here' };
  const noted = client.mutate(document('mutation ($loc: String) { note(loc: $loc) }'), variables, {
    offline: repeatable,
  });
  variables.loc = 'elsewhere';
  const added = client.mutate(
    document('mutation ($data: Add!) { addWith(data: $data) { id } }'),
    { data: { title: 'deep' } },
    { offline: { key: 'data.key' } },
  );
  await until('both are stored', () => queue.getSnapshot().filter(({ isStored }) => isStored).length === 2);
  await todo.back();
  assert.equal((await noted).data, { note: 'here' });
  const { data } = (await added) as { data: { addWith: { id: string } } };
  assert.is((await todo.kvetch.getObject(data.addWith.id))?.title, 'deep');
});

test('what is no JSON is an error of the caller, and shows nothing', async () => {
  const { todo, page } = await open();
  const id = await todo.kvetch.createObject('List', { title: 'first' });
  const { client, queue } = page();
  const shown = client.watch(document(LIST), { id });
  ends.push(shown.subscribe(() => {}));
  await until('it is shown', () => shown.getSnapshot().status === 'ready');
  const failed = await client
    .mutate(document(RENAME), { id, title: 7n } as never, {
      offline: repeatable,
      optimistic: (draft) => draft.set({ __typename: 'List', id }, { title: 'never' }),
    })
    .catch(String);
  assert.match(String(failed), 'BigInt');
  assert.equal((shown.getSnapshot().data as { list: { title: string } }).list.title, 'first');
  assert.equal(queue.getSnapshot(), []);
});

test('an id that was made by a page is understood after the object was created, too', async () => {
  const { todo, page } = await open();
  const { client, queue } = page();
  const id = queue.newId();
  await client.mutate(document(ADD), { title: 'one' }, { offline: { ...once, creates: { id, at: 'add.id' } } });
  const { data } = await client.mutate(document(RENAME), { id, title: 'two' }, { offline: repeatable });
  const real = (data as { rename: { id: string } }).rename.id;
  assert.is((await todo.kvetch.getObject(real))?.title, 'two');
});

test('too many mutations are refused, and show nothing', async () => {
  const { todo, page } = await open();
  await todo.away();
  const { client, queue } = page({ maxMutations: 2 });
  for (const title of ['a', 'b']) void client.mutate(document(ADD), { title }, { offline: once }).catch(String);
  const third = await client.mutate(document(ADD), { title: 'c' }, { offline: once }).catch(String);
  assert.match(String(third), 'maxMutations');
  assert.is(queue.getSnapshot().length, 2);
});

test('signing out: clear() forgets what waits, in other pages and without a client', async () => {
  const { todo, storage, page } = await open();
  await todo.away();
  const [left, right] = [page(), page()];
  const ends = [left, right].map(({ client }) =>
    client.mutate(document(ADD), { title: 'x' }, { offline: once }).catch(String),
  );
  await until('both are stored', () => storage.values.size >= 2);
  await left.queue.clear();
  assert.match(String(await ends[0]), 'cleared');
  right.client.close();
  await ends[1];
  assert.equal(
    [...storage.values.keys()].filter((key) => key.startsWith('queue/')),
    [],
  );
  storage.values.set('queue/ann/1-x', 'something');
  await offline({ user: 'ann', storage }).clear();
  assert.is(storage.values.has('queue/ann/1-x'), false);
  await todo.back();
  await pause(700);
  assert.equal(ran, []);
});

test('options that cannot be', async () => {
  for (const wrong of [{ user: '' }, { user: 7 }, { user: 'ann', maxMutations: Number.NaN }]) {
    assert.throws(
      () => offline(wrong as never),
      (error: { code?: string }) => error.code === 'BAD_OPTION',
    );
  }
  const { page } = await open();
  const { queue } = page();
  assert.throws(() => page({}, { offline: queue }), 'each client needs one of its own');
  const { client } = page({}, { offline: undefined as never });
  const none = await client.mutate(document(ADD), { title: 'x' }, { offline: once }).catch(String);
  assert.match(String(none), 'option "offline"');
  const third = page();
  for (const wrong of [
    { key: '' },
    { ...once, creates: { id: 'a', at: 'add.id' } },
    { ...once, creates: { id: '' } },
  ]) {
    const refused = third.client.mutate(document(ADD), { title: 'x' }, { offline: wrong as never });
    assert.is(await refused.catch(({ code }) => code), 'BAD_OPTION', JSON.stringify(wrong));
  }
});

test.run();
