/** Queries that the next page shows until the server has answered (spec 12.10). */
import * as assert from 'uvu/assert';
import type { Snapshot } from '../../../src/reactive-client.ts';
import { offline } from '../../../src/reactive-client-offline.ts';
import { until } from '../../support/until.ts';
import { casesOf, pause } from './cases.ts';
import { LIST, memory, openOffline, type Page, RENAME } from './offlineWorld.ts';
import { document } from './world.ts';

const { test, ends } = casesOf('client, queries kept for the next page');
const keeps = { queries: true };

type Shown = Snapshot<{ readonly list: { readonly title: string } | null }>;

/** Watches a list. Notes each status with its title. */
function show({ client }: Page, id: string, text = LIST): { now: () => string; seen: string[]; snapshot: () => Shown } {
  const { subscribe, getSnapshot } = client.watch(document(text), { id });
  const snapshot = getSnapshot as () => Shown;
  const now = (): string => `${snapshot().status} ${snapshot().data?.list?.title}`;
  const seen: string[] = [];
  ends.push(subscribe(() => seen.push(now())));
  return { now, seen, snapshot };
}

async function open() {
  const world = await openOffline(ends);
  const { kvetch } = world.todo;
  const id = await kvetch.createObject('List', { title: 'first' });
  const kept = (): string[] => [...world.storage.values.keys()].filter((key) => key.startsWith('answers/'));
  /** A page that has shown the list, and has kept that. */
  const before = async (own: object = keeps, title = 'first'): Promise<Page> => {
    const page = world.page(own);
    const shown = show(page, id);
    await until('it is shown', () => shown.now() === `ready ${title}`);
    await until('it is kept', () => [...world.storage.values.values()].some((text) => text.includes(`"${title}"`)));
    return page;
  };
  return { ...world, id, kept, before };
}

test('[12.10.1, 12.10.2] after a reload: shown at once as not yet answered, then asked', async () => {
  const { before, page, todo, id, storage } = await open();
  (await before()).client.close();
  await todo.kvetch.updateObject(id, { title: 'second' });
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  todo.before = () => held;
  const shown = show(page(keeps), id);
  await until('the kept answer is shown', () => shown.now() === 'loading first');
  assert.is(shown.snapshot().error, undefined);
  release();
  await until('the server has answered', () => shown.now() === 'ready second');
  assert.equal(shown.seen, ['loading first', 'ready second']);
  await until('that is kept', () => [...storage.values.values()].some((text) => text.includes('"second"')));
});

test('[12.10.2] without a connection: the kept answer stays, the error is told; the next answer is shown, and equal ones too', async () => {
  const { before, page, todo, id } = await open();
  (await before()).client.close();
  await todo.away();
  const after = page(keeps);
  const shown = show(after, id);
  await until('it has failed', () => shown.now() === 'failed first');
  assert.match(String(shown.snapshot().error), 'fetch failed');
  assert.ok(after.errors.some((text) => text.includes('fetch failed')));
  await todo.back();
  await until('the server has answered', () => shown.now() === 'ready first');
  assert.is(shown.snapshot().error, undefined);
  await todo.kvetch.updateObject(id, { title: 'third' });
  await until('it is watched', () => shown.now() === 'ready third');
});

test('[12.10.3] another user sees nothing, nor does another document or another object', async () => {
  const { before, page, todo, id } = await open();
  (await before()).client.close();
  await todo.away();
  const bob = show(page({ ...keeps, user: 'bob' }), id);
  const prefix = show(page({ ...keeps, user: 'an' }), id);
  const ann = page(keeps);
  const others = [show(ann, id, 'query ($id: ID!) { list(id: $id) { title } }'), show(ann, 'other'), bob, prefix];
  const own = show(ann, id);
  await until('the own one is shown', () => own.now() === 'failed first');
  await pause(50);
  for (const other of others) assert.is(other.now(), 'failed undefined');
});

test('[12.10.3] the session is that of another user: the server refuses, and nothing of his is kept for her', async () => {
  let signedIn = 'ann';
  const world = await openOffline(ends, { subject: () => signedIn });
  const id = await world.todo.kvetch.createObject('List', { title: 'of ann' });
  const first = show(world.page(keeps), id);
  await until('it is kept', () => [...world.storage.values.values()].some((text) => text.includes('of ann')));
  signedIn = 'bob';
  await world.todo.kvetch.updateObject(id, { title: 'of bob' });
  await until('the server has refused', () => first.snapshot().errors !== undefined);
  assert.is(first.snapshot().errors?.[0]?.extensions?.code, 'OTHER_USER');
  await pause(300);
  assert.not.ok([...world.storage.values.values()].some((text) => text.includes('of bob')));
});

test('[12.10.4] optimistic changes are not kept; those of mutations that wait are shown above what was kept', async () => {
  const { before, page, todo, id, storage } = await open();
  const first = await before();
  await todo.away();
  const lost = first.client
    .mutate(
      document(RENAME),
      { id, title: 'mine' },
      {
        offline: { isRepeatable: true },
        optimistic: (draft) => draft.set({ __typename: 'List', id }, { title: 'mine' }),
      },
    )
    .catch(String);
  await until('it waits', () => [...storage.values.keys()].some((key) => key.startsWith('queue/')));
  await pause(300);
  first.client.close();
  await lost;
  const answers = [...storage.values].filter(([key]) => key.startsWith('answers/'));
  assert.is(answers.length, 1);
  assert.match(String(answers[0]?.[1]), '"first"');
  const shown = show(page(keeps), id);
  await until('it is shown', () => shown.now() === 'failed mine');
  await todo.back();
  await until('it was sent', () => shown.now() === 'ready mine');
  await until('nothing waits', () => ![...storage.values.keys()].some((key) => key.startsWith('queue/')));
  await pause(100);
  assert.not.ok(
    shown.seen.some((text) => text.startsWith('ready first')),
    shown.seen.join(),
  );
  const again = show(page(keeps), id);
  await until('it is kept as it is now', () => [...storage.values.values()].some((text) => text.includes('"mine"')));
  await until('it is shown again', () => again.now() === 'ready mine');
});

test('[12.10.4] a mutation that is answered before the query: its change does not go away in between', async () => {
  const { before, page, todo, id } = await open();
  (await before()).client.close();
  let asked = 0;
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  todo.before = async ({ query }) => {
    if (!query.includes('mutation') && ++asked === 1) await held;
  };
  const after = page(keeps);
  const shown = show(after, id);
  await until('it is shown', () => shown.now() === 'loading first');
  await after.client.mutate(
    document(RENAME),
    { id, title: 'mine' },
    { optimistic: (draft) => draft.set({ __typename: 'List', id }, { title: 'mine' }) },
  );
  await pause(100);
  assert.is(shown.now(), 'loading mine');
  release();
  await until('the server has answered', () => shown.now() === 'ready mine');
  assert.equal(shown.seen, ['loading first', 'loading mine', 'ready mine']);
});

test('[12.10.2] what was kept does not replace what another query has been answered', async () => {
  const { before, page, todo, id } = await open();
  (await before()).client.close();
  await todo.kvetch.updateObject(id, { title: 'second' });
  const after = page(keeps);
  const other = show(after, id, 'query ($id: ID!) { list(id: $id) { id title } also: list(id: $id) { id title } }');
  await until('it is shown', () => other.now() === 'ready second');
  todo.before = () => new Promise<void>(() => undefined);
  const shown = show(after, id);
  await until('the kept answer is shown', () => shown.seen.length > 0);
  assert.is(shown.now(), 'loading second');
  assert.is(other.now(), 'ready second');
});

test('[12.10.5] signing out: nothing is left, other pages keep nothing more, and no page shows it', async () => {
  const { before, page, todo, id, kept } = await open();
  const left = await before();
  const right = page(keeps);
  const shown = show(right, id);
  await until('both show it', () => shown.now() === 'ready first');
  await left.queue.clear();
  await pause(50);
  await todo.kvetch.updateObject(id, { title: 'second' });
  await until('it is watched', () => shown.now() === 'ready second');
  await pause(300);
  assert.equal(kept(), []);
  await before(keeps, 'second'); // she signs in again
  right.client.close();
  left.client.close();
  await offline({ user: 'bob', storage: memory() }).clear();
  assert.is(kept().length, 1);
});

test('[12.10.5] what is too old, too much, or cannot be read is forgotten', async () => {
  const { before, page, todo, id, kept, storage } = await open();
  (await before()).client.close();
  const [name = ''] = kept();
  const text = storage.values.get(name) ?? '';
  await todo.away();
  const shows = async (now: string, wanted: string): Promise<Page> => {
    storage.values.set(name, now);
    const after = page(keeps);
    const shown = show(after, id);
    await until('it has failed', () => shown.snapshot().status === 'failed');
    await pause(20);
    assert.is(shown.now(), wanted, now);
    after.client.close();
    return after;
  };
  await shows(text, 'failed first');
  const garbled = [
    '{"v":1,"at',
    '[]',
    text.replace('"v":1', '"v":2'),
    text.replace(/"data":\{.*\}\}/, '"data":7}'),
    text.replace('"data"', '"errors":[7],"data"'),
    text.replace('"data"', '"errors":[{"path":7}],"data"'),
  ];
  for (const now of garbled) {
    const { errors } = await shows(now, 'failed undefined');
    assert.equal(kept(), [], now);
    assert.is(errors.filter((one) => !one.includes('fetch failed')).length, 1, `${now} ${errors}`);
  }
  for (const at of [Date.now() - 8 * 24 * 3_600_000, Date.now() + 60_000, 0]) {
    const { errors } = await shows(text.replace(/"at":\d+/, `"at":${at}`), 'failed undefined');
    assert.equal(kept(), []);
    assert.ok(errors.every((one) => one.includes('fetch failed')));
  }
  await shows(text.replace(/"of":"/, '"of":"x'), 'failed undefined');
  assert.is(kept().length, 1); // another query's
  await todo.back();
  storage.values.set('answers/bob/old', '{"v":1,"at":5,"of":"","answer":{}}');
  const small = page({ queries: { maxBytes: 2000 } });
  const ids: string[] = [];
  for (let n = 0; n < 10; n++) {
    ids.push(await todo.kvetch.createObject('List', { title: `list ${n}` }));
    const shown = show(small, ids[n] as string);
    await until('it is shown', () => shown.now() === `ready list ${n}`);
    await pause(230);
  }
  await pause(300);
  const bytes = kept().reduce((sum, key) => sum + 2 * (storage.values.get(key)?.length ?? 0), 0);
  assert.ok(bytes <= 2200 && bytes > 500, String(bytes));
  assert.match(String(storage.values.get(kept().at(-1) ?? '')), '"v":1');
  assert.ok([...storage.values.values()].some((one) => one.includes('list 9')));
  assert.is(storage.values.has('answers/bob/old'), false);
});

test('[12.10.5] a storage that fails: the page works, and the error is told once', async () => {
  const { page, todo, id, storage } = await open();
  const failing = {
    list: () => Promise.reject(new Error('There is no room.')),
    update: () => Promise.reject(new Error('There is no room.')),
  };
  const { errors, ...one } = page({ ...keeps, storage: failing });
  const shown = show({ errors, ...one }, id);
  await until('it is shown', () => shown.now() === 'ready first');
  for (const title of ['second', 'third']) {
    await todo.kvetch.updateObject(id, { title });
    await until('it is shown', () => shown.now() === `ready ${title}`);
    await pause(250);
  }
  assert.is(errors.filter((text) => text.includes('no room')).length, 2); // of the queue, and of the queries
  assert.is(storage.values.size, 0);
});

test('[12.10.5] no room for an answer: the older one goes, too', async () => {
  const { before, page, todo, id, storage, kept } = await open();
  (await before()).client.close();
  const full = {
    list: storage.list,
    update: (key: string, change: (value: string | undefined) => string | undefined) =>
      storage.update(key, (value) => {
        const changed = change(value);
        if (changed?.includes('second')) throw new Error('QuotaExceededError');
        return changed;
      }),
  };
  const { client, errors, queue } = page({ ...keeps, storage: full });
  await todo.kvetch.updateObject(id, { title: 'second' });
  const shown = show({ client, errors, queue }, id);
  await until('it is shown', () => shown.now() === 'ready second');
  await until('it is told', () => errors.some((text) => text.includes('Quota')));
  await until('the older one is gone', () => kept().length === 0);
});

test('an answer without data takes what was kept with it; without the option nothing is kept', async () => {
  const { before, page, todo, id, kept } = await open();
  const quiet = page();
  const unkept = show(quiet, id);
  await until('it is shown', () => unkept.now() === 'ready first');
  await pause(300);
  assert.equal(kept(), []);
  (await before()).client.close();
  todo.before = () => Response.json({ errors: [{ message: 'Sign in.' }] }, { status: 401 });
  const shown = show(page(keeps), id);
  await until('the server has refused', () => shown.now() === 'ready undefined');
  await until('it is forgotten', () => kept().length === 0);
});

test('[12.10.2] an answer that comes before the storage has answered is not replaced', async () => {
  const { before, page, todo, id, storage } = await open();
  (await before()).client.close();
  await todo.kvetch.updateObject(id, { title: 'second' });
  let give = (): void => undefined;
  const slow = new Promise<void>((resolve) => {
    give = resolve;
  });
  const list = async (prefix: string): ReturnType<typeof storage.list> => {
    const listed = await storage.list(prefix);
    if (prefix.startsWith('answers/ann/')) await slow;
    return listed;
  };
  const shown = show(page({ ...keeps, storage: { ...storage, list } }), id);
  await until('it is fetched', () => shown.now() === 'ready second');
  give();
  await pause(50);
  assert.equal(shown.seen, ['ready second']);
});

test('[12.10.5] data that does not fit the document does no harm', async () => {
  const { before, page, id, kept, storage } = await open();
  (await before()).client.close();
  const [name = ''] = kept();
  const text = storage.values.get(name) ?? '';
  for (const data of ['{}', '{"list":5}', '{"list":[1,[2]]}', '{"list":{"title":{"a":[]}}}', '{"__proto__":{"x":1}}']) {
    storage.values.set(name, text.replace(/"answer":.*$/, `"answer":{"data":${data}}}`));
    const { client, ...rest } = page(keeps);
    const shown = show({ client, ...rest }, id);
    await until(`it is fetched: ${data}`, () => shown.now() === 'ready first');
    client.close();
  }
  assert.not.ok('x' in {});
});

test('[12.10.5] without a bound of bytes, what is too old goes, of all users', async () => {
  const { before, kept, storage } = await open();
  storage.values.set('answers/bob/old', '{"v":1,"at":5,"of":"","answer":{}}');
  await before({ queries: { maxBytes: Number.POSITIVE_INFINITY } });
  await until('it is gone', () => !storage.values.has('answers/bob/old'));
  assert.is(kept().length, 1);
});

test('options that cannot be name the option, the value and the remedy', () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [null, 'offline: "queries" is null and must be true, false or limits.'],
    ['yes', 'offline: "queries" is "yes" and must be true, false or limits.'],
    [5, 'offline: "queries" is 5 and must be true, false or limits.'],
    [{ maxBites: 7 }, 'offline queries has no option "maxBites". It has: maxBytes maxAgeMs.'],
    [{ maxBytes: 0 }, 'offline: "queries.maxBytes" is 0 and must be 1 or more.'],
    [{ maxBytes: Number.NaN }, 'offline: "queries.maxBytes" is NaN and must be 1 or more.'],
    [{ maxAgeMs: -1 }, 'offline queries: "maxAgeMs" is -1 and must be 0 or more.'],
    [{ maxAgeMs: 0 }, 'offline: "queries.maxAgeMs" is 0 and must be 1 or more.'],
  ];
  for (const [queries, message] of cases) {
    assert.throws(
      () => offline({ user: 'ann', queries } as never),
      (error: Error & { code?: string }) => error.code === 'BAD_OPTION' && error.message === message,
    );
  }
});

test.run();
