import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, get, makeSchema } from '../../../src/index.ts';
import {
  ConsistencyToken,
  type Kvetch,
  loadEdges,
  loadIndex,
  loadObject,
  loadObjects,
  memoryShards,
  type ShardStore,
} from '../../../src/kvetch.ts';
import { needs, type SharedServer } from '../../support/needs.ts';
import { redisForTests } from '../../support/redisServer.ts';
import { mysqlForTests } from '../../support/servers.ts';
import { mysqlDatabases } from '../backends.ts';
import { endAll, openWorld, shared, type World } from './world.ts';

const [redis, mysql] = [await redisForTests(), await mysqlForTests()];
const kinds: ReadonlyArray<readonly [string, (count: number) => readonly ShardStore[], ...SharedServer[]]> = [
  ['memory', memoryShards],
  ['mysql', mysqlDatabases, mysql],
];

const engine = createEngine({
  schema: makeSchema({
    typeDefs: /* GraphQL */ `
      type Query { user(id: ID!): User, inCity(city: String!): [User!]! }
      type User { n: Int, friends: [User!]! }
    `,
    objects: {
      Query: {
        plans: {
          user: (_$root, { $id }) => loadObject($id),
          inCity: (_$root, { $city }) => loadObjects(loadIndex('city', $city)),
        },
      },
      User: { plans: { friends: ($user) => loadObjects(loadEdges('friends', get($user, 'id'))) } },
    },
  }),
});

/** What the cache can say of a user: the object, a list by hand and one that follows from objects, indexes of three kinds. */
async function seen(kvetch: Kvetch, user: string): Promise<Record<string, unknown>> {
  const targets = async (edge: string): Promise<readonly string[]> =>
    (await kvetch.getEdges(edge, user)).edges.map(({ toId }) => toId);
  const ids = async (index: string, value: unknown): Promise<readonly string[]> =>
    (await kvetch.queryIndex(index, value)).ids;
  return {
    object: (await kvetch.getObject(user))?.n ?? null,
    friends: await targets('friends'),
    counted: [await kvetch.countEdges('friends', user), await kvetch.countEdges('user_to_list', user)],
    lists: await targets('user_to_list'),
    city: await ids('city', 'Oslo'),
    username: await ids('username', 'jane'),
    tags: await ids('tags', 'red'),
  };
}

const test = needs(suite('redis: freshness tokens'), redis);
test.after.each(endAll);

/** A store whose Redis has everything of a user, and a writer that never tells that Redis. */
async function begin(
  shards: readonly ShardStore[],
): Promise<World & { readonly user: string; readonly friend: string }> {
  const world = await openWorld(shared(), { shards });
  const { truth, store, calls } = world;
  const user = await truth.createObject('User', { n: 1 });
  const friend = await truth.createObject('User', { n: 0 });
  do {
    calls.length = 0;
    await seen(store, user);
  } while (calls.length > 0);
  return { ...world, user, friend };
}

/** The token as another process gets it. */
const travelled = (freshness: ConsistencyToken): ConsistencyToken => ConsistencyToken.parse(freshness.toString());

for (const [name, shards, ...servers] of kinds) {
  const onShards = needs(test, ...servers);
  onShards(
    `what was written is in every answer of who brings the token, though Redis says otherwise: ${name}`,
    async () => {
      const { truth, store, user, friend, calls } = await begin(shards(2));
      const old = await seen(store, user);
      const writing = new ConsistencyToken();
      const writer = truth.with({ freshness: writing });
      await writer.updateObject(user, { n: 2, city: 'Oslo', username: 'jane' });
      await writer.insertEdge('friends', { fromId: user, toId: friend });
      await writer.insertIndexEntry('tags', { value: 'red', targetId: user });
      const list = await writer.createObject('List', { owner: user });
      assert.equal(calls, []);
      assert.equal(await seen(store, user), old, 'without a token Redis is believed');
      const now = {
        ...{ object: 2, friends: [friend], lists: [list], counted: [1, 1] },
        ...{ city: [user], username: [user], tags: [user] },
      };
      assert.equal(await seen(store.with({ freshness: travelled(writing) }), user), now);

      const changing = travelled(writing);
      const changer = truth.with({ freshness: changing });
      await changer.updateObject(user, { n: 3, city: 'Bergen', username: null });
      await changer.deleteEdge('friends', { fromId: user, toId: friend });
      await changer.deleteIndexEntry('tags', { value: 'red', targetId: user });
      await changer.deleteObject(list);
      const gone = { object: 3, friends: [], lists: [], counted: [0, 0], city: [], username: [], tags: [] };
      assert.equal(await seen(store.with({ freshness: travelled(changing) }), user), gone);
      await changer.deleteObject(user);
      assert.is(await store.with({ freshness: travelled(changing) }).getObject(user), null);
    },
  );

  onShards(`what others overwrote since is forgotten, and the cache is used again: ${name}`, async () => {
    const { truth, store, user, friend, calls } = await begin(shards(2));
    const freshness = new ConsistencyToken();
    const writer = truth.with({ freshness });
    await writer.insertEdge('friends', { fromId: user, toId: friend });
    await writer.updateObject(user, { city: 'Oslo' });
    await truth.deleteEdge('friends', { fromId: user, toId: friend });
    await truth.updateObject(user, { city: 'Bergen' });
    const reader = store.with({ freshness });
    const before = freshness.size;
    assert.equal([(await seen(reader, user)).friends, (await seen(reader, user)).city], [[], []]);
    assert.ok(freshness.size < before, 'the store itself does not show it any more');
    do {
      calls.length = 0;
      await seen(reader, user);
    } while (calls.length > 0); // hangs if each read went to the store for ever
  });
}

test('a request whose context brings the token: its steps see it', async () => {
  const { truth, store, user, friend } = await begin(memoryShards(2));
  const document = parse('query ($id: ID!) { user(id: $id) { n friends { n } } inCity(city: "Oslo") { n } }');
  const ask = async (kvetch: Kvetch): Promise<unknown> => {
    const args = { document, variableValues: { id: user }, contextValue: { kvetch } };
    return JSON.parse(JSON.stringify(await engine.execute(args)));
  };
  const old = { data: { user: { n: 1, friends: [] }, inCity: [] } };
  assert.equal(await ask(store), old);
  const freshness = new ConsistencyToken();
  const writer = truth.with({ freshness });
  await writer.updateObject(user, { n: 2, city: 'Oslo' });
  await writer.insertEdge('friends', { fromId: user, toId: friend });
  assert.equal(await ask(store), old);
  const now = { data: { user: { n: 2, friends: [{ n: 0 }] }, inCity: [{ n: 2 }] } };
  assert.equal(await ask(store.with({ freshness: travelled(freshness) })), now);
});

test.run();
