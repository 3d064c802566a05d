/** What the client does when servers and networks fail, and what it forgets (issue 18, spec 12.5). */
import type { AddressInfo } from 'node:net';
import * as assert from 'uvu/assert';
import { WebSocketServer } from 'ws';
import { kvetchSchema } from '../../../examples/todo/generated/kvetchSchema.ts';
import { createKvetch, memoryShards } from '../../../src/kvetch.ts';
import { pauseMs } from '../../../src/reactive/client/pauseMs.ts';
import { until } from '../../support/until.ts';
import { at, casesOf, heldBack, LISTS, lists, openThings, pause } from './cases.ts';
import { document, openTodo, socketTo, watch } from './world.ts';

const { test, open, ends } = casesOf('client, faults and memory');

test('errors are shown with what could be read, and gone when it is right again (12.3.5)', async () => {
  const { state, schema } = openThings();
  const { todo, client } = await open(0, { schema });
  const handle = client().watch(document('{ broken things { id } }'));
  ends.push(handle.subscribe(() => undefined));
  await until('it is there', () => handle.getSnapshot().status === 'ready');
  assert.equal((handle.getSnapshot().data as { broken: unknown }).broken, 'whole');
  for (const isBroken of [true, false]) {
    state.isBroken = isBroken;
    await todo.reactive.invalidate('broken');
    await until('it is shown', () => (handle.getSnapshot().errors === undefined) !== isBroken);
    const { data, errors } = handle.getSnapshot();
    assert.equal((data as { broken: unknown }).broken, isBroken ? null : 'whole');
    assert.equal(
      errors?.map(({ message }) => message),
      isBroken ? ['It is broken.'] : undefined,
    );
  }
});

test('after a reset 100 queries are fetched once each, spread over the time that the server says (12.5.3)', async () => {
  const { todo, port, listIds, client } = await open(100);
  const { transport, events } = heldBack(port);
  const one = client({ transport });
  const LIST = 'query ($id: UUID!) { todoList(id: $id) { id name } }';
  const all = listIds.map((id) => watch(one, LIST, { id }));
  await until('all are there', () => all.every((shown) => shown.now() !== undefined));
  todo.asked.length = 0;
  const planned: number[] = [];
  const { setTimeout: own } = globalThis;
  globalThis.setTimeout = ((call: () => void, milliseconds: number) => {
    planned.push(milliseconds);
    return own(call, milliseconds);
  }) as typeof setTimeout;
  events().reset(1000);
  globalThis.setTimeout = own;
  assert.is(planned.length, 100);
  for (let tenth = 0; tenth < 10; tenth += 5) {
    const within = planned.filter((time) => time >= tenth * 100 && time < (tenth + 5) * 100).length;
    assert.ok(within > 10, `${planned}`); // of 100 that are drawn, fewer in a half once in 10^17 times
  }
  await until('all are fetched', () => todo.asked.length >= 100);
  await pause(100);
  assert.is(todo.asked.length, 100);
});

test('a server that has lost its versions: everything is fetched again (12.5.3)', async () => {
  const shards = memoryShards(1);
  const { todo, kvetch, port, ada, itemIds, client } = await open(1, { shards, limits: { spreadMs: 50 } });
  const shown = watch(client(), LISTS, { id: ada });
  await until('it is there', () => shown.now() !== undefined);
  await todo.away();
  await kvetch.updateObject(at(itemIds, 0), { text: 'told to nobody who is left' });
  const other = await openTodo({ shards, port, limits: { spreadMs: 50 } });
  ends.push(() => other.end());
  await until('it is shown', () => lists(shown)[0]?.todoItems[0]?.text === 'told to nobody who is left');
});

test('what nobody announces is seen when it is too old (12.2.3)', async () => {
  const shards = memoryShards(1);
  const { ada, itemIds, client } = await open(1, { shards });
  const silent = createKvetch({ schema: kvetchSchema, shards });
  const shown = watch(client({ maxAgeMs: 100 }), LISTS, { id: ada });
  await until('it is there', () => shown.now() !== undefined);
  await silent.updateObject(at(itemIds, 0), { text: 'not announced' });
  await until('it is shown', () => lists(shown)[0]?.todoItems[0]?.text === 'not announced');
});

test('a server that is not there, or answers with nonsense, is asked until it is right (12.2.6)', async () => {
  const { todo, ada, client, showsFresh } = await open(1);
  const errors: unknown[] = [];
  const answers = [
    () => Promise.reject(new Error('offline')),
    () => Promise.resolve(new Response('<html>', { status: 502 })),
    () => Promise.resolve(new Response('null')),
    () => Promise.resolve(new Response('{}')),
  ];
  const one = client({
    onError: (error) => errors.push(error),
    fetch: (url, init) => answers.shift()?.() ?? fetch(url, init),
  });
  const shown = watch(one, LISTS, { id: ada });
  await until('it says so', () => one.watch(document(LISTS), { id: ada }).getSnapshot().status === 'failed');
  await showsFresh(shown, LISTS, ada);
  assert.is(errors.length, 4);
  assert.is(todo.asked.filter(({ refetch }) => refetch === null).length > 0, true);
});

test('a listener that throws keeps nobody from being told', async () => {
  const { kvetch, ada, itemIds, client, showsFresh } = await open(1);
  const errors: unknown[] = [];
  const one = client({ onError: (error) => errors.push(error) });
  ends.push(
    one.watch(document(LISTS), { id: ada }).subscribe(() => {
      throw new Error('a careless listener');
    }),
  );
  const shown = watch(one, LISTS, { id: ada });
  await showsFresh(shown, LISTS, ada);
  await kvetch.updateObject(at(itemIds, 0), { text: 'told' });
  await showsFresh(shown, LISTS, ada);
  assert.ok(errors.length >= 2 && errors.every((error) => String(error).includes('careless')));
});

test('a server that says nonsense is left, and asked again', async () => {
  const nonsense = ['null', 'no JSON', '[]', '{"type":3}', '"ready"'];
  const server = new WebSocketServer({ port: 0 });
  ends.push(() => server.close());
  let connections = 0;
  server.on('connection', (socket) => {
    socket.send(nonsense[connections++ % nonsense.length] as string);
    socket.on('error', () => undefined);
  });
  const { ada, client, showsFresh } = await open(1);
  const errors: unknown[] = [];
  const { port } = server.address() as AddressInfo;
  const one = client({ transport: socketTo(port), onError: (error) => errors.push(error) });
  const shown = watch(one, LISTS, { id: ada });
  await showsFresh(shown, LISTS, ada);
  await until('it was tried with all', () => connections > nonsense.length && errors.length >= nonsense.length);
  one.close();
});

test('a query that is watched twice is asked once, and let go a while after nobody watches it', async () => {
  const { todo, ada, client } = await open(1);
  const one = client({ keepMs: 50 });
  assert.is(one.watch(document(LISTS), { id: ada }), one.watch(document(LISTS), { id: ada }));
  const both = [watch(one, LISTS, { id: ada }), watch(one, LISTS, { id: ada })];
  await until('it is there', () => both.every((shown) => shown.now() !== undefined));
  assert.is(todo.asked.length, 1);
  for (const shown of both) shown.stop();
  await until('it is let go', () => one.size.queries === 0 && one.size.records === 0);
  await until('the server knows', () => todo.reactive.watches.size.watches === 0);
});

test('offline for a minute: few attempts, and one refetch for all that has changed meanwhile (12.5.1)', async () => {
  let attempts = 0;
  for (let passed = 0; passed < 60_000; attempts++) passed += pauseMs(attempts, 500, 30_000);
  assert.ok(attempts >= 6 && attempts <= 9, `${attempts} attempts in a minute`);
  const { todo, kvetch, ada, listIds, itemIds, client } = await open(20);
  const one = client();
  const shown = watch(one, LISTS, { id: ada });
  await until('it is there', () => shown.now() !== undefined);
  await until('its keys are watched', () => todo.reactive.watches.size.watches > 0);
  await todo.away();
  for (let n = 0; n < 40; n++) {
    if (n % 2 === 0) await kvetch.updateObject(at(listIds, n / 2), { name: `while away ${n}` });
    else await kvetch.updateObject(at(itemIds, 3), { text: `while away ${n}` });
  }
  todo.asked.length = 0;
  await todo.back();
  await until('it is shown', () => lists(shown)[19]?.name === 'while away 38');
  assert.is(lists(shown)[3]?.todoItems[0]?.text, 'while away 39');
  assert.equal(
    todo.asked.map(({ refetch }) => refetch?.map(({ at: position, ids }) => `${position} ${ids?.length}`)),
    [['todoUser.todoLists.* 20', 'todoUser.todoLists.*.todoItems.* 1']],
  );
});

test('an answer that never ends is given up, and asked for again', async () => {
  const { ada, client, showsFresh } = await open(1);
  const errors: unknown[] = [];
  let isFirst = true;
  const one = client({
    timeoutMs: 3000,
    onError: (error) => errors.push(error),
    fetch: (url, init) => {
      if (!isFirst) return fetch(url, init);
      isFirst = false;
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('{"data":'));
          init?.signal?.addEventListener('abort', () => controller.error(init.signal?.reason));
        },
      });
      return Promise.resolve(new Response(body));
    },
  });
  const shown = watch(one, LISTS, { id: ada });
  await showsFresh(shown, LISTS, ada);
  assert.match(String(errors[0]), 'did not answer in 3000 ms');
});

test('objects that only a forgotten query has shown go; those that another one shows stay', async () => {
  const { ada, listIds, itemIds, client, showsFresh } = await open(3);
  const one = client({ keepMs: 20 });
  const shown = watch(one, LISTS, { id: ada });
  await showsFresh(shown, LISTS, ada);
  const LIST = 'query ($id: UUID!) { todoList(id: $id) { id name todoItems { id text } } }';
  const list = watch(one, LIST, { id: at(listIds, 1) });
  await showsFresh(list, LIST, at(listIds, 1));
  assert.is(one.size.records, 1 + 1 + listIds.length + itemIds.length, 'the root, the user, lists, and items');
  shown.stop();
  await until('the query is forgotten', () => one.size.queries === 1);
  assert.is(one.size.records, 3, 'the root, the list, and its item');
  assert.is((list.data() as { todoList: { name: string } }).todoList.name, 'list 1');
});

test('a page that opens and closes 1,000 queries keeps no more than it shows', async () => {
  const { listIds, client } = await open(20);
  const one = client({ keepMs: 0, transport: () => ({ add() {}, remove() {}, close() {} }) });
  const LIST = 'query ($id: UUID!, $n: Int!) { todoList(id: $id) { id name todoItems(first: $n) { id text } } }';
  const most: number[] = [];
  for (let round = 0; round < 50; round++) {
    const opened = listIds.map((id) => watch(one, LIST, { id, n: round + 1 }));
    await until('all are there', () => opened.every((shown) => shown.now() !== undefined));
    most.push(one.size.records);
    for (const shown of opened) shown.stop();
    await until('all are let go', () => one.size.queries === 0);
  }
  assert.is(one.size.records, 0);
  assert.ok(Math.max(...most) <= 1 + 2 * listIds.length, `${Math.max(...most)} records`);
});

test.run();
