import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connection, constant, each, lambda, loader, loadMany, loadOne } from '../../src/index.ts';
import { eventually, runner } from './support.ts';

/** Equal steps become one late, when what is read of each of them is known: the one that stays must give all of it. */
const test = suite('steps that become one');

let attributes: (readonly string[] | null)[] = [];
const userById = loader<object, string>({
  name: 'test.merging.user',
  load: (ids, info) => {
    attributes.push(info.attributes);
    return ids.map((id) => ({ id, name: `name ${id}`, email: `email ${id}` }));
  },
});
const friendsOf = loader<readonly object[], string>({
  name: 'test.merging.friends',
  load: (ids, info) => {
    attributes.push(info.attributes);
    return ids.map(() => [
      { id: '1', name: 'a' },
      { id: '2', name: 'b' },
    ]);
  },
  pagination: { cursor: ({ id }: { id: string }) => id } as never,
});

const boss = () => loadOne(constant('1'), userById) as never;
const page = () => connection(loadMany(constant('1'), friendsOf), {}) as never;
const run = runner({
  typeDefs: `
    type Query { boss: User rows: [Row] page: Items whole: String }
    type Row { boss: User page: Items whole: String }
    type User { id: ID name: String email: String }
    type Items { nodes: [User] edges: [Edge] pageInfo: PageInfo }
    type Edge { node: User cursor: String }
    type PageInfo { hasNextPage: Boolean endCursor: String }`,
  plans: {
    Query: {
      boss,
      page,
      rows: () => each(constant([1, 2]), ($n) => $n),
      whole: () => lambda(boss(), (user) => JSON.stringify(user)),
    },
    Row: { boss, page, whole: () => lambda(boss(), (user) => JSON.stringify(user)) },
    User: {},
  },
});

const user = { id: '1', name: 'name 1', email: 'email 1' };

test('a load in a list that is hoisted to another one asks for what both are read for', async () => {
  attributes = [];
  const { data, errors } = await eventually(run('{ boss { name } rows { boss { email } } }'));
  const row = { boss: { email: user.email } };
  assert.equal([data, errors], [{ boss: { name: user.name }, rows: [row, row] }, []]);
  assert.equal(
    attributes.map((names) => [...(names ?? [])].sort()),
    [['email', 'name']],
  );
});

test('what is read as a whole is loaded as a whole', async () => {
  attributes = [];
  const { data, errors } = await eventually(run('{ boss { name } rows { whole } }'));
  const row = { whole: JSON.stringify(user) };
  assert.equal([data, errors], [{ boss: { name: user.name }, rows: [row, row] }, []]);
  assert.equal(attributes, [null]);
});

test('a connection that is hoisted to another one has cursors where one of them wants them', async () => {
  const { data, errors } = await eventually(
    run(
      '{ page { edges { node { name } } pageInfo { hasNextPage } } rows { page { edges { cursor } pageInfo { endCursor } } } }',
    ),
  );
  assert.equal(errors, []);
  const { page: outer, rows } = data as {
    page: { edges: unknown[]; pageInfo: unknown };
    rows: { page: { edges: { cursor: string }[]; pageInfo: { endCursor: string } } }[];
  };
  assert.equal(outer, { edges: [{ node: { name: 'a' } }, { node: { name: 'b' } }], pageInfo: { hasNextPage: false } });
  for (const { page: inner } of rows) {
    assert.ok(inner.edges.every(({ cursor }) => typeof cursor === 'string'));
    assert.is(inner.pageInfo.endCursor, inner.edges[1]?.cursor);
  }
});

test.run();
