/** `extensions.reactive`, with Kvetch behind it (spec 11.4, 11.5). */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type AnyStep, createEngine, get, lambda, makeSchema } from '../../src/index.ts';
import { createKvetch, defineKvetchSchema, type Kvetch, memoryShards } from '../../src/kvetch.ts';
import { placesOf } from '../../src/reactive/response/placesOf.ts';
import { openedHere } from '../../src/reactive/response/sealExtension.ts';
import {
  createReactive,
  dependsOn,
  type Held,
  heldAt,
  isStale,
  memoryVersions,
  type Reactive,
  type ReactiveExtension,
  type VersionStore,
  VersionsUnavailableError,
  withoutReactivity,
} from '../../src/reactive.ts';
import { splitKeys } from '../../src/utils/wireKeys.ts';
import { loadEdges, loadObject, loadObjects } from '../../steps/kvetch/index.ts';

const test = suite('extensions.reactive');

const schema = makeSchema({
  typeDefs: /* GraphQL */ `
    type Query { user(id: ID!): User plain: Int tagged: Int viaResolver(id: ID!): String }
    type Mutation { rename(id: ID!, name: String!): User addList(owner: ID!, title: String!): Int }
    type User { id: ID! name: String lists(first: Int = 100): [List!]! }
    type List { id: ID! title: String owner: User }
  `,
  objects: {
    Query: {
      plans: {
        user: (_root, { $id }) => loadObject($id as AnyStep),
        plain: { resolve: () => 1 },
        tagged: {
          resolve: () => {
            dependsOn('tags');
            return 2;
          },
        },
        viaResolver: { resolve: async (_root, { id }, { kvetch }) => (await kvetch.getObject(id))?.name },
      },
    },
    Mutation: {
      plans: {
        rename: {
          resolve: (_root, { id, name }, { kvetch }) => kvetch.updateObject(id, { name }),
        },
        addList: {
          resolve: async (_root, { owner, title }, { kvetch }) => {
            await kvetch.createObject('List', { owner, title });
            return 1;
          },
        },
      },
    },
    User: {
      plans: {
        lists: ($user, { $first }) =>
          loadObjects(loadEdges('user_to_list', get($user, 'id') as AnyStep, { $first: $first as AnyStep })),
      },
    },
    List: {
      plans: {
        owner: ($list) => loadObject(get($list, 'owner') as AnyStep),
        title: ($list) => lambda(get($list, 'title'), String),
      },
    },
  },
});

const kvetchSchema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'User' },
    { typeId: 2, name: 'List' },
  ],
  edges: [{ edgeId: 10, name: 'user_to_list', from: 'User', storedOn: 'List', storedIdAttr: 'owner' }],
});

const secrets = [{ id: 'a', secret: 'a secret of sufficient length' }];

interface World {
  readonly kvetch: Kvetch;
  readonly reactive: Reactive;
  readonly versions: VersionStore;
  readonly ann: string;
  readonly lists: readonly string[];
  ask(
    text: string,
    more?: Record<string, unknown>,
  ): Promise<{ data: unknown; errors?: unknown; reactive: ReactiveExtension }>;
  stale(extension: ReactiveExtension): Promise<Record<string, number>>;
}

async function open(given: Partial<VersionStore> = {}): Promise<World> {
  const versions = Object.assign(memoryVersions(), given);
  const engine = createEngine({ schema });
  const reactive = createReactive({ engine, versions, secrets });
  const kvetch = createKvetch({
    schema: kvetchSchema,
    shards: memoryShards(2),
    changes: reactive.changes,
    outboxPollMs: 0,
  });
  const ann = await kvetch.createObject('User', { name: 'Ann' });
  const lists: string[] = [];
  for (const title of ['one', 'two', 'three']) lists.push(await kvetch.createObject('List', { owner: ann, title }));
  return {
    ...{ kvetch, reactive: reactive as Reactive, versions, ann, lists },
    async ask(text, more = {}) {
      const { extensions, ...result } = await reactive.execute({
        ...{ document: parse(text), contextValue: { kvetch: kvetch.forRequest() } },
        ...{ extensions: { reactive: { v: 1 } }, variableValues: { id: ann }, ...more },
      });
      return { ...result, data: result.data, reactive: extensions?.reactive as ReactiveExtension };
    },
    async stale(extension) {
      const positions: Record<string, number> = {};
      for (const group of openedHere(extension).groups ?? []) {
        const held = heldAt(extension, group) as Held;
        const reading = await versions.read(held.keys);
        const count = held.versions.filter((version, i) => isStale(held, version, reading, i)).length;
        if (count > 0) positions[group.at] = count;
      }
      return positions;
    },
  };
}

const LISTS = 'query ($id: ID!) { user(id: $id) { name lists { title } } }';

test('row 5: not asked for, the answer is the same, nothing is recorded and no version is read [11.5.1]', async () => {
  const { reactive, kvetch, ann, versions } = await open();
  let reads = 0;
  const { read } = versions;
  versions.read = (keys) => {
    reads++;
    return read.call(versions, keys);
  };
  const args = { document: parse(LISTS), contextValue: { kvetch }, variableValues: { id: ann } };
  const plain = await createEngine({ schema }).execute(args);
  for (const extensions of [undefined, null, {}, { reactive: null }, { reactive: { v: 2 } }, 'reactive']) {
    const answer = await reactive.execute({ ...args, ...(extensions !== undefined && { extensions }) });
    assert.is(JSON.stringify(answer), JSON.stringify(plain));
  }
  assert.is(reads, 0);
});

test('rows 3, 4: an object is apart from its list, and each is stale when it changes [11.5.2]', async () => {
  const { ask, stale, kvetch, ann, lists } = await open();
  const { data, reactive } = await ask(LISTS);
  assert.equal(JSON.parse(JSON.stringify(data)), {
    user: { name: 'Ann', lists: [{ title: 'one' }, { title: 'two' }, { title: 'three' }] },
  });
  assert.equal(
    openedHere(reactive).groups?.map(({ at, keys }) => [at, keys]),
    [
      ['user', [0, 1]],
      ['user.lists', [1, 4]],
    ],
  );
  assert.equal([reactive.v, reactive.status, await stale(reactive)], [1, 'full', {}]);
  await kvetch.updateObject(ann, { name: 'Anna' });
  assert.equal(await stale(reactive), { user: 1 });
  await kvetch.updateObject(lists[1] as string, { title: 'zwei' });
  assert.equal(await stale(reactive), { user: 1, 'user.lists': 1 });
  await kvetch.createObject('List', { owner: ann, title: 'four' });
  assert.equal(await stale(reactive), { user: 1, 'user.lists': 2 });
  assert.equal(await stale((await ask(LISTS)).reactive), {});
});

test('inline: what the groups stand for is written out, and nothing else changes [11.5.7.1]', async () => {
  const { ask, kvetch, ann } = await open();
  const { reactive: plain } = await ask(LISTS);
  await kvetch.updateObject(ann, { name: 'Anna' });
  const { data, reactive } = await ask(LISTS, { extensions: { reactive: { v: 1, inline: true } } });
  const { inline, ...rest } = reactive;
  assert.equal(Object.keys(rest), Object.keys(plain));
  const { keys = '', versions = [] } = rest;
  const expected = rest.groups?.map(({ at, scope, keys: ranges }) => {
    const own = placesOf(ranges).map((place) => [splitKeys(keys)[place], versions[place]]);
    return { at, scope, versions: Object.fromEntries(own) };
  });
  assert.equal(inline, expected);
  assert.equal(
    expected?.map(({ at }) => at),
    ['', 'user', 'user.lists'],
  );
  assert.equal(JSON.parse(JSON.stringify(data)).user.name, 'Anna');
  assert.is(plain.inline, undefined);
});

test('an object that is not there is a dependency, too', async () => {
  const { ask, stale, kvetch } = await open();
  const id = '01900000-0000-7000-8000-000000000001';
  const { data, reactive } = await ask(LISTS, { variableValues: { id } });
  assert.is((data as { user: unknown }).user, null);
  await kvetch.createObject('User', { name: 'Bob' }, { id });
  assert.equal(await stale(reactive), { user: 1 });
});

test('what a resolver reads of the store belongs to the operation [11.3.4]', async () => {
  const { ask, stale, kvetch, ann } = await open();
  const { reactive } = await ask('query ($id: ID!) { viaResolver(id: $id) }');
  assert.equal([reactive.status, openedHere(reactive).groups?.map(({ at }) => at)], ['full', ['']]);
  await kvetch.updateObject(ann, { name: 'Anna' });
  assert.equal(await stale(reactive), { '': 1 });
});

test('rows 6, 7, 14: keys by hand, invalidated by hand; sources that say nothing', async () => {
  const { ask, stale, reactive: layer } = await open();
  assert.is((await ask('{ plain }')).reactive.status, 'partial');
  const { reactive } = await ask('{ tagged }');
  assert.is(reactive.status, 'full');
  assert.ok(await layer.invalidate('tags'));
  assert.equal(await stale(reactive), { '': 1 });
});

test('a write while the operation runs makes the answer stale at once (design 3.3) [11.2.4]', async () => {
  const world = await open();
  const { kvetch, ann } = world;
  // The write ends between the reads of the operation and that of the versions.
  const { versions } = world;
  const { read } = versions;
  versions.read = async (keys) => {
    versions.read = read;
    await kvetch.updateObject(ann, { name: 'Anna' });
    return read.call(versions, keys);
  };
  const { data, reactive } = await world.ask(LISTS);
  assert.is((data as { user: { name: string } }).user.name, 'Ann');
  assert.equal(await world.stale(reactive), { user: 1 });
});

test('a mutation says what it has invalidated; nothing else does (design 4) [11.5.4]', async () => {
  const { ask, stale } = await open();
  const { reactive: before } = await ask(LISTS);
  assert.is(before.invalidated, undefined);
  const mutation = 'mutation ($id: ID!) { rename(id: $id, name: "Anna") { name } addList(owner: $id, title: "new") }';
  const [, ...runs] = before.grant?.split('.')[2]?.split('~') ?? [];
  const held = runs.map((run) => run.slice(0, 8));
  const { reactive } = await ask(mutation, { extensions: { reactive: { v: 1, held: held.join('') } } });
  assert.equal(await stale(before), { user: 1, 'user.lists': 1 });
  const invalidated = splitKeys(reactive.invalidated ?? '');
  assert.is(splitKeys(before.keys ?? '').filter((key) => invalidated.includes(key)).length, 2);
  const few = await ask(mutation, { extensions: { reactive: { v: 1, held: held[0] } } });
  assert.is(splitKeys(few.reactive.invalidated ?? '').length, 3, 'of one position; the name is the same as before');
  assert.is((await ask(mutation, { extensions: { reactive: { v: 1, held: '' } } })).reactive.invalidated, '');
  assert.is((await ask(mutation)).reactive.invalidated, '*', 'it does not say what it holds');
});

test('section 8, Redis away, reading: the data comes all the same [11.5.2]', async () => {
  const unavailable = await open({
    read: () => Promise.reject(new VersionsUnavailableError()),
  });
  const { data, reactive } = await unavailable.ask(LISTS);
  assert.ok(data);
  assert.equal(reactive, { v: 1, status: 'unavailable' });
});

test('keys and grants say nothing: no id, no name of a type is in them (design 4)', async () => {
  const { ask, ann, lists } = await open();
  const text = JSON.stringify((await ask(LISTS)).reactive);
  for (const secret of [ann, ...lists, 'User', 'List', 'o:', 'e:10', 'm:'])
    assert.not.ok(text.includes(secret), secret);
  assert.match((await ask(LISTS)).reactive.keys ?? '', /^[A-Za-z0-9_-]{192}$/);
});

test('keys of other tenants and secrets have other names; old names are still told [11.5.5]', async () => {
  const versions = memoryVersions();
  const engine = createEngine({ schema });
  const [old, next] = [secrets[0] as (typeof secrets)[0], { id: 'b', secret: 'another secret, as long as that' }];
  const layers = [
    createReactive({ engine, versions, secrets: [old] }),
    createReactive({ engine, versions, secrets: [old], tenant: 'acme' }),
    createReactive({ engine, versions, secrets: [next, old] }),
  ] as const;
  const names = layers.map(({ wireKeys }) => wireKeys.of('m:tags'));
  assert.is(new Set(names).size, 3);
  await layers[2].invalidate('tags');
  const { states } = await versions.read(names);
  assert.equal(
    states.map(({ version }) => version),
    [1, 0, 1],
  );
});

test('a secret must be one', () => {
  const options = { engine: createEngine({ schema }), versions: memoryVersions() };
  for (const bad of [[], [{ id: 'a', secret: 'short' }], [{ id: 'a.b', secret: 'a secret of sufficient length' }]]) {
    assert.throws(
      () => createReactive({ ...options, secrets: bad }),
      (error: { code?: string }) => error.code === 'REACTIVE_SECRET',
    );
  }
});

test('a grant is good for its subject, its keys and its time only [11.5.6]', async () => {
  const { Grants } = await import('../../src/reactive/keys/Grants.ts');
  let now = 1_000_000;
  const grants = new Grants(secrets, { seconds: 60, clock: () => now });
  const grant = grants.give('ann', 'k1k2');
  assert.ok(grants.isGood(grant, 'ann', 'k1k2'), 'as it was given');
  assert.not.ok(grants.isGood(grant, 'ann', 'k2k1'), 'in another order');
  assert.not.ok(grants.isGood(grant, 'bob', 'k1k2'), 'foreign');
  assert.not.ok(grants.isGood(grant, 'ann', 'k1'), 'fewer keys');
  assert.not.ok(grants.isGood(grant, 'ann', 'k1k2k3'), 'more keys');
  const [id, end, mac] = grant.split('.') as [string, string, string];
  for (const forged of [
    `${id}.${end}x.${mac}`,
    `b.${end}.${mac}`,
    `${id}.${end}.${mac.slice(1)}`,
    `${grant}.x`,
    '',
    null,
    {},
  ]) {
    assert.not.ok(grants.isGood(forged, 'ann', 'k1k2'), String(forged));
  }
  now += 61_000;
  assert.not.ok(grants.isGood(grant, 'ann', 'k1k2'), 'expired');
});

test('row 13: nobody is told of what is read for some fields, or by some code [11.3.8]', async () => {
  const versions = memoryVersions();
  const engine = createEngine({ schema });
  const reactive = createReactive({ engine, versions, secrets, withoutReactivity: ['User.lists', 'Query.tagged'] });
  const kvetch = createKvetch({
    schema: kvetchSchema,
    shards: memoryShards(2),
    changes: reactive.changes,
    outboxPollMs: 0,
  });
  const ann = await kvetch.createObject('User', { name: 'Ann' });
  await kvetch.createObject('List', { owner: ann, title: 'one' });
  const ask = async (text: string): Promise<ReactiveExtension> => {
    const { extensions, errors } = await reactive.execute({
      ...{ document: parse(text), contextValue: { kvetch: kvetch.forRequest() }, variableValues: { id: ann } },
      extensions: { reactive: { v: 1 } },
    });
    assert.is(errors, undefined);
    return extensions?.reactive as ReactiveExtension;
  };
  const { groups, status } = openedHere(
    await ask('query ($id: ID!) { user(id: $id) { name lists { title owner { name } } } }'),
  );
  assert.equal([groups?.map(({ at }) => at), status], [['user'], 'full']);
  const both = await ask('query ($id: ID!) { a: user(id: $id) { lists { title } } b: user(id: $id) { name } }');
  assert.equal(
    openedHere(both)
      .groups?.map(({ at }) => at)
      .sort(),
    ['a', 'b'],
  );
  const read = (key: string) => async (): Promise<number> => {
    await new Promise((resolve) => setImmediate(resolve));
    dependsOn(key);
    return 1;
  };
  const resolving = createReactive({
    engine: createEngine({
      schema: makeSchema({
        typeDefs: 'type Query { hidden: Int shown: Int }',
        objects: {
          Query: {
            plans: { hidden: { resolve: () => withoutReactivity(read('hidden')) }, shown: { resolve: read('shown') } },
          },
        },
      }),
    }),
    ...{ versions, secrets },
  });
  for (const [text, keys] of [
    ['{ hidden shown }', 1],
    ['{ hidden }', 0],
  ] as const) {
    const { extensions } = await resolving.execute({ document: parse(text), extensions: { reactive: { v: 1 } } });
    const told = extensions?.reactive as ReactiveExtension;
    assert.equal([openedHere(told).keys?.length, told.status], [keys * 16, 'full'], text);
  }
});

test.run();
