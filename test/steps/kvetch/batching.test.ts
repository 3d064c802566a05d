import { type ExecutionResult, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, get, makeSchema } from '../../../src/index.ts';
import {
  ConsistencyToken,
  countEdges,
  createKvetch,
  defineKvetchSchema,
  type Kvetch,
  type KvetchOptions,
  loadEdges,
  loadIndex,
  loadObject,
  loadObjects,
  memoryShards,
  type ShardStore,
} from '../../../src/kvetch.ts';
import {
  allowIf,
  definePents,
  denyAll,
  Pent,
  PentContext,
  type PentDefinition,
  type Policy,
} from '../../../src/pent.ts';
import { wrapStore } from '../../kvetch/backends.ts';

const store = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'User' },
    { typeId: 2, name: 'List' },
  ],
  edges: [{ edgeId: 10, name: 'lists', from: 'User', storedOn: 'List', storedIdAttr: 'owner' }],
  indexes: [{ name: 'by_name', type: 'User', attr: 'name', kind: 'string' }],
});

const engine = createEngine({
  schema: makeSchema({
    typeDefs: /* GraphQL */ `
      type Query { user(id: ID!): User, named(name: String!): [User!]! }
      type User { name: String, lists(first: Int = 10): [List!]!, count: Int! }
      type List { name: String }
    `,
    objects: {
      Query: {
        plans: {
          user: (_$root, { $id }) => loadObject($id),
          named: (_$root, { $name }) => loadObjects(loadIndex('by_name', $name)),
        },
      },
      User: {
        plans: {
          lists: ($user, { $first }) => loadObjects(loadEdges('lists', get($user, 'id'), { $first })),
          count: ($user) => countEdges('lists', get($user, 'id')),
        },
      },
    },
  }),
});
const document = parse('query ($id: ID!) { user(id: $id) { name lists { name } } }');

async function filled(batching: KvetchOptions['batching']): Promise<{ kvetch: Kvetch; ids: readonly string[] }> {
  const kvetch = createKvetch({
    schema: store,
    shards: memoryShards(2),
    ...(batching === undefined ? null : { batching }),
  });
  const ids = await Promise.all([...'abcdefgh'].map((name) => kvetch.createObject('User', { name })));
  for (const owner of ids) await kvetch.createObject('List', { name: `of ${owner}`, owner });
  kvetch.stats.reset();
  return { kvetch, ids };
}

const ask = async (kvetch: Kvetch, id: string): Promise<ExecutionResult> =>
  engine.execute({ document, variableValues: { id }, contextValue: { kvetch } });

const expected = (id: string, index: number): unknown => ({
  data: { user: { name: 'abcdefgh'[index], lists: [{ name: `of ${id}` }] } },
});
const plain = (result: ExecutionResult): unknown => JSON.parse(JSON.stringify(result));

const batching = suite('Kvetch: batching between requests');

batching('a store that batches answers requests of one time in the rounds of one [R16 7.4.1]', async () => {
  const { kvetch, ids } = await filled(true);
  await ask(kvetch, ids[0] as string);
  const { rounds } = kvetch.stats;
  kvetch.stats.reset();
  const results = await Promise.all(ids.map((id) => ask(kvetch, id)));
  assert.equal(results.map(plain), ids.map(expected));
  assert.is(kvetch.stats.rounds, rounds);
});

batching(
  'an object that requests share in one round is a dependency of those that asked for it [R16 7.3.5]',
  async () => {
    const { kvetch, ids } = await filled(true);
    const named = parse('query ($id: ID!) { user(id: $id) { name } }');
    const recorded = await Promise.all(
      ids.map(async (id) => {
        const own: string[] = [];
        const recordDependency = (dependency: string) => own.push(dependency);
        await engine.execute({ document: named, variableValues: { id }, contextValue: { kvetch }, recordDependency });
        return own;
      }),
    );
    assert.equal(
      recorded,
      ids.map((id) => [`o:${id}`]),
    );
  },
);

batching(
  'so are lists, what is in them, counts and entries of indexes of those that asked for them [R16 7.3.5]',
  async () => {
    const { kvetch, ids } = await filled(true);
    const both = parse(
      'query ($id: ID!, $name: String!) { user(id: $id) { count lists { name } } named(name: $name) { name } }',
    );
    const recordedBy = async (id: string, index: number, store: Kvetch): Promise<readonly string[]> => {
      const own = new Set<string>();
      const recordDependency = (dependency: string) => own.add(dependency);
      // Not the user that is looked for by id: what is shared by key is told apart from what is not.
      const variableValues = { id, name: 'abcdefgh'[(index + 1) % ids.length] };
      await engine.execute({ document: both, variableValues, contextValue: { kvetch: store }, recordDependency });
      return [...own].sort();
    };
    const together = await Promise.all(ids.map((id, index) => recordedBy(id, index, kvetch)));
    const alone: (readonly string[])[] = [];
    for (const [index, id] of ids.entries()) alone.push(await recordedBy(id, index, kvetch));
    assert.equal(together, alone);
    assert.is(
      new Set(together.flat()).size,
      together.flat().length - ids.length,
      'each user is asked for twice, all else once',
    );
  },
);

batching('a store that was not asked to does not [R16 7.4.1]', async () => {
  const { kvetch, ids } = await filled(undefined);
  await ask(kvetch, ids[0] as string);
  const { rounds } = kvetch.stats;
  kvetch.stats.reset();
  const results = await Promise.all(ids.map((id) => ask(kvetch, id)));
  assert.equal(results.map(plain), ids.map(expected));
  assert.is(kvetch.stats.rounds, rounds * ids.length);
});

batching('requests with a store of their own share calls as well [R16 7.4.1]', async () => {
  const { kvetch, ids } = await filled(true);
  await ask(kvetch.forRequest(), ids[0] as string);
  const { rounds } = kvetch.stats;
  kvetch.stats.reset();
  const results = await Promise.all(ids.map((id) => ask(kvetch.forRequest(), id)));
  assert.equal(results.map(plain), ids.map(expected));
  assert.is(kvetch.stats.rounds, rounds);
});

batching('two stores share nothing [R16 7.1.3]', async () => {
  const one = await filled({ maxSize: 100 });
  const two = await filled({ maxSize: 100 });
  const results = await Promise.all([
    ...one.ids.map((id) => ask(one.kvetch, id)),
    ...two.ids.map((id) => ask(two.kvetch, id)),
  ]);
  assert.equal(results.map(plain), [...one.ids.map(expected), ...two.ids.map(expected)]);
});

batching('an id that is none is an error of its request only [R16 7.3.2]', async () => {
  const { kvetch, ids } = await filled(true);
  const [bad, good] = await Promise.all([ask(kvetch, 'no id'), ask(kvetch, ids[1] as string)]);
  assert.is(bad.errors?.length, 1);
  assert.equal(plain(good), expected(ids[1] as string, 1));
});

/** A store of eight users on one shard that answers later, and the ids that each call asked it for. */
async function late(options: KvetchOptions['batching'], around = async (_ids: readonly string[]): Promise<void> => {}) {
  const calls: (readonly string[])[] = [];
  const slow = (shard: ShardStore): ShardStore => {
    const later = wrapStore(shard, async (_method, run) => {
      await new Promise((resolve) => setImmediate(resolve));
      return run();
    });
    const readObjects = async (keys: readonly string[], ...more: readonly never[]) => {
      calls.push([...keys]);
      await around(keys);
      return later.readObjects(keys, ...more);
    };
    return new Proxy(later, { get: (of, key) => (key === 'readObjects' ? readObjects : Reflect.get(of, key)) });
  };
  const kvetch = createKvetch({ schema: store, shards: memoryShards(1).map(slow), batching: options as true });
  const ids = await Promise.all([...'abcdefgh'].map((name) => kvetch.createObject('User', { name })));
  calls.length = 0;
  kvetch.stats.reset();
  return { kvetch, ids, calls };
}

batching('what steps, resolvers and requests ask for is one call, with each key once [R16 7.4.1, R23]', async () => {
  const { kvetch, ids, calls } = await late(true);
  const [a, b] = ids as readonly string[] as [string, string];
  const [one, other] = [kvetch.forRequest(), kvetch.forRequest()];
  const named = parse('query ($id: ID!) { user(id: $id) { name } }');
  const results = await Promise.all([
    engine.execute({ document: named, variableValues: { id: a }, contextValue: { kvetch: one } }),
    other.getObjects([a, b]),
    one.getObject(b),
  ]);
  assert.is((plain(results[0]) as { data: { user: { name: string } } }).data.user.name, 'a');
  assert.equal([results[2]?.name, calls], ['b', [[a, b]]]);
  await one.getObjects([a, b]);
  assert.is(calls.length, 1, 'the request knows its part of the answer, whichever load asked first');
});

batching('a request is not answered from what another one has read [R16 7.4.3]', async () => {
  const { kvetch, ids, calls } = await late(true);
  const [a, b] = ids as readonly string[] as [string, string];
  const [one, other] = [kvetch.forRequest(), kvetch.forRequest()];
  await Promise.all([one.getObject(a), other.getObject(b)]);
  await kvetch.updateObject(a, { name: 'new' });
  calls.length = 0;
  const [seenByOne, seenByOther] = await Promise.all([one.getObject(a), other.getObject(a)]);
  assert.equal([seenByOne?.name, seenByOther?.name, calls], ['a', 'new', [[a]]]);
});

batching('a write of a request is seen by its next read, and forgets nothing for others [R16 7.4.3]', async () => {
  const { kvetch, ids, calls } = await late(true);
  const [a] = ids as readonly string[] as [string];
  const [one, other] = [kvetch.forRequest(), kvetch.forRequest()];
  await Promise.all([one.getObject(a), other.getObject(a)]);
  const underWay = kvetch.forRequest().getObject(a);
  await one.updateObject(a, { name: 'new' }); // known as written (10.1.5)
  calls.length = 0;
  const names = (await Promise.all([one.getObject(a), other.getObject(a)])).map((found) => found?.name);
  assert.equal([names, calls], [['new', 'a'], []]);
  await underWay;
});

batching('requests that need the same freshness share calls, and no others do [R16 7.4.1]', async () => {
  const { kvetch, ids, calls } = await late(true);
  const [a, b, c] = ids as readonly string[] as [string, string, string];
  const freshness = new ConsistencyToken();
  await kvetch.with({ freshness }).updateObject(a, { name: 'new' });
  const token = freshness.toString();
  const client = () => kvetch.with({ freshness: ConsistencyToken.parse(token) }).forRequest();
  calls.length = 0;
  await Promise.all([client().getObject(a), client().getObject(b), kvetch.forRequest().getObject(c)]);
  assert.equal(calls, [[a, b], [c]]);
});

batching('a request with many keys leaves room for the others, call by call [R16 7.2.3]', async () => {
  const { kvetch, ids, calls } = await late({ maxSize: 4, maxCalls: 1 });
  const [first, ...rest] = ids as readonly string[] as [string, ...string[]];
  const [large, small] = await Promise.all([
    kvetch.forRequest().getObjects(rest),
    kvetch.forRequest().getObject(first),
  ]);
  assert.is((small as { id: string }).id, first);
  assert.equal(
    large.map((entry) => (entry as { id: string }).id),
    rest,
  );
  assert.equal(
    calls.map((keys) => keys.length),
    [4, 4],
  );
  assert.ok(calls[0]?.includes(first) || calls[1]?.includes(first));
});

batching('at most "maxCalls" calls are under way; what comes meanwhile goes together [R16 7.2.2]', async () => {
  let underWay = 0;
  let most = 0;
  const { kvetch, ids, calls } = await late({ maxCalls: 1 }, async () => {
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setTimeout(resolve, 5));
    underWay--;
  });
  const first = kvetch.forRequest().getObject(ids[0] as string);
  await new Promise((resolve) => setTimeout(resolve, 1));
  const rest = ids.slice(1).map(async (id) => {
    await new Promise((resolve) => setImmediate(resolve));
    return kvetch.forRequest().getObject(id);
  });
  assert.equal(
    (await Promise.all([first, ...rest])).map((found) => found?.id),
    ids,
  );
  assert.equal([most, calls.length], [1, 2]);
});

batching('a request that is over takes nobody along, and is not asked for [R15, R16 7.3.4]', async () => {
  const { kvetch, ids, calls } = await late(true);
  const [a, b] = ids as readonly string[] as [string, string];
  const over = kvetch.forRequest().reads.objects([a], { isOver: true });
  const found = await kvetch.forRequest().getObject(b);
  assert.is(found?.id, b);
  assert.instance((await over)[0], Error);
  assert.equal(calls, [[b]]);
});

batching('a server that fails fails for those that asked, each time anew [R16 7.3.2]', async () => {
  let isDown = true;
  const { kvetch, ids, calls } = await late(true, async () => {
    if (isDown) throw new Error('down');
  });
  const [a] = ids as readonly string[] as [string];
  const stores = [kvetch.forRequest(), kvetch.forRequest()];
  const failures = await Promise.allSettled(stores.map((one) => one.getObject(a)));
  assert.equal(
    failures.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.is(calls.length, 1);
  isDown = false;
  assert.is((await kvetch.forRequest().getObject(a))?.id, a);
});

class User extends Pent {
  static override readonly definition: PentDefinition = { name: 'User', typeId: 1 };
  static override readonly privacy: Policy<User, string> = {
    read: [allowIf('own', (user, { viewer }) => user.$record.name === viewer), denyAll],
  };
}
const model = definePents({ schema: store, pents: [User] });

batching('viewers share a call, and not what they may see [R16 7.4.3]', async () => {
  const { kvetch, ids, calls } = await late(true);
  const [a, b] = ids as readonly string[] as [string, string];
  const seenBy = async (viewer: string) => {
    const users = await User.getMany(new PentContext({ kvetch, model, viewer }), [a, b]);
    return users.map((user) => user?.id ?? null);
  };
  assert.equal(await Promise.all(['a', 'b', 'c'].map(seenBy)), [
    [a, null],
    [null, b],
    [null, null],
  ]);
  assert.equal(calls, [[a, b]]);
});

batching.run();
