/** Where dependencies belong (spec 11.3). */
import { AsyncResource } from 'node:async_hooks';
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type AnyStep,
  constant,
  createEngine,
  exportPlan,
  get,
  lambda,
  loader,
  loadMany,
  loadOne,
  makeSchema,
} from '../../src/index.ts';
import { toKey } from '../../src/reactive/keys/dependencyKeys.ts';
import { WireKeys } from '../../src/reactive/keys/WireKeys.ts';
import { makeKeyTable } from '../../src/reactive/response/KeyTable.ts';
import { placesOf } from '../../src/reactive/response/placesOf.ts';
import type { DependencyColumn } from '../../src/reactive/tracking/columns.ts';
import { eachObjectIn } from '../../src/reactive/tracking/objectsIn.ts';
import { ambientRecorder, currentTracker, Tracker } from '../../src/reactive/tracking/Tracker.ts';
import { dependsOn } from '../../src/reactive.ts';

const test = suite('positions of dependencies');

const constantId = (id: string): AnyStep => constant(id) as AnyStep;
const calls: Record<string, number> = {};
/** A loader that records a key for each of its keys, some milliseconds later. */
function recorded<T>(name: string, of: (key: string) => T): ReturnType<typeof loader<T, string>> {
  return loader<T, string>({
    name: `positions.${name}`,
    load: async (keys, info) => {
      calls[name] = (calls[name] ?? 0) + 1;
      await new Promise((resolve) => setImmediate(resolve));
      for (const key of keys) info.recordDependency(`${name} ${key}`, key);
      return keys.map(of);
    },
  });
}

const user = recorded('user', (id) => ({ id, name: `user ${id}`, best: '9' }));
const lists = recorded('lists', (id) => (id === '1' ? [{ id: 'a' }, { id: 'b' }] : []));
const tasks = recorded('tasks', (id) => [{ id: `${id}1` }, { id: `${id}2` }]);
const pets = recorded('pets', () => [
  { kind: 'Dog', id: '1' },
  { kind: 'Cat', id: '2' },
]);
const bark = recorded('bark', () => 'loud');
const meow = recorded('meow', () => 'soft');
const grid = recorded('grid', () => [[{ id: '1' }], [{ id: '2' }, { id: '3' }]]);
const rates = loader<number, string>({
  name: 'positions.rates',
  load: (keys, info) => {
    info.recordDependency('all rates');
    return keys.map(() => 7);
  },
});
const silent = loader<number, string>({ name: 'positions.silent', load: async (keys) => keys.map(() => 1) });

const schema = makeSchema({
  typeDefs: /* GraphQL */ `
    type Query { me: User user(id: ID!): User nothing: Int resolved: Int silent: Int }
    type Mutation { rename: User }
    type User { id: ID name: String best: User worst: User lists: [List!] pets: [Pet] grid: [[Cell]] rate: Int friend: Friend }
    type List { id: ID tasks: [Task!] }
    type Task { id: ID owner: User }
    interface Pet { id: ID }
    type Dog implements Pet { id: ID bark: String }
    type Cat implements Pet { id: ID meow: String }
    type Cell { id: ID owner: User }
    union Friend = User | Dog
  `,
  objects: {
    Query: {
      plans: {
        me: () => loadOne(constantId('1'), user),
        user: (_root, { $id }) => loadOne($id as AnyStep, user),
        silent: () => loadOne(constantId('1'), silent),
        resolved: {
          resolve: async () => {
            dependsOn('before');
            await new Promise((resolve) => setImmediate(resolve));
            dependsOn('after');
            return 3;
          },
        },
      },
    },
    Mutation: { plans: { rename: () => loadOne(constantId('1'), user) } },
    User: {
      plans: {
        best: ($user) => loadOne(get($user, 'best') as AnyStep, user),
        worst: ($user) => loadOne(get($user, 'worst') as AnyStep, user),
        lists: ($user) => loadMany(get($user, 'id') as AnyStep, lists),
        pets: ($user) => loadMany(get($user, 'id') as AnyStep, pets),
        grid: ($user) => loadOne(get($user, 'id') as AnyStep, grid),
        rate: ($user) => loadOne(get($user, 'id') as AnyStep, rates),
        friend: ($user) => loadOne(get($user, 'best') as AnyStep, user),
      },
    },
    List: { plans: { tasks: ($list) => loadMany(get($list, 'id') as AnyStep, tasks) } },
    Task: { plans: { owner: () => loadOne(constantId('1'), user) } },
    Cell: { plans: { owner: ($cell) => loadOne(get($cell, 'id') as AnyStep, user) } },
    Dog: { plans: { bark: ($dog) => loadOne(get($dog, 'id') as AnyStep, bark) } },
    Cat: { plans: { meow: ($cat) => loadOne(get($cat, 'id') as AnyStep, meow) } },
  },
  interfaces: { Pet: { planType: ($pet) => ({ $__typename: get($pet, 'kind') as AnyStep }) } },
  unions: { Friend: { planType: ($user) => ({ $__typename: lambda($user, () => 'User') as AnyStep }) } },
});

interface Answer {
  readonly data: unknown;
  readonly status: string;
  readonly groups: Record<string, readonly string[]>;
}

const wireKeys = new WireKeys([{ id: 'a', secret: 'a secret of sufficient length' }], '');

function keysOf({ prefix, names }: DependencyColumn): readonly string[] {
  return [...names].map((name) => toKey(prefix + name));
}

type Engine = ReturnType<typeof createEngine>;

async function run(text: string, variableValues = {}, engine: Engine = createEngine({ schema })): Promise<Answer> {
  const tracker = new Tracker();
  const { record, around } = tracker;
  const args = { document: parse(text), variableValues, recordDependencies: record, around };
  const { data, errors } = await tracker.run(() => engine.execute(args));
  assert.is(errors, undefined, String(errors));
  const { status, groups } = tracker.dependencies((at, visit) => eachObjectIn(data, at, visit));
  const table = makeKeyTable([groups], wireKeys, 2000);
  const named = new Map(groups.flatMap(({ columns }) => columns.flatMap(keysOf)).map((key) => [wireKeys.of(key), key]));
  const keysAt = (ranges: readonly number[]): readonly string[] =>
    placesOf(ranges).map((place) => named.get(table?.keys[place] as string) as string);
  return {
    data,
    status,
    groups: Object.fromEntries(table?.groups.flat().map(({ at, keys }) => [at, [...keysAt(keys)].sort()]) ?? []),
  };
}

test('rows 3, 4: each list belongs to its field, and an object to its own', async () => {
  const { groups, status } = await run('{ me { name lists { id tasks { id } } } }');
  assert.equal(groups, {
    me: ['m:user 1'],
    'me.lists': ['m:lists 1'],
    'me.lists.*.tasks': ['m:tasks a', 'm:tasks b'],
  });
  assert.is(status, 'full');
});

test('row 6, alias and fragment: an alias names the position, a fragment does not [11.3.1]', async () => {
  const { groups } = await run(
    '{ her: user(id: "2") { ...all } him: user(id: "3") { lists { id } } } fragment all on User { mine: lists { id } }',
  );
  assert.equal(groups, {
    her: ['m:user 2'],
    him: ['m:user 3'],
    'her.mine': ['m:lists 2'],
    'him.lists': ['m:lists 3'],
  });
});

test('merged selections are one position', async () => {
  const { groups } = await run('{ me { lists { id } } ... { me { lists { tasks { id } } } } }');
  assert.equal(Object.keys(groups).sort(), ['me', 'me.lists', 'me.lists.*.tasks']);
});

test('what two positions load once belongs to both [11.3.2]', async () => {
  calls.user = 0;
  const { groups } = await run(
    '{ a: user(id: "1") { name } b: user(id: "1") { name } c: user(id: "2") { best { name } } d: user(id: "9") { name } }',
  );
  assert.equal(groups, { a: ['m:user 1'], b: ['m:user 1'], c: ['m:user 2'], 'c.best': ['m:user 9'], d: ['m:user 9'] });
});

test('what is loaded again below is at the position above, and not repeated [11.3.3]', async () => {
  const { groups } = await run('{ me { lists { tasks { owner { name } } } } }');
  assert.equal(groups['me.lists.*.tasks.*.owner'], undefined);
  assert.equal(groups.me, ['m:user 1']);
});

test('row 6, union, interface and lists of lists: types that occur, and no others [11.3.1, 11.3.5]', async () => {
  const { groups } = await run('{ me { pets { ... on Dog { bark } ... on Cat { meow } } grid { owner { name } } } }');
  assert.equal(groups, {
    me: ['m:user 1'],
    'me.pets': ['m:pets 1'],
    'me.pets.*.bark': ['m:bark 1'],
    'me.pets.*.meow': ['m:meow 2'],
    'me.grid': ['m:grid 1'],
    'me.grid.*.*.owner': ['m:user 2', 'm:user 3'],
  });
  const union = await run('{ me { friend { ... on User { lists { id } } } } }');
  assert.equal(union.groups, { me: ['m:user 1'], 'me.friend': ['m:user 9'], 'me.friend.lists': ['m:lists 9'] });
});

test('fields that are left out have no dependencies [11.3.5]', async () => {
  const text = 'query ($with: Boolean!) { me { name lists @include(if: $with) { id } } }';
  assert.equal((await run(text, { with: false })).groups, { me: ['m:user 1'] });
  assert.equal((await run(text, { with: true })).groups, { me: ['m:user 1'], 'me.lists': ['m:lists 1'] });
});

test('a key that a loader says without naming one of its keys belongs to all of the call [11.3.2]', async () => {
  const { groups } = await run('{ a: user(id: "1") { rate } b: user(id: "2") { rate } }');
  assert.equal([groups['a.rate'], groups['b.rate']], [['m:all rates'], ['m:all rates']]);
});

test('row 6, resolvers: what they say is said of the operation, also after they have waited [11.3.4]', async () => {
  const { groups, status } = await run('{ resolved me { name } }');
  assert.equal(groups, { '': ['m:after', 'm:before'], me: ['m:user 1'] });
  assert.is(status, 'full');
});

test('row 14: a source that says nothing makes the answer partial [11.3.7]', async () => {
  assert.is((await run('{ silent me { name } }')).status, 'partial');
  assert.is((await run('{ me { name } }')).status, 'full');
  assert.is((await run('{ nothing }')).status, 'partial', 'nothing at all was said');
  for (const links of ['worst { name }', 'best { name } worst { name }'])
    assert.is((await run(`{ me { ${links} } }`)).status, 'full', 'links to nothing were not read');
});

test('an imported plan says the same [11.3.5]', async () => {
  const engine = createEngine({ schema });
  const text = '{ me { name lists { tasks { id } } pets { ... on Dog { bark } } } }';
  const expected = await run(text, {}, engine);
  const json = JSON.parse(JSON.stringify(exportPlan(engine.prepare(parse(text)))));
  const other = createEngine({ schema });
  other.importPlan(json);
  assert.equal(await run(text, {}, other), expected);
});

test('a mutation says what its answer depends on', async () => {
  assert.equal((await run('mutation { rename { name lists { id } } }')).groups, {
    rename: ['m:user 1'],
    'rename.lists': ['m:lists 1'],
  });
});

test('more keys than are wanted are none [11.3.6]', async () => {
  const tracker = new Tracker();
  for (let n = 0; n < 4; n++) tracker.note('', [`m:${n}`], -1);
  const { groups } = tracker.dependencies(() => true);
  assert.is(makeKeyTable([groups], wireKeys, 3), null);
  assert.equal(makeKeyTable([groups], wireKeys, 4)?.groups, [[{ at: '', scope: 'field', keys: [0, 4] }]]);
});

test('code that goes on behind its request records nothing, however long it runs [R26]', async () => {
  const tracker = new Tracker();
  const { later, record } = tracker.run(() => {
    dependsOn('m:read' as never);
    return { later: AsyncResource.bind(() => [currentTracker(), ambientRecorder()]), record: ambientRecorder() };
  });
  assert.is(later()[0], tracker);
  assert.equal(tracker.dependencies(() => true).groups.length, 1);
  assert.equal(later(), [null, null]);
  record?.('', ['m:late']);
  assert.equal(tracker.dependencies(() => true).groups, []);
});

test('more positions than can be told are none: fragments that double [11.3.6]', async () => {
  const levels = Array.from(
    { length: 20 },
    (_, n) => `fragment f${n} on User { a: best { ...f${n + 1} } b: best { ...f${n + 1} } }`,
  );
  const text = `{ me { ...f0 } } ${levels.join(' ')} fragment f20 on User { rate }`;
  const engine = createEngine({ schema });
  const tracker = new Tracker();
  const { record, around } = tracker;
  // Only a few levels have data: the plan has them all.
  await tracker.run(() => engine.execute({ document: parse(text), recordDependencies: record, around }));
  assert.is(tracker.dependencies(() => true).status, 'overflow');
});

test.run();
