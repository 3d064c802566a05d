import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeNodeId, get, loader, loadOne, node, nodeId, nodeKey, planNode } from '../../steps/index.ts';
import type { NodeTypes } from '../../steps/node/node.ts';
import { plain, runner } from './support.ts';

const things = loader<{ id: number; name: string }, number>({
  name: 'test.nodes.things',
  load: (ids) => ids.map((id) => (id < 10 ? { id, name: `thing ${id}` } : null)),
});
const types: NodeTypes = { User: ($key) => loadOne($key, things), Post: ($key) => loadOne($key, things) };
const run = runner({
  typeDefs: `
    interface Node { id: ID! }
    type User implements Node { id: ID! name: String }
    type Post implements Node { id: ID! title: String }
    type Query { node(id: ID!): Node user(id: ID!): User }
  `,
  plans: {
    Query: {
      node: (_$root, { $id }) => node($id, { types }),
      user: (_$root, { $id }) => loadOne(nodeKey<number>('User', $id), things),
    },
    User: { id: ($user) => nodeId('User', get($user, 'id')) },
    Post: { id: ($post) => nodeId('Post', get($post, 'id')), title: ($post) => get($post, 'name') },
  },
  config: { interfaces: { Node: { planType: planNode(types) } } },
});

const test = suite('node');
const query = 'query ($id: ID!) { node(id: $id) { __typename id ... on User { name } ... on Post { title } } }';

test('each type is loaded by its own plan', () => {
  const [user, post] = [encodeNodeId('User', 1), encodeNodeId('Post', 2)];
  assert.equal(plain(run(query, { variables: { id: user } })).data, {
    node: { __typename: 'User', id: user, name: 'thing 1' },
  });
  assert.equal(plain(run(query, { variables: { id: post } })).data, {
    node: { __typename: 'Post', id: post, title: 'thing 2' },
  });
});

test('unknown types, missing objects and what is no id are null', () => {
  for (const id of [encodeNodeId('Query', 1), encodeNodeId('User', 77), 'x', '', 'bnVsbA']) {
    assert.equal(plain(run(query, { variables: { id } })), { data: { node: null }, errors: [] });
  }
});

test('an id of another type is null, not the row with that key', () => {
  const source = 'query ($id: ID!) { user(id: $id) { name } }';
  assert.equal(plain(run(source, { variables: { id: encodeNodeId('Post', 1) } })).data, { user: null });
  assert.equal(plain(run(source, { variables: { id: encodeNodeId('User', 1) } })).data, { user: { name: 'thing 1' } });
});

test.run();
