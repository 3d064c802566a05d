/** Positions that are run alone (spec 11.6). */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type AnyStep, constant, createEngine, get, loader, loadMany, loadOne, makeSchema } from '../../src/index.ts';
import { openedHere } from '../../src/reactive/response/sealExtension.ts';
import { createReactive, heldAt, memoryVersions, type ReactiveExtension } from '../../src/reactive.ts';

const test = suite('refetch by position');

let calls: Record<string, number> = {};
function counted<T>(name: string, of: (key: string) => T): ReturnType<typeof loader<T, string>> {
  return loader<T, string>({
    name: `refetch.${name}`,
    load: async (keys, info) => {
      calls[name] = (calls[name] ?? 0) + keys.length;
      for (const key of keys) info.recordDependency(`${name} ${key}`, key);
      return keys.map(of);
    },
  });
}

const user = counted('user', (id) => (id === 'none' ? null : { id, name: `user ${id}` }));
const lists = counted('lists', () => [{ key: 'a' }, { key: 'b' }]);
const listId = counted('listId', (key) => `id of ${key}`);
const tasks = counted('tasks', (id) => [{ id: `${id}1` }, { id: `${id}2` }]);
const pets = counted('pets', () => [
  { kind: 'Dog', id: '1' },
  { kind: 'Cat', id: '2' },
]);
const bark = counted('bark', () => 'loud');
const meow = counted('meow', () => 'soft');
const fails = counted('fails', () => new Error('no'));

const schema = makeSchema({
  typeDefs: /* GraphQL */ `
    type Query { me: User user(id: ID!): User }
    type Mutation { me: User }
    type User { id: ID! name: String! lists: [List!]! pets: [Pet!] broken: Int! }
    type List { id: ID! key: String tasks(first: Int): [Task!]! }
    type Task { id: ID! }
    interface Pet { id: ID! }
    type Dog implements Pet { id: ID! bark: String }
    type Cat implements Pet { id: ID! meow: String }
  `,
  objects: {
    Query: {
      plans: {
        me: () => loadOne(constant('1') as AnyStep, user),
        user: (_root, { $id }) => loadOne($id as AnyStep, user),
      },
    },
    Mutation: { plans: { me: () => loadOne(constant('1') as AnyStep, user) } },
    User: {
      plans: {
        lists: ($user) => loadMany(get($user, 'id') as AnyStep, lists),
        pets: ($user) => loadMany(get($user, 'id') as AnyStep, pets),
        broken: ($user) => loadOne(get($user, 'id') as AnyStep, fails),
      },
    },
    List: {
      plans: {
        id: ($list) => loadOne(get($list, 'key') as AnyStep, listId),
        tasks: ($list) => loadMany(get($list, 'key') as AnyStep, tasks),
      },
    },
    Dog: { plans: { bark: ($dog) => loadOne(get($dog, 'id') as AnyStep, bark) } },
    Cat: { plans: { meow: ($cat) => loadOne(get($cat, 'id') as AnyStep, meow) } },
  },
  interfaces: { Pet: { planType: ($pet) => ({ $__typename: get($pet, 'kind') as AnyStep }) } },
});

const secrets = [{ id: 'a', secret: 'a secret of sufficient length' }];
const newLayer = () => createReactive({ engine: createEngine({ schema }), versions: memoryVersions(), secrets });
const layer = newLayer();

interface Answer {
  readonly data: unknown;
  readonly errors: readonly { message: string; path?: unknown; extensions?: { code?: unknown } }[] | undefined;
  readonly reactive: ReactiveExtension;
  readonly calls: Record<string, number>;
}

async function ask(text: string, at: unknown, variableValues = {}, reactive = layer): Promise<Answer> {
  calls = {};
  const refetch = Array.isArray(at) ? at.map((one) => ({ at: one })) : at;
  const { data, errors, extensions } = await reactive.execute({
    document: parse(text),
    variableValues,
    extensions: { reactive: { v: 1, ...(at !== null && { refetch }) } },
  });
  const plain = data === undefined ? undefined : JSON.parse(JSON.stringify(data));
  return {
    data: plain,
    errors: errors as Answer['errors'],
    reactive: extensions?.reactive as ReactiveExtension,
    calls,
  };
}

const QUERY = `query ($with: Boolean = true) {
  me { __typename id name my: lists { id key tasks { id } } pets { id ... on Dog { bark } ... on Cat { meow } } }
  user(id: "2") { name lists @include(if: $with) { key } }
}`;

test('only what a position needs is loaded (design 6) [11.6.2]', async () => {
  const whole = await ask(QUERY, null);
  assert.equal(whole.calls, { user: 2, lists: 2, listId: 2, tasks: 2, pets: 1, bark: 1, meow: 1 });
  const tasksOnly = await ask(QUERY, ['me.my.*.tasks']);
  assert.equal(tasksOnly.calls, { user: 1, lists: 1, listId: 2, tasks: 2 });
  assert.equal(tasksOnly.data, {
    me: {
      __typename: 'User',
      id: '1',
      my: [
        { id: 'id of a', tasks: [{ id: 'a1' }, { id: 'a2' }] },
        { id: 'id of b', tasks: [{ id: 'b1' }, { id: 'b2' }] },
      ],
    },
  });
  assert.equal((await ask(QUERY, ['user.name'])).calls, { user: 1 });
});

test('every group of the answer can be refetched, and says again what it depends on [11.6.3]', async () => {
  const whole = await ask(QUERY, null);
  for (const group of openedHere(whole.reactive).groups ?? []) {
    const { at, scope } = group;
    const part = await ask(QUERY, [at]);
    assert.is(part.errors, undefined, at);
    const again = openedHere(part.reactive).groups?.find((one) => one.at === at && one.scope === scope);
    assert.ok(again, at);
    assert.equal(
      [...(heldAt(part.reactive, again)?.keys ?? [])].sort(),
      [...(heldAt(whole.reactive, group)?.keys ?? [])].sort(),
      at,
    );
  }
});

test('several positions share their work; one above another is whole [11.6.1]', async () => {
  const { data, calls: made } = await ask(QUERY, ['me.pets', 'me.pets.*.bark', 'user']);
  assert.equal(made, { user: 2, lists: 1, pets: 1, bark: 1, meow: 1 });
  assert.equal(data, {
    me: {
      __typename: 'User',
      id: '1',
      pets: [
        { id: '1', bark: 'loud' },
        { id: '2', meow: 'soft' },
      ],
    },
    user: { name: 'user 2', lists: [{ key: 'a' }, { key: 'b' }] },
  });
});

test('branches of types that have the position, met before or not', async () => {
  const expected = { me: { __typename: 'User', id: '1', pets: [{ id: '1', bark: 'loud' }, { id: '2' }] } };
  const fresh = newLayer();
  for (const round of ['first', 'again']) {
    const { data, calls: made } = await ask(QUERY, ['me.pets.*.bark'], {}, fresh);
    assert.equal(data, expected, round);
    assert.equal(made, { user: 1, pets: 1, bark: 1 }, round);
  }
});

test('the root is the whole operation [11.6.4]', async () => {
  assert.equal((await ask(QUERY, [''])).data, (await ask(QUERY, null)).data);
});

test('errors and nulls stand where they stand in the whole answer [11.6.3]', async () => {
  const text = '{ me { name broken } user(id: "none") { lists { key } } }';
  const broken = await ask(text, ['me.broken']);
  assert.equal(
    [broken.data, broken.errors?.map(({ message, path }) => [message, path])],
    [{ me: null }, [['no', ['me', 'broken']]]],
  );
  assert.equal((await ask(text, ['user.lists'])).data, { user: null });
  assert.equal((await ask(text, ['me.name'])).errors, undefined, 'what is beside it is not run');
});

test('what cannot be refetched is an error of the request [11.6.4]', async () => {
  const codes = async (text: string, at: unknown, variables = {}): Promise<unknown> => {
    const { errors, data } = await ask(text, at, variables);
    assert.is(data, undefined);
    return errors?.[0]?.extensions?.code;
  };
  assert.is(await codes(QUERY, ['me.lists']), 'UNKNOWN_POSITION', 'by alias');
  assert.is(await codes(QUERY, ['user.lists'], { with: false }), 'UNKNOWN_POSITION', 'left out');
  assert.is(await codes('mutation { me { name } }', ['me']), 'PARTIAL_MUTATION');
  for (const bad of [[], 'me', {}, [null], [{ at: 3 }], Array.from({ length: 101 }, () => ({ at: 'me' }))]) {
    const { errors } = await layer.execute({
      document: parse(QUERY),
      extensions: { reactive: { v: 1, refetch: bad } },
    });
    assert.is(errors?.[0]?.extensions?.code, 'BAD_REFETCH', JSON.stringify(bad));
  }
});

test('an abort ends it', async () => {
  const controller = new AbortController();
  const asked = layer.execute({
    document: parse(QUERY),
    abortSignal: controller.signal,
    extensions: { reactive: { v: 1, refetch: [{ at: 'me.my' }] } },
  });
  controller.abort(new Error('enough'));
  const { errors } = await asked;
  assert.match(String(errors?.[0]), 'enough');
});

test.run();
