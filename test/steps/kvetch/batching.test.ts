import { type ExecutionResult, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, get, makeSchema } from '../../../src/index.ts';
import {
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
} from '../../../src/kvetch.ts';

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

batching.run();
