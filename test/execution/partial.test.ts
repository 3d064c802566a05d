import { parse, print } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { drivePositions, type PartialRun } from '../../src/execution/driver/drivePositions.ts';
import type { PositionPath } from '../../src/execution/schedule/positionTasks.ts';
import {
  type AnyStep,
  createEngine,
  get,
  incrementalTypeDefs,
  loader,
  loadMany,
  loadOne,
  makeSchema,
} from '../../src/index.ts';

const test = suite('partial execution');

type Calls = Record<string, number>;

/** A loader that counts its calls in the request's context. */
function counted<T>(name: string, of: (key: unknown) => T): ReturnType<typeof loader<T, unknown>> {
  return loader<T, unknown>({
    name: `partial.${name}`,
    load: async (keys, { context }) => {
      (context as Calls)[name] = ((context as Calls)[name] ?? 0) + 1;
      return keys.map(of);
    },
  });
}

const user = counted('user', (id) => ({ id, name: `user ${id}` }));
const friends = counted('friends', () => [{ id: 1 }, { id: 2 }]);
const best = counted('best', (id) => ({ id, name: `best of ${id}` }));
const posts = counted('posts', (id) => [{ id: `${id}a` }, { id: `${id}b` }]);
const likes = counted('likes', () => 7);
const pets = counted('pets', () => [
  { kind: 'Dog', id: 1 },
  { kind: 'Cat', id: 2 },
]);
const bark = counted('bark', () => 'loud');
const meow = counted('meow', () => 'soft');

const schema = makeSchema({
  typeDefs: `
    ${print(incrementalTypeDefs)}
    type Query { user(id: ID!): User other: User }
    type Mutation { user: User }
    type User { id: ID name: String friends: [User!] best: User posts: [Post] pets: [Pet] }
    type Post { id: ID likes: Int }
    interface Pet { id: ID }
    type Dog implements Pet { id: ID bark: String }
    type Cat implements Pet { id: ID meow: String }
  `,
  objects: {
    Query: { plans: { user: (_root, { $id }) => loadOne($id as AnyStep, user) } },
    User: {
      plans: {
        friends: ($user) => loadMany(get($user, 'id'), friends),
        best: ($user) => loadOne(get($user, 'id'), best),
        posts: ($user) => loadMany(get($user, 'id'), posts),
        pets: ($user) => loadMany(get($user, 'id'), pets),
      },
    },
    Post: { plans: { likes: ($post) => loadOne(get($post, 'id'), likes) } },
    Dog: { plans: { bark: ($dog) => loadOne(get($dog, 'id'), bark) } },
    Cat: { plans: { meow: ($cat) => loadOne(get($cat, 'id'), meow) } },
  },
  interfaces: { Pet: { planType: ($pet) => ({ $__typename: get($pet, 'kind') as AnyStep }) } },
});

const operation = `
  query ($with: Boolean = false) {
    user(id: 1) {
      name
      friends { best { name } posts { likes } }
      pets { id ... on Dog { bark } ... on Cat { meow } }
      ... @defer { best { name posts { likes } } }
      posts @include(if: $with) { likes }
    }
  }`;

async function callsOf(
  positions: readonly PositionPath[],
  variableValues: Record<string, unknown> = {},
  engine = createEngine({ schema }),
): Promise<Calls> {
  const { calls } = await runOf(positions, variableValues, engine);
  return calls;
}

async function runOf(
  positions: readonly PositionPath[],
  variableValues: Record<string, unknown>,
  engine: ReturnType<typeof createEngine>,
  text = operation,
): Promise<PartialRun & { readonly calls: Calls }> {
  const calls: Calls = {};
  const prepared = engine.prepareRequest({ document: parse(text), contextValue: calls, variableValues });
  if (!('prepared' in prepared)) throw new Error(JSON.stringify(prepared));
  const run = drivePositions(prepared.prepared.linked, prepared.request, positions);
  await run.going;
  return { ...run, calls };
}

test('a position needs what lies above it, and nothing beside it', async () => {
  assert.equal(await callsOf([['user', 'name']]), { user: 1 });
  assert.equal(await callsOf([['user', 'friends', 'best']]), { user: 1, friends: 1, best: 1 });
});

test('a position in a list stands for all items; loads are made once for all of them', async () => {
  assert.equal(await callsOf([['user', 'friends', 'posts', 'likes']]), { user: 1, friends: 1, posts: 1, likes: 1 });
  assert.equal(await callsOf([['user', 'friends', 'posts']]), { user: 1, friends: 1, posts: 1, likes: 1 });
});

test('branches run that have the position, planned or not', async () => {
  const engine = createEngine({ schema });
  const expected = { user: 1, pets: 1, bark: 1 };
  assert.equal(await callsOf([['user', 'pets', 'bark']], {}, engine), expected, 'planned on the way');
  assert.equal(await callsOf([['user', 'pets', 'bark']], {}, engine), expected, 'planned before');
  assert.equal(await callsOf([['user', 'pets', 'id']], {}, engine), { user: 1, pets: 1 });
  assert.equal(await callsOf([['user', 'pets']], {}, engine), { user: 1, pets: 1, bark: 1, meow: 1 });
});

test('a deferred fragment runs when a position in it is needed', async () => {
  assert.equal(await callsOf([['user', 'best', 'name']]), { user: 1, best: 1 });
  assert.equal(await callsOf([['user', 'best', 'posts']]), { user: 1, best: 1, posts: 1, likes: 1 });
});

test('several positions share their work', async () => {
  const calls = await callsOf([
    ['user', 'friends', 'best'],
    ['user', 'best'],
    ['user', 'name'],
  ]);
  assert.equal({ ...calls, best: null }, { user: 1, friends: 1, best: null, posts: 1, likes: 1 });
});

test('fields that the request leaves out are no positions', async () => {
  assert.equal(await callsOf([['user', 'posts']], { with: true }), { user: 1, posts: 1, likes: 1 });
  for (const position of [['user', 'posts'], ['user', 'nme'], ['user', 'name', 'x'], ['other']]) {
    try {
      await callsOf([position]);
      assert.unreachable(position.join('.'));
    } catch (error) {
      assert.is((error as { code?: string }).code, 'UNKNOWN_POSITION', String(error));
      assert.match((error as Error).message, `"${position.join('.')}"`);
    }
  }
});

test('an abort ends a partial run, and nothing new starts', async () => {
  const engine = createEngine({ schema });
  const calls: Calls = {};
  const prepared = engine.prepareRequest({ document: parse(operation), contextValue: calls });
  if (!('prepared' in prepared)) throw new Error('refused');
  const { driver, going } = drivePositions(prepared.prepared.linked, prepared.request, [['user', 'friends', 'best']]);
  driver.abort(new Error('enough'));
  await going;
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(calls, { user: 1 });
});

test('a mutation cannot run in part', async () => {
  try {
    await runOf([['user']], {}, createEngine({ schema }), 'mutation { user { name } }');
    assert.unreachable();
  } catch (error) {
    assert.is((error as { code?: string }).code, 'PARTIAL_MUTATION');
  }
});

test.run();
