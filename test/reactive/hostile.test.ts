/** What clients that mean harm say to the invalidation server: it goes on for others, and keeps nothing. */
import { connect } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createInvalidationServer,
  hasServiceToken,
  type InvalidationServerOptions,
  toRequest,
} from '../../src/reactive.ts';
import { until } from '../support/until.ts';
import { openServer, openSocket, post, SERVICE, type World } from './invalidationServer.ts';

const test = suite('hostile clients of the invalidation server');
const ends: (() => unknown)[] = [];
test.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function open(options: Partial<InvalidationServerOptions> = {}): Promise<World> {
  const world = await openServer(options);
  ends.push(() => world.end());
  return world;
}

/** Grants that are not good. Some look like one that is. */
function badGrants(grant: string): readonly string[] {
  const [id = '', end = '', signature = ''] = grant.split('.');
  return [
    `${id}.${end}.${signature.slice(1)}é`,
    `${id}.${end}.${'\u{10000}'.repeat(11)}`,
    `${id}.zzzzzzzzzzzzzzz.${signature}`,
    `${id}.Infinity.${signature}`,
    `${id}.-1.${signature}`,
    `${id}..${signature}`,
    `__proto__.${end}.${signature}`,
    `${grant}.`,
    `\0${grant}`,
    '..',
    '',
  ];
}

test('grants of every wrong form are expired, over every transport [11.8.2]', async () => {
  const { port, set, invalidator } = await open();
  const own = await set('eve', 'm:a');
  const sets = badGrants(own.grant).map((grant) => ({ ...own, grant }));
  const polled = await post(port, '/deps/poll', 'eve', { v: 1, sets });
  assert.is(polled.status, 200);
  assert.equal(((await polled.json()) as { expired: number[] }).expired, [...sets.keys()]);
  const { socket, messages } = await openSocket(port, 'eve');
  ends.push(() => socket.terminate());
  for (const [n, one] of sets.entries()) socket.send(JSON.stringify({ type: 'sub', id: `${n}`, ...one }));
  await until('all are expired', () => messages.filter(({ type }) => type === 'expired').length === sets.length);
  assert.is(invalidator.watches.size.watches, 0);
});

test('bodies of every wrong form are refused, and nothing is told or watched [11.8.3]', async () => {
  const { port, set, invalidator } = await open();
  const own = await set('eve', 'm:a');
  const values: readonly unknown[] = [
    null,
    0,
    -1,
    1e308,
    '',
    'x',
    [],
    {},
    [[]],
    true,
    '__proto__',
    { __proto__: 1 },
    { toString: 1 },
  ];
  const wrong: unknown[] = ['', '{', '['.repeat(500_000), 'null', '"', '\0', '{"v":1,"sets":[', ...values];
  for (const name of ['epoch', 'asOf', 'keys', 'versions', 'grant']) {
    for (const value of values) wrong.push({ v: 1, sets: [{ ...own, [name]: value }] });
  }
  for (const value of values) wrong.push({ v: value, sets: [own] }, { v: 1, sets: value }, { v: 1, sets: [value] });
  for (const path of ['/deps/poll', '/deps/stream']) {
    for (const body of wrong) {
      const controller = new AbortController();
      const { status, body: answer } = await post(port, path, 'eve', body, controller.signal);
      // A list of no sets, a text for an epoch, a number for a moment and any text for a grant can be read.
      assert.ok(status === 400 || status === 200, `${path} ${JSON.stringify(body)?.slice(0, 200)}: ${status}`);
      await answer?.cancel();
      controller.abort();
    }
  }
  for (const keys of [...values, [null], [1], ['x'.repeat(1001)], [['a']], Array(1001).fill('a')]) {
    const { status } = await post(port, '/deps/invalidate', SERVICE, { keys });
    assert.is(status, Array.isArray(keys) && keys.length === 0 ? 200 : 400, JSON.stringify(keys).slice(0, 100));
  }
  assert.is((await invalidator.versions.read([])).seq, 0, 'nothing was counted');
  await until('nothing is watched', () => invalidator.watches.size.watches === 0);
});

test('messages of every wrong form close the socket that says them, and no other [11.8.7]', async () => {
  const { port, set, invalidator } = await open();
  const own = await set('ann', 'm:a');
  const honest = await openSocket(port, 'ann');
  ends.push(() => honest.socket.terminate());
  honest.socket.send(JSON.stringify({ type: 'sub', id: '1', ...own }));
  for (const message of ['', '{', 'null', '1', '[]', '{}', '{"type":"sub"}', '{"type":"sub","id":1}', '{"type":{}}']) {
    const { socket, closed } = await openSocket(port, 'eve');
    socket.send(message);
    assert.is(await closed, 4400, message);
  }
  await invalidator.invalidate('a');
  await until('ann is told', () => honest.messages.some(({ type }) => type === 'inv'));
});

test('a failure of the server closes the socket, and ends nothing else [11.8.7]', async () => {
  const { port, set, invalidator } = await open();
  const own = await set('eve', 'm:a');
  const { socket, closed } = await openSocket(port, 'eve');
  Object.assign(invalidator.sets, {
    open: () => {
      throw new Error('a bug');
    },
  });
  socket.send(JSON.stringify({ type: 'sub', id: '1', ...own }));
  assert.is(await closed, 4500);
});

test('addresses that are none are not found', async () => {
  const { port } = await open();
  const request = (target: string, headers = ''): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(`GET ${target} HTTP/1.1\r\nhost: x\r\n${headers}\r\n`);
      });
      socket.once('data', (data) => resolve(String(data).split(' ')[1] ?? ''));
      socket.once('error', reject);
      ends.push(() => socket.destroy());
    });
  for (const target of ['//[', '//', 'http://a:99999/', '/%zz', '*']) assert.is(await request(target), '404', target);
  for (const url of ['//[', 'http://a:99999/']) {
    assert.is(new URL(toRequest({ url, headers: {}, method: 'GET' } as never).url).pathname, '/', 'of a WebSocket');
  }
});

test('an event stream that is not read: no more than 64 KiB and the last versions are kept [11.8.8]', async () => {
  const { server, set, invalidator } = await open();
  const names = Array.from({ length: 500 }, (_, n) => `m:${n}`);
  const sets = [await set('eve', ...names)];
  const request = new Request('http://localhost/deps/stream', {
    ...{ method: 'POST', headers: { authorization: 'Bearer eve' } },
    body: JSON.stringify({ v: 1, sets }),
  });
  const response = await server.handle(request);
  for (let n = 0; n < 60; n++) await invalidator.invalidate(...names);
  const reader = response?.body?.getReader();
  assert.ok(reader);
  let text = '';
  while (!text.includes(':60')) text += Buffer.from((await reader.read()).value ?? []).toString();
  await reader.cancel();
  assert.ok(text.length < 64 * 1024 + 2 * 500 * 24, `${text.length}`);
});

test('what is beyond a limit is counted [11.8.11]', async () => {
  const { port, set } = await open({ limits: { maxBytes: 3000, maxSets: 1 } });
  const refusals = async (): Promise<string | undefined> =>
    /refusals_total (\d+)/.exec(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text())?.[1];
  assert.is(await refusals(), '0');
  assert.is((await post(port, '/deps/poll', 'eve', 'x'.repeat(4000))).status, 413);
  const { socket, messages, closed } = await openSocket(port, 'eve');
  for (const id of ['1', '2']) socket.send(JSON.stringify({ type: 'sub', id, ...(await set('eve', 'm:a')) }));
  await until('the second set is refused', () => messages.some(({ code }) => code === 'LIMIT'));
  socket.send('x'.repeat(4000));
  assert.is(await closed, 4429);
  assert.is(await refusals(), '3');
});

test('service tokens that are no texts, of a variable that is not set, say, let nobody in [11.8.10]', async () => {
  const serviceTokens = [SERVICE, undefined as unknown as string];
  const { invalidator } = await open();
  const make = (tokens: readonly string[]) => () =>
    createInvalidationServer({ invalidator, authenticate: () => null, serviceTokens: tokens });
  assert.throws(make(serviceTokens), /^serviceTokens\[1\] is undefined\. Give a text that nobody can guess\.$/);
  assert.throws(make(['']), /^serviceTokens\[0\] is ""\./);
  assert.is(hasServiceToken('Bearer undefined', serviceTokens), false);
  assert.is(hasServiceToken(`Bearer ${SERVICE}`, serviceTokens), true);
});

test.run();
