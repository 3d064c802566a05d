/** Mutations made without a connection (spec 12.9): servers that fail, storages that are full, users who sign in and out. */
import { type GraphQLError, parse } from 'graphql';
import * as assert from 'uvu/assert';
import { createEngine, makeSchema } from '../../../src/index.ts';
import { BusyError, exclusively } from '../../../src/reactive/client/offline/exclusively.ts';
import { verdictOf, verdictOn } from '../../../src/reactive/client/offline/verdict.ts';
import { createReactive, memoryVersions } from '../../../src/reactive.ts';
import { until } from '../../support/until.ts';
import { casesOf, pause } from './cases.ts';
import { ADD, LIST, made, memory, openOffline, RENAME, ran } from './offlineWorld.ts';
import { document } from './world.ts';

const { test, ends } = casesOf('client, mutations made offline: failures');
const once = { key: 'key' };
const repeatable = { isRepeatable: true };
const queued = (storage: { values: Map<string, string> }): string[] =>
  [...storage.values.keys()].filter((key) => key.startsWith('queue/'));

/** Says all the time that the network is back: there are no pauses between attempts. */
function hurry(): void {
  const network = new EventTarget();
  for (const name of ['addEventListener', 'removeEventListener'] as const) {
    Reflect.set(globalThis, name, network[name].bind(network));
    ends.push(() => Reflect.deleteProperty(globalThis, name));
  }
  const timer = setInterval(() => network.dispatchEvent(new Event('online')), 10);
  ends.push(() => clearInterval(timer));
}

test('[12.9.6] a mutation waits while another user is signed in, and is sent when its user is back', async () => {
  let signedIn: string | null = 'bob';
  const { page, storage } = await openOffline(ends, { subject: () => signedIn });
  const { client, errors } = page();
  const done = client.mutate(document(ADD), { title: 'of ann' }, { offline: once });
  await until('it was refused', () => errors.some((text) => text.includes('another user')));
  signedIn = null;
  await until('it was refused again', () => errors.filter((text) => text.includes('another user')).length > 1);
  assert.equal(ran, []);
  assert.is(queued(storage).length, 1);
  signedIn = 'ann';
  assert.is((await done).errors, undefined);
  assert.equal(ran, ['add of ann']);
});

test('[12.9.6] the server compares the user of the request, or its subject; null is nobody', async () => {
  let runs = 0;
  const schema = makeSchema({
    typeDefs: 'type Query { a: Int } type Mutation { run: Int }',
    objects: { Mutation: { resolvers: { run: () => ++runs } } },
  });
  const reactive = createReactive({
    engine: createEngine({ schema }),
    versions: memoryVersions(),
    secrets: [{ id: 'a', secret: 'a secret of sufficient length' }],
  });
  ends.push(() => reactive.close());
  const answer = async (
    user: unknown,
    who: { subject?: string | null; user?: string | null },
    method = reactive.execute,
  ) =>
    (await method({
      document: parse('mutation { run }'),
      extensions: { reactive: { v: 1 }, planql: { user } },
      ...who,
    })) as { data?: object; errors?: readonly GraphQLError[]; extensions?: object };
  const refused: [unknown, object][] = [
    ['ann', { subject: 'bob' }],
    ['ann', { subject: 'session of ann' }],
    ['ann', { subject: 'ann', user: 'bob' }],
    ['ann', { subject: 'ann', user: null }],
    ['ann', { subject: null }],
    ['ann', {}],
    [null, { subject: 'null' }],
    [['ann'], { subject: 'ann' }],
    [{}, { subject: '[object Object]' }],
    ['', {}],
  ];
  for (const [user, who] of refused) {
    for (const method of [reactive.execute, reactive.executeIncrementally]) {
      const { errors, data } = await answer(user, who, method as typeof reactive.execute);
      assert.is(errors?.[0]?.extensions.code, 'OTHER_USER', JSON.stringify([user, who]));
      assert.is(data, undefined);
    }
  }
  assert.is(runs, 0);
  assert.equal((await answer('ann', { subject: 'ann' })).data, { run: 1 });
  assert.equal((await answer('ann', { subject: 'session 7', user: 'ann' })).data, { run: 2 });
  const ofNobody = await answer(undefined, { subject: null });
  assert.equal(ofNobody, { data: { run: 3 } }); // and no dependencies
});

test('[12.9.4] a server that answers 500, 503, 401 or hangs gets the mutation again, in order', async () => {
  hurry();
  const { page, todo } = await openOffline(ends);
  const id = await todo.kvetch.createObject('List', { title: 'first' });
  const { client, errors } = page({}, { timeoutMs: 300 });
  let release = (): void => undefined;
  const hung = new Promise<void>((resolve) => {
    release = resolve;
  });
  const unauthorized = { errors: [{ message: 'Sign in.' }] };
  const answers: (() => Response | Promise<void>)[] = [
    () => new Response('Oh.', { status: 500 }),
    () => new Response('<html>Sign in to the network of the hotel.</html>'),
    () => new Response('Not here just now.', { status: 404 }),
    () => Response.json(unauthorized, { status: 401 }),
    () => Response.json({ errors: [{ message: 'Sign in.', extensions: { code: 'UNAUTHENTICATED' } }] }),
    () => hung,
  ];
  todo.before = () => answers.shift()?.();
  const done = ['a', 'b'].map((title) => client.mutate(document(RENAME), { id, title }, { offline: repeatable }));
  for (const { errors } of await Promise.all(done)) assert.is(errors, undefined);
  assert.is((await todo.kvetch.getObject(id))?.title, 'b');
  assert.is(ran.at(-1), 'rename b');
  release();
  await until('the server has run the request that was given up', () => ran.length === 3);
  for (const text of ['500', 'Sign in.', 'did not answer'])
    assert.ok(
      errors.some((error) => error.includes(text)),
      text,
    );
});

test('[12.9.4] what the server refuses is told to the caller, and its changes are shown no longer', async () => {
  const { page, todo } = await openOffline(ends);
  const id = await todo.kvetch.createObject('List', { title: 'first' });
  const { client, queue } = page();
  const shown = client.watch(document(LIST), { id });
  ends.push(shown.subscribe(() => {}));
  const title = (): unknown => (shown.getSnapshot().data as { list?: { title: string } })?.list?.title;
  await until('it is shown', () => title() === 'first');
  const change = (text: string) => ({
    offline: repeatable,
    optimistic: (draft: { set(object: object, fields: object): void }) =>
      draft.set({ __typename: 'List', id }, { title: text }),
  });
  const refused = client.mutate(document('mutation { refuse { id } }'), {}, change('refused') as never);
  assert.is(title(), 'refused');
  assert.match(String((await refused).errors?.[0]?.message), 'No.');
  await until('it is shown no longer', () => title() === 'first');
  todo.before = () => Response.json({ errors: [{ message: 'No such field.' }] }, { status: 400 });
  const wrong = client.mutate(document('mutation { nothing { id } }'), {}, change('lost') as never);
  assert.match(String((await wrong).errors?.[0]?.message), 'No such field.');
  todo.before = () => undefined;
  await until('that neither', () => title() === 'first');
  assert.equal(queue.getSnapshot(), []);
});

test('a refusal of what was made before a reload is told to onError, with the mutation', async () => {
  const { page, todo, storage } = await openOffline(ends);
  await todo.away();
  const before = page();
  void before.client.mutate(document('mutation { refuse { id } }'), {}, { offline: repeatable }).catch(String);
  await until('it is stored', () => queued(storage).length === 1);
  before.client.close();
  await todo.back();
  const told: unknown[] = [];
  page({}, { onError: (error) => told.push(error) });
  await until('it is told', () => told.length === 1);
  const { message, mutation, errors } = told[0] as { message: string; mutation: { key: string }; errors: object[] };
  assert.match(message, 'made earlier has failed: No.');
  assert.is(mutation.key.length, 32);
  assert.is(errors.length, 1);
  assert.equal(queued(storage), []);
});

test('a reload while the server runs a mutation: one object', async () => {
  const { page, todo, storage } = await openOffline(ends);
  todo.after = ({ query }) => (query.includes('Add') ? pause(300) : undefined);
  const before = page();
  const lost = before.client.mutate(document(ADD), { title: 'one' }, { offline: once }).catch(String);
  await until('it was run', () => ran.length === 1);
  before.client.close();
  assert.match(String(await lost), 'closed');
  page();
  await until('it is over', () => queued(storage).length === 0);
  assert.equal(ran, ['add one', 'add one']);
  assert.is(made.size, 1);
});

test('a client that is closed while promises wait rejects them, and nothing else', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  ends.push(() => process.off('unhandledRejection', note));
  const { page, todo, storage } = await openOffline(ends);
  todo.before = () => pause(200);
  const { client, queue, errors } = page();
  const caught = ['a', 'b', 'c'].map((title) =>
    client.mutate(document(ADD), { title }, { offline: once }).catch((error) => String(error)),
  );
  await until('they are stored', () => queued(storage).length === 3);
  const late = client.mutate(document(ADD), { title: 'd' }, { offline: once }).catch(String);
  client.close();
  for (const error of await Promise.all(caught)) assert.match(String(error), 'is sent by the next one of this user');
  assert.match(String(await late), 'closed');
  const after = client.mutate(document(ADD), { title: 'e' }, { offline: once }).catch(String);
  assert.match(String(await after), 'closed');
  await pause(400);
  assert.equal(unhandled, []);
  assert.equal(errors, []);
  assert.is(queue.getSnapshot().length, 4);
});

test('a storage that is full: told, sent all the same; one that deletes nothing: sent once by a page', async () => {
  const { page, todo } = await openOffline(ends);
  await todo.away();
  const full = {
    ...memory(),
    update: () => Promise.reject(new DOMException('The quota is used up.', 'QuotaExceededError')),
  };
  const locks = { request: (_name: string, _options: object, work: () => unknown) => work() };
  const had = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { locks }, configurable: true });
  ends.push(() =>
    had ? Object.defineProperty(globalThis, 'navigator', had) : Reflect.deleteProperty(globalThis, 'navigator'),
  );
  const { client, queue, errors } = page({ storage: full });
  const done = client.mutate(document(ADD), { title: 'full' }, { offline: once });
  await until('it is told', () => errors.some((text) => text.includes('quota')));
  assert.equal(
    queue.getSnapshot().map(({ isStored }) => isStored),
    [false],
  );
  await todo.back();
  assert.is((await done).errors, undefined);
  const values = memory();
  const keeps = page({
    storage: {
      list: values.list,
      update: (key, change) =>
        values.update(key, (now) => {
          const next = change(now);
          if (next === undefined && now !== undefined) throw new Error('It cannot be deleted.');
          return next;
        }),
    },
  });
  await keeps.client.mutate(document(ADD), { title: 'kept' }, { offline: once });
  await keeps.client.mutate(document(ADD), { title: 'next' }, { offline: once });
  await pause(100);
  assert.equal(
    ran.filter((text) => text !== 'add full'),
    ['add kept', 'add next'],
  );
  assert.ok(keeps.errors.some((text) => text.includes('deleted')));
});

test('a lease: one page at a time, until it ends; one that nobody can read, or that ends too late, is none', async () => {
  const had = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: undefined, configurable: true });
  ends.push(() =>
    had ? Object.defineProperty(globalThis, 'navigator', had) : Reflect.deleteProperty(globalThis, 'navigator'),
  );
  const storage = memory();
  const { signal } = new AbortController();
  const tries = async (lease: unknown): Promise<boolean> => {
    if (lease !== undefined) storage.values.set('lease', typeof lease === 'string' ? lease : JSON.stringify(lease));
    let isDone = false;
    await exclusively('lease', storage, signal, async () => {
      isDone = true;
    }).catch((error) => {
      if (!(error instanceof BusyError)) throw error;
    });
    return isDone;
  };
  assert.is(await tries(undefined), true);
  assert.is(storage.values.size, 0);
  assert.is(await tries({ by: 'other', until: Date.now() + 50_000 }), false);
  assert.is(await tries({ by: 'other', until: Date.now() - 1 }), true);
  assert.is(await tries({ by: 'other', until: Date.now() + 3_600_000 }), true);
  for (const garbled of ['{', 'null', '7', '[]', '{"until":"x"}']) assert.is(await tries(garbled), true, garbled);
  // Another page has taken it meanwhile: no more is done, and its lease stays.
  const taken = JSON.stringify({ by: 'other', until: Date.now() + 50_000 });
  const lost = await exclusively('lease', storage, signal, async (renew) => {
    storage.values.set('lease', taken);
    await renew();
  }).catch((error) => error instanceof BusyError);
  assert.is(lost, true);
  assert.is(storage.values.get('lease'), taken);
});

test('a server that never runs a mutation gets it 20 times; then it is refused, and the next one is sent', async () => {
  hurry();
  const { page, todo } = await openOffline(ends);
  let attempts = 0;
  todo.before = ({ query }) => {
    if (!query.includes('refuse')) return undefined;
    attempts++;
    return Response.json({ errors: [{ message: 'Unexpected error.', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] });
  };
  const { client } = page();
  const fails = client.mutate(document('mutation { refuse { id } }'), {}, { offline: repeatable });
  const next = client.mutate(document(ADD), { title: 'next' }, { offline: once });
  assert.match(String((await fails).errors?.[0]?.message), 'Unexpected');
  assert.is(attempts, 20);
  assert.is((await next).errors, undefined);
  assert.equal(ran, ['add next']);
});

test('what an answer means', () => {
  const error = (code: string | undefined, path?: (string | number)[]) => ({
    ...{ message: '?', extensions: { code } },
    ...(path && { path }),
  });
  const on = (status: number, ...errors: ReturnType<typeof error>[]) =>
    verdictOn({ data: null, errors: errors.length > 0 ? errors : undefined, status, hasChanged: null });
  assert.is(on(200), 'over');
  assert.is(on(200, error('FORBIDDEN')), 'over');
  assert.is(on(200, error(undefined)), 'over');
  assert.is(on(400, error('GRAPHQL_VALIDATION_FAILED')), 'over');
  assert.is(on(401, error(undefined)), 'again');
  assert.is(on(200, error('FORBIDDEN'), error('UNAUTHENTICATED')), 'again');
  assert.is(on(200, error('INTERNAL_SERVER_ERROR', ['add'])), 'failed');
  assert.is(on(200, error('DEADLINE', ['add'])), 'failed');
  assert.is(on(200, error('INTERNAL_SERVER_ERROR', ['add', 'title'])), 'over'); // the field itself has run
  assert.equal([undefined, 200, 302, 502, 429, 403].map(verdictOf), Array(6).fill('again'));
  assert.equal([500, 400, 404, 413].map(verdictOf), Array(4).fill('failed'));
});

test.run();
