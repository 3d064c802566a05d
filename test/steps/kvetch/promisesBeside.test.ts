import { type ExecutionResult, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, each, lambda, makeSchema, type Step } from '../../../src/index.ts';
import {
  createKvetch,
  defineKvetchSchema,
  loadEdges,
  loadObject,
  loadObjects,
  memoryShards,
} from '../../../src/kvetch.ts';

const kvetch = createKvetch({
  schema: defineKvetchSchema({
    objects: [{ typeId: 1, name: 'User' }],
    edges: [{ edgeId: 10, name: 'friends', from: 'User', to: 'User' }],
    indexes: [],
  }),
  shards: memoryShards(1),
});

const rejections: unknown[] = [];
process.on('unhandledRejection', (reason) => rejections.push(reason));

/** What user code makes of an object: with a promise that is rejected long before it is read. */
const withPromise = (object: unknown): object => ({
  name: (object as { name: string }).name,
  late: Promise.reject(new Error('never mind')),
});

const schema = makeSchema({
  typeDefs: /* GraphQL */ `
    type Query { user(id: ID!): User, slow: Int }
    type User { name: String, friends: [User!]!, made: Made, allMade: [Made!]! }
    type Made { name: String, late: String }
  `,
  objects: {
    Query: {
      plans: {
        user: (_$root: Step, { $id }: { $id: Step<string> }) => loadObject($id),
        slow: () => lambda([], () => new Promise<never>((resolve) => setTimeout(() => resolve(1 as never), 20))),
      },
    },
    User: {
      plans: {
        friends: ($user: Step) =>
          loadObjects(
            loadEdges(
              'friends',
              lambda($user, (user) => (user as { id: string }).id),
            ),
          ),
        made: ($user: Step) => lambda($user, withPromise),
        allMade: ($user: Step) =>
          each(
            loadObjects(
              loadEdges(
                'friends',
                lambda($user, (user) => (user as { id: string }).id),
              ),
            ),
            ($friend) => lambda($friend, withPromise),
          ),
      },
    },
  },
} as never);

const test = suite('promises beside what a store gave');

test('objects of a store are not watched; what user code makes of them is [R27]', async () => {
  const ada = await kvetch.createObject('User', { name: 'ada' });
  const bob = await kvetch.createObject('User', { name: 'bob' });
  await kvetch.insertEdge('friends', { fromId: ada, toId: bob });
  const document = parse(
    'query ($id: ID!) { slow user(id: $id) { name friends { name made { late } } made { late } allMade { name late } } }',
  );
  const result = (await createEngine({ schema }).execute({
    document,
    variableValues: { id: ada },
    contextValue: { kvetch },
  })) as ExecutionResult;
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(JSON.parse(JSON.stringify(result.data)), {
    slow: 1,
    user: {
      name: 'ada',
      friends: [{ name: 'bob', made: { late: null } }],
      made: { late: null },
      allMade: [{ name: 'bob', late: null }],
    },
  });
  assert.is(result.errors?.length, 3);
  assert.equal(rejections, []);
});

test.run();
