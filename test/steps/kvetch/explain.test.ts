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
import { type RedisCache, redisCache } from '../../../src/kvetch-redis.ts';
import { wrapStore } from '../../kvetch/backends.ts';
import { needs } from '../../support/needs.ts';
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

const document = parse('query ($id: ID!) { user(id: $id) { name lists { name } } }');

/** A user with two lists that the process remembers, as it does with what comes later; and what each load step says of reading them. */
async function open(cache: RedisCache | null) {
  const kvetch = createKvetch({
    schema: store,
    shards: memoryShards(1).map((shard) => wrapStore(shard, async (_method, run) => run())),
    processCache: { ttlMs: 60_000 },
    ...(cache && { cache }),
  });
  const id = await kvetch.createObject('User', { name: 'Ada' });
  const lists = await Promise.all(['Work', 'Home'].map((name) => kvetch.createObject('List', { name, owner: id })));
  await kvetch.getObjects([id, ...lists]); // writes forget what the process remembers, reads do not
  const explain = async () => {
    const text = await engine.explain({ document, variableValues: { id }, contextValue: { kvetch }, analyze: true });
    return text.split('\n').filter((line) => line.includes('kvetch.'));
  };
  return { kvetch, explain };
}

function assertNotes(line: string | undefined, notes: readonly string[]): void {
  for (const note of notes) assert.ok(line?.includes(note), `${note}: ${line}`);
}

test('rounds, keys and nodes of each load step; what the process had', async () => {
  const { kvetch, explain } = await open(null);
  const node = kvetch.stores[0]?.name;
  const [user, lists] = await explain();
  assertNotes(user, ['loadOne kvetch.objects', 'rounds 1', 'keys 1', `keys at ${node} 1`, 'memory hits 1']);
  assertNotes(lists, ['kvetch.edgeObjects', 'starts at once', 'started ahead 1', 'thrown away 0']);
  assertNotes(lists, ['rounds 2', 'keys 3', `keys at ${node} 3`, 'memory hits 2']);
  await kvetch.close();
});

needs(test, redis)('what Redis had', async () => {
  const cache = redisCache({ url: redis.url, prefix: redis.newPrefix(), timeoutMs: 2000 });
  await cache.ready();
  const { kvetch, explain } = await open(cache);
  try {
    await explain();
    while (cache.stats.fills === 0) await new Promise((resolve) => setTimeout(resolve, 5)); // nobody waits for a fill
    assert.match((await explain())[1] ?? '', /kvetch.edgeObjects.*redis hits [1-9]/);
    const { cache: counted, memoryHits } = kvetch.stats.snapshot();
    assert.equal([Number(counted?.hits) > 0, memoryHits], [true, 6]);
  } finally {
    await kvetch.close();
    await cache.close();
  }
});

test.run();
