/** Why data was fetched, as `fetchPanel` notes it (spec 12.11). */
import * as assert from 'uvu/assert';
import type { LiveSource } from '../../../src/reactive/client/liveWatch.ts';
import { bytesOf } from '../../../src/reactive/client/panel/FetchLog.ts';
import type { TransportEvents } from '../../../src/reactive/client/transports/Transport.ts';
import { makeReactive } from '../../../src/reactive-apollo.ts';
import { createReactiveClient, type ReactiveClient, type ReactiveClientOptions } from '../../../src/reactive-client.ts';
import { fetchPanel } from '../../../src/reactive-client-panel.ts';
import { until } from '../../support/until.ts';
import { ADD_ITEM, at, casesOf, heldBack, LISTS, lists, openThings, SET_ITEM } from './cases.ts';
import { document, socketTo, watch } from './world.ts';

const { test, open, ends } = casesOf('client, why data was fetched');

type Panel = ReturnType<typeof fetchPanel>;
const causesOf = (panel: Panel): readonly string[] =>
  [...panel.getSnapshot()].reverse().map(({ causes }) => causes.join());

test('what changed, by objects and fields, with versions, parts and the bytes of the answers [12.11.1]', async () => {
  const { kvetch, todo, ada, listIds, itemIds, client } = await open(2);
  const panel = fetchPanel();
  const shown = watch(client({ panel }), LISTS, { id: ada });
  await until('it is there', () => shown.now() !== undefined);
  await kvetch.updateObject(at(itemIds, 0), { text: 'told' });
  await until('it is shown', () => lists(shown)[0]?.todoItems[0]?.text === 'told');
  await kvetch.createObject('TodoItem', { text: 'new', todoItemStatus: 'OPEN', todoList: at(listIds, 1) });
  await until('it is shown', () => lists(shown)[1]?.todoItems.length === 2);
  await until('all have ended', () => panel.getSnapshot().every(({ ms }) => ms !== null));
  const [added, told, first] = panel.getSnapshot();
  assert.is(first?.variables, JSON.stringify({ id: ada }));
  assert.match(first?.name ?? '', /^query \(\$id:UUID!\)\{todoUser/);
  assert.equal([first?.causes, first?.parts, first?.why], [['watched'], null, ['Somebody began to watch it.']]);
  assert.equal([told?.causes, told?.changed, told?.nth], [['told'], 1, 2]);
  const [{ what, from, to } = { what: '', from: 0, to: 0 }] = told?.changes ?? [];
  assert.equal([what, to > from], [`TodoItem:${itemIds[0]}`, true]);
  assert.equal(told?.why, [`TodoItem:${itemIds[0]} changed: version ${from} -> ${to}.`]);
  assert.equal(told?.parts, [`todoUser.todoLists.*.todoItems.* (${itemIds[0]})`]);
  assert.is(added?.changes[0]?.what, `TodoList:${listIds[1]}.todoItems`);
  assert.equal(
    panel.getSnapshot().map(({ bytes }) => bytes),
    todo.asked.map(({ bytes }) => bytes).reverse(),
  );
  assert.equal(JSON.parse(JSON.stringify(panel.getSnapshot())), panel.getSnapshot());
});

test('a mutation of the page; data that another query has moved; what changed while nobody watched [12.11.1]', async () => {
  const { kvetch, port, ada, listIds, itemIds, client } = await open(1);
  const panel = fetchPanel();
  const { transport } = heldBack(port); // only the mutation tells
  const one = client({ panel, transport });
  const shown = watch(one, LISTS, { id: ada });
  await until('it is there', () => shown.now() !== undefined);
  await one.mutate(document(SET_ITEM), { id: at(itemIds, 0), data: { text: 'mine' } });
  await until('it is shown', () => lists(shown)[0]?.todoItems[0]?.text === 'mine');
  const [mine] = panel.getSnapshot();
  assert.equal(mine?.causes, ['mutation']);
  assert.equal(mine?.why, ['A mutation of this page concerns it.', `TodoItem:${itemIds[0]} changed.`]);

  shown.stop();
  await one.mutate(document(ADD_ITEM), { text: 'unseen', list: at(listIds, 0) });
  assert.is(panel.getSnapshot().length, 2);
  const again = watch(one, LISTS, { id: ada });
  await until('it is shown', () => lists(again)[0]?.todoItems.length === 2);
  assert.equal(panel.getSnapshot()[0]?.causes, ['mutation', 'watched']);
  assert.is(panel.getSnapshot()[0]?.changes[0]?.what, `TodoList:${listIds[0]}.todoItems`);

  // The other query sees a list that has a new item, whose status it has not.
  await kvetch.createObject('TodoItem', { text: 'moved', todoItemStatus: 'OPEN', todoList: at(listIds, 0) });
  watch(one, 'query ($id: UUID!) { todoList(id: $id) { id todoItems { id text } } }', { id: listIds[0] });
  await until('it is fetched', () => lists(again)[0]?.todoItems.length === 3);
  await until('it has ended', () => causesOf(panel).includes('missing'));
});

/** A client whose server is a function, and whose transport is the test. */
function stub(answer: () => Promise<Response>, options: Partial<ReactiveClientOptions> = {}) {
  const panel = fetchPanel({ maxFetches: 50 });
  let events: TransportEvents | null = null;
  const client: ReactiveClient = createReactiveClient({
    ...{ url: 'http://server/graphql', panel, fetch: answer, onError: () => undefined },
    transport: (own) => {
      events = own;
      return { add: (set) => void sets.push(set), remove: () => undefined, close: () => undefined };
    },
    ...options,
  });
  ends.push(() => client.close());
  const sets: Parameters<TransportEvents['expired']>[0][] = [];
  return { panel, client, sets, events: () => events as unknown as TransportEvents };
}

const KEY = 'k'.repeat(16);
const answerOf = (more: object = {}, data: object | null = { user: { __typename: 'User', id: '1', name: 'ann' } }) => ({
  data,
  extensions: {
    reactive: {
      ...{ v: 1, status: 'full', epoch: 'e', asOf: 1, keys: KEY, versions: [1], grant: 'g' },
      ...{ groups: [{ at: 'user', scope: 'field', keys: [0, 1] }], ...more },
    },
  },
});
const USER = 'query User { user { id name } other }';

test('messages of the server, age, failures: each is named once [12.11.1]', async () => {
  let answer: () => object = answerOf;
  const { panel, client, sets, events } = stub(async () => Response.json(answer()), { maxAgeMs: 10_000 });
  const shown = watch(client, USER);
  const settled = async (n: number): Promise<void> => {
    await until(`${n} fetches have ended`, () => {
      const fetches = panel.getSnapshot();
      return fetches.length === n && fetches.every(({ ms }) => ms !== null);
    });
  };
  await settled(1);
  events().stale({ [KEY]: 2 });
  await until('the answers are stale, too', () => panel.getSnapshot().length >= 3);
  answer = () => answerOf({ versions: [2] });
  await until('they are not', () => panel.getSnapshot()[0]?.ms !== null && shown.now() !== undefined);
  const before = causesOf(panel);
  assert.equal(before.slice(0, 3), ['watched', 'told', 'stale']);
  assert.equal(new Set(before.slice(2)), new Set(['stale']));
  await new Promise((resolve) => setTimeout(resolve, 300)); // longer than the pauses of stale answers
  const count = panel.getSnapshot().length;
  events().reset(0);
  await settled(count + 1);
  assert.equal(causesOf(panel).slice(count), ['reset']);
  events().expired(at(sets, sets.length - 1));
  // It is fetched 5 s after the reset: the window is still running.
  events().stale({ [KEY]: 3 });
  assert.is(panel.getSnapshot().length, count + 1);
});

test('an attempt that fails names its error; the next one names the attempt [12.11.1]', async () => {
  let failures = 0;
  const { panel, client } = stub(async () => {
    if (failures++ < 2) throw new Error(`No network. ${'!'.repeat(1000)}`);
    return Response.json(answerOf());
  });
  const shown = watch(client, USER);
  await until('it is there', () => shown.now() !== undefined);
  assert.equal(causesOf(panel), ['watched', 'failed', 'failed']);
  const [good, , bad] = panel.getSnapshot();
  assert.equal([good?.error, good?.bytes], [null, JSON.stringify(answerOf()).length]);
  assert.match(bad?.error ?? '', /^Error: No network\. !+…$/);
  assert.equal([bad?.error?.length, bad?.bytes], [500, null]);
});

test('keys that cannot be watched, parts with errors, age [12.11.1]', async () => {
  let answer: object = answerOf();
  const own = stub(async () => Response.json(answer), { maxAgeMs: 60 });
  watch(own.client, USER);
  await until('it is old', () => causesOf(own.panel).includes('age'));
  own.client.close();

  // Of three positions one is stale: it is a part.
  const three = {
    keys: KEY + 'l'.repeat(16) + 'm'.repeat(16),
    groups: ['user', 'other', 'third'].map((at, n) => ({ at, scope: 'field', keys: [n, 1] })),
  };
  answer = answerOf({ ...three, versions: [1, 1, 1] });
  const { panel, client, events } = stub(async () => Response.json(answer));
  watch(client, USER);
  await until('it is there', () => panel.getSnapshot()[0]?.ms != null);
  answer = { ...answerOf({}, null), errors: [{ message: 'No.' }] };
  events().stale({ [KEY]: 2 });
  await until('all of it is asked for', () => causesOf(panel).includes('errors'));
  const [whole, part] = panel.getSnapshot().slice(-3);
  assert.equal([whole?.parts, part?.parts, part?.why], [null, ['user'], ['user changed: version 1 -> 2.']]);

  const refused = stub(async () => Response.json(answerOf()));
  watch(refused.client, USER);
  await until('it is there', () => refused.sets.length === 1);
  refused.events().expired(at(refused.sets, 0));
  await until('it is fetched', () => causesOf(refused.panel).join() === 'watched,expired');
});

test('a set that cannot be watched, a live query that ends [12.11.1]', async () => {
  const { random } = Math;
  Math.random = () => 0; // it is fetched some time within 10 s
  ends.push(() => {
    Math.random = random;
  });
  const refused = stub(async () => Response.json(answerOf()));
  watch(refused.client, USER);
  await until('it is there', () => refused.sets.length === 1);
  refused.events().refused(at(refused.sets, 0));
  await until('it is fetched', () => causesOf(refused.panel).join() === 'watched,refused');

  const sinks: Parameters<LiveSource['subscribe']>[1][] = [];
  const subscribe: LiveSource['subscribe'] = (_payload, sink) => {
    sinks.push(sink);
    return () => undefined;
  };
  const live = stub(async () => Response.json(answerOf()), { live: { subscribe } });
  ends.push(live.client.watch(document(USER), {}, { live: true }).subscribe(() => undefined));
  sinks[0]?.next({ data: answerOf().data });
  assert.equal(live.panel.getSnapshot(), []);
  sinks[0]?.error(new Error('It has ended.'));
  await until('it is fetched', () => causesOf(live.panel).join() === 'live');
});

test('the queries of Apollo Client, by makeReactive [12.11.1]', async () => {
  const { kvetch, port, ada, itemIds } = await open(1);
  const name = '@apollo/client';
  const { ApolloClient, HttpLink, InMemoryCache } = await import(name);
  const link = new HttpLink({ uri: `http://127.0.0.1:${port}/graphql` });
  const apollo = new ApolloClient({ link, cache: new InMemoryCache() });
  const panel = fetchPanel();
  ends.push(makeReactive(apollo, { transport: socketTo(port), panel }));
  let shown = '';
  const observer = ({ data }: { data: unknown }): void => {
    shown = JSON.stringify(data ?? '');
  };
  const watched = apollo.watchQuery({ query: document(LISTS), variables: { id: ada } }).subscribe(observer);
  ends.push(() => watched.unsubscribe());
  await until('it is there', () => shown.includes('item 0'));
  await kvetch.updateObject(at(itemIds, 0), { text: 'told' });
  await until('it is shown', () => shown.includes('told'));
  assert.equal(causesOf(panel), ['told']);
  const [{ changes, parts } = { changes: [], parts: null }] = panel.getSnapshot();
  assert.equal([changes[0]?.what, parts?.length], [`TodoItem:${itemIds[0]}`, 1]);
});

test('no more fetches, changes and characters are kept than its bounds say [12.11.2]', async () => {
  const keys = Array.from({ length: 300 }, (_, n) => String(n).padStart(16, '0'));
  const user = { __typename: 'User', id: '1', name: 'ann' };
  let version = 1;
  const all = () =>
    answerOf({
      ...{ keys: keys.join(''), versions: keys.map(() => version) },
      groups: [{ at: 'user', scope: 'field', keys: [0, 300] }],
    });
  const { panel, client, events } = stub(async () => Response.json({ ...all(), data: { user } }));
  const long = `query ${'A'.repeat(100_000)} { user { id name } other }`;
  watch(client, long, { text: 'x'.repeat(1_000_000) });
  await until('it is there', () => panel.getSnapshot()[0]?.ms != null);
  version = 2;
  events().stale(Object.fromEntries(keys.map((key) => [key, 2])));
  await until('it is asked for', () => panel.getSnapshot().length > 1);
  const [told] = panel.getSnapshot();
  assert.equal([told?.changes.length, told?.changed, told?.why.at(-1)], [20, 300, '280 more keys changed.']);
  for (let n = 0; n < 200; n++) watch(client, USER, { n });
  await until('it is full', () => panel.getSnapshot().length === 50);
  await until('all were fetched', () => panel.getSnapshot()[0]?.variables === '{"n":199}');
  assert.is(panel.getSnapshot().length, 50);
  const [one] = panel.getSnapshot().filter(({ name }) => name.startsWith('A'));
  assert.is(one, undefined);
  assert.equal([told?.name.length, told?.variables.length], [100, 500]);
  assert.ok(JSON.stringify(told).length < 10_000);
});

test('in production nothing is noted, unless it is asked for [12.11.2]', async () => {
  const { NODE_ENV } = process.env;
  process.env.NODE_ENV = 'production';
  ends.push(() => {
    if (NODE_ENV === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = NODE_ENV;
  });
  const [silent, asked] = [fetchPanel(), fetchPanel({ inProduction: true })];
  for (const panel of [silent, asked]) {
    const { client } = stub(async () => Response.json(answerOf()), { panel });
    const shown = watch(client, USER);
    await until('it is there', () => shown.now() !== undefined);
  }
  assert.is(silent.getSnapshot().length, 0);
  assert.is(asked.getSnapshot().length, 1);
});

test('a listener that throws, and one that watches more: the others are told, and data is fetched', async () => {
  const { things, schema } = openThings();
  const { todo, client } = await open(0, { schema });
  const panel = fetchPanel();
  const one = client({ panel });
  const { error: print } = console;
  const printed: unknown[] = [];
  console.error = (...given: unknown[]) => void printed.push(...given);
  ends.push(() => {
    console.error = print;
  });
  let told = 0;
  const endCareless = panel.subscribe(() => {
    throw new Error('A careless listener.');
  });
  const endEager = panel.subscribe(() => void watch(one, '{ tags { name } }'));
  const stop = panel.subscribe(() => void told++);
  const shown = watch(one, '{ things { id name } }');
  await until('it is there', () => shown.now() !== undefined && told > 1);
  at(things, 0).name = 'uno';
  await todo.reactive.invalidate('things');
  await until('it is shown', () => JSON.stringify(shown.now()).includes('uno'));
  assert.ok(printed.length > 0 && printed.every((error) => String(error).includes('careless')));
  stop();
  endCareless();
  endEager();
  const [before, snapshot] = [told, panel.getSnapshot()];
  assert.is(snapshot, panel.getSnapshot());
  await todo.reactive.invalidate('things');
  await until('it is noted', () => panel.getSnapshot() !== snapshot);
  assert.is(told, before);
});

test('the bytes of an answer are those of its JSON in UTF-8', () => {
  assert.is(bytesOf({ data: { name: 'ä€😀' } }), Buffer.byteLength('{"data":{"name":"ä€😀"}}'));
});

test.run();
