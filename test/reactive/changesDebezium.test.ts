/** Writes of other programs, by streams of a real Redis as Debezium Server writes them (spec 11.8.10.4). */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createInvalidator, followChanges, type RowChange } from '../../src/reactive.ts';
import { redisVersions } from '../../src/reactive-redis.ts';
import { needs } from '../support/needs.ts';
import { redisForTests, startRedis } from '../support/redisServer.ts';
import { typescript } from '../support/repository.ts';
import { until } from '../support/until.ts';
import * as events from './debeziumEvents.ts';
import { secrets } from './dyingWriter.ts';
import { type Common, type Followed, followedBy, newInvalidator, rowKeys } from './followed.ts';

const server = await redisForTests();
const test = needs(suite('changes: Debezium'), server);
let redis: Redis;
let stream: string;
const ends: (() => unknown)[] = [];

test.before(() => {
  redis = new Redis(server.url);
});
test.before.each(() => {
  stream = `${server.newPrefix()}shop.shop.orders`;
});
test.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await redis.del(stream);
});
test.after(() => redis.disconnect());

const keysOf = (change: RowChange): readonly string[] => [
  ...(change.kind === 'table' ? ['orders'] : []),
  ...rowKeys(change),
];

type Given = Partial<Parameters<typeof followChanges.debezium>[1]>;

function follow(given: Given = {}, invalidator = newInvalidator()): Followed {
  const run = (common: Common): Promise<void> =>
    followChanges.debezium(invalidator, {
      ...{ connection: server.url, streams: [stream] },
      ...common,
      ...given,
      keysOf: common.keysOf,
    });
  return followedBy(run, invalidator, given.keysOf ?? keysOf, ends);
}

/** The groups of the stream: none before a follower has begun. */
const groups = async (): Promise<string> => JSON.stringify(await redis.xinfo('GROUPS', stream).catch(() => []));

async function started(...args: Parameters<typeof follow>): Promise<Followed> {
  const followed = follow(...args);
  await until('it follows', async () => (await groups()).includes('planql'));
  return followed;
}

/** As the sink of Debezium Server does in its format `extended`. */
const write = (value: string, key = '{"id":1}'): Promise<unknown> =>
  redis.xadd(stream, '*', 'key', key, 'value', value, '__DEBEZIUM.CONTEXT', 'x');
const pending = async (): Promise<number> => Number((await redis.xpending(stream, 'planql'))[0]);

const [ann, bob] = [
  { id: 1, buyer: 'ann' },
  { id: 1, buyer: 'bob' },
];
const place = { database: 'shop', table: 'orders' };

test('messages of all kinds, with and without schema, extended and compact [11.8.10.4]', async () => {
  const followed = await started();
  const epoch = followed.epoch();
  const silent = [events.heartbeat, events.transactionEnd, 'default', 'null'];
  for (const text of [...silent, events.created(ann), events.withSchema(events.updated(ann, bob))]) await write(text);
  await redis.xadd(stream, '*', '{"id":1}', events.deleted(bob)); // compact
  await redis.xadd(stream, '*', '{"id":1}', 'default');
  for (const text of [events.truncated, events.altered, events.ofPostgres(ann), events.cloudEvent(ann)])
    await write(text);
  await until('all is told', () => followed.told.length === 7);
  const whole = { ...place, kind: 'table', before: null, after: null };
  assert.equal(followed.told, [
    { ...place, kind: 'insert', before: null, after: ann },
    { ...place, kind: 'update', before: ann, after: bob },
    { ...place, kind: 'delete', before: bob, after: null },
    whole,
    whole,
    { ...place, table: 'public.orders', kind: 'update', before: null, after: ann },
    { ...place, table: 'public.orders', kind: 'insert', before: null, after: ann },
  ]);
  await until('all is acknowledged', async () => (await pending()) === 0);
  assert.equal([followed.errors, followed.epoch() === epoch], [[], true]);
});

test('rows of a snapshot; integers that no number can hold [11.8.10.4]', async () => {
  const followed = await started();
  for (const snapshot of ['first', 'true', 'incremental', 'last_in_data_collection', 'last'])
    await write(events.ofSnapshot(ann, snapshot));
  await write(events.created({ id: 7, buyer: 'a "9007199254740993" \\' }).replace('"id":7', '"id":9007199254740993'));
  await until('all is told', () => followed.told.length === 6);
  assert.equal(
    followed.told.map(({ kind }) => kind),
    ['table', 'update', 'update', 'table', 'table', 'insert'],
  );
  assert.equal(followed.told[5]?.after, { id: '9007199254740993', buyer: 'a "9007199254740993" \\' });
});

test('a message that cannot be read makes all clients fetch again, is named, and stops nothing [11.8.10.4]', async () => {
  const followed = await started();
  const bad: [text: string, message: RegExp][] = [
    ['{"before":', /no JSON/],
    ['', /no JSON/],
    ['{"id":1,"buyer":"ann"}', /no "op".*ExtractNewRecordState/],
    [events.created(ann).replace('"op":"c"', '"op":"x"'), /unknown "op" "x"/],
    [events.created(ann).replace('"table":"orders"', '"collection":"orders"'), /names no table/],
    [JSON.stringify({ op: 'u', after: '{"_id":1}', source: { db: 'shop', table: 'orders' } }), /rows are no objects/],
    [JSON.stringify({ op: 'c', source: { db: 'shop', table: 'orders' } }), /no row "after"/],
    ['[]', /no "op"/],
    ['{"op":"constructor","source":{"db":"a","table":"b"}}', /unknown "op"/],
  ];
  for (const [text, message] of bad) {
    const epoch = followed.epoch();
    const errors = followed.errors.length;
    const id = await write(text);
    await until(`everything is told for ${text}`, () => followed.epoch() !== epoch);
    assert.match(followed.errors[errors]?.message ?? '', message);
    assert.ok(followed.errors[errors]?.message.includes(`entry ${id} of the stream "${stream}"`));
  }
  await write(events.created(ann));
  await until('the next one', async () => (await followed.versionOf('order:1')) > 0);
});

test('a follower that was away is told what happened meanwhile, also behind a trim of what was read', async () => {
  const first = await started();
  await write(events.created(ann));
  await until('it is told', async () => first.told.length === 1 && (await pending()) === 0);
  await first.end();
  await redis.xtrim(stream, 'MAXLEN', 0);
  for (let id = 0; id < 250; id++) await write(events.created({ id, buyer: 'cy' }));
  const epoch = first.epoch();
  const second = follow({}, first.invalidator);
  await until('it is told', () => second.told.length === 250);
  await until('all is acknowledged', async () => (await pending()) === 0);
  assert.equal([second.epoch() === epoch, second.errors], [true, []]);
});

const codesOf = ({ errors }: Followed): unknown[] =>
  errors.map((error) => ('code' in error ? error.code : error.message));

const removals: Record<string, () => Promise<unknown>> = {
  'it was trimmed': () => redis.xtrim(stream, 'MAXLEN', 1),
  'an entry was deleted': async () => redis.xdel(stream, String((await redis.xrange(stream, '-', '+')).at(-2)?.[0])),
  'it was removed': () => redis.del(stream),
  'it is another one': async () => {
    await redis.del(stream);
    await redis.xadd(stream, '1-1', 'key', 'default', 'value', events.created(ann));
  },
};
for (const [name, remove] of Object.entries(removals)) {
  test(`a stream that lost what was not read lets all clients fetch again, once: ${name} [11.8.10.4]`, async () => {
    const first = await started();
    await write(events.created(ann));
    await until('it is told', async () => first.told.length === 1 && (await pending()) === 0);
    await first.end();
    for (let id = 2; id < 5; id++) await write(events.created({ id, buyer: 'cy' }));
    await remove();
    const epoch = first.epoch();
    const next = follow({}, first.invalidator);
    await until('everything is told', () => next.epoch() !== epoch);
    const later = next.epoch();
    await write(events.created({ id: 9, buyer: 'zoe' }));
    await until('it goes on', async () => (await next.versionOf('order:9')) > 0);
    assert.is(next.epoch(), later);
    // A stream that a new follower does not find is one that was not there yet: it cannot tell.
    assert.equal(codesOf(next), name === 'it was removed' ? [] : ['FOLLOW_GAP']);
  });
}

test('a stream that is removed while it is followed: it says so, and goes on', async () => {
  const followed = await started();
  await write(events.created(ann));
  await until('it is told', async () => followed.told.length === 1 && (await pending()) === 0);
  const epoch = followed.epoch();
  await redis.del(stream);
  await write(events.created(bob));
  await until('everything is told', () => followed.epoch() !== epoch);
  assert.match(followed.errors[0]?.message ?? '', /was removed/);
  await write(events.created({ id: 3, buyer: 'cy' }));
  await until('it goes on', async () => (await followed.versionOf('order:3')) > 0);
});

test('two followers of a group, and a version store that is away: all is told, in the end', async () => {
  const away = { now: false };
  const invalidator = newInvalidator();
  const { tell } = invalidator;
  invalidator.tell = async (keys) => !away.now && tell.call(invalidator, keys);
  const one = await started({}, invalidator);
  const two = follow({}, invalidator);
  away.now = true;
  for (let id = 0; id < 300; id++) await write(events.created({ id, buyer: 'cy' }));
  await until('they tried', () => one.told.length + two.told.length > 0);
  away.now = false;
  await until('all is told', () => new Set([...one.told, ...two.told].map(({ after }) => after?.id)).size === 300);
  await until('all is acknowledged', async () => (await pending()) === 0);
  assert.equal([...one.errors, ...two.errors], []);
});

test('a Redis that is killed and comes back, and one that stands still: the follower connects again', async () => {
  const own = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always']);
  ends.push(() => own.kill());
  const followed = follow({ connection: own.url });
  const client = new Redis(own.url);
  ends.push(() => client.disconnect());
  client.on('error', () => undefined);
  const add = (id: number): Promise<unknown> =>
    client.xadd(stream, '*', 'key', 'default', 'value', events.created({ id, buyer: 'cy' }));
  await until('it follows', async () => (await client.exists(stream)) === 1);
  await add(1);
  await until('it is told', async () => (await followed.versionOf('order:1')) > 0);
  await own.kill();
  await until('it says so', () => followed.errors.length > 0);
  await own.start();
  await add(2);
  await until('it is told', async () => (await followed.versionOf('order:2')) > 0);
});

test('what no second attempt can heal is refused, with the remedy', async () => {
  const refusals: [Given, RegExp][] = [
    [{ streams: [] }, /"streams"/],
    [{ streams: [''] }, /"streams"/],
    [{ connection: 'http://localhost' }, /no URI/],
    [{ stream: 'x' } as never, /no option "stream".*"streams"/],
  ];
  for (const [given, message] of refusals) {
    await follow(given).done.then(
      () => assert.unreachable(),
      (error: Error) => assert.match(error.message, message),
    );
  }
});

test('an abort ends it at once: while it waits, and while Redis is away', async () => {
  const followed = await started();
  const begin = Date.now();
  await followed.end();
  const away = follow({ connection: 'redis://127.0.0.1:1' });
  await until('it tried', () => away.errors.length > 0);
  await away.end();
  assert.ok(Date.now() - begin < 3000);
});

test('kill -9 between an entry that was read and its acknowledgement: nothing is missed [11.8.10.4]', async () => {
  const prefix = server.newPrefix();
  const versions = redisVersions({ url: server.url, prefix, timeoutMs: 30_000 });
  const invalidator = createInvalidator({ versions, secrets });
  ends.push(() => versions.close());
  const run = (dies: 'tell' | 'told' | ''): ChildProcess => {
    const given = JSON.stringify({ redis: server.url, prefix, streams: [stream], dies });
    const program = fileURLToPath(new URL('dyingFollower.ts', import.meta.url));
    return spawn(process.execPath, [...typescript, program, given], { stdio: 'inherit' });
  };
  const versionOf = async (key: string): Promise<number> =>
    (await versions.read([invalidator.wireKeys.of(`m:${key}` as never)])).states[0]?.version ?? 0;
  let child = run('');
  await until('it has a place', async () => (await groups()).includes('planql'));
  child.kill('SIGKILL');
  for (const [id, dies] of (['tell', 'told', 'tell', 'told'] as const).entries()) {
    child = run(dies);
    const over = once(child, 'exit');
    await write(events.created({ id, buyer: 'killed' }));
    assert.is((await over)[1], 'SIGKILL');
    assert.ok((await pending()) > 0, 'it died before the acknowledgement');
    if (dies === 'tell') assert.is(await versionOf(`order:${id}`), 0, 'it died before');
  }
  child = run('');
  ends.push(() => child.kill('SIGKILL'));
  for (const id of [0, 1, 2, 3]) await until(`order ${id} is told`, async () => (await versionOf(`order:${id}`)) > 0);
  await until('all is acknowledged', async () => (await pending()) === 0);
  child.kill('SIGKILL');
  // Entries that a killed follower had taken, and that were removed before the next one could take them.
  child = run('tell');
  const over = once(child, 'exit');
  await write(events.created({ id: 5, buyer: 'killed' }));
  await over;
  await redis.xtrim(stream, 'MAXLEN', 0);
  const epoch = versions.seen?.epoch;
  child = run('');
  await until('everything is told', async () => {
    await versions.read([]);
    return versions.seen?.epoch !== epoch;
  });
  child.kill('SIGKILL');
});

test.run();
