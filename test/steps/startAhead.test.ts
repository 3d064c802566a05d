import { type ExecutionArgs, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  context,
  createEngine,
  type EngineOptions,
  each,
  exportPlan,
  filter,
  get,
  importPlan,
  inhibitIf,
  last,
  loader,
  loadMany,
  loadOne,
  makeSchema,
} from '../../src/index.ts';

/** What was loaded, a list a turn: calls that were made before one of them was answered. */
let rounds: string[][] = [];
let calls: string[] = [];
let underWay = 0;
let failing: ReadonlySet<string> = new Set();

async function answered<T>(name: string, keys: readonly unknown[], answer: () => T): Promise<T> {
  calls.push(`${name} ${keys.join()}`);
  if (underWay++ === 0) rounds.push([]);
  rounds.at(-1)?.push(`${name} ${keys.join()}`);
  await new Promise((resolve) => setImmediate(resolve));
  underWay--;
  if (failing.has(name)) throw new Error(`${name} is down`);
  return answer();
}

interface User {
  readonly id: string;
  readonly name: string;
  readonly isHidden: boolean;
  readonly boss: string | null;
}

const userOf = (id: string): User | null =>
  id === 'nobody' ? null : { id, name: `user ${id}`, isHidden: id.startsWith('h'), boss: id === 'a' ? 'b' : null };

const users = loader<User, string>({
  name: 'ahead.users',
  load: (ids, { recordDependency }) =>
    answered('users', ids, () => {
      for (const id of ids) recordDependency(`user ${id}`, id);
      return ids.map(userOf);
    }),
  identity: 'id',
});
const sureUsers = loader<User, string>({
  name: 'ahead.sureUsers',
  load: (ids) => answered('sureUsers', ids, () => ids.map(userOf)),
  ioEquivalence: 'id',
});
const friends = loader<readonly string[], string>({
  name: 'ahead.friends',
  load: (ids, { recordDependency }) =>
    answered('friends', ids, () => {
      for (const id of ids) recordDependency(`friends ${id}`, id);
      return ids.map((id) => (id === 'poison' ? new Error('no friends of poison') : [`${id}1`, `${id}2`]));
    }),
});
/** Takes its keys out of their list, and names some dependencies for all of them. */
const cutting = loader<string, string>({
  name: 'ahead.cutting',
  load: (ids, { recordDependency }) => {
    const own = (ids as string[]).splice(0);
    return answered('cutting', own, () => {
      for (const id of own) recordDependency(`cut ${id}`, id);
      recordDependency('all that is cut');
      return own.map((id) => `cut ${id}`);
    });
  },
});
/** Names dependencies when its entries were handed out. */
const late = loader<string, string>({
  name: 'ahead.late',
  load: (ids, { recordDependency }) =>
    answered('late', ids, () => {
      recordDependency('named in time', ids[0]);
      return ids.map(async (id) => {
        await new Promise((resolve) => setImmediate(resolve));
        recordDependency(`late ${id}`, id);
        return `late ${id}`;
      });
    }),
});
const shyFriends = loader<readonly string[], string>({
  name: 'ahead.shyFriends',
  load: (ids) => answered('shyFriends', ids, () => ids.map((id) => [`${id}1`])),
  ahead: false,
});
/** Whether the viewer may see a user: asked of somebody else. */
const hides = loader<boolean, string>({
  name: 'ahead.hides',
  load: (ids) => answered('hides', ids, () => ids.map((id) => id.startsWith('h'))),
});

const schema = makeSchema({
  typeDefs: /* GraphQL */ `
    type Query { user(id: ID!): User, sure(id: ID!): User, viewer: User, open(id: ID!): User, several(ids: [ID!]!): [User] }
    type Mutation { user(id: ID!): User }
    type User { id: ID!, name: String!, boss: User, friends: [User!]!, shy: [User!]!, visible: [User!]!, inTurn: [User!]!, last: User, cut: String, cutLater: String }
  `,
  objects: {
    Query: {
      plans: {
        open: (_$root, { $id }) => loadOne($id, users),
        sure: (_$root, { $id }) => loadOne($id, sureUsers),
        viewer: () => loadOne(get(context(), 'viewer'), sureUsers),
        user: (_$root, { $id }) => inhibitIf(loadOne($id, users), loadOne($id, hides)),
        several: (_$root, { $ids }) => each($ids, ($id) => loadOne($id, users)),
      },
    },
    Mutation: { plans: { user: (_$root, { $id }) => loadOne($id, users) } },
    User: {
      plans: {
        boss: ($user) => loadOne(get($user, 'boss'), users),
        friends: ($user) => each(loadMany(get($user, 'id'), friends), ($id) => loadOne($id, users)),
        inTurn: ($user) =>
          each(loadMany(get($user, 'id'), friends, null, { ahead: false }), ($id) => loadOne($id, users)),
        cut: ($user) => loadOne(get($user, 'id'), cutting),
        cutLater: ($user) => loadOne(get($user, 'id'), late),
        last: ($user) => loadOne(last(loadMany(get($user, 'id'), friends)), users),
        shy: ($user) => each(loadMany(get($user, 'id'), shyFriends), ($id) => loadOne($id, users)),
        visible: ($user) =>
          filter(
            each(loadMany(get($user, 'id'), friends), ($id) => loadOne($id, users)),
            ($friend) => loadOne(get($friend, 'id'), hides),
          ),
      },
    },
  },
});

const test = suite('loads that start when their key is known');

type Limits = EngineOptions['limits'];

async function ask(
  text: string,
  args: Partial<ExecutionArgs> = {},
  limits: Limits = {},
  engine = createEngine({ schema, limits }),
) {
  rounds = [];
  calls = [];
  const response = await engine.execute({ document: parse(text), contextValue: { viewer: 'a' }, ...args });
  return JSON.parse(JSON.stringify(response));
}

/** The same with speculation and without: answers are equal, the rounds are returned. */
async function both(text: string, args: Partial<ExecutionArgs> = {}) {
  const answer = await ask(text, args);
  const ahead = rounds;
  assert.equal(answer, await ask(text, args, { speculation: false }));
  return { answer, ahead, inTurn: rounds };
}

test('through the null check of what is loaded by the same key', async () => {
  const { ahead, inTurn } = await both('{ open(id: "a") { name friends { name } } }');
  assert.equal(inTurn, [['users a'], ['friends a'], ['users a1,a2']]);
  assert.equal(ahead, [['users a', 'friends a'], ['users a1,a2']]);
});

test('through ioEquivalence: a list keyed by the id of the viewer is there with the viewer', async () => {
  const { ahead } = await both('{ viewer { name friends { name } } }');
  assert.equal(ahead, [['sureUsers a', 'friends a'], ['users a1,a2']]);
});

test('through a privacy check, and what is thrown away is not seen', async () => {
  const { ahead, answer } = await both('{ user(id: "h") { name boss { name } friends { name } } }');
  assert.equal(answer, { data: { user: null } });
  assert.equal(ahead[0]?.sort(), ['friends h', 'hides h', 'users h']);
  const seen = await both('{ user(id: "a") { name boss { name } friends { name } } }');
  assert.equal(seen.ahead.flat().sort(), ['friends a', 'hides a', 'users a', 'users a1,a2', 'users b']);
  assert.ok(seen.ahead.length <= 2, JSON.stringify(seen.ahead));
});

test('through filters and lists of the request', async () => {
  const { ahead } = await both('{ several(ids: ["a", "nobody", "a"]) { visible { friends { id } } } }');
  assert.equal(ahead[0], ['users a,nobody', 'friends a,nobody']);
  assert.ok(ahead.length <= 3, JSON.stringify(ahead));
});

test('failures ahead of their turn are failures of nobody', async () => {
  const poisoned = await both('{ open(id: "poison") { name friends { name } } }');
  assert.equal(poisoned.ahead, [['users poison', 'friends poison'], ['friends poison']], 'asked again in its turn');
  assert.match(JSON.stringify(poisoned.answer), /no friends of poison/);
  assert.equal((await both('{ user(id: "hpoison") { friends { id } } }')).answer, { data: { user: null } });
  failing = new Set(['friends']);
  try {
    await both('{ open(id: "a") { name friends { name } } }');
    assert.equal((await both('{ user(id: "h") { friends { id } } }')).answer, { data: { user: null } });
  } finally {
    failing = new Set();
  }
});

/** By field: the dependencies that its steps have recorded. */
async function recorded(text: string, limits: NonNullable<Limits>): Promise<readonly string[]> {
  const engine = createEngine({ schema, limits });
  const found = new Set<string>();
  const recordDependency = (key: string, step: number, { plan }: { plan: ReturnType<typeof exportPlan> }) =>
    found.add(`${plan.steps[step]?.coordinate} ${key}`);
  await engine.prepare(parse(text)).execute({ contextValue: { viewer: 'a' }, recordDependency } as never);
  return [...found].sort();
}

for (const text of [
  '{ open(id: "a") { friends { name } } }',
  '{ user(id: "h") { friends { name } } }',
  '{ several(ids: ["a", "nobody"]) { friends { name } } }',
  '{ several(ids: ["b", "a", "nobody", "b"]) { id friends { name } } }',
  '{ several(ids: ["b", "h", "a"]) { visible { friends { id } } last { friends { id } } } }',
  '{ several(ids: ["a", "poison", "b"]) { id friends { name } } }',
  '{ several(ids: ["a", "b"]) { friends { id } } open(id: "b") { friends { friends { id } } } }',
  '{ several(ids: ["c", "a", "b"]) { cut cutLater } open(id: "b") { cut } }',
]) {
  test(`dependencies are those of what was needed, each where it was: ${text}`, async () => {
    const inTurn = await recorded(text, { speculation: false });
    assert.equal(await recorded(text, {}), inTurn);
    assert.ok(inTurn.length > 0, 'something was recorded');
  });
}

test('not in mutations, and not where loader or limits say no', async () => {
  await ask('mutation { user(id: "a") { friends { id } } }');
  assert.equal(rounds.slice(0, 2), [['users a'], ['friends a']]);
  await ask('{ open(id: "a") { shy { id } } }');
  assert.equal(rounds.slice(0, 2), [['users a'], ['shyFriends a']]);
  await ask('{ open(id: "a") { friends { id } } }', {}, { speculation: { maxKeys: 0 } });
  assert.equal(rounds.slice(0, 2), [['users a'], ['friends a']]);
});

test('not where the step says no', async () => {
  const { ahead, inTurn } = await both('{ open(id: "a") { inTurn { name } } }');
  assert.equal(ahead, inTurn);
  assert.equal(ahead, [['users a'], ['friends a'], ['users a1,a2']]);
});

test('through the last item of a list', async () => {
  const { ahead, inTurn } = await both('{ open(id: "a") { last { name friends { name } } } }');
  assert.equal(inTurn, [['users a'], ['friends a'], ['users a2'], ['friends a2'], ['users a21,a22']]);
  assert.equal(ahead, [['users a', 'friends a'], ['users a2', 'friends a2'], ['users a21,a22']]);
});

test('a request starts no more than limits.speculation.maxKeys', async () => {
  const ids = Array.from({ length: 20 }, (_, n) => `${n}`);
  const text = 'query ($ids: [ID!]!) { several(ids: $ids) { friends { id } } }';
  await ask(text, { variableValues: { ids } }, { speculation: { maxKeys: 5 } });
  assert.equal(calls.slice(0, 3), [`users ${ids}`, `friends ${ids.slice(0, 5)}`, `friends ${ids.slice(5)}`]);
});

test('a plan learns where it does not pay', async () => {
  const engine = createEngine({ schema });
  const ids = Array.from({ length: 40 }, (_, n) => `h${n}`);
  const document = 'query ($id: ID!) { user(id: $id) { friends { id } } }';
  let started = 0;
  for (const id of ids.concat(ids, ids)) {
    await ask(document, { variableValues: { id } }, {}, engine);
    if (calls.some((call) => call.startsWith('friends'))) started++;
  }
  assert.ok(started >= 64 && started < 80, `${started} of 120`);
});

test('what other requests have not needed yet is not taken for waste', async () => {
  const engine = createEngine({ schema });
  const document = parse('query ($id: ID!) { user(id: $id) { friends { id } } }');
  const wave = async (): Promise<number> => {
    calls = [];
    const ids = Array.from({ length: 200 }, (_, n) => `v${n}`);
    const answers = ids.map((id) => engine.execute({ document, variableValues: { id } }));
    await new Promise((resolve) => process.nextTick(resolve)); // nothing has been answered
    const ahead = calls.filter((call) => call.startsWith('friends')).length;
    await Promise.all(answers);
    return ahead;
  };
  assert.equal([await wave(), await wave(), await wave()], [200, 200, 200]);
});

test('what is skipped, and what is delivered later, is not started', async () => {
  await ask('query ($no: Boolean = false) { open(id: "a") { name friends @include(if: $no) { id } } }');
  assert.equal(rounds, [['users a']]);
});

test('explain says what starts ahead, an imported plan does so', async () => {
  const text = '{ open(id: "a") { name friends { name } } }';
  const engine = createEngine({ schema });
  const prepared = engine.prepare(parse(text));
  assert.match(prepared.explain('text'), /ahead\.friends.*, starts at once/);
  const imported = importPlan(schema, JSON.parse(JSON.stringify(exportPlan(prepared))));
  rounds = [];
  await imported.execute({ contextValue: {} });
  assert.equal(rounds[0], ['users a', 'friends a']);
});

test.run();
