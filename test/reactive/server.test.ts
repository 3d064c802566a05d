/** The invalidation server: one suite over all transports, then what is each one's own (spec 11.8). */

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SafeError } from '../../src/errors/SafeError.ts';
import { memoryVersions, type VersionStore } from '../../src/reactive.ts';
import { redisVersions } from '../../src/reactive-redis.ts';
import { needs } from '../support/needs.ts';
import { redisForTests } from '../support/redisServer.ts';
import { roundRobin } from '../support/roundRobin.ts';
import { until } from '../support/until.ts';
import {
  type Client,
  expiredGrant,
  openServer,
  openSocket,
  post,
  SERVICE,
  transports,
  type World,
} from './invalidationServer.ts';

const ends: (() => unknown)[] = [];
async function endAll(): Promise<void> {
  for (const end of ends.splice(0).reverse()) await end();
}

async function open(...args: Parameters<typeof openServer>): Promise<World> {
  const world = await openServer(...args);
  ends.push(() => world.end());
  return world;
}

for (const transport of transports) {
  const test = suite(`invalidation server: ${transport.name}`);
  test.after.each(endAll);
  const watch = async (...args: Parameters<typeof transport.open>): Promise<Client> => {
    const client = await transport.open(...args);
    ends.push(() => client.close());
    return client;
  };

  test('rows 2, 9: what is not stale is not told; what changes is [11.8.4]', async () => {
    const { port, set, invalidator } = await open();
    await invalidator.invalidate('a', 'a', 'b');
    const held = await set('ann', 'm:a', 'm:b', 'o:1');
    const { told, look } = await watch(port, 'ann', [held]);
    assert.equal(told, { keys: {}, reset: 0, expired: 0, ended: 0 });
    await invalidator.invalidate('others');
    await invalidator.invalidate('a');
    await look();
    await until('it is told', () => Object.keys(told.keys).length === 1);
    assert.equal(told.keys, { [held.keys.slice(0, 16)]: (held.versions[0] as number) + 1 });
  });

  test('what is stale when it is asked about is told at once [11.2.9]', async () => {
    const { port, set, invalidator } = await open();
    const [one, two] = [await set('ann', 'm:a', 'm:b'), await set('ann', 'm:c')];
    await invalidator.invalidate('a', 'c');
    const { told } = await watch(port, 'ann', [one, two]);
    await until('both are told', () => Object.keys(told.keys).length === 2);
    assert.equal([told.expired, told.reset], [0, 0]);
  });

  test('another epoch: start over [11.8.3]', async () => {
    const { port, set } = await open();
    const { told } = await watch(port, 'ann', [{ ...(await set('ann', 'm:a')), epoch: 'another' }]);
    await until('it is told', () => told.reset > 0);
    assert.equal(told.keys, {});
  });

  test('foreign, forged, replayed and expired grants: all alike, and nothing is told (design 4) [11.8.2]', async () => {
    const { port, set, invalidator } = await open();
    const own = await set('ann', 'm:a');
    const foreign = await set('bob', 'm:secret');
    const bad = [
      foreign,
      { ...foreign, grant: own.grant },
      { ...foreign, grant: 'a.zzzzzz.AAAAAAAAAAAAAAAAAAAAAA' },
      { ...own, keys: own.keys + foreign.keys, versions: [0, 0] },
      { ...own, grant: expiredGrant('ann', own.keys) },
      { ...own, keys: 'never heard of it'.slice(1) },
    ];
    const clients = await Promise.all(bad.map((one) => watch(port, 'ann', [one])));
    for (const { told } of clients) await until('it is refused', () => told.expired === 1);
    await invalidator.invalidate('secret', 'a');
    const honest = await watch(port, 'bob', [foreign]);
    await until('bob is told', () => Object.keys(honest.told.keys).length === 1);
    for (const { told } of clients) assert.equal([told.keys, told.reset], [{}, 0]);
  });

  test('without a subject nothing is answered [11.8.2]', async () => {
    const { port, set } = await open();
    const { told } = await watch(port, null, [await set('ann', 'm:a')]);
    assert.ok(told.ended === 401 || told.ended === 4401, String(told.ended));
  });

  test('what a client has left is not watched', async () => {
    const { port, set, invalidator } = await open();
    const { close } = await watch(port, 'ann', [await set('ann', 'm:a')]);
    close();
    await until('nothing is watched', () => invalidator.watches.size.watches === 0);
    assert.equal(invalidator.watches.size, { keys: 0, watches: 0 });
  });

  test.run();
}

const test = suite('invalidation server');
test.after.each(endAll);

test('row 8: services invalidate with their token, and nobody else does [11.8.10]', async () => {
  const { port, invalidator } = await open();
  const version = async (): Promise<number | undefined> =>
    (await invalidator.versions.read([invalidator.wireKeys.of('m:a')])).states[0]?.version;
  for (const token of [null, 'ann', `${SERVICE} `, '']) {
    assert.is(
      (await post(port, '/deps/invalidate', token, { keys: ['a'] })).status,
      token === `${SERVICE} ` ? 200 : 401,
    );
  }
  assert.is(await version(), 1, 'spaces at the end of a header are none');
  const answer = await post(port, '/deps/invalidate', SERVICE, { keys: ['a', 'o:1'] });
  assert.equal([answer.status, await answer.json(), await version()], [200, { invalidated: 2 }, 2]);
  assert.is(answer.headers.get('cache-control'), 'no-store');
  for (const bad of ['', '{', '[]', { keys: 'a' }, { keys: [1] }, { keys: Array.from({ length: 1001 }, String) }]) {
    assert.is((await post(port, '/deps/invalidate', SERVICE, bad)).status, 400, JSON.stringify(bad));
  }
  assert.is(await version(), 2);
});

test('polls and streams are refused as the error of `authenticate` says: rate limits do so [11.8.3]', async () => {
  let given: Readonly<Record<string, unknown>> = {};
  const { port } = await open({
    authenticate() {
      throw new SafeError('Too often.', given);
    },
  });
  for (const [extensions, status] of [
    [{ status: 429 }, 429],
    [{}, 403],
    [{ status: 200 }, 403],
  ] as const) {
    given = extensions;
    for (const path of ['/deps/poll', '/deps/stream']) {
      const answer = await post(port, path, 'ann', { v: 1, sets: [] });
      assert.equal([answer.status, await answer.json()], [status, { error: 'Too often.' }]);
    }
  }
});

test('the same invalidation twice is one, where its key says so [11.8.10]', async () => {
  const { port, invalidator } = await open();
  const send = (key = 'a') =>
    fetch(`http://127.0.0.1:${port}/deps/invalidate`, {
      method: 'POST',
      headers: { authorization: `Bearer ${SERVICE}`, 'idempotency-key': 'k1' },
      body: JSON.stringify({ keys: [key] }),
    });
  assert.equal([await (await send()).json(), await (await send()).json()], [{ invalidated: 1 }, { invalidated: 1 }]);
  assert.is((await send('b')).status, 400, 'another invalidation under the same key is not lost silently');
  assert.is((await invalidator.versions.read([invalidator.wireKeys.of('m:a')])).states[0]?.version, 1);
});

test('bodies and sets have limits [11.8.3, 11.8.9]', async () => {
  const { port, set } = await open({ limits: { maxSetKeys: 2, maxKeys: 3, maxSets: 2, maxBytes: 5000 } });
  const [one, two, three] = [await set('ann', 'm:a'), await set('ann', 'm:a', 'm:b'), await set('ann', '1', '2', '3')];
  const status = async (body: unknown): Promise<number> => (await post(port, '/deps/poll', 'ann', body)).status;
  assert.is(await status({ v: 1, sets: [one, two] }), 200);
  assert.is(await status({ v: 1, sets: [three] }), 413);
  assert.is(await status({ v: 1, sets: [two, two] }), 413);
  assert.is(await status({ v: 1, sets: [one, one, one] }), 413);
  assert.is(await status({ v: 1, sets: [], pad: 'x'.repeat(6000) }), 413);
  for (const bad of [
    { v: 2, sets: [] },
    { v: 1 },
    { v: 1, sets: [null] },
    { v: 1, sets: [{ ...one, versions: [] }] },
    { v: 1, sets: [], waitMs: 'x' },
  ]) {
    assert.is(await status(bad), 400, JSON.stringify(bad));
  }
});

test('section 8, flood: too many messages, or one that is too long, end the socket; others go on [11.8.9]', async () => {
  const { port, set, invalidator } = await open({ limits: { maxMessagesPerSecond: 20, maxBytes: 3000 } });
  const good = await openSocket(port, 'ann');
  good.socket.send(JSON.stringify({ type: 'sub', id: '1', ...(await set('ann', 'm:a')) }));
  await until('it is watched', () => good.messages.some(({ type }) => type === 'ok'));
  const flood = await openSocket(port, 'eve');
  for (let n = 0; n < 200; n++) flood.socket.send(JSON.stringify({ type: 'unsub', id: 'x' }));
  assert.is(await flood.closed, 4429);
  const long = await openSocket(port, 'eve');
  long.socket.send(JSON.stringify({ type: 'unsub', id: 'x'.repeat(4000) }));
  assert.is(await long.closed, 4429);
  await invalidator.invalidate('a');
  await until('it is told', () => good.messages.some(({ type }) => type === 'inv'));
  good.socket.terminate();
});

test('one subject opens so many streams and sockets, and others go on [11.8.9]', async () => {
  const { port } = await open({ limits: { maxConnections: 2 } });
  const streamOf = (subject: string): Promise<Response> =>
    fetch(`http://localhost:${port}/deps/stream`, {
      method: 'POST',
      headers: { authorization: subject, accept: 'text/event-stream' },
      body: JSON.stringify({ v: 1, sets: [] }),
    });
  const first = await openSocket(port, 'eve');
  await until('it is ready', () => first.messages.length === 1);
  const second = await streamOf('eve');
  assert.is(second.status, 200);
  assert.is(await (await openSocket(port, 'eve')).closed, 4429);
  assert.is((await streamOf('eve')).status, 429);
  const other = await openSocket(port, 'ann');
  await until('it is ready', () => other.messages.length === 1);
  await second.body?.cancel();
  await until('there is room again', async () => (await streamOf('eve')).status === 200);
  for (const { socket } of [first, other]) socket.terminate();
});

test('what a socket may not say closes it [11.8.7]', async () => {
  const { port } = await open();
  const cases: readonly (readonly [string, number])[] = [
    ['no json', 4400],
    ['{"type":"nonsense","id":"1"}', 4400],
    ['{"type":"sub"}', 4400],
    ['3', 4400],
    ['{"type":"init"}', 4429],
  ];
  for (const [text, code] of cases) {
    const { socket, messages, closed } = await openSocket(port, 'ann');
    await until('it is ready', () => messages.length === 1);
    socket.send(text);
    assert.is(await closed, code, text);
  }
});

test('too many keys of one socket are refused, and the socket goes on [11.8.6]', async () => {
  const { port, set } = await open({ limits: { maxKeys: 2 } });
  const { socket, messages } = await openSocket(port, 'ann');
  const sub = (id: string, one: object): void => socket.send(JSON.stringify({ type: 'sub', id, ...one }));
  sub('1', await set('ann', 'm:a', 'm:b'));
  sub('2', await set('ann', 'm:c'));
  await until('it is refused', () =>
    messages.some(({ type, id, code }) => type === 'err' && id === '2' && code === 'LIMIT'),
  );
  socket.send(JSON.stringify({ type: 'unsub', id: '1' }));
  sub('3', await set('ann', 'm:c'));
  await until('there is room again', () => messages.some(({ type, id }) => type === 'ok' && id === '3'));
  assert.is(messages.filter(({ type }) => type === 'err').length, 1);
  socket.terminate();
});

test('section 8, slow consumer: one version a key is kept, and it is ended in the end [11.8.8]', async () => {
  const { port, set, invalidator } = await open({ limits: { slowMs: 200, heartbeatMs: 60_000 } });
  const { Session } = await import('../../src/reactive/server/Session.ts');
  const { defaultLimits } = await import('../../src/reactive/server/limits.ts');
  const { toSet } = await import('../../src/reactive/server/protocol.ts');
  assert.ok(port > 0);
  const sent: object[] = [];
  const outlet = {
    isFull: true,
    send: (notice: object) => void sent.push(notice),
    end: (why: string) => void sent.push({ why }),
  };
  const session = new Session(invalidator, 'ann', outlet, { ...defaultLimits, slowMs: 500 });
  ends.push(() => session.close());
  const held = await set('ann', 'm:a');
  assert.ok(session.subscribe('1', toSet(held, defaultLimits)));
  for (let n = 0; n < 100; n++) await invalidator.invalidate('a');
  assert.equal(sent, []);
  outlet.isFull = false;
  await until('it is told', () => sent.length > 0);
  assert.equal(sent, [{ type: 'inv', keys: { [held.keys]: Number(held.versions[0]) + 100 } }]);
  outlet.isFull = true;
  await invalidator.invalidate('a');
  await until('it is ended', () => sent.some((one) => 'why' in one));
  assert.equal(sent.at(-1), { why: 'slow' });
});

test('section 8, half-open: a socket that answers no ping is ended; others go on [11.8.8]', async () => {
  const { port, set, invalidator } = await open({ limits: { heartbeatMs: 1000 } }); // a loaded machine takes its time for a pong
  const held = await set('ann', 'm:a');
  const well = await openSocket(port, 'ann');
  const gone = await openSocket(port, 'ann', { autoPong: false });
  for (const { socket } of [well, gone]) socket.send(JSON.stringify({ type: 'sub', id: '1', ...held }));
  assert.is(await gone.closed, 1006);
  await until('it is forgotten', () => invalidator.watches.size.watches === 1);
  await invalidator.invalidate('a');
  await until('the other is told', () => well.messages.some(({ type }) => type === 'inv'));
  well.socket.terminate();
});

test('a grant that ends while it is used [11.8.2]', async () => {
  // A socket must answer each ping within this time, in a process that others keep busy.
  const world = await open({ limits: { heartbeatMs: 1000 } }, memoryVersions(), 1);
  const { socket, messages } = await openSocket(world.port, 'ann');
  socket.send(JSON.stringify({ type: 'sub', id: '1', ...(await world.set('ann', 'm:a')) }));
  await until('it is told', () => messages.some(({ type, id }) => type === 'expired' && id === '1'));
  assert.is(world.invalidator.watches.size.watches, 0);
  await until('there are heartbeats', () => messages.some(({ type }) => type === 'hb'));
  socket.terminate();
});

test('section 8, shutdown: a server that goes says so, and is not ready [11.8.11, 11.8.12]', async () => {
  const world = await open();
  const url = `http://127.0.0.1:${world.port}`;
  assert.is((await fetch(`${url}/readyz`)).status, 200);
  const sockets = await Promise.all(['a', 'b', 'c'].map((subject) => openSocket(world.port, subject)));
  for (const { messages } of sockets) await until('it is ready', () => messages.length > 0);
  const waiting = post(world.port, '/deps/poll', 'ann', {
    v: 1,
    sets: [await world.set('ann', 'm:a')],
    waitMs: 20_000,
  });
  await until('it waits', () => world.invalidator.watches.size.watches === 1);
  await world.server.drain(60);
  assert.equal(await Promise.all(sockets.map(({ closed }) => closed)), [1001, 1001, 1001]);
  assert.equal((await (await waiting).json()).stale, {});
  assert.is((await fetch(`${url}/readyz`)).status, 503);
  assert.is((await fetch(`${url}/healthz`)).status, 200);
});

test('section 8, Redis away: polls say so, sockets stay [11.8.3]', async () => {
  const versions = memoryVersions();
  const { read } = versions;
  const world = await open({}, versions);
  const held = await world.set('ann', 'm:a');
  const { VersionsUnavailableError } = await import('../../src/reactive.ts');
  const away: VersionStore['read'] = () => {
    throw new VersionsUnavailableError();
  };
  versions.read = away;
  assert.is((await post(world.port, '/deps/poll', 'ann', { v: 1, sets: [held] })).status, 503);
  assert.is((await fetch(`http://127.0.0.1:${world.port}/readyz`)).status, 503);
  const { socket, messages } = await openSocket(world.port, 'ann');
  socket.send(JSON.stringify({ type: 'sub', id: '1', ...held }));
  await until('it is watched', () => messages.some(({ type }) => type === 'ok'));
  versions.read = read;
  await world.invalidator.invalidate('a');
  await until('it is told', () => messages.some(({ type }) => type === 'inv'));
  socket.terminate();
});

test('a body that is too much costs the client no later request', async () => {
  const { port, set } = await open({ limits: { maxBytes: 100_000 } });
  const held = await set('ann', 'm:a');
  for (let n = 0; n < 5; n++) {
    assert.is((await post(port, '/deps/poll', 'ann', 'x'.repeat(1_200_000))).status, 413);
    for (let again = 0; again < 3; again++) {
      assert.is((await post(port, '/deps/poll', 'ann', { v: 1, sets: [held] })).status, 200);
    }
  }
});

test('metrics have no keys; other paths are not answered [11.8.11]', async () => {
  const world = await open();
  const { socket, messages } = await openSocket(world.port, 'ann');
  const held = await world.set('ann', 'm:a');
  socket.send(JSON.stringify({ type: 'sub', id: '1', ...held }));
  await until('it is watched', () => messages.some(({ type }) => type === 'ok'));
  const text = await (await fetch(`http://127.0.0.1:${world.port}/metrics`)).text();
  assert.match(text, /planql_deps_connections 1\n.*\nplanql_deps_watched_keys 1\n/);
  assert.not.ok(text.includes(held.keys));
  const ofProxy = { headers: { 'x-forwarded-for': '127.0.0.1' } };
  assert.is((await fetch(`http://127.0.0.1:${world.port}/metrics`, ofProxy)).status, 404, 'through a proxy');
  for (const path of ['/', '/deps', '/deps/poll']) {
    assert.is((await fetch(`http://127.0.0.1:${world.port}${path}`)).status, 404);
  }
  socket.terminate();
});

const redis = await redisForTests();
const onRedis = needs(test, redis);
onRedis('row 15: three servers behind a dumb round-robin: any answers for all, and one may die [11.8.1]', async () => {
  const prefix = redis.newPrefix();
  const worlds = await Promise.all(
    [1, 2, 3].map(async () => {
      const versions = redisVersions({ url: redis.url, prefix, timeoutMs: 30_000, checkMs: 100 });
      ends.push(() => versions.close());
      await versions.ready();
      return open({}, versions);
    }),
  );
  const { port, close } = await roundRobin(worlds.map((world) => world.port));
  ends.push(close);
  const [first] = worlds as [World];
  const held = await first.set('ann', 'm:a');
  const poll = async (): Promise<unknown> =>
    (await (await post(port, '/deps/poll', 'ann', { v: 1, sets: [held] })).json()).stale;
  for (let n = 0; n < 3; n++) assert.equal(await poll(), {});
  const sockets = await Promise.all(
    Array.from({ length: 9 }, async () => {
      const opened = await openSocket(port, 'ann');
      opened.socket.send(JSON.stringify({ type: 'sub', id: '1', ...held }));
      await until('it is watched', () => opened.messages.some(({ type }) => type === 'ok'));
      return opened;
    }),
  );
  await first.end();
  await Promise.all(sockets.slice(0, 3).map(({ socket }) => socket.terminate()));
  await (worlds[2] as World).invalidator.invalidate('a');
  const expected = { [held.keys]: Number(held.versions[0]) + 1 };
  for (const { messages, socket } of sockets) {
    if (socket.readyState !== socket.OPEN) continue;
    await until('it is told', () => messages.some(({ type }) => type === 'inv'));
    assert.equal(messages.find(({ type }) => type === 'inv')?.keys, expected);
  }
  for (let n = 0; n < 4; n++) assert.equal(await poll().catch(() => poll()), expected);
  for (const { socket } of sockets) socket.terminate();
});

test.run();
