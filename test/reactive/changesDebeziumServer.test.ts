/** What the operators of a real Redis do to the streams of a follower, and what they do not let it do (spec 11.8.10.4). */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ChangeStreams } from '../../src/reactive/changes/debezium/ChangeStreams.ts';
import { followChanges } from '../../src/reactive.ts';
import { needs } from '../support/needs.ts';
import { startRedis } from '../support/redisServer.ts';
import { readSource } from '../support/repository.ts';
import { until } from '../support/until.ts';
import * as events from './debeziumEvents.ts';
import { type Common, type Followed, followedBy, newInvalidator, rowKeys } from './followed.ts';

const test = needs(suite('changes: the server of Debezium streams'), 'redis-server');
const ends: (() => unknown)[] = [];
const [orders, carts] = ['shop.public.orders', 'shop.public.carts'];
let server: Awaited<ReturnType<typeof startRedis>>;
let redis: Redis;

test.before(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
test.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await redis.flushall();
});
test.after(async () => {
  redis.disconnect();
  await server.kill();
});

type Given = Partial<Parameters<typeof followChanges.debezium>[1]>;

function follow(given: Given = {}, invalidator = newInvalidator()): Followed {
  const run = (common: Common): Promise<void> =>
    followChanges.debezium(invalidator, {
      ...{ connection: server.url, streams: [orders] },
      ...common,
      ...given,
      keysOf: common.keysOf,
    });
  return followedBy(run, invalidator, given.keysOf ?? rowKeys, ends);
}

const write = (id: number, stream = orders, client = redis): Promise<unknown> =>
  client.xadd(stream, '*', 'key', '{}', 'value', events.created({ id, buyer: 'ann' }));
const told = (followed: Followed, id: number): Promise<void> =>
  until(`order ${id} is told`, async () => (await followed.versionOf(`order:${id}`)) > 0);
const hasGroup = async (stream: string): Promise<boolean> =>
  JSON.stringify(await redis.xinfo('GROUPS', stream).catch(() => [])).includes('planql');
const messages = ({ errors }: Followed): string[] => errors.map(({ message }) => message);
const refused = async ({ done }: Followed): Promise<Error> => {
  const error = await done.then(
    () => null,
    (error: Error) => error,
  );
  assert.ok(error !== null && 'code' in error && error.code === 'FOLLOW_SERVER', String(error));
  return error;
};

test('a key that is no stream keeps the others back never, and is told once for each type [11.8.10.4]', async () => {
  await redis.set(carts, 'a text');
  const followed = follow({ streams: [carts, orders] });
  await until('the other one is followed', () => hasGroup(orders));
  for (const id of [1, 2, 3]) {
    await write(id);
    await told(followed, id);
  }
  assert.match(
    messages(followed).join('\n'),
    /^The key "shop.public.carts" of "streams" .* type string.* Correct the name.*$/,
  );
  await redis.del(carts);
  await redis.rpush(carts, 'a list');
  await until('it is told again', () => followed.errors.length > 1);
  assert.match(messages(followed)[1] ?? '', /type list/);
  const epoch = followed.epoch();
  await redis.del(carts);
  await write(4, carts);
  await until('it is a stream now', () => followed.epoch() !== epoch);
  await write(5, carts);
  await told(followed, 5);
  await redis.del(carts);
  await redis.set(carts, 'a text');
  await until('it is told again', () => followed.errors.length > 3);
  assert.match(messages(followed)[3] ?? '', /type string/);
});

test('no key is a stream: the follower waits for one, and can be ended', async () => {
  await redis.set(orders, 'a text');
  const followed = follow();
  await until('it is told', () => followed.errors.length > 0);
  await redis.del(orders);
  await until('it is followed', () => hasGroup(orders));
  await write(1);
  await told(followed, 1);
  assert.is(followed.errors.length, 1);
  await redis.set(orders, 'a text');
  await until('it is told', () => followed.errors.length > 1);
  await followed.end();
});

test('a key that is replaced between the last look and the wait: the next look finds it', async () => {
  const streams = await ChangeStreams.open(server.url, 'planql', [orders, carts]);
  ends.push(() => streams.close());
  await write(1);
  assert.is((await streams.take(orders, 0)).state, 'new');
  await redis.set(orders, 'a text');
  await streams.wait([carts, orders], new AbortController().signal);
  assert.equal(await streams.take(orders, 0), {
    stream: orders,
    state: 'other',
    last: 'string',
    added: 0,
    entries: [],
  });
});

test('a stream that never ends keeps the others back never [11.8.10.4]', async () => {
  const invalidator = newInvalidator();
  const { tell } = invalidator;
  let id = 100;
  invalidator.tell = async (keys) => {
    await write(id++); // there is always one more
    return tell.call(invalidator, keys);
  };
  const followed = follow({ streams: [orders, carts] }, invalidator);
  await until('both are followed', async () => (await hasGroup(orders)) && hasGroup(carts));
  await write(1);
  await told(followed, 1);
  await write(2, carts);
  await told(followed, 2);
});

test('a group that was removed while no follower ran: all clients fetch again, and it is said [11.8.10.4]', async () => {
  const first = follow();
  await until('it follows', () => hasGroup(orders));
  assert.equal(messages(first), [], 'there was nothing to be missed');
  await write(1);
  await told(first, 1);
  await first.end();
  await redis.xgroup('DESTROY', orders, 'planql');
  await write(2);
  const epoch = first.epoch();
  const second = follow({}, first.invalidator);
  await until('everything is told', () => second.epoch() !== epoch);
  assert.match(
    messages(second).join('\n'),
    /^Changes were missed.*"shop.public.orders" has entries, and no group "planql".*$/,
  );
  await write(3);
  await told(second, 3);
  await second.end();
  // An operator who makes it anew skips what the old one had not read.
  await write(4);
  await redis.xgroup('DESTROY', orders, 'planql');
  await redis.xgroup('CREATE', orders, 'planql', '$');
  const later = second.epoch();
  const third = follow({}, first.invalidator);
  await until('everything is told', () => third.epoch() !== later);
  assert.match(messages(third).join('\n'), /^Changes were missed.*$/);
});

test('a group that is removed while it is followed, and with a batch on its way', async () => {
  const invalidator = newInvalidator();
  const followed = follow({}, invalidator);
  await until('it follows', () => hasGroup(orders));
  let epoch = followed.epoch();
  await redis.xgroup('DESTROY', orders, 'planql');
  await write(1);
  await until('everything is told', () => followed.epoch() !== epoch);
  await until('it follows', () => hasGroup(orders));
  epoch = followed.epoch();
  const { tell } = invalidator;
  invalidator.tell = async (keys) => {
    invalidator.tell = tell;
    await redis.xgroup('DESTROY', orders, 'planql');
    await write(3);
    return tell.call(invalidator, keys);
  };
  await write(2);
  await until('everything is told', () => followed.epoch() !== epoch);
  assert.is(followed.told.at(-1)?.after?.id, 2);
  await write(4);
  await told(followed, 4);
  assert.equal(
    messages(followed).map((message) => /"shop.public.orders" or its group was removed/.test(message)),
    [true, true],
  );
});

test('a Redis that dies while all clients are told to fetch again: no group was removed', async () => {
  const own = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always']);
  ends.push(() => own.kill());
  const invalidator = newInvalidator();
  const { tellEverything } = invalidator;
  invalidator.tellEverything = async () => {
    invalidator.tellEverything = tellEverything;
    await own.kill();
    return tellEverything.call(invalidator);
  };
  const followed = follow({ connection: own.url }, invalidator);
  await until('it dies', () => followed.errors.length > 0);
  await own.start();
  const client = new Redis(own.url);
  ends.push(() => client.disconnect());
  await until('it follows', async () => (await client.exists(orders)) === 1);
  await write(1, orders, client);
  await told(followed, 1);
  assert.not.match(messages(followed).join(), /was removed/);
});

/** Redis 6 has no `redis.REDIS_VERSION`: this proxy takes it out of scripts. */
async function withoutVersion(): Promise<string> {
  const proxy = createServer((socket) => {
    const upstream = connect(server.port, '127.0.0.1');
    socket.on('data', (data) =>
      upstream.write(data.toString('latin1').replaceAll('REDIS_VERSION', 'REDIS_VERSIOX'), 'latin1'),
    );
    upstream.pipe(socket);
    for (const one of [socket, upstream])
      one.on('error', () => undefined).on('close', () => socket.destroy() && upstream.destroy());
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  ends.push(() => proxy.close());
  return `redis://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

test('a Redis before version 7, or without a command, is refused [11.8.10.4]', async () => {
  const version = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1];
  const old = await refused(follow({ connection: await withoutVersion() }));
  assert.ok(old.message.includes(`needs Redis 7 or later, and this one is ${version}.`), old.message);
  assert.is(await redis.exists(orders), 0, 'it changed nothing');
  for (const command of ['XCLAIM', 'EVAL', 'XREAD']) {
    const own = await startRedis(['--rename-command', command, '']);
    ends.push(() => own.kill());
    const { message } = await refused(follow({ connection: own.url }));
    assert.ok(message.includes(`needs ${command}, and this Redis has no such command`), message);
  }
});

const [, rule = ''] = /ACL SETUSER follower (.*)/.exec(readSource('docs/reactive-in-production.md')) ?? [];
const asUser = (password = 'a-password'): string => server.url.replace('//', `//follower:${password}@`);
const setUser = async (...more: string[]): Promise<void> => {
  await redis.call('ACL', 'SETUSER', 'follower', 'reset', ...rule.split(' '), ...more);
};

test('the rights of the guide are enough: for entries, gaps, taken entries and keys that are no streams', async () => {
  await setUser('>a-password');
  const log = async (): Promise<unknown> => redis.call('ACL', 'LOG');
  await redis.call('ACL', 'LOG', 'RESET');
  await redis.set(carts, 'a text');
  const first = follow({ connection: asUser(), streams: [orders, carts] });
  await until('it follows', () => hasGroup(orders));
  await write(1);
  await told(first, 1);
  await first.end();
  await redis.xgroup('CREATECONSUMER', orders, 'planql', 'planql');
  await write(2);
  await redis.xreadgroup('GROUP', 'planql', 'killed', 'STREAMS', orders, '>');
  const second = follow({ connection: asUser() }, first.invalidator);
  await told(second, 2);
  await second.end();
  await write(3);
  await redis.xtrim(orders, 'MAXLEN', 0);
  const third = follow({ connection: asUser() }, first.invalidator);
  await until('it says what is gone', () => third.errors.length > 0);
  await write(4);
  await told(third, 4);
  assert.equal(await log(), [], 'nothing else was tried');
});

test('each right of the guide is needed, and an error names the one that is missing [11.8.10.4]', async () => {
  const rights = rule.split(' ').filter((part) => part.startsWith('+'));
  assert.ok(rights.length > 5);
  for (const right of rights) {
    await setUser('>a-password', right.replace('+', '-'));
    const { message } = await refused(follow({ connection: asUser() }));
    const command = right.slice(1).replace('|', ' ').toUpperCase();
    assert.ok(message.includes(`run ${command} on the stream "${orders}". It needs: ~${orders} +eval `), message);
    assert.ok(message.includes(` ${right}`), message);
  }
  assert.is(await redis.exists(orders), 0, 'it changed nothing');
  await setUser('>a-password', '-xack', '-xinfo');
  assert.match((await refused(follow({ connection: asUser() }))).message, /run XINFO STREAM, XINFO GROUPS, XACK on/);
});

test('other keys, other databases, other passwords, and rights that are taken away', async () => {
  await setUser('>a-password');
  assert.match((await refused(follow({ connection: asUser(), streams: ['other'] }))).message, /"other".*~other \+eval/);
  assert.match((await refused(follow({ connection: `${asUser()}/1` }))).message, /run SELECT\..*\+select/);
  const stranger = follow({ connection: asUser('wrong') });
  await until('it says so', () => messages(stranger).some((message) => message.includes('WRONGPASS')));
  await stranger.end();
  const followed = follow({ connection: asUser() });
  await until('it follows', () => hasGroup(orders));
  await setUser('>a-password', '-xack');
  await write(1);
  assert.match((await refused(followed)).message, /run XACK on/);
  await setUser('>a-password');
  const next = follow({ connection: asUser() }, followed.invalidator);
  await told(next, 1);
});

test.run();
