import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, get, makeSchema } from '../../../src/index.ts';
import {
  createKvetch,
  defineKvetchSchema,
  loadEdges,
  loadObject,
  loadObjects,
  memoryShards,
} from '../../../src/kvetch.ts';
import { redisCache } from '../../../src/kvetch-redis.ts';
import { redisForTests } from '../../support/redisServer.ts';

const redis = await redisForTests();
const test = suite('kvetch load steps: explain analyze');

const store = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'User' },
    { typeId: 2, name: 'List' },
  ],
  edges: [{ edgeId: 10, name: 'lists', from: 'User', storedOn: 'List', storedIdAttr: 'owner' }],
});

const engine = createEngine({
  schema: makeSchema({
    typeDefs: /* GraphQL */ `
      type Query { user(id: ID!): User }
      type User { name: String! lists: [List!]! }
      type List { name: String! }
    `,
    objects: {
      Query: { plans: { user: (_$root, { $id }) => loadObject($id) } },
      User: { plans: { lists: ($user) => loadObjects(loadEdges('lists', get($user, 'id'))) } },
    },
  }),
});

test('rounds, keys and nodes of each load step; what the process and Redis had', async () => {
  const cache = redis === null ? null : redisCache({ url: redis.url, prefix: redis.newPrefix(), timeoutMs: 2000 });
  await cache?.ready();
  const kvetch = createKvetch({
    schema: store,
    shards: memoryShards(1),
    processCache: { ttlMs: 60_000 },
    ...(cache && { cache }),
  });
  try {
    const id = await kvetch.createObject('User', { name: 'Ada' });
    const lists = await Promise.all(['Work', 'Home'].map((name) => kvetch.createObject('List', { name, owner: id })));
    await kvetch.getObjects([id, ...lists]); // writes forget what the process remembers, reads do not
    const explain = () =>
      engine.explain({
        document: parse('query ($id: ID!) { user(id: $id) { name lists { name } } }'),
        variableValues: { id },
        contextValue: { kvetch },
        analyze: true,
      });
    const first = await explain();
    const node = kvetch.stores[0]?.name;
    assert.match(first, new RegExp(`loadOne.*kvetch.objects.*rounds 1.*keys 1.*keys at ${node} 1.*memory hits 1`));
    const line = first.split('\n').find((one) => one.includes('kvetch.edgeObjects')) ?? '';
    for (const note of [
      'starts at once',
      'started ahead 1',
      'thrown away 0',
      'rounds 2',
      'keys 3',
      `keys at ${node} 3`,
    ])
      assert.ok(line.includes(note), `${note}: ${line}`);
    assert.match(line, /memory hits 2/);
    if (cache === null) return;
    while (cache.stats.fills === 0) await new Promise((resolve) => setTimeout(resolve, 5)); // nobody waits for a fill
    assert.match(await explain(), /kvetch.edgeObjects.*redis hits [1-9]/);
    const { cache: counted, memoryHits } = kvetch.stats.snapshot();
    assert.equal([Number(counted?.hits) > 0, memoryHits], [true, 6]);
  } finally {
    await kvetch.close();
    await cache?.close();
  }
});

test.run();
