/** What is remembered between responses: positions by plan, tables of keys by content, versions by what was heard (spec 11.2.4). */
import { createHash } from 'node:crypto';
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type AnyStep, constant, createEngine, get, lambda, makeSchema, recordDependency } from '../../src/index.ts';
import { WireKeys } from '../../src/reactive/keys/WireKeys.ts';
import { heldOf } from '../../src/reactive/response/describe.ts';
import { makeKeyTable } from '../../src/reactive/response/KeyTable.ts';
import { KeyTables } from '../../src/reactive/response/KeyTables.ts';
import { placesOf } from '../../src/reactive/response/placesOf.ts';
import type { PositionColumns } from '../../src/reactive/tracking/columns.ts';
import { type AskedKeys, KnownReadings } from '../../src/reactive/versions/KnownReadings.ts';
import { heldVersions } from '../../src/reactive/versions/staleness.ts';
import {
  createReactive,
  isStale,
  type Moment,
  memoryVersions,
  type ReactiveExtension,
  type VersionStore,
} from '../../src/reactive.ts';
import { redisVersions } from '../../src/reactive-redis.ts';
import { splitKeys } from '../../src/utils/wireKeys.ts';
import { needs } from '../support/needs.ts';
import { startRedis } from '../support/redisServer.ts';
import { until } from '../support/until.ts';
import { storeKinds } from './versionStores.ts';

const secrets = [{ id: 'a', secret: 'a secret of sufficient length' }];

/** A name of 16 characters. */
function nameOf(n: number): string {
  return createHash('sha256').update(String(n)).digest().subarray(0, 12).toString('base64url');
}

function asked(...keys: readonly string[]): AskedKeys {
  return { keys, text: keys.join('') };
}

function counted(store: VersionStore): { readonly store: VersionStore; reads: number } {
  const found = { store, reads: 0 };
  const read = store.read.bind(store);
  store.read = (keys) => {
    found.reads++;
    return read(keys);
  };
  return found;
}

for (const kind of await storeKinds()) {
  const test = needs(suite(`known readings: ${kind.name}`), ...kind.servers);
  let ends: (() => unknown)[] = [];
  test.after.each(async () => {
    for (const end of ends.reverse()) await end();
    ends = [];
  });

  async function open(): Promise<{
    known: KnownReadings;
    reader: VersionStore;
    writer: VersionStore;
    count: { reads: number };
  }> {
    const { stores, end } = await kind.open();
    const [reader, writer] = stores;
    const count = counted(reader);
    const known = new KnownReadings(reader);
    ends.push(end, () => known.close());
    return { known, reader, writer, count };
  }

  /** Counts keys, and waits until the reader has heard of it. */
  async function change(reader: VersionStore, writer: VersionStore, ...keys: readonly string[]): Promise<void> {
    const { seq } = await writer.invalidate(keys);
    await until('it is heard', () => reader.seen?.seq === seq);
  }

  test('keys are read once; what changes later is heard [11.2.4]', async () => {
    const { known, reader, writer, count } = await open();
    const keys = asked(nameOf(1), nameOf(2), nameOf(3));
    const versions = async () => (await known.heldSince(reader.seen as Moment, keys)).versions;
    assert.equal(await versions(), [0, 0, 0]);
    const { reads } = count;
    await change(reader, writer, nameOf(2), nameOf(9));
    await change(reader, writer, nameOf(2));
    await change(reader, writer, nameOf(3));
    const before = count.reads;
    assert.equal(await versions(), [0, 2, 1]);
    assert.equal(await versions(), [0, 2, 1]);
    assert.is(count.reads, before);
    assert.ok(reads >= 1);
  });

  test('a change behind the moment of a request is not in its versions [11.2.4]', async () => {
    const { known, reader, writer } = await open();
    const keys = asked(nameOf(1), nameOf(2));
    await known.heldSince(reader.seen as Moment, keys);
    const asOf = reader.seen as Moment;
    await change(reader, writer, nameOf(1));
    const { versions } = await known.heldSince(asOf, keys);
    assert.equal(versions, [0, 0]);
    assert.ok(isStale(asOf, 0, await reader.read(keys.keys), 0));
  });

  test('many changes, large batches and lists: what is known is what the store says', async () => {
    const { known, reader, writer, count } = await open();
    const lists = Array.from({ length: 6 }, (_, n) =>
      asked(...Array.from({ length: 40 }, (_, at) => nameOf(n * 11 + at))),
    );
    let compared = 0;
    const before = count.reads;
    for (let round = 0; round < 400; round++) {
      const size = round % 50 === 49 ? 60 : 1 + (round % 7);
      await change(reader, writer, ...Array.from({ length: size }, (_, n) => nameOf((round * 31 + n * 7) % 120)));
      const list = lists[(round * round) % lists.length] as AskedKeys;
      const asOf = reader.seen as Moment;
      const { versions } = await known.heldSince(asOf, list);
      const truth = await reader.read(list.keys);
      assert.equal(versions, heldVersions(asOf, truth), `round ${round}`);
      compared++;
    }
    assert.ok(count.reads - before - compared < 200, `${count.reads - before - compared} reads`);
  });

  test('4,000 races of read and write: none is missed [11.2.4]', async () => {
    const { known, reader, writer } = await open();
    const lists = Array.from({ length: 7 }, (_, n) => asked(nameOf(n), nameOf(n + 1)));
    let data = 0;
    let missed = 0;
    for (let race = 0; race < 4000; race++) {
      const turns = Array.from({ length: 4 }, () => Math.floor(Math.random() * 4));
      const [beforeRead = 0, beforeVersion = 0, beforeWrite = 0, beforeBump = 0] = turns;
      const list = lists[race % 7] as AskedKeys;
      const read = async (): Promise<{ value: number; asOf: Moment; version: number }> => {
        await pause(beforeRead);
        const asOf = reader.seen as Moment;
        const value = data; // the load
        await pause(beforeVersion);
        return { value, asOf, version: (await known.heldSince(asOf, list)).versions[0] ?? 0 };
      };
      const write = async (): Promise<void> => {
        await pause(beforeWrite);
        data++; // the commit
        await pause(beforeBump);
        await writer.invalidate([nameOf(race % 7)]);
      };
      const [{ value, asOf, version }] = await Promise.all([read(), write()]);
      if (value !== data && !isStale(asOf, version, await writer.read(list.keys), 0)) missed++;
    }
    assert.is(missed, 0);
  });

  test('who has stopped listening asks the store', async () => {
    const { known, reader, writer } = await open();
    const keys = asked(nameOf(1));
    await known.heldSince(reader.seen as Moment, keys);
    known.close();
    await change(reader, writer, nameOf(1));
    assert.equal((await known.heldSince(reader.seen as Moment, keys)).versions, [1]);
  });

  test.run();
}

async function pause(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    if (turn === 2) await new Promise((resolve) => setImmediate(resolve));
    else await null;
  }
}

const faults = suite('known readings: faults');
const onOwnRedis = needs(faults, 'redis-server');

onOwnRedis('a store that does not answer is unavailable, also for keys that are known', async () => {
  const server = await startRedis();
  const store = redisVersions({ url: server.url, timeoutMs: 100, checkMs: 50 });
  const known = new KnownReadings(store);
  const keys = asked(nameOf(1));
  const ask = async (): Promise<string> => {
    try {
      await known.heldSince(store.seen ?? { epoch: '', seq: 0 }, keys);
      return 'answered';
    } catch (error) {
      return String((error as { code?: unknown }).code);
    }
  };
  try {
    await store.ready();
    assert.is(await ask(), 'answered');
    server.pause();
    await until('it is known to be away', async () => (await ask()) === 'VERSIONS_UNAVAILABLE');
    server.resume();
    await until('it is known to be there', async () => (await ask()) === 'answered' && store.isCurrent === true);
    await server.kill();
    await until('the connection is gone', () => store.isCurrent === false);
    assert.is(await ask(), 'VERSIONS_UNAVAILABLE');
  } finally {
    known.close();
    await store.close();
    await server.kill();
  }
});

onOwnRedis('wiped counters: what is known ends with its epoch [11.2.6]', async () => {
  const server = await startRedis();
  const open = () => redisVersions({ url: server.url, checkMs: 50 });
  const [store, other] = [open(), open()];
  const known = new KnownReadings(store);
  const keys = asked(nameOf(1), nameOf(2));
  try {
    await until('both listen', () => store.isCurrent === true && other.isCurrent === true);
    await other.invalidate([nameOf(2)]);
    await until('it is heard', () => store.seen?.seq === 1);
    assert.equal((await known.heldSince(store.seen as Moment, keys)).versions, [0, 1]);
    const before = store.seen as Moment;
    await server.kill();
    await server.start();
    await until('a new epoch is seen', () => store.seen?.epoch !== before.epoch && store.isCurrent === true);
    // Data that was read before is stale, data that is read now is not.
    assert.equal((await known.heldSince(before, keys)).versions, [-1, -1]);
    assert.equal((await known.heldSince(store.seen as Moment, keys)).versions, [0, 0]);
  } finally {
    known.close();
    await Promise.all([store.close(), other.close()]);
    await server.kill();
  }
});

faults('a store that gives states for fewer keys, or for more, has not answered', async () => {
  const store = memoryVersions();
  const { read } = store;
  const known = new KnownReadings(store);
  const keys = asked(nameOf(1), nameOf(2), nameOf(3));
  for (const count of [0, 2, 4]) {
    for (const isLate of [false, true]) {
      store.read = (some) => {
        const reading = read.call(store, [...some, nameOf(4)]) as Awaited<ReturnType<typeof store.read>>;
        const short = { ...reading, states: reading.states.slice(0, count) };
        return isLate ? Promise.resolve(short) : short;
      };
      const heldSince = async () => known.heldSince(store.seen as Moment, keys);
      const answer = await heldSince().catch((error: { code: string }) => error.code);
      assert.is(answer, 'VERSIONS_UNAVAILABLE', `${count}`);
    }
  }
  store.read = read;
  await store.invalidate([nameOf(2)]);
  const { versions } = await known.heldSince(store.seen as Moment, keys);
  assert.equal(versions, [0, 1, 0], 'nothing of it was remembered');
  known.close();
});

faults.run();

const tables = suite('known tables of keys');

tables('are what a new table would be, whatever was asked for before', () => {
  const wireKeys = new WireKeys(secrets, '');
  const known = new KeyTables(wireKeys, 60);
  const random = (limit: number): number => Math.floor(Math.random() * limit);
  const names = (): string[] => Array.from({ length: random(6) }, () => String(random(5)));
  const group = (): PositionColumns => ({
    at: ['', 'a', 'a.*', 'a.*.b', 'c'][random(5)] ?? '',
    scope: random(2) === 0 ? 'field' : 'self',
    columns: Array.from({ length: 1 + random(2) }, () => {
      const prefix = ['o:', 'e:1:', '', 'w:5:o:'][random(4)] ?? '';
      const all = prefix === '' ? names().map((name) => (random(2) === 0 ? `o:${name}` : name)) : names();
      return { prefix, names: random(3) === 0 && prefix === '' ? new Set(all) : all };
    }),
  });
  let again = 0;
  const seen = new Set<unknown>();
  for (let round = 0; round < 20_000; round++) {
    const runs = Array.from({ length: 1 + random(2) }, () => Array.from({ length: random(3) }, group));
    const table = known.of(runs);
    const fresh = makeKeyTable(runs, wireKeys, 60);
    if (seen.has(table)) again++;
    seen.add(table);
    assert.equal(table && [table.keys, table.text, table.groups], fresh && [fresh.keys, fresh.text, fresh.groups]);
  }
  assert.ok(again > 100, `${again} tables were known`);
});

tables('keep no list that a loader goes on writing to', () => {
  const known = new KeyTables(new WireKeys(secrets, ''), 100);
  const runOf = (names: string[]): PositionColumns[][] => [
    [{ at: 'a', scope: 'field', columns: [{ prefix: 'o:', names }] }],
  ];
  const names = ['1', '2', '3'];
  const first = known.of(runOf(names));
  names[1] = '4';
  const second = known.of(runOf(names));
  assert.is.not(second?.text, first?.text);
  assert.is(known.of(runOf(['1', '2', '3']))?.text, first?.text);
});

tables('another tenant and another secret have other names', () => {
  const runs: PositionColumns[][] = [[{ at: 'a', scope: 'field', columns: [{ prefix: 'o:', names: ['1', '2'] }] }]];
  const of = (secret: string, tenant: string) => new KeyTables(new WireKeys([{ id: 'a', secret }], tenant), 9).of(runs);
  const all = [of('0123456789abcdef', ''), of('0123456789abcdef', 't'), of('fedcba9876543210', '')];
  assert.is(new Set(all.flatMap((table) => table?.keys ?? [])).size, 6);
});

tables.run();

const responses = suite('responses that come again');

const schema = makeSchema({
  typeDefs: /* GraphQL */ `
    type Query { one: Int two: Int pets: [Pet!]! }
    interface Pet { name: String }
    type Dog implements Pet { name: String bark: String }
    type Cat implements Pet { name: String meow: String }
  `,
  objects: {
    Query: {
      plans: {
        one: () => recordDependency(constant(1), constant('one')),
        two: () => recordDependency(constant(2), constant('two')),
        pets: { resolve: (_root, _args, { pets }) => pets },
      },
    },
    Dog: { plans: { bark: ($dog) => recordDependency(get($dog, 'name') as AnyStep, constant('bark')) } },
    Cat: { plans: { meow: ($cat) => recordDependency(get($cat, 'name') as AnyStep, constant('meow')) } },
  },
  interfaces: {
    Pet: { planType: ($pet) => ({ $__typename: lambda($pet, (pet) => (pet as { kind: string }).kind) as never }) },
  },
});

responses('conditions and types that come later: each response says what a first one would say', async () => {
  const document = parse(/* GraphQL */ `
    query ($a: Boolean!, $b: Boolean!) {
      one @include(if: $a)
      two @skip(if: $b)
      pets { name ... on Dog { bark } ... on Cat { meow } }
    }
  `);
  const open = () => createReactive({ engine: createEngine({ schema }), versions: memoryVersions(), secrets });
  const old = open();
  const cases = [true, false].flatMap((a) => [true, false].map((b) => ({ a, b })));
  const kinds = [[], ['Dog'], ['Cat'], ['Dog', 'Cat'], []];
  for (let round = 0; round < 3; round++) {
    for (const pets of kinds) {
      for (const variableValues of cases) {
        const ask = async (reactive: ReturnType<typeof open>) => {
          const contextValue = { pets: pets.map((kind) => ({ kind, name: kind })) };
          const args = { document, variableValues, contextValue, extensions: { reactive: { v: 1 } }, subject: 'ann' };
          const { data, extensions } = await reactive.execute(args as never);
          const { status, keys = '', groups = [] } = (extensions?.reactive ?? {}) as ReactiveExtension;
          const all = splitKeys(keys);
          const keysAt = (ranges: readonly number[]) => placesOf(ranges).map((place) => all[place]);
          const at = groups.map((group) => [group.at, [group.scope, ...keysAt(group.keys).sort()]] as const);
          return { data, status, groups: Object.fromEntries(at) };
        };
        assert.equal(await ask(old), await ask(open()));
      }
    }
  }
});

responses('a query that was answered before asks for no version, and has the versions of now', async () => {
  const counting = counted(memoryVersions());
  const { store: versions } = counting;
  const reactive = createReactive({ engine: createEngine({ schema }), versions, secrets });
  const ask = async (subject: string): Promise<Record<string, unknown>> => {
    const args = { document: parse('{ one two }'), extensions: { reactive: { v: 1 } }, subject };
    const { extensions } = await reactive.execute(args as never);
    return extensions?.reactive as Record<string, unknown>;
  };
  const first = await ask('ann');
  const isGood = ({ grant, keys }: Record<string, unknown>, subject: string): boolean =>
    reactive.grants.isGood(grant, subject, String(keys));
  const second = await ask('bob');
  assert.is(counting.reads, 1);
  assert.is(String(second.keys).length, String(first.keys).length);
  assert.ok(isGood(first, 'ann') && isGood(second, 'bob'));
  assert.not.ok(isGood(first, 'bob') || isGood(second, 'ann'), 'a grant is its subject’s own');
  await reactive.invalidate('one');
  const third = await ask('ann');
  const held = heldOf(third as never);
  assert.equal([...(held?.versions ?? [])].sort(), [0, 1]);
  assert.is(counting.reads, 1);
});

responses('a grant is of no use to a subject of the same name of another tenant, nor with other keys [11.5.6]', () => {
  const open = (tenant: string) =>
    createReactive({ engine: createEngine({ schema }), versions: memoryVersions(), secrets, tenant });
  const [own, other] = [open('one'), open('two')];
  const keys = ['m:a', 'm:b'].map((key) => own.wireKeys.of(key));
  const grant = own.grants.give('ann', keys.join(''));
  assert.ok(own.grants.isGood(grant, 'ann', keys.join('')));
  assert.not.ok(other.grants.isGood(grant, 'ann', keys.join('')));
  for (const forged of [keys[0] ?? '', keys.toReversed().join(''), `${keys.join('')} `, keys.join('').slice(1), '']) {
    assert.not.ok(own.grants.isGood(grant, 'ann', forged), forged);
  }
});

responses.run();
