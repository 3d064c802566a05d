/** The exact dependencies of operations, by position: on closures, in generated code, in an imported plan, a second time. */
import { type DocumentNode, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type AnyStep,
  constant,
  context,
  createEngine,
  type EngineOptions,
  each,
  exportPlan,
  filter,
  first,
  get,
  inhibitOnNull,
  listen,
  makeSchema,
  recordDependency,
} from '../../src/index.ts';
import { createKvetch, defineKvetchSchema, type Kvetch, memoryShards, type ShardStore } from '../../src/kvetch.ts';
import { openedHere } from '../../src/reactive/response/sealExtension.ts';
import { createReactive, heldAt, memoryVersions, type Reactive, type ReactiveExtension } from '../../src/reactive.ts';
import type { DependencyGroup } from '../../src/utils/reactiveExtension.ts';
import {
  browseObjects,
  countEdges,
  kvetchConnection,
  loadEdges,
  loadIndex,
  loadObject,
  loadObjects,
} from '../../steps/kvetch/index.ts';
import { wrapStore } from '../kvetch/backends.ts';

const secrets = [{ id: 'a', secret: 'a secret of sufficient length' }];

const typeDefs = /* GraphQL */ `
  interface Node { id: ID! }
  union Thing = User | Task
  type Query {
    user(id: ID!): User
    node(id: ID!): Node
    things(ids: [ID!]!): [Thing]
    grid(rows: [[ID!]!]!): [[Node]]
    named(name: String!): User
    tasks: [Task!]
    tagged(id: ID!): String
    guarded(id: ID!): User
  }
  type Mutation { rename(id: ID!, name: String!): User }
  type Subscription { renamed: User }
  type User implements Node { id: ID! name: String best: User tasks: [Task!] open: [Task!] count: Int page(first: Int, after: String): TaskConnection }
  type Task implements Node { id: ID! title: String owner: User }
  type TaskConnection { nodes: [Task!] edges: [TaskEdge!] pageInfo: PageInfo! }
  type TaskEdge { cursor: String! node: Task! }
  type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
`;

/** Tells of each user once. */
async function* source({ ids }: Pick<World, 'ids'>): AsyncGenerator<unknown> {
  for (const name of ['ann', 'bob']) yield { id: ids[name] };
}

const kindOf = ($object: AnyStep): { readonly $__typename: AnyStep } => ({
  $__typename: get($object, 'kind') as AnyStep,
});
const tasksOf = ($user: AnyStep) => loadObjects(loadEdges('tasks', get($user, 'id') as AnyStep));
const ofId = (_root: unknown, { $id }: { readonly [name: `$${string}`]: unknown }) => loadObject($id as AnyStep);

const schema = makeSchema({
  typeDefs,
  objects: {
    Query: {
      plans: {
        user: ofId,
        node: ofId,
        things: (_root, { $ids }) => each($ids as AnyStep, ($id) => loadObject($id as AnyStep)),
        grid: (_root, { $rows }) =>
          each($rows as AnyStep, ($row) => each($row as AnyStep, ($id) => loadObject($id as AnyStep))),
        named: (_root, { $name }) => first(loadObjects(loadIndex('name', $name as AnyStep)) as AnyStep),
        tasks: () => get(browseObjects('Task'), 'objects'),
        tagged: (_root, { $id }) =>
          recordDependency(get(loadObject($id as AnyStep), 'name') as AnyStep, $id as AnyStep),
        guarded: (_root, { $id }) => loadObject(get(inhibitOnNull(loadObject($id as AnyStep)), 'best') as AnyStep),
      },
    },
    Mutation: {
      plans: {
        rename: { resolve: (_root, { id, name }, { kvetch }) => kvetch.updateObject(id, { name }) },
      },
    },
    Subscription: {
      plans: {
        renamed: {
          subscribePlan: () => listen(get(context(), 'events') as AnyStep, constant('renamed') as AnyStep),
          plan: ($event) => loadObject(get($event as AnyStep, 'id') as AnyStep),
        },
      },
    },
    User: {
      plans: {
        best: ($user) => loadObject(get($user, 'best') as AnyStep),
        tasks: tasksOf,
        open: ($user) => filter(tasksOf($user) as AnyStep, ($task) => get($task, 'isOpen') as AnyStep),
        count: ($user) => countEdges('tasks', get($user, 'id') as AnyStep),
        page: ($user, fieldArgs) => kvetchConnection('tasks', get($user, 'id') as AnyStep, fieldArgs),
      },
    },
    Task: { plans: { owner: ($task) => loadObject(get($task, 'owner') as AnyStep) } },
  },
  interfaces: { Node: { planType: kindOf } },
  unions: { Thing: { planType: kindOf } },
});

const kvetchSchema = defineKvetchSchema({
  objects: ['User', 'Task'].map((name, at) => ({ typeId: at + 1, name })),
  edges: [{ edgeId: 10, name: 'tasks', from: 'User', storedOn: 'Task', storedIdAttr: 'owner' }],
  indexes: [{ name: 'name', type: 'User', attr: 'name', kind: 'string' }],
});

/** By scope and position: the keys there. */
type Told = Readonly<Record<string, string>>;

interface World {
  readonly kvetch: Kvetch;
  readonly reactive: Reactive;
  readonly engine: ReturnType<typeof createEngine>;
  /** Ids by their names. */
  readonly ids: Readonly<Record<string, string>>;
  told(part: { readonly extensions?: { readonly reactive?: unknown } | undefined }): Told;
}

const late = (shard: ShardStore): ShardStore =>
  wrapStore(shard, async (_method, run) => {
    await new Promise((resolve) => setImmediate(resolve));
    return run();
  });

async function open(options: Partial<EngineOptions>, isLate: boolean): Promise<World> {
  const engine = createEngine({ schema, ...options });
  const versions = memoryVersions();
  const reactive = createReactive({ engine, versions, secrets }) as Reactive;
  const shards = memoryShards(2).map((shard) => (isLate ? late(shard) : shard));
  const kvetch = createKvetch({ schema: kvetchSchema, shards, changes: reactive.changes });
  const bob = await kvetch.createObject('User', { kind: 'User', name: 'bob' });
  const ann = await kvetch.createObject('User', { kind: 'User', name: 'ann', best: bob });
  const ids: Record<string, string> = { ann, bob, none: bob.replace(/.$/, (last) => (last === '0' ? '1' : '0')) };
  for (const title of ['t1', 't2']) {
    ids[title] = await kvetch.createObject('Task', { kind: 'Task', title, owner: ann, isOpen: title === 't1' });
  }
  const names = new Map<string, string>();
  const add = (key: string, name: string) => names.set(reactive.wireKeys.of(key), name);
  for (const [name, id] of Object.entries(ids)) {
    for (const kind of ['o:', 'e:10:', 'm:']) add(kind + id, kind.replace('10', 'tasks') + name);
  }
  for (const name of ['ann', 'bob', 'nobody']) add(`i:name:s${name}`, `i:name:${name}`);
  add('t:2', 't:Task');
  const told: World['told'] = ({ extensions }) => {
    const extension = extensions?.reactive as ReactiveExtension;
    const keysOf = (group: DependencyGroup) =>
      (heldAt(extension, group)?.keys ?? []).map((key) => names.get(key) ?? key);
    const groups = openedHere(extension).groups ?? [];
    return Object.fromEntries(groups.map((group) => [`${group.scope} ${group.at}`, keysOf(group).sort().join(' ')]));
  };
  return { kvetch, reactive, engine, ids, told };
}

function documentOf({ ids }: World, text: string): DocumentNode {
  return parse(text.replace(/\$(\w+)/g, (_, name) => JSON.stringify(ids[name])));
}

/** The same with an engine that has imported the plan of an operation. */
function importing(world: World, text: string, options: Partial<EngineOptions>): Reactive {
  const plan = exportPlan(world.engine.prepare(documentOf(world, text)));
  const engine = createEngine({ schema, ...options });
  engine.importPlan(JSON.parse(JSON.stringify(plan)));
  return createReactive({ engine, versions: world.reactive.versions, secrets }) as Reactive;
}

/** What each part of the response says. */
async function ask(world: World, text: string, reactive = world.reactive): Promise<readonly Told[]> {
  const contextValue = { kvetch: world.kvetch.forRequest(), events: { subscribe: () => source(world) } };
  const asked = { document: documentOf(world, text), contextValue, extensions: { reactive: { v: 1 } } };
  if (text.startsWith('subscription')) {
    const all: Told[] = [];
    const stream = await reactive.subscribe(asked);
    assert.ok(Symbol.asyncIterator in stream, JSON.stringify(stream));
    for await (const event of stream) all.push(world.told(event));
    return all;
  }
  const result = await reactive.executeIncrementally(asked);
  if (!('initialResult' in result)) return [world.told(result)];
  const { initialResult, subsequentResults } = result;
  const all = [world.told(initialResult)];
  for await (const part of subsequentResults) if (part.extensions !== undefined) all.push(world.told(part));
  return all;
}

interface Case {
  readonly text: string;
  /** By part of the response: scope and position, and the keys there. */
  readonly told: readonly Told[];
}

const cases: Readonly<Record<string, Case>> = {
  'an object with its id is told by itself; without, its field is [11.5.3.1]': {
    text: '{ user(id: $ann) { id name } bare: user(id: $bob) { name } }',
    told: [{ 'self user': 'o:ann', 'field bare': 'o:bob' }],
  },
  'an object that is not there [11.1.1]': {
    text: '{ user(id: $none) { id name } }',
    told: [{ 'field user': 'o:none' }],
  },
  'fragments and aliases [11.3.1]': {
    text: '{ a: user(id: $ann) { ...f } b: user(id: $bob) { ...f } } fragment f on User { id mine: tasks { id } }',
    told: [
      {
        ...{ 'self a': 'o:ann', 'field a.mine': 'e:tasks:ann', 'self a.mine.*': 'o:t1 o:t2' },
        ...{ 'self b': 'o:bob', 'field b.mine': 'e:tasks:bob' },
      },
    ],
  },
  'merged selections': {
    text: '{ user(id: $ann) { id tasks { id } } user(id: $ann) { tasks { title owner { id name } } } }',
    told: [
      {
        ...{ 'self user': 'o:ann', 'field user.tasks': 'e:tasks:ann', 'self user.tasks.*': 'o:t1 o:t2' },
        'self user.tasks.*.owner': 'o:ann',
      },
    ],
  },
  'what is left out': {
    text: '{ user(id: $ann) { id tasks @include(if: false) { id } best @skip(if: true) { id } } }',
    told: [{ 'self user': 'o:ann' }],
  },
  'what a filter drops was read [11.1.2]': {
    text: '{ user(id: $ann) { id open { id title } } }',
    told: [{ 'self user': 'o:ann', 'field user.open': 'e:tasks:ann o:t1 o:t2' }],
  },
  'an interface': {
    text: '{ node(id: $ann) { id ... on User { best { id } } ... on Task { owner { id } } } }',
    told: [{ 'self node': 'o:ann', 'self node.best': 'o:bob' }],
  },
  'a union, with one that is not there': {
    text: '{ things(ids: [$ann, $t1, $none]) { ... on User { id tasks { id } } ... on Task { id title } } }',
    told: [
      {
        'field things': 'o:ann o:none o:t1',
        'field things.*.tasks': 'e:tasks:ann',
        'self things.*.tasks.*': 'o:t1 o:t2',
      },
    ],
  },
  'lists of lists': {
    text: '{ grid(rows: [[$ann, $t1], [$bob]]) { id ... on User { tasks { id } } } }',
    told: [
      {
        'field grid': 'o:ann o:bob o:t1',
        'field grid.*.*.tasks': 'e:tasks:ann e:tasks:bob',
        'self grid.*.*.tasks.*': 'o:t1 o:t2',
      },
    ],
  },
  'a connection has read one more than it shows [11.1.2]': {
    text: '{ user(id: $ann) { id page(first: 1) { edges { node { id title } } pageInfo { hasNextPage } } } }',
    told: [
      {
        'self user': 'o:ann',
        'field user.page.edges': 'e:tasks:ann o:t2',
        'field user.page.pageInfo': 'e:tasks:ann o:t2',
        'self user.page.edges.*.node': 'o:t1',
      },
    ],
  },
  'a count [11.4.1]': {
    text: '{ user(id: $ann) { id count } }',
    told: [{ 'self user': 'o:ann', 'field user.count': 'e:tasks:ann' }],
  },
  'an index, with and without an entry [11.1.1]': {
    text: '{ named(name: "ann") { id name } gone: named(name: "nobody") { id } }',
    told: [{ 'field named': 'i:name:ann o:ann', 'field gone': 'i:name:nobody' }],
  },
  'all objects of a type [11.1.1]': {
    text: '{ tasks { id } }',
    told: [{ 'field tasks': 't:Task', 'self tasks.*': 'o:t1 o:t2' }],
  },
  'a key by hand, which is no key of Kvetch [11.1.3]': {
    text: '{ tagged(id: $ann) }',
    told: [{ 'field tagged': 'm:ann o:ann' }],
  },
  'a load that ends in null or in nothing': {
    text: '{ guarded(id: $ann) { id name } none: guarded(id: $none) { id } lonely: guarded(id: $bob) { id } }',
    told: [{ 'field guarded': 'o:ann', 'self guarded': 'o:bob', 'field none': 'o:none', 'field lonely': 'o:bob' }],
  },
  'the payload of a mutation': {
    text: 'mutation { rename(id: $ann, name: "ann") { id tasks { id } } }',
    told: [{ 'field rename.tasks': 'e:tasks:ann', 'self rename.tasks.*': 'o:t1 o:t2' }],
  },
  'events, each by itself [11.5.8]': {
    text: 'subscription { renamed { id tasks { id } } }',
    told: [
      { 'self renamed': 'o:ann', 'field renamed.tasks': 'e:tasks:ann', 'self renamed.tasks.*': 'o:t1 o:t2' },
      { 'self renamed': 'o:bob', 'field renamed.tasks': 'e:tasks:bob' },
    ],
  },
  'a deferred part [11.5.7]': {
    text: '{ user(id: $ann) { id ... @defer { tasks { id } } } }',
    told: [{ 'self user': 'o:ann' }, { 'field user.tasks': 'e:tasks:ann o:t1 o:t2' }],
  },
  'items that come later [11.5.7]': {
    text: '{ user(id: $ann) { id tasks @stream(initialCount: 1) { id } } }',
    told: [{ 'self user': 'o:ann', 'field user.tasks': 'e:tasks:ann o:t2', 'self user.tasks.*': 'o:t1' }],
  },
};

const roads: Readonly<Record<string, readonly [options: Partial<EngineOptions>, isLate: boolean]>> = {
  closures: [{ codegen: 'never' }, false],
  'generated code': [{ codegen: 'always' }, false],
  'a store that answers later, so that loads start ahead': [{}, true],
};

for (const [road, [options, isLate]] of Object.entries(roads)) {
  const test = suite(`exact dependencies: ${road}`);
  let world: World;
  test.before(async () => {
    world = await open(options, isLate);
  });
  for (const [title, { text, told }] of Object.entries(cases)) {
    test(title, async () => {
      assert.equal(await ask(world, text), told);
      assert.equal(await ask(world, text), told, 'the second time');
      assert.equal(await ask(world, text, importing(world, text, options)), told, 'an imported plan');
    });
  }
  if (isLate) {
    test('some loads were started ahead and thrown away: nothing above depends on them', () => {
      const { ahead, aheadWasted } = world.kvetch.stats;
      assert.ok(ahead > aheadWasted && aheadWasted > 0, `${ahead}, ${aheadWasted}`);
    });
    test('Kvetch is asked for no more keys, nor more often, than where nobody asks for dependencies', async () => {
      const text = '{ user(id: $ann) { id best { id name } tasks { title owner { id name } } } }';
      const count = async (extensions: object): Promise<readonly number[]> => {
        const { stats } = world.kvetch;
        stats.reset();
        const contextValue = { kvetch: world.kvetch.forRequest() };
        await world.reactive.execute({ document: documentOf(world, text), contextValue, extensions });
        const { keysAsked, keys, rounds, storeCalls, ahead, aheadUsed } = stats;
        return [keysAsked, keys, rounds, storeCalls, ahead, aheadUsed];
      };
      await count({}); // lists are guessed from now on
      assert.equal(await count({ reactive: { v: 1 } }), await count({}));
    });
  }
  test.run();
}
