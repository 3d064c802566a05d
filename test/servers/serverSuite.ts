import type { FormattedExecutionResult } from 'graphql';
import { suite, type Test } from 'uvu';
import * as assert from 'uvu/assert';
import { logged, World } from './testSchema.ts';

export interface OperationRequest {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
}

/** A server that listens, and a client of it. */
export interface RunningServer {
  /** Rejects when `signal` aborts, having closed the connection. */
  query(request: OperationRequest, signal?: AbortSignal): Promise<FormattedExecutionResult>;
  close(): Promise<void>;
}

export interface SubscriptionServer extends RunningServer {
  /** Leaving the loop ends the subscription at the server. */
  subscribe(request: OperationRequest): AsyncIterable<FormattedExecutionResult>;
}

/** What every server must do with planql's functions, seen by a client over a socket. */
export function serverSuite(name: string, start: (world: World) => Promise<RunningServer>): Test {
  const { test, running } = startedBeforeEach(name, start);
  addRequests(test, running);
  return test;
}

/** What every server with subscriptions must do besides. */
export function subscriptionServerSuite(name: string, start: (world: World) => Promise<SubscriptionServer>): Test {
  const { test, running } = startedBeforeEach(name, start);
  addRequests(test, running);
  addSubscriptions(test, running);
  return test;
}

interface Running<TServer> {
  readonly world: World;
  readonly server: TServer;
}

function startedBeforeEach<TServer extends RunningServer>(
  name: string,
  start: (world: World) => Promise<TServer>,
): { test: Test; running: () => Running<TServer> } {
  const test = suite(`planql behind ${name}`);
  let current: Running<TServer> | null = null;
  const running = (): Running<TServer> => {
    if (current === null) throw new Error(`${name} was not started.`);
    return current;
  };
  test.before.each(async () => {
    const world = new World();
    current = { world, server: await start(world) };
  });
  test.after.each(() => running().server.close());
  return { test, running };
}

function addRequests(test: Test, running: () => Running<RunningServer>): void {
  test('queries: plans batch, variables and operation names arrive', async () => {
    const { world, server } = running();
    const query = /* GraphQL */ `
      query Other { fails }
      query Friends($id: ID!, $name: String) { user(id: $id) { name friends { name friends { id } } } hello(name: $name) }
    `;
    const { data, errors } = await server.query({ query, variables: { id: '1' }, operationName: 'Friends' });
    assert.is(errors, undefined);
    const friends = [
      { name: 'Grace', friends: [{ id: '1' }] },
      { name: 'Zoë', friends: [] },
    ];
    assert.equal(data, { user: { name: 'Ada', friends }, hello: 'Hello you' });
    assert.equal(world.calls, ['1', 'friends of 1', '2,3', 'friends of 2,3']);
  });

  test('mutations run one after the other', async () => {
    const { world, server } = running();
    const query = 'mutation { a: rename(id: 2, name: "G") { name } b: rename(id: 2, name: "H") { name } }';
    assert.equal((await server.query({ query })).data, { a: { name: 'G' }, b: { name: 'H' } });
    assert.is(world.users[1]?.name, 'H');
  });

  test('errors of fields come with their path, beside the data', async () => {
    const { data, errors } = await running().server.query({ query: '{ fails hello(name: "W") }' });
    assert.equal(data, { fails: null, hello: 'Hello W' });
    assert.equal(errors?.[0]?.path, ['fails']);
  });

  test('errors that were written for clients come through; others are masked and logged with an id', async () => {
    const { data, errors = [] } = await running().server.query({ query: '{ safe coded fails }' });
    assert.equal(data, { safe: null, coded: null, fails: null });
    const [safe, coded, fails] = errors;
    assert.equal([safe?.message, safe?.path, safe?.extensions?.code], ['Sold out.', ['safe'], 'SOLD_OUT']);
    assert.equal([coded?.message, coded?.extensions?.code], ['Log in first.', 'UNAUTHENTICATED']);
    assert.equal([fails?.message, fails?.path], ['Unexpected error.', ['fails']]);
    const id = String(fails?.extensions?.id);
    assert.match(
      (logged.get(id) as Error | undefined)?.message ?? `nothing was logged with ${id}`,
      'This field fails.',
    );
    assert.not.match(JSON.stringify(errors), 'This field fails');
  });

  test('variables that do not fit refuse the request', async () => {
    const query = 'query ($id: ID!) { user(id: $id) { name } }';
    const { data, errors } = await running().server.query({ query, variables: { id: null } });
    assert.ok(data === undefined || data === null);
    assert.match(errors?.[0]?.message ?? '', 'Variable "$id"');
  });

  test('introspection', async () => {
    const query = '{ __schema { queryType { name } } __type(name: "User") { kind } }';
    const { data } = await running().server.query({ query });
    assert.equal(data, { __schema: { queryType: { name: 'Query' } }, __type: { kind: 'OBJECT' } });
  });

  test('a client that goes away aborts what runs for it', async () => {
    const { world, server } = running();
    const controller = new AbortController();
    const answer = server.query({ query: '{ waits }' }, controller.signal).then(
      () => 'answered',
      () => 'gone',
    );
    await world.heard('waits');
    controller.abort();
    await world.heard('aborted');
    assert.is(await answer, 'gone');
  });
}

function addSubscriptions(test: Test, running: () => Running<SubscriptionServer>): void {
  test('subscriptions: events in order, up to the last', async () => {
    const numbers: unknown[] = [];
    const request = { query: 'subscription ($n: Int!) { counted(upTo: $n) }', variables: { n: 20 } };
    for await (const { data } of running().server.subscribe(request)) numbers.push(data?.counted);
    assert.equal(
      numbers,
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
  });

  test('subscriptions: a client that leaves closes the source', async () => {
    const { world, server } = running();
    const numbers: unknown[] = [];
    for await (const { data } of server.subscribe({ query: 'subscription { numbers }' })) {
      numbers.push(data?.numbers);
      if (numbers.length === 3) break;
    }
    assert.equal(numbers, [1, 2, 3]);
    await world.heard('numbers closed');
  });

  test('subscriptions: a source that cannot be opened is an error', async () => {
    const paths: unknown[] = [];
    try {
      for await (const { errors } of running().server.subscribe({ query: 'subscription { refused }' })) {
        paths.push(errors?.[0]?.path);
      }
    } catch (error) {
      // A client that is told of errors apart from results throws them.
      paths.push((error as readonly { path: unknown }[])[0]?.path);
    }
    assert.equal(paths, [['refused']]);
  });

  test('subscriptions: a connection that ends aborts the execution of an event', async () => {
    const { world, server } = running();
    const events = server.subscribe({ query: 'subscription { waiting }' })[Symbol.asyncIterator]();
    const next = events.next().then(
      () => 'over',
      () => 'over',
    );
    await world.heard('waits');
    await server.close();
    await world.heard('aborted');
    assert.is(await next, 'over');
  });
}
