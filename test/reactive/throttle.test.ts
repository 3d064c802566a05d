/** Keys and fields whose changes are told "every few minutes" (design, row 13; spec 11.2.10, 11.3.9). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parse } from 'graphql';
import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, makeSchema } from '../../src/index.ts';
import type { ThrottleRule } from '../../src/reactive/keys/ThrottleRules.ts';
import { openedHere } from '../../src/reactive/response/sealExtension.ts';
import {
  createReactive,
  heldAt,
  isStale,
  manualKey,
  memoryVersions,
  type Reactive,
  type ReactiveExtension,
  type ReactiveOptions,
} from '../../src/reactive.ts';
import { type RedisVersionsOptions, redisVersions } from '../../src/reactive-redis.ts';
import { constant, loader, loadOne } from '../../steps/index.ts';
import { needs } from '../support/needs.ts';
import { redisForTests } from '../support/redisServer.ts';
import { typescript } from '../support/repository.ts';
import { until } from '../support/until.ts';
import { secrets } from './dyingWriter.ts';

const test = suite('row 13: throttled keys and fields');
const ends: (() => unknown)[] = [];
test.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const counts = loader<number, string>({
  name: 'throttle.counts',
  load: (keys, { recordDependency }) =>
    keys.map((key) => {
      recordDependency(key, key);
      return 1;
    }),
});
const reads = (key: string) => () => loadOne(constant(key), counts);
const schema = makeSchema({
  typeDefs: /* GraphQL */ `
    type Query { post: Post }
    type Post { id: ID! likes: Int views: Int author: User }
    type User { name: Int likes: Int }
    type Mutation { change(keys: [String!]!): Boolean }
  `,
  objects: {
    Query: { plans: { post: () => constant({ id: '7' }) } },
    Post: { plans: { likes: reads('likes'), views: reads('views:7'), author: () => constant({}) } },
    User: { plans: { name: reads('name'), likes: reads('likes') } },
    Mutation: {
      plans: {
        change: {
          resolve: (_root: unknown, { keys }: { keys: string[] }, { reactive }: { reactive: Reactive }) =>
            reactive.invalidate(...keys),
        },
      },
    },
  },
});

function layer(throttle: readonly ThrottleRule[], options: Partial<ReactiveOptions> = {}): Reactive {
  const reactive = createReactive({
    engine: createEngine({ schema }),
    versions: memoryVersions(),
    secrets,
    throttle,
    ...options,
  });
  ends.push(() => reactive.close());
  return reactive as Reactive;
}

async function ask(reactive: Reactive, text: string, more: object = {}): Promise<ReactiveExtension> {
  const document = parse(text);
  const extensions = { reactive: { v: 1, ...more } };
  const result = await reactive.execute({ document, extensions, contextValue: { reactive } });
  return result.extensions?.reactive as ReactiveExtension;
}

async function isFresh(reactive: Reactive, extension: ReactiveExtension): Promise<boolean> {
  for (const group of openedHere(extension).groups ?? []) {
    const held = heldAt(extension, group);
    if (held === null) throw new Error('nothing is held');
    const now = await reactive.versions.read(held.keys);
    if (held.versions.some((version, at) => isStale(held, version, now, at))) return false;
  }
  return true;
}

test('1,000 increments: no more batches than windows, and the last one is told', async () => {
  const everyMs = 100;
  const reactive = layer([{ keys: manualKey('views:'), everyMs }]);
  let batches = 0;
  reactive.versions.listen({ onChange: () => void batches++, onGap: () => undefined });
  const begin = performance.now();
  let before = await ask(reactive, '{ post { views } }');
  for (let n = 0; n < 1000; n++) {
    before = await ask(reactive, '{ post { views } }');
    await reactive.invalidate('views:7');
  }
  await until('the last one is told', async () => !(await isFresh(reactive, before)));
  const windows = Math.ceil((performance.now() - begin) / everyMs);
  assert.ok(batches >= 2 && batches <= windows + 1, `${batches} batches in ${windows} windows`);
});

test('other keys are told at once, in the same call too', async () => {
  const reactive = layer([{ keys: manualKey('views:'), everyMs: 60_000 }]);
  await reactive.invalidate('views:7');
  const [views, likes] = [await ask(reactive, '{ post { views } }'), await ask(reactive, '{ post { likes } }')];
  await reactive.invalidate('views:7', 'likes');
  assert.equal([await isFresh(reactive, views), await isFresh(reactive, likes)], [true, false]);
});

test('a field: what is read for it is throttled, and elsewhere it is not [11.3.9]', async () => {
  const reactive = layer([{ field: 'Post.likes', everyMs: 60_000 }]);
  await reactive.invalidate('likes');
  const throttled = await ask(reactive, '{ post { likes } }');
  const elsewhere = await ask(reactive, '{ post { author { likes } } }');
  assert.is(throttled.status, 'full');
  await reactive.invalidate('likes');
  assert.equal([await isFresh(reactive, throttled), await isFresh(reactive, elsewhere)], [true, false]);
});

test('a field: what is below it is throttled, too, and the last change is told [11.3.9]', async () => {
  const reactive = layer([{ field: 'Post.author', everyMs: 120 }]);
  await reactive.invalidate('name');
  const held = await ask(reactive, '{ post { author { name } } }');
  assert.ok(await isFresh(reactive, held));
  await reactive.invalidate('name');
  await until('it is told', async () => !(await isFresh(reactive, held)));
});

test('the keys of a mutation are those that it has told: what is owed is told later [11.3.9]', async () => {
  const reactive = layer([{ keys: manualKey('views:'), everyMs: 60_000 }]);
  const change = (): Promise<ReactiveExtension> =>
    ask(reactive, 'mutation { change(keys: ["views:7", "likes"]) }', { held: 'position' });
  const invalidated = async (): Promise<string[]> => ((await change()).invalidated ?? '').match(/.{16}/g) ?? [];
  const both = await invalidated();
  assert.is(both.length, 2);
  const [likes, ...others] = await invalidated();
  assert.ok(both.includes(likes as string));
  assert.equal(others, []);
});

test('rules that cannot be kept are refused', () => {
  for (const everyMs of [0, -1, 1.5, Number.NaN, 86_400_001]) {
    assert.throws(() => layer([{ keys: 'm:a', everyMs }]), /everyMs/);
  }
  assert.throws(() => layer([{ keys: 'views:', everyMs: 1 }]), /manualKey/);
});

const redis = await redisForTests();
const onRedis = needs(test, redis);
const place = (): RedisVersionsOptions => ({
  url: redis.url,
  prefix: redis.newPrefix(),
  timeoutMs: 30_000,
  checkMs: 50,
});
const openVersions = async (at: RedisVersionsOptions) => {
  const versions = redisVersions(at);
  ends.push(() => versions.close());
  await versions.ready();
  return versions;
};

onRedis('kill -9 of the instance that owes the last change: another one tells it [11.2.10]', async () => {
  const at = place();
  const versions = await openVersions(at);
  const reactive = layer([], { versions });
  const name = reactive.wireKeys.of('m:views:7');
  const file = fileURLToPath(new URL('dyingDebtor.ts', import.meta.url));
  const child = spawn(process.execPath, [...typescript, file, JSON.stringify({ place: at, everyMs: 1500 })], {
    stdio: 'ignore',
  });
  const [, signal] = await once(child, 'exit');
  assert.is(signal, 'SIGKILL');
  const owed = new Redis(redis.url);
  ends.push(() => owed.disconnect());
  await until('it is told', async () => (await versions.read([name])).states[0]?.version === 2);
  assert.is(await owed.zcard(`${at.prefix}{deps}:owed`), 0, 'once');
  assert.is((await versions.read([name])).states[0]?.version, 2);
});

onRedis('several instances pay a debt once', async () => {
  const at = place();
  const all = await Promise.all([openVersions(at), openVersions(at), openVersions(at), openVersions(at)]);
  const keys = Array.from({ length: 2500 }, (_, n) => `key ${n}`);
  // The throttle must outlast these four calls on a busy machine: a call behind it would tell the keys by itself.
  for (const versions of all) await versions.invalidate(keys, 3000);
  const [first] = all;
  const versionsNow = async (): Promise<Set<number>> =>
    new Set((await (first as (typeof all)[0]).read(keys)).states.map(({ version }) => version));
  await until('all is told', async () => !(await versionsNow()).has(1));
  assert.equal([...(await versionsNow())], [2]);
});

onRedis('Redis has lost what is owed: a new epoch begins, so nothing that is stale is called fresh', async () => {
  const at = place();
  const versions = await openVersions(at);
  const { epoch } = await versions.invalidate(['a', 'b'], 60_000);
  await versions.invalidate(['a', 'b'], 60_000);
  const client = new Redis(redis.url);
  ends.push(() => client.disconnect());
  await client.del(`${at.prefix}{deps}:owed`); // evicted, say
  let gaps = 0;
  versions.listen({ onChange: () => undefined, onGap: () => void gaps++ });
  await until('another epoch', async () => (await versions.read([])).epoch !== epoch);
  await until('it is told', () => gaps > 0);
  assert.equal((await versions.invalidate(['a'], 60_000)).versions, [1]);
});

test.run();
