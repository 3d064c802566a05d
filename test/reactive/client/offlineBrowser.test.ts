/** Mutations made without a connection (spec 12.9), in Chromium: IndexedDB, its quota, Web Locks between tabs, reloads. */
import { build } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Browser, type BrowserPage, startBrowser } from '../../support/browser.ts';
import { needs } from '../../support/needs.ts';
import { repositoryRoot } from '../../support/repository.ts';
import { until } from '../../support/until.ts';
import { made, type OfflineWorld, openOffline, ran } from './offlineWorld.ts';

const test = needs(suite('client, mutations made offline, in Chromium'), 'chromium');
const ends: (() => unknown)[] = [];
let world: OfflineWorld;
let browser: Browser;
let script: string;

/** `start(user)` opens a client; `add(title)` notes its outcome in `outcomes`; `show(id)` watches a list. */
const APP = `import { createReactiveClient, polling } from './src/reactive-client.ts';
import { offline } from './src/reactive-client-offline.ts';
import { parse } from 'graphql';

const LIST = parse('query ($id: ID!) { list(id: $id) { id title } }');
const ADD = parse('mutation Add($title: String!, $key: String) { add(title: $title, key: $key) { id title } }');
Object.assign(globalThis, {
  outcomes: {},
  told: [],
  start(user) {
    const queue = offline({ user, queries: true });
    const transport = polling({ url: '/deps/poll' });
    globalThis.queue = queue;
    globalThis.client = createReactiveClient({
      url: '/graphql', transport, offline: queue, onError: (error) => told.push(String(error)),
    });
    return true;
  },
  add(title, more = {}) {
    client.mutate(ADD, { title, ...more }, { offline: { key: 'key' } }).then(
      ({ data, errors }) => { outcomes[title] = errors?.[0].message ?? data.add.title; },
      (error) => { outcomes[title] = String(error); },
    );
    return true;
  },
  show(id) {
    const { subscribe, getSnapshot } = client.watch(LIST, { id });
    subscribe(() => {});
    globalThis.shown = () => getSnapshot().status + ' ' + getSnapshot().data?.list.title;
    return true;
  },
  async stored(prefix = 'queue/') {
    const open = indexedDB.open('planql');
    const database = await new Promise((resolve) => { open.onsuccess = () => resolve(open.result); });
    const request = database.transaction('values').objectStore('values').getAllKeys();
    const keys = await new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
    database.close();
    return keys.filter((key) => key.startsWith(prefix));
  },
});
`;

test.before(async () => {
  const { outputFiles } = await build({
    stdin: { contents: APP, resolveDir: repositoryRoot, loader: 'ts' },
    ...{ bundle: true, write: false, platform: 'browser', format: 'iife' },
  });
  script = outputFiles[0]?.text ?? '';
  browser = await startBrowser();
});
test.after(() => browser?.close());
test.before.each(async () => {
  world = await openOffline(ends);
});
test.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function load(page: BrowserPage, user: string): Promise<BrowserPage> {
  await page.evaluate(`${script}; start(${JSON.stringify(user)})`);
  return page;
}

async function open(user = 'ann'): Promise<BrowserPage> {
  const page = await browser.open(`http://127.0.0.1:${world.todo.port}/healthz`);
  ends.push(() => page.evaluate('globalThis.client?.close(), true'));
  return load(page, user);
}

const outcomes = (page: BrowserPage): Promise<object> => page.evaluate('outcomes');
const hold = (): void => {
  world.todo.before = ({ query }) => (query.includes('Add') ? new Response('Wait.', { status: 503 }) : undefined);
};
const go = (): void => {
  world.todo.before = () => undefined;
};

test('two tabs: each mutation runs once, in order, and each tab gets its answers', async () => {
  hold();
  const [left, right] = [await open(), await open()];
  for (const n of [0, 2, 4]) {
    await left.evaluate(`add('t${n}')`);
    await left.until(`queue.getSnapshot().filter(({ isStored }) => isStored).length >= ${n / 2 + 1}`);
    await right.evaluate(`add('t${n + 1}')`);
    await right.until(`queue.getSnapshot().filter(({ isStored }) => isStored).length >= ${n / 2 + 1}`);
  }
  assert.is((await left.evaluate<string[]>('stored()')).length, 6);
  go();
  await left.until('Object.keys(outcomes).length === 3');
  await right.until('Object.keys(outcomes).length === 3');
  assert.equal(await outcomes(left), { t0: 't0', t2: 't2', t4: 't4' });
  assert.equal(await outcomes(right), { t1: 't1', t3: 't3', t5: 't5' });
  assert.equal(
    ran,
    ['t0', 't1', 't2', 't3', 't4', 't5'].map((title) => `add ${title}`),
  );
  assert.equal(await left.evaluate('stored()'), []);
});

test('made offline, sent when the network is back', async () => {
  const page = await open();
  await page.setOffline(true);
  await page.evaluate(`add('a') && add('b')`);
  await page.until('queue.getSnapshot().filter(({ isStored }) => isStored).length === 2');
  await page.setOffline(false);
  await page.until('Object.keys(outcomes).length === 2');
  assert.equal(ran, ['add a', 'add b']);
});

test('a reload in the middle of a request: the next page sends again what was under way, one object each', async () => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  world.todo.after = ({ query }) => (query.includes('Add') ? held : undefined);
  const page = await open();
  await page.evaluate(`add('a') && add('b')`);
  await until('the first was run', () => ran.length === 1);
  await page.reload();
  assert.equal(await page.evaluate('typeof client'), 'undefined');
  release();
  await load(page, 'ann');
  await until('all were sent', async () => (await page.evaluate<string[]>('stored()')).length === 0);
  assert.equal(ran, ['add a', 'add a', 'add b']);
  assert.is(made.size, 2);
  assert.equal(await page.evaluate('told'), []);
});

test('a tab that goes away while it sends: the other one goes on', async () => {
  let requests = 0;
  world.todo.after = ({ query }) =>
    query.includes('Add') && ++requests === 1 ? new Promise(() => undefined) : undefined;
  const left = await open();
  await left.evaluate(`add('a')`);
  await until('it is under way', () => requests === 1);
  const right = await open(); // not before: a slow page that finds the mutation stored would send it
  await right.evaluate(`add('b')`);
  await right.until('queue.getSnapshot().some(({ isStored }) => isStored)');
  assert.equal(ran, ['add a']); // the left tab holds the lock
  await left.reload();
  await right.until('outcomes.b');
  assert.equal(ran, ['add a', 'add a', 'add b']);
  assert.is(made.size, 2);
});

test('another user who signs in sees nothing, and sends nothing', async () => {
  hold();
  const page = await open('ann');
  await page.evaluate(`add('of ann')`);
  await page.until('queue.getSnapshot().some(({ isStored }) => isStored)');
  await page.reload();
  await load(page, 'bob');
  go();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  assert.equal(await page.evaluate('queue.getSnapshot()'), []);
  assert.equal(ran, []);
  await page.reload();
  await load(page, 'ann');
  await until('it is sent', () => ran.length === 1);
});

test('no room in IndexedDB: onError is told, the mutation is sent, and later ones are stored again', async () => {
  const page = await open();
  await page.limitStorage(1);
  await page.evaluate(`add('full', { note: 'x'.repeat(100_000) })`);
  await page.until('outcomes.full');
  const told = await page.evaluate<string[]>('told');
  assert.equal(await outcomes(page), { full: 'full' });
  assert.ok(
    told.some((text) => /quota/i.test(text)),
    told.join('; '),
  );
  await page.limitStorage(100_000_000);
  hold();
  await page.evaluate(`add('again')`);
  await page.until('queue.getSnapshot().some(({ isStored }) => isStored)');
  go();
  await page.until('outcomes.again');
});

test('[12.10.2, 12.10.3] a reload without an answer shows what was kept, at once; another user does not see it', async () => {
  const id = await world.todo.kvetch.createObject('List', { title: 'kept' });
  const page = await open();
  await page.evaluate(`show('${id}')`);
  await page.until(`shown() === 'ready kept'`);
  await page.evaluate('client.close(), true'); // what has changed is written now
  await until('it is kept', async () => (await page.evaluate<string[]>(`stored('answers/')`)).length === 1);
  world.todo.before = ({ query }) => (query.includes('list') ? new Response('Wait.', { status: 503 }) : undefined);
  await page.reload();
  await load(page, 'bob');
  await page.setOffline(true);
  await page.evaluate(`show('${id}')`);
  await page.until(`shown().startsWith('failed')`);
  assert.is(await page.evaluate('shown()'), 'failed undefined');
  await page.setOffline(false);
  await page.reload();
  await load(page, 'ann');
  await page.setOffline(true);
  await page.evaluate(`show('${id}')`);
  await page.until(`shown() === 'failed kept'`);
  go();
  await page.setOffline(false);
  await page.until(`shown() === 'ready kept'`);
  await page.evaluate('queue.clear()');
  assert.equal(await page.evaluate(`stored('answers/')`), []);
});

test('[12.10.5] no room in IndexedDB: onError is told once, queries are shown, and kept again when there is room', async () => {
  const ids = await Promise.all(
    ['a', 'b'].map((title) => world.todo.kvetch.createObject('List', { title: title + 'x'.repeat(50_000) })),
  );
  const page = await open();
  await page.limitStorage(1);
  await page.evaluate(`show('${ids[0]}')`);
  await page.until(`shown().startsWith('ready a')`);
  await page.until('told.some((text) => /quota/i.test(text))');
  await page.limitStorage(100_000_000);
  await page.evaluate(`show('${ids[1]}')`);
  await page.until(`shown().startsWith('ready b')`);
  await until('it is kept', async () => (await page.evaluate<string[]>(`stored('answers/')`)).length > 0);
  assert.is(await page.evaluate('told.filter((text) => /quota/i.test(text)).length'), 1);
});

test.run();
