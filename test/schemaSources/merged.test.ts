import { makeExecutableSchema, mergeSchemas } from '@graphql-tools/schema';
import { type GraphQLSchema, execute as graphqlExecute, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import { get, lambda } from '../../steps/index.ts';
import { compareResults } from '../conformance/compareResults.ts';

const users = makeExecutableSchema({
  typeDefs: /* GraphQL */ `
    type Query { user(id: ID!): User node(id: ID!): Node }
    interface Node { id: ID! }
    type User implements Node { id: ID! name: String! }
    scalar Day
  `,
  resolvers: {
    Query: {
      user: (_root, { id }) => ({ id, name: `user ${id}` }),
      node: (_root, { id }) => (id.startsWith('p') ? { id, text: 'a post' } : { id, name: 'a user' }),
    },
    Node: { __resolveType: (node: object) => ('text' in node ? 'Post' : 'User') },
  },
});

const posts = makeExecutableSchema({
  typeDefs: /* GraphQL */ `
    interface Node { id: ID! }
    type Query { posts(first: Int = 2): [Post!]! }
    type Post implements Node { id: ID! text: String author: Author }
    type Author { handle: String }
    extend type Post { day: String }
    type Subscription { posted: Post }
  `,
  resolvers: {
    Query: {
      posts: (_root, { first }) => Array.from({ length: first }, (_, n) => ({ id: `p${n}`, text: `text ${n}` })),
    },
    Post: { author: async ({ id }) => ({ handle: `@${id}` }), day: () => 'Monday' },
  },
});

const merged: GraphQLSchema = mergeSchemas({
  schemas: [users, posts],
  typeDefs: 'extend type User { posts: [Post!]! shout: String }',
  resolvers: { User: { posts: ({ id }) => [{ id: `p${id}`, text: 'own' }], shout: ({ name }) => name.toUpperCase() } },
});

const operations = [
  '{ user(id: 7) { name shout posts { text author { handle } day } } posts { id author { handle } } }',
  '{ a: node(id: "p1") { __typename id ... on Post { text day } } b: node(id: "u1") { __typename ... on User { name shout } } }',
  '{ posts(first: 0) { id } user(id: 1) { posts { __typename } } }',
];

const test = suite('schemas of graphql-tools');

test('a merged schema answers as graphql-js does', async () => {
  const engine = createEngine({ schema: merged });
  for (const operation of operations) {
    const document = parse(operation);
    const expected = await graphqlExecute({ schema: merged, document });
    assert.is(compareResults(expected, await engine.execute({ document }), true), null);
  }
});

test('plans survive merging, and work beside the resolvers of other schemas', async () => {
  const planned = makeSchema({
    typeDefs: 'type Query { greeting(name: String!): String! }',
    objects: { Query: { plans: { greeting: (_$root, { $name }) => lambda($name, (name) => `Hello ${name}`) } } },
  });
  const schema = mergeSchemas({ schemas: [merged, planned] });
  const document = parse('{ greeting(name: "you") user(id: 3) { shout } }');
  const { data, errors } = await createEngine({ schema }).execute({ document });
  assert.is(errors, undefined);
  assert.is(JSON.stringify(data), '{"greeting":"Hello you","user":{"shout":"USER 3"}}');
});

test('plans put onto the fields of any schema', async () => {
  const { User } = merged.getTypeMap() as unknown as { User: { getFields(): Record<string, { extensions: object }> } };
  const { name } = User.getFields();
  if (name === undefined) throw new Error('User has a name.');
  const before = name.extensions;
  name.extensions = {
    ...before,
    planql: { plan: ($user: never) => lambda(get($user, 'id'), (id) => `planned ${id}`) },
  };
  try {
    const { data } = await createEngine({ schema: merged }).execute({
      document: parse('{ user(id: 5) { name shout } }'),
    });
    assert.is(JSON.stringify(data), '{"user":{"name":"planned 5","shout":"USER 5"}}');
  } finally {
    name.extensions = before;
  }
});

test.run();
