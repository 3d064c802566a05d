/** Apollo Client, urql and Relay, the real ones: an app becomes reactive by one line, keeps its cache, and fetches only what is stale. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { schema } from '../../../examples/todo/generated/plans.ts';
import { makeReactive } from '../../../src/reactive-apollo.ts';
import { reactiveExchange } from '../../../src/reactive-urql.ts';
import { deferred } from '../../support/deferred.ts';
import { until } from '../../support/until.ts';
import { pause } from './cases.ts';
import { artifactOf, relayFetch } from './relay.ts';
import { document, fresh, openClient, openTodo, plain, socketTo, type TodoServer } from './world.ts';

const LISTS =
  'query Lists($id: UUID!) { todoUser(id: $id) { id name todoLists { id name todoItems { id text todoItemStatus } } } }';
const ITEM = 'query Item($id: UUID!) { todoItem(id: $id) { id text } }';
const TEXTS = 'query Texts($id: UUID!) { todoList(id: $id) { id todoItems { id text } } }';
const SET_ITEM =
  'mutation Set($id: UUID!, $text: String!) { updateTodoItem(id: $id, data: { text: $text }) { todoItem { id text } } }';

/** After this nothing of a query that nobody watches is kept but the data in its client's cache. */
const FORGOTTEN_MS = 2000;

/** What a test needs of a client. */
interface Foreign {
  /** Watches a query until the function is called. */
  watch(query: string, variables: object, onData: (data: unknown) => void): () => void;
  mutate(query: string, variables: object): Promise<unknown>;
  close(): void;
}

// biome-ignore lint/suspicious/noExplicitAny: packages that are loaded by their names, where they are installed
type Loaded = any;
const load = (name: string): Promise<Loaded> => import(name);

const clients: Readonly<Record<string, (todo: TodoServer) => Promise<Foreign>>> = {
  '@apollo/client': async ({ port }) => {
    const { ApolloClient, HttpLink, InMemoryCache } = await load('@apollo/client');
    const link = new HttpLink({ uri: `http://127.0.0.1:${port}/graphql` });
    const client = new ApolloClient({ link, cache: new InMemoryCache() });
    const end = makeReactive(client, { transport: socketTo(port) });
    return {
      watch(query, variables, onData) {
        const watched = client.watchQuery({ query: document(query), variables });
        const subscription = watched.subscribe(({ data }: { data: unknown }) => onData(data));
        return () => subscription.unsubscribe();
      },
      mutate: (mutation, variables) => client.mutate({ mutation: document(mutation), variables }),
      close() {
        end();
        client.stop();
      },
    };
  },
  'relay-runtime': async ({ port }) => {
    const relay = await load('relay-runtime');
    const { Environment, Network, Observable, RecordSource, Store, createOperationDescriptor } = relay.default ?? relay;
    const own = openClient(port);
    const network = Network.create(relayFetch(own, Observable));
    const environment = new Environment({ network, store: new Store(new RecordSource()) });
    const operationOf = (text: string, variables: object) =>
      createOperationDescriptor(artifactOf(text, schema), variables);
    return {
      watch(query, variables, onData) {
        const operation = operationOf(query, variables);
        const show = ({ data }: { data: unknown }): void => onData(data);
        const ends = [
          environment.retain(operation),
          environment.subscribe(environment.lookup(operation.fragment), show),
          { dispose: environment.execute({ operation }).subscribe({}).unsubscribe },
        ];
        return () => {
          for (const { dispose } of ends) dispose();
        };
      },
      mutate: (mutation, variables) =>
        environment.executeMutation({ operation: operationOf(mutation, variables) }).toPromise(),
      close: () => own.close(),
    };
  },
  '@urql/core': async ({ port }) => {
    const { Client, cacheExchange, fetchExchange } = await load('@urql/core');
    const url = `http://127.0.0.1:${port}/graphql`;
    const exchanges = [cacheExchange, reactiveExchange({ transport: socketTo(port) }), fetchExchange];
    const client = new Client({ url, preferGetMethod: false, exchanges });
    const stops: (() => void)[] = [];
    return {
      watch(query, variables, onData) {
        const { unsubscribe } = client
          .query(document(query), variables)
          .subscribe(({ data }: { data: unknown }) => onData(data));
        stops.push(unsubscribe);
        return unsubscribe;
      },
      mutate: (mutation, variables) => client.mutation(document(mutation), variables).toPromise(),
      close() {
        for (const stop of stops) stop();
      },
    };
  },
};

for (const [name, open] of Object.entries(clients)) {
  const test = suite(`row 17: reactive, ${name}`);
  const ends: (() => unknown)[] = [];
  test.after.each(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  const start = async () => {
    const todo = await openTodo();
    ends.push(() => todo.end());
    const { kvetch } = todo;
    const ada = await kvetch.createObject('TodoUser', { name: 'Ada', username: 'ada' });
    const list = await kvetch.createObject('TodoList', { name: 'Garden', owner: ada });
    const item = await kvetch.createObject('TodoItem', { text: 'dig', todoItemStatus: 'OPEN', todoList: list });
    const client = await open(todo);
    ends.push(() => client.close());
    const shown: { now: unknown } = { now: undefined };
    const stop = client.watch(LISTS, { id: ada }, (data) => {
      shown.now = plain(data);
    });
    ends.push(stop);
    const isFresh = async (): Promise<void> => {
      const expected = JSON.stringify(await fresh(todo.port, LISTS, { id: ada }));
      await until('it shows what is stored', () => JSON.stringify(shown.now) === expected);
    };
    await isFresh();
    return { todo, client, ada, list, item, stop, shown, isFresh };
  };

  test(`what changes elsewhere is shown, and only what is stale is fetched${name === 'relay-runtime' ? ' [12.8.1]' : ''}`, async () => {
    const { todo, list, item, isFresh } = await start();
    const asked = todo.asked.length;
    await todo.kvetch.updateObject(item, { text: 'dig deep' });
    await isFresh();
    await todo.kvetch.createObject('TodoItem', { text: 'sow', todoItemStatus: 'OPEN', todoList: list });
    await isFresh();
    // the test's own questions refetch nothing
    const refetches = todo.asked.slice(asked).flatMap(({ refetch }) => (refetch === null ? [] : [refetch]));
    // the one list that has got an item, of all lists
    const { at, fields, ids } = refetches.at(-1)?.[0] ?? {};
    assert.equal([at, fields, ids], ['todoUser.todoLists.*', ['todoItems'], [list]], JSON.stringify(refetches));
  });

  test('its cache has what was fetched: another query shows it, too', async () => {
    const { todo, client, item, isFresh } = await start();
    let text: unknown;
    ends.push(
      client.watch(ITEM, { id: item }, (data) => {
        text = (data as { todoItem?: { text: string } } | undefined)?.todoItem?.text;
      }),
    );
    await until('it is there', () => text === 'dig');
    await todo.kvetch.updateObject(item, { text: 'dig deep' });
    await until('it is shown', () => text === 'dig deep');
    await isFresh();
  });

  test('mutations of the client are shown, again and again', async () => {
    const { client, item, isFresh } = await start();
    for (const text of ['one', 'two', 'three']) {
      await client.mutate(SET_ITEM, { id: item, text });
      await isFresh();
    }
  });

  test('a mutation whose answer comes after its change was shown does not keep what changes later from being shown [12.1.4]', async () => {
    const { todo, client, list, item, isFresh } = await start();
    todo.after = async ({ query }) => {
      if (!query.trimStart().startsWith('mutation')) return;
      todo.after = () => undefined;
      await isFresh(); // by the transport
    };
    await client.mutate(SET_ITEM, { id: item, text: 'one' });
    await todo.kvetch.updateObject(list, { name: 'Park' });
    await isFresh();
  });

  test('what another query has brought before the answer to a query is shown by both', async () => {
    const { todo, client, item, isFresh } = await start();
    const isBrought = deferred();
    todo.before = ({ query }) => (query.includes('todoLists') ? isBrought.promise : undefined);
    await todo.kvetch.updateObject(item, { text: 'dig deep' });
    await pause(100); // it is asked for
    ends.push(
      client.watch(ITEM, { id: item }, (data) => {
        if (String(JSON.stringify(data)).includes('dig deep')) isBrought.resolve();
      }),
    );
    await isBrought.promise;
    await isFresh();
  });

  test('an object that another query has brought in part is shown when the answer that is under way has the rest [12.2.9]', async () => {
    const { todo, client, list, isFresh } = await start();
    const isBrought = deferred();
    let texts = '';
    ends.push(
      client.watch(TEXTS, { id: list }, (data) => {
        texts = String(JSON.stringify(data));
        if (texts.includes('sow')) isBrought.resolve();
      }),
    );
    await until('the list is shown', () => texts.includes('dig'));
    todo.before = ({ query }) => (query.includes('todoLists') ? isBrought.promise : undefined);
    await todo.kvetch.createObject('TodoItem', { text: 'sow', todoItemStatus: 'OPEN', todoList: list });
    await isBrought.promise;
    await isFresh();
  });

  test('an answer to a mutation that comes late does not bring old data back [12.8.3]', async () => {
    const { todo, client, item, isFresh } = await start();
    todo.after = async ({ query }) => {
      if (!query.trimStart().startsWith('mutation')) return;
      todo.after = () => undefined;
      await todo.kvetch.updateObject(item, { text: 'two' });
      await isFresh();
    };
    // Relay writes payloads of mutations by itself: there they select ids
    const mutation = name === 'relay-runtime' ? SET_ITEM.replace('id text }', 'id }') : SET_ITEM;
    await client.mutate(mutation, { id: item, text: 'one' });
    await pause(100); // the other client has it in its cache
    await isFresh();
  });

  test('a query that is shown again, from the cache of its client, is kept up to date again [12.8.2]', async () => {
    const { todo, client, ada, item, stop, shown, isFresh } = await start();
    stop();
    await pause(FORGOTTEN_MS);
    await todo.kvetch.updateObject(item, { text: 'before it is shown again' });
    ends.push(
      client.watch(LISTS, { id: ada }, (data) => {
        shown.now = plain(data);
      }),
    );
    await isFresh();
    await todo.kvetch.updateObject(item, { text: 'after it' });
    await isFresh();
  });

  test.run();
}
