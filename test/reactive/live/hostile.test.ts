/** What hostile users, careless contexts and bad networks do to live queries (spec 11.7). */
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { parse } from 'graphql';
import { createHandler } from 'graphql-sse/lib/use/http';
import { useServer } from 'graphql-ws/use/ws';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket, WebSocketServer } from 'ws';
import { forGraphqlSse, forGraphqlWs, memoryVersions, VersionsUnavailableError } from '../../../src/reactive.ts';
import { until } from '../../support/until.ts';
import { endAll, equals, Follower, LISTS, openWorld, request, results } from './world.ts';

const test = suite('live queries and their enemies');
test.after.each(endAll);

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

test('a flood of subscriptions: the limit holds, each refusal is an error, and all is closed with the socket [11.7.13]', async () => {
  const world = openWorld({ limits: { perConnection: 10 } });
  const ann = await world.kvetch.createObject('User', { name: 'Ann' });
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  useServer(forGraphqlWs(world.live, { context: () => world.contextValue() }), sockets);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, 'graphql-transport-ws');
  const seen = new Map<string, number>();
  socket.on('message', (data) => {
    const { type, payload } = JSON.parse(String(data));
    const code = payload?.errors?.[0]?.extensions?.code ?? type;
    seen.set(code, (seen.get(code) ?? 0) + 1);
  });
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(JSON.stringify({ type: 'connection_init' }));
  await until('the server is ready', () => seen.get('connection_ack') === 1);
  for (let n = 0; n < 1000; n++) {
    const payload = { query: LISTS, variables: { id: ann } };
    socket.send(JSON.stringify({ id: `${n}`, type: 'subscribe', payload }));
  }
  await until('all are answered', () => seen.get('LIVE_LIMIT') === 990 && seen.get('next') === 10);
  assert.is(world.live.stats.queries, 10);
  assert.is(world.live.stats.runs, 10, 'without a subject nothing is shared');
  void world.kvetch.updateObject(ann, { name: 'Anna' });
  socket.terminate();
  await until('all is closed', () => world.live.stats.queries === 0 && world.reactive.watches.size.watches === 0);
  sockets.close();
  await new Promise((resolve) => server.close(resolve));
});

test('a client of graphql-sse that does not read: nothing is kept for it [11.7.8]', async () => {
  const world = openWorld();
  const { kvetch, live } = world;
  const ann = await kvetch.createObject('User', { name: 'Ann' });
  let contexts = 0;
  const context = (): object => {
    contexts++;
    return world.contextValue();
  };
  const handler = createHandler(forGraphqlSse(live, { context }));
  const server = createServer((incoming, response) => {
    handler(incoming, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const body = JSON.stringify({ query: LISTS, variables: { id: ann } });
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.pause();
  socket.write(
    `POST / HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  await until('it is live', () => live.stats.queries === 1);
  const quick = Follower.of(results(world, request(world, ann)));
  const changes = 60;
  for (let n = 0; n < changes; n++) {
    const { rev } = quick;
    await kvetch.updateObject(ann, { name: `${n} `.repeat(300_000) });
    await until('somebody else sees it', () => quick.rev > rev);
  }
  const taken = contexts;
  assert.ok(taken < changes / 2, `${taken} results were made for somebody who reads none`);
  await kvetch.updateObject(ann, { name: 'the last' });
  let text = '';
  socket.on('data', (data) => {
    text = text.slice(-1000) + String(data);
  });
  socket.resume();
  await until('it gets the newest when it reads', () => text.includes('the last'));
  assert.ok(contexts - taken < 20, `${contexts - taken} results for what it has missed`);
  socket.destroy();
  await until('its query has ended', () => live.stats.queries === 1);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('contexts that throw, reject or hang are errors; others do not wait for them; then it goes on [11.7.4, 11.7.13]', async () => {
  const world = openWorld({ limits: { runMs: 100, runs: 2 } });
  const ann = await world.kvetch.createObject('User', { name: 'Ann' });
  let isBad = true;
  const bad: Readonly<Record<string, () => unknown>> = {
    throws: () => {
      throw new Error('the password is 1234');
    },
    rejects: () => Promise.reject(new Error('the password is 1234')),
    nothing: () => Promise.reject(undefined),
    hangs: () => new Promise(() => undefined),
  };
  const followers = Object.entries(bad).map(([subject, make]) => {
    const context = () => (isBad ? make() : world.contextValue());
    return [subject, Follower.of(results(world, request(world, ann, { subject, context })))] as const;
  });
  const good = Follower.of(results(world, request(world, ann, { subject: 'good' })));
  await until('the good one has a result', () => good.rev === 1);
  for (const [subject, follower] of followers) {
    await until(`${subject} has an error`, () => follower.rev === 1);
    const code = subject === 'hangs' ? 'LIVE_TIMEOUT' : 'INTERNAL_SERVER_ERROR';
    assert.equal([follower.data, follower.errors?.[0]?.extensions], [undefined, { code }]);
    assert.is(JSON.stringify(follower.errors).includes('1234'), false);
  }
  isBad = false;
  for (const [, follower] of followers)
    await until('it goes on', () => follower.rev === 2 && equals(follower.data, good.data));
});

test('variables with __proto__, constructors, depth and size share and harm nothing [11.7.7]', async () => {
  const world = openWorld();
  const ann = await world.kvetch.createObject('User', { name: 'Ann' });
  const first = results(world, request(world, ann));
  await first.next();
  const odd: readonly string[] = [
    `{"id":"${ann}","__proto__":{"id":"x"}}`,
    `{"id":"${ann}","constructor":{"prototype":{"polluted":1}}}`,
    `{"id":"${ann}","toString":1}`,
    `{"id":"${ann}","more":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
    `{"id":"${ann}","more":"${'x'.repeat(1_000_000)}"}`,
  ];
  for (const text of odd) {
    const answer = world.live.execute(request(world, ann, { variableValues: JSON.parse(text) }));
    if (!('next' in answer)) {
      assert.match(JSON.stringify(answer), 'nested too deeply');
      continue;
    }
    const { value } = await answer.next();
    assert.match(JSON.stringify(value), '"name":"Ann"');
    await answer.return();
  }
  assert.is(Object(Object.prototype).polluted, undefined);
  assert.is(world.live.stats.different, 1);
});

test('a storm of 2,000 changes is few runs, with a throttle fewer; the last change is seen [11.7.2]', async () => {
  const world = openWorld();
  const { kvetch, live, fresh } = world;
  const ann = await kvetch.createObject('User', { name: 'Ann' });
  const document = parse(LISTS.replace('@live', '@live(throttle: 200)'));
  const follower = Follower.of(results(world, request(world, ann, { document })));
  await until('there is a result', () => follower.rev === 1);
  const began = performance.now();
  for (let n = 0; n < 2000; n++) await kvetch.updateObject(ann, { name: `Ann ${n}` });
  const expected = await fresh(document, { id: ann });
  await until('the last is seen', () => equals(follower.data, expected));
  const most = (performance.now() - began) / 200 + 2;
  assert.ok(live.stats.runs <= most, `${live.stats.runs} runs`);
});

test('a query that is closed while it waits for a turn, in its pause or while it runs is over at once [11.7.5]', async () => {
  const world = openWorld({ limits: { runs: 1 } });
  const { kvetch, live, reactive } = world;
  const ann = await kvetch.createObject('User', { name: 'Ann' });
  let release = (): void => undefined;
  const context = async (): Promise<object> => {
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    return world.contextValue();
  };
  const running = results(world, request(world, ann, { context, subject: 'runs' }));
  const pending = [running.next()];
  const queued = results(world, request(world, ann, { subject: 'waits' }));
  pending.push(queued.next());
  await pause(20);
  await queued.return();
  await running.return();
  for (const step of pending) assert.is((await step).done, true);
  release();
  const document = parse(LISTS.replace('@live', '@live(throttle: 2000000000)'));
  const paused = results(world, request(world, ann, { document }));
  await paused.next();
  const next = paused.next();
  await kvetch.updateObject(ann, { name: 'Anna' });
  await pause(20);
  await paused.return();
  assert.is((await next).done, true);
  assert.equal([live.stats.queries, live.stats.different, reactive.watches.size.watches], [0, 0, 0]);
  const after = await results(world, request(world, ann)).next();
  assert.match(JSON.stringify(after.value), 'Anna', 'the turn was given back');
});

test('the version store goes away and comes back: results go on, and nothing stays old [11.7.4]', async () => {
  const versions = memoryVersions();
  const world = openWorld({ versions });
  const { kvetch, fresh } = world;
  const ann = await kvetch.createObject('User', { name: 'Ann' });
  const args = request(world, ann);
  const follower = Follower.of(results(world, args));
  await until('there is a result', () => follower.rev === 1);
  const { read, invalidate } = versions;
  const away = (): never => {
    throw new VersionsUnavailableError();
  };
  versions.read = away;
  versions.invalidate = away;
  await kvetch.updateObject(ann, { name: 'written while it was away' });
  versions.read = read;
  versions.invalidate = invalidate;
  await kvetch.updateObject(ann, { name: 'written later' });
  await world.reactive.invalidate('anything');
  const expected = await fresh(args.document, { id: ann });
  await until('it is up to date', () => equals(follower.data, expected));
});

test.run();
