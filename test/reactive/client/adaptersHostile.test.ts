/** Apollo Client and urql as careless applications use them: without a cache, with local fields, cancelled, with errors. */
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { LocalState } from '@apollo/client/local-state';
import { Client, cacheExchange, fetchExchange } from '@urql/core';
import * as assert from 'uvu/assert';
import { makeReactive } from '../../../src/reactive-apollo.ts';
import { reactiveExchange } from '../../../src/reactive-urql.ts';
import { until } from '../../support/until.ts';
import { casesOf, openThings, pause } from './cases.ts';
import { socketTo, type TodoServer } from './world.ts';

const { test, open, ends } = casesOf('Apollo Client and urql, hostile');

const ITEM = gql`
  query Item($id: UUID!) {
    todoItem(id: $id) {
      id
      text
    }
  }
`;
const BROKEN = gql`
  query Broken {
    broken
    things {
      id
    }
  }
`;

interface Data {
  readonly todoItem: { readonly text: string; readonly isPicked?: boolean };
}

/** After this nothing is known any more of what a query depends on that nobody watches. */
const FORGOTTEN_MS = 2000;
const unasked: unknown[] = [];
const note = (error: unknown): void => void unasked.push(error);
test.before.each(() => {
  unasked.length = 0;
  process.on('unhandledRejection', note);
});
test.after.each(async () => {
  await pause(20);
  process.off('unhandledRejection', note);
  assert.equal(unasked, []);
});

/** Holds the next request up until `go`. */
function holdUp(server: TodoServer): { readonly hasBegun: boolean; go(): void } {
  const held = { hasBegun: false, go: (): void => undefined };
  server.before = () => {
    held.hasBegun = true;
    return new Promise<void>((resolve) => {
      held.go = resolve;
    });
  };
  return held;
}

function apolloTo(port: number, link: ApolloLink | null = null, options: object = {}) {
  const http = new HttpLink({ uri: `http://127.0.0.1:${port}/graphql` });
  const client = new ApolloClient({
    link: link === null ? http : ApolloLink.from([link, http]),
    cache: new InMemoryCache(),
    ...options,
  });
  const failures: unknown[] = [];
  const end = makeReactive(client, { transport: socketTo(port), onError: (error) => failures.push(error) });
  ends.push(() => {
    end();
    client.stop();
  });
  return { client, failures };
}

test('Apollo: a query that is kept in no cache shows what changes', async () => {
  const { kvetch, port, itemIds } = await open(1);
  const [id = ''] = itemIds;
  const { client } = apolloTo(port);
  const seen: string[] = [];
  const watched = client.watchQuery<Data>({ query: ITEM, variables: { id }, fetchPolicy: 'no-cache' });
  const subscription = watched.subscribe(({ data }) => void (data && seen.push((data as Data).todoItem.text)));
  await until('it is there', () => seen.at(-1) === 'item 0');
  for (const text of ['one', 'two', 'three']) {
    await kvetch.updateObject(id, { text });
    await until('it is shown', () => seen.at(-1) === text);
  }
  assert.is(JSON.stringify(client.cache.extract()).includes('three'), false);
  subscription.unsubscribe();
});

test('Apollo: a query without a name that has local fields stays reactive, and lets go when nobody watches it', async () => {
  const looks: (() => void)[] = [];
  const { setInterval: own } = globalThis;
  const { todo, kvetch, port, itemIds } = await open(1);
  const [id = ''] = itemIds;
  globalThis.setInterval = ((call: () => void) => {
    looks.push(call);
    return own(() => undefined, 1e6).unref();
  }) as typeof setInterval;
  const { client } = apolloTo(port, null, {
    localState: new LocalState({ resolvers: { TodoItem: { isPicked: () => true } } }),
  });
  globalThis.setInterval = own;
  const query = gql`
    query ($id: UUID!) {
      todoItem(id: $id) {
        id
        text
        isPicked @client
      }
    }
  `;
  const seen: Data[] = [];
  const subscription = client
    .watchQuery<Data>({ query, variables: { id } })
    .subscribe(({ data, dataState }) => void (dataState === 'complete' && seen.push(data)));
  await until('it is there', () => seen.length > 0);
  for (const look of looks) look();
  await kvetch.updateObject(id, { text: 'one' });
  await until('it is shown', () => seen.at(-1)?.todoItem.text === 'one');
  assert.is(seen.at(-1)?.todoItem.isPicked, true);
  subscription.unsubscribe();
  for (const look of looks) look();
  await until('the server knows', () => todo.reactive.watches.size.watches === 0);
});

test('Apollo: a watch that is cancelled while parts are fetched ends quietly', async () => {
  const { todo, kvetch, port, itemIds } = await open(1);
  const [id = ''] = itemIds;
  const { client, failures } = apolloTo(port);
  const seen: string[] = [];
  const subscription = client
    .watchQuery<Data>({ query: ITEM, variables: { id } })
    .subscribe(({ data }) => void (data && seen.push((data as Data).todoItem.text)));
  await until('it is there', () => seen.length === 1);
  await until('its keys are watched', () => todo.reactive.watches.size.watches > 0);
  const held = holdUp(todo);
  await kvetch.updateObject(id, { text: 'late' });
  await until('it is asked for', () => held.hasBegun);
  subscription.unsubscribe();
  await client.clearStore();
  held.go();
  await pause(50);
  assert.equal(seen, ['item 0']);
  assert.equal(failures, []);
});

test('Apollo: while requests fail, what was shown stays; then it is fetched', async () => {
  const { kvetch, port, itemIds } = await open(1);
  const [id = ''] = itemIds;
  let fails = false;
  let failed = 0;
  const link = new ApolloLink((operation, forward) => {
    if (fails) throw new Error(`offline ${++failed}`);
    return forward(operation);
  });
  const { client, failures } = apolloTo(port, link);
  const seen: string[] = [];
  const errors: unknown[] = [];
  const subscription = client.watchQuery<Data>({ query: ITEM, variables: { id } }).subscribe({
    next: ({ data, error }) => {
      if (error) errors.push(error);
      if (data) seen.push((data as Data).todoItem.text);
    },
    error: (error) => errors.push(error),
  });
  await until('it is there', () => seen.length === 1);
  fails = true;
  await kvetch.updateObject(id, { text: 'one' });
  await until('it was tried twice', () => failed > 1);
  assert.equal(seen, ['item 0']);
  fails = false;
  await until('it is shown', () => seen.at(-1) === 'one');
  assert.equal(errors, []);
  assert.ok(failures.length >= 2 && failures.every((failure) => /offline/.test(String(failure))));
  subscription.unsubscribe();
});

for (const kind of ['Apollo', 'urql'] as const) {
  test(`${kind}: an answer with errors is shown as the client shows them, and whole data when it is right again`, async () => {
    const { state, schema } = openThings();
    const { todo, port } = await open(0, { schema });
    state.isBroken = true;
    const seen: unknown[] = [];
    const show = ({ data, error }: { readonly data?: unknown; readonly error?: unknown }): void => {
      if (data != null) seen.push([(data as { broken: unknown }).broken, error === undefined ? '' : String(error)]);
    };
    if (kind === 'Apollo') {
      const { client } = apolloTo(port);
      const subscription = client.watchQuery({ query: BROKEN, errorPolicy: 'all' }).subscribe(show);
      ends.push(() => subscription.unsubscribe());
    } else urqlTo(port, [cacheExchange], BROKEN, {}, show);
    await until('the error is shown', () => /is broken/.test(JSON.stringify(seen.at(-1))));
    state.isBroken = false;
    await todo.reactive.invalidate('broken');
    await until('it is right', () => JSON.stringify(seen.at(-1)) === '["whole",""]');
  });
}

// biome-ignore lint/suspicious/noExplicitAny: urql's own types are those of its streams
function urqlTo(port: number, first: any[], query: object, variables: object, show: (result: any) => void) {
  const failures: unknown[] = [];
  const reactive = reactiveExchange({ transport: socketTo(port), onError: (error) => failures.push(error) });
  const client = new Client({
    url: `http://127.0.0.1:${port}/graphql`,
    exchanges: [...first, reactive as never, fetchExchange],
  });
  const subscription = client.query(query as never, variables as never).subscribe(show);
  ends.push(() => subscription.unsubscribe());
  return { client, failures, subscription };
}

for (const [what, first] of Object.entries({ 'no cache': [], 'the cache': [cacheExchange] })) {
  test(`urql: with ${what}, and all other options as they are, it shows what changes`, async () => {
    const { todo, kvetch, port, itemIds } = await open(1);
    const [id = ''] = itemIds;
    const seen: string[] = [];
    const { subscription } = urqlTo(
      port,
      first,
      ITEM,
      { id },
      ({ data }) => void (data && seen.push(data.todoItem.text)),
    );
    await until('it is there', () => seen.at(-1) === 'item 0');
    for (const text of ['one', 'two', 'three']) {
      await kvetch.updateObject(id, { text });
      await until('it is shown', () => seen.at(-1) === text);
    }
    subscription.unsubscribe();
    await until('the server knows', () => todo.reactive.watches.size.watches === 0);
  });
}

test('urql: a query that is torn down while parts are fetched ends quietly', async () => {
  const { todo, kvetch, port, itemIds } = await open(1);
  const [id = ''] = itemIds;
  const seen: string[] = [];
  const { subscription, failures } = urqlTo(
    port,
    [cacheExchange],
    ITEM,
    { id },
    ({ data }) => void (data && seen.push(data.todoItem.text)),
  );
  await until('it is there', () => seen.length === 1);
  await until('its keys are watched', () => todo.reactive.watches.size.watches > 0);
  const held = holdUp(todo);
  await kvetch.updateObject(id, { text: 'late' });
  await until('it is asked for', () => held.hasBegun);
  subscription.unsubscribe();
  held.go();
  await until('the server knows', () => todo.reactive.watches.size.watches === 0);
  await pause(50);
  assert.equal(seen, ['item 0']);
  assert.equal(failures, []);
});

test('Apollo: a query whose variables go back and forth is up to date each time [12.8.2]', async () => {
  const { kvetch, port, itemIds } = await open(2);
  const [id = '', other = ''] = itemIds;
  const { client } = apolloTo(port);
  const seen: string[] = [];
  const watched = client.watchQuery<Data>({ query: ITEM, variables: { id } });
  const subscription = watched.subscribe(({ data }) => void (data?.todoItem && seen.push(String(data.todoItem.text))));
  await until('it is there', () => seen.at(-1) === 'item 0');
  for (const text of ['one', 'two', 'three']) {
    void watched.setVariables({ id: other });
    await until('the other one is there', () => seen.at(-1) === 'item 1');
    await pause(FORGOTTEN_MS);
    await kvetch.updateObject(id, { text });
    void watched.setVariables({ id });
    await until(`it shows ${text}`, () => seen.at(-1) === text);
  }
  subscription.unsubscribe();
});

test('urql: the request of a page to which the user returns fails: when it is executed again, it is up to date [12.8.2]', async () => {
  const { kvetch, port, itemIds } = await open(1);
  const [id = ''] = itemIds;
  const seen: string[] = [];
  const errors: unknown[] = [];
  let fails = false;
  const client = new Client({
    url: `http://127.0.0.1:${port}/graphql`,
    exchanges: [cacheExchange, reactiveExchange({ transport: socketTo(port) }) as never, fetchExchange],
    fetch: async (url, init) => (fails ? Promise.reject(new Error('offline')) : fetch(url, init)),
    preferGetMethod: false,
  });
  const watch = () =>
    client.query<Data>(ITEM, { id }).subscribe(({ data, error }) => {
      if (data) seen.push(data.todoItem.text);
      if (error) errors.push(error);
    });
  const first = watch();
  await until('it is there', () => seen.at(-1) === 'item 0');
  first.unsubscribe();
  await kvetch.updateObject(id, { text: 'one' });
  fails = true;
  const second = watch();
  await until('it has failed', () => errors.length > 0);
  fails = false;
  const third = watch(); // while the second one is there
  await until('it is up to date', () => seen.at(-1) === 'one');
  second.unsubscribe();
  third.unsubscribe();
});

test('urql: while requests fail, what was shown stays; then it is fetched', async () => {
  const { kvetch, port, itemIds } = await open(1);
  const [id = ''] = itemIds;
  const seen: string[] = [];
  const errors: unknown[] = [];
  let fails = false;
  let failed = 0;
  const reactive = reactiveExchange({ transport: socketTo(port) });
  const client = new Client({
    url: `http://127.0.0.1:${port}/graphql`,
    exchanges: [cacheExchange, reactive as never, fetchExchange],
    fetch: async (url, init) => {
      if (fails) throw new Error(`offline ${++failed}`);
      return fetch(url, init);
    },
  });
  const { unsubscribe } = client.query(ITEM, { id }).subscribe(({ data, error }) => {
    if (error) errors.push(error);
    if (data) seen.push(data.todoItem.text);
  });
  await until('it is there', () => seen.length === 1);
  fails = true;
  await kvetch.updateObject(id, { text: 'one' });
  await until('it was tried twice', () => failed > 1);
  fails = false;
  await until('it is shown', () => seen.at(-1) === 'one');
  assert.equal(errors, []);
  unsubscribe();
});

test.run();
