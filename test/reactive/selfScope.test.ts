/** Objects apart from what is below them: scope `self`, and refetches by id (spec 11.5.3, 11.6; design 1.3, 1.10). */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type AnyStep, createEngine, get, lambda, makeSchema } from '../../src/index.ts';
import { createKvetch, defineKvetchSchema, type Kvetch, memoryShards } from '../../src/kvetch.ts';
import { numbersOf } from '../../src/reactive/response/placesOf.ts';
import { openedHere } from '../../src/reactive/response/sealExtension.ts';
import { objectsIn } from '../../src/reactive/tracking/objectsIn.ts';
import {
  createReactive,
  type Held,
  heldAt,
  isStale,
  memoryVersions,
  type Reactive,
  type ReactiveExtension,
} from '../../src/reactive.ts';
import type { DependencyGroup } from '../../src/utils/reactiveExtension.ts';
import { filter } from '../../steps/index.ts';
import { kvetchConnection, loadEdges, loadObject, loadObjects } from '../../steps/kvetch/index.ts';

const test = suite('scope self');

const typename = (id: unknown): string => kinds.get(String(id)) ?? 'User';
const kinds = new Map<string, string>();

const typeDefs = (withNode: boolean): string => /* GraphQL */ `
  interface Node { id: ID! }
  interface Named { id: ID! name: String }
  type Query { ${withNode ? 'node(id: ID!): Node' : ''} user(id: ID!): User named(id: ID!): Named }
  type User implements Node & Named { id: ID! name: String best: User greeting: String lists: [List!] open: [List!] page(first: Int): ListConnection }
  type List implements Node & Named { id: ID! name: String title: String owner: User items: [Item!] shout: String }
  type Item implements Node { id: ID! text: String }
  type ListConnection { nodes: [List!] edges: [ListEdge!] pageInfo: PageInfo! }
  type ListEdge { cursor: String! node: List! }
  type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
`;

const own = (_root: AnyStep, args: { readonly [name: `$${string}`]: unknown }) => loadObject(args.$id as AnyStep);

const makeOne = (withNode: boolean) =>
  makeSchema({
    typeDefs: typeDefs(withNode),
    objects: {
      Query: {
        plans: {
          ...(withNode && { node: own }),
          user: (_root, { $id }) => loadObject($id as AnyStep),
          named: (_root, { $id }) => loadObject($id as AnyStep),
        },
      },
      User: {
        plans: {
          best: ($user) => loadObject(get($user, 'best') as AnyStep),
          greeting: ($user) => lambda(get($user, 'name'), (name) => `Hello ${name}`),
          lists: ($user) => loadObjects(loadEdges('lists', get($user, 'id') as AnyStep)),
          open: ($user) =>
            filter(loadObjects(loadEdges('lists', get($user, 'id') as AnyStep)) as AnyStep, ($list) =>
              lambda(get($list, 'title') as AnyStep, (title) => title !== 'closed'),
            ),
          page: ($user, fieldArgs) => kvetchConnection('lists', get($user, 'id') as AnyStep, fieldArgs),
        },
      },
      List: {
        plans: {
          owner: ($list) => loadObject(get($list, 'owner') as AnyStep),
          items: ($list) => loadObjects(loadEdges('items', get($list, 'id') as AnyStep)),
          shout: ($list) => lambda(get($list, 'title'), (title) => String(title).toUpperCase()),
        },
      },
    },
    interfaces: Object.fromEntries(
      ['Node', 'Named'].map((name) => [
        name,
        {
          planType: ($object: AnyStep) => ({ $__typename: lambda(get($object, 'id') as AnyStep, typename) as AnyStep }),
        },
      ]),
    ),
  });

const kvetchSchema = defineKvetchSchema({
  objects: ['User', 'List', 'Item'].map((name, at) => ({ typeId: at + 1, name })),
  edges: [
    { edgeId: 10, name: 'lists', from: 'User', storedOn: 'List', storedIdAttr: 'owner' },
    { edgeId: 11, name: 'items', from: 'List', storedOn: 'Item', storedIdAttr: 'list' },
  ],
});

type Json = { [key: string]: unknown };
interface Answer {
  readonly data: Json;
  readonly errors:
    | readonly { readonly message: string; readonly extensions?: { readonly code?: unknown } }[]
    | undefined;
  readonly reactive: ReactiveExtension;
  /** Ids that were read, by kind. */
  readonly read: readonly string[];
}

interface World {
  readonly kvetch: Kvetch;
  readonly reactive: Reactive;
  readonly ann: string;
  readonly lists: readonly string[];
  create(type: string, attributes: Json): Promise<string>;
  ask(text: string, variables?: Json, refetch?: unknown): Promise<Answer>;
  stale(extension: ReactiveExtension): Promise<Stale[]>;
}

interface Stale {
  readonly group: DependencyGroup;
  /** The places of stale keys among the keys of the group. */
  readonly places: readonly number[];
}

async function open(withNode = true, refetchByNode: boolean | null = true, known: string[] = []): Promise<World> {
  const versions = memoryVersions();
  const store = { documents: new Map(known.map((text) => [text, text])) };
  const documents = known.length === 0 ? {} : { store, onlyKnown: true };
  const engine = createEngine({ schema: makeOne(withNode), documents });
  const reactive = createReactive({
    engine,
    versions,
    ...(refetchByNode === null ? null : { refetchByNode }),
    secrets: [{ id: 'a', secret: 'a secret of sufficient length' }],
  });
  const kvetch = createKvetch({
    schema: kvetchSchema,
    shards: memoryShards(2),
    changes: reactive.changes,
    outboxPollMs: 0,
  });
  const create = async (type: string, attributes: Json): Promise<string> => {
    const id = await kvetch.createObject(type, attributes);
    kinds.set(id, type);
    return id;
  };
  const ann = await create('User', { name: 'Ann' });
  const lists: string[] = [];
  for (let n = 0; n < 20; n++) {
    lists.push(await create('List', { owner: ann, title: `list ${n}`, name: `n ${n}` }));
    for (const text of ['a', 'b']) await create('Item', { list: lists.at(-1), text: `${text} of ${n}` });
  }
  return {
    ...{ kvetch, reactive: reactive as Reactive, ann, lists, create },
    async ask(text, variables = { id: ann }, refetch = undefined) {
      const store = kvetch.forRequest();
      const read: string[] = [];
      const { reads } = store;
      const observed = { ...reads, forRequest: () => observe(reads.forRequest()) };
      function observe(own: typeof reads): typeof reads {
        return new Proxy(own, {
          get(target, name) {
            const method = Reflect.get(target, name) as unknown;
            if (typeof method !== 'function' || name === 'forRequest') return method;
            return (given: readonly unknown[], ...rest: readonly unknown[]) => {
              for (const one of given)
                read.push(`${String(name)} ${typeof one === 'string' ? one : (one as { fromId: string }).fromId}`);
              return method.call(target, given, ...rest);
            };
          },
        });
      }
      const result = await reactive.execute({
        document: parse(text),
        variableValues: variables,
        contextValue: { kvetch: { reads: observed } },
        extensions: { reactive: { v: 1, ...(refetch !== undefined && { refetch }) } },
      });
      const { data, errors } = JSON.parse(JSON.stringify(result));
      const told = result.extensions?.reactive as ReactiveExtension;
      return { data, errors, reactive: told, read: [...new Set(read)].sort() };
    },
    async stale(extension) {
      const found: Stale[] = [];
      for (const group of [...(openedHere(extension).groups ?? [])]) {
        const held = heldAt(extension, group) as Held;
        const reading = await versions.read(held.keys);
        const places = held.versions.flatMap((version, n) => (isStale(held, version, reading, n) ? [n] : []));
        if (places.length > 0) found.push({ group, places });
      }
      return found;
    },
  };
}

const shape = (extension: ReactiveExtension): Record<string, number> =>
  Object.fromEntries(
    (openedHere(extension).groups ?? []).map(({ at, scope, keys }) => [
      `${scope} ${at}`,
      keys.reduce((sum, n, i) => sum + (i % 2 ? n : 0), 0),
    ]),
  );

const LISTS = 'query ($id: ID!) { user(id: $id) { id name lists { id title items { id text } } } }';

test('row 3: the scalars of an object are apart from its lists [11.5.3]', async () => {
  const { ask, kvetch, ann, lists, stale } = await open();
  const { reactive } = await ask(LISTS);
  assert.equal(shape(reactive), {
    'self user': 1,
    'field user.lists': 1,
    'self user.lists.*': 20,
    'under user.lists.*.items': 20,
    'self user.lists.*.items.*': 40,
  });
  await kvetch.updateObject(ann, { name: 'Anna' });
  assert.equal(
    (await stale(reactive)).map(({ group }) => `${group.scope} ${group.at}`),
    ['self user'],
  );
  await kvetch.updateObject(lists[7] as string, { title: 'seven' });
  assert.equal(
    (await stale(reactive)).map(({ group, places }) => [group.at, places]),
    [
      ['user', [0]],
      ['user.lists.*', [7]],
    ],
  );
});

test('row 10: rename list 7 of 20, and one object is read [11.6.5]', async () => {
  const { ask, kvetch, lists } = await open();
  const seven = lists[7] as string;
  await kvetch.updateObject(seven, { title: 'seven' });
  const { data, reactive, read, errors } = await ask(LISTS, undefined, [{ at: 'user.lists.*', ids: [seven] }]);
  assert.is(errors, undefined);
  assert.equal(read, [`objects ${seven}`]);
  assert.equal(data, {});
  assert.equal(
    reactive.objects?.map(({ at, objects }) => ({ at, objects })),
    [{ at: 'user.lists.*', objects: [{ id: seven, title: 'seven' }] }],
  );
  assert.equal(
    openedHere(reactive).objects?.[0]?.groups?.map(({ at, scope }) => [at, scope]),
    [['user.lists.*', 'self']],
  );
});

test('what is computed or loaded from the object comes with it; fragments, aliases, conditions [11.5.3]', async () => {
  const { ask, kvetch, ann, lists } = await open();
  const text = `query ($id: ID!, $no: Boolean = false) {
    user(id: $id) { ...Mine my: lists { key: id ... @include(if: $no) { title } ...Card } }
  }
  fragment Mine on User { id hello: greeting my: lists { owner { id name } items { id } } }
  fragment Card on List { shout other: title }`;
  const [first] = lists as [string];
  const ids = [first, lists[3] as string];
  const part = await ask(text, { id: ann }, [
    { at: 'user.my.*', ids },
    { at: 'user', ids: [ann] },
  ]);
  assert.is(part.errors, undefined);
  assert.equal(part.reactive.objects?.[1]?.objects, [{ id: ann, hello: 'Hello Ann' }]);
  assert.equal(part.reactive.objects?.[0]?.objects[0], {
    ...{ key: first, shout: 'LIST 0', other: 'list 0' },
    owner: { id: ann, name: 'Ann' },
  });
  assert.equal(part.read, [...ids, ann].map((id) => `objects ${id}`).sort());
  const whole = await ask(text, { id: ann });
  assert.equal(shape(whole.reactive)['self user.my.*'], 20);
  assert.equal(shape(whole.reactive)['self user.my.*.owner'], 1, 'each object counts once');
  await kvetch.updateObject(ann, { name: 'Anna' });
  const again = await ask(text, { id: ann, no: true }, [{ at: 'user.my.*', ids: [first] }]);
  assert.equal(again.reactive.objects?.[0]?.objects, [
    { key: first, title: 'list 0', shout: 'LIST 0', other: 'list 0', owner: { id: ann, name: 'Anna' } },
  ]);
});

test('what decides by the objects is a matter of the whole field [11.5.3.1]', async () => {
  const { ask, ann } = await open();
  const { reactive } = await ask('query ($id: ID!) { user(id: $id) { id open { id title } } }');
  assert.equal(shape(reactive), { 'self user': 1, 'field user.open': 21 });
  const unnamed = await ask('query ($id: ID!) { user(id: $id) { name lists { title } } }', { id: ann });
  assert.equal(shape(unnamed.reactive), { 'field user': 1, 'field user.lists': 21 }, 'no ids, no objects');
  const mixed = await ask('query ($id: ID!) { user(id: $id) { name same: lists { owner { id } } } }', { id: ann });
  assert.equal(shape(mixed.reactive)['field user'], 1);
});

test('interfaces, nulls, and objects that are not there [11.5.3.2]', async () => {
  const { ask, lists, kvetch } = await open();
  const text = 'query ($id: ID!) { named(id: $id) { id name ... on List { title } ... on User { best { id name } } } }';
  const list = await ask(text, { id: lists[0] });
  assert.equal(shape(list.reactive), { 'self named': 1 });
  const again = await ask(text, { id: lists[0] }, [{ at: 'named', ids: [lists[0]] }]);
  assert.equal(again.reactive.objects?.[0]?.objects, [{ id: lists[0], name: 'n 0', title: 'list 0' }]);
  await kvetch.deleteObject(lists[0] as string);
  const gone = await ask(LISTS, undefined, [{ at: 'user.lists.*', ids: [lists[0], lists[1]] }]);
  assert.is(openedHere(gone.reactive).objects?.[0]?.objects[0], null);
  assert.equal(
    openedHere(gone.reactive).objects?.[0]?.groups?.map(({ at, scope }) => [at, scope]),
    [
      ['user.lists.*', 'field'],
      ['user.lists.*', 'self'],
    ],
  );
  assert.equal(shape((await ask(text, { id: lists[0] })).reactive), { 'field named': 1 }, 'what is null has no self');
});

test('connections: nodes have their own keys', async () => {
  const { ask, lists, kvetch, stale } = await open();
  const text =
    'query ($id: ID!) { user(id: $id) { id page(first: 5) { edges { cursor node { id title } } pageInfo { hasNextPage } } } }';
  const { reactive, errors } = await ask(text);
  assert.is(errors, undefined);
  assert.equal(shape(reactive), {
    'self user': 1,
    'field user.page.edges': 2,
    'field user.page.pageInfo': 2,
    'self user.page.edges.*.node': 5,
  });
  await kvetch.updateObject(lists[2] as string, { title: 'two' });
  assert.equal(
    (await stale(reactive)).map(({ group, places }) => [group.at, places]),
    [['user.page.edges.*.node', [2]]],
  );
  const part = await ask(text, undefined, [{ at: 'user.page.edges.*.node', ids: [lists[2]] }]);
  assert.equal(part.read, [`objects ${lists[2]}`]);
  assert.equal(part.reactive.objects?.[0]?.objects, [{ id: lists[2], title: 'two' }]);
});

test('ids of others are not read by "node" where that is not allowed [11.6.6]', async () => {
  const { ask, create, lists } = await open(true, false);
  const others = await create('List', { owner: await create('User', {}), title: 'secret' });
  const part = await ask(LISTS, undefined, [{ at: 'user.lists.*', ids: [others, lists[2]] }]);
  assert.equal(part.reactive.objects?.[0]?.objects, [null, { id: lists[2], title: 'list 2' }]);
  assert.not(part.read.includes(`objects ${others}`));
});

test('where known documents run only, "node" is not used unless that is asked for [11.6.6]', async () => {
  for (const [byNode, isRead] of [
    [null, false],
    [true, true],
  ] as const) {
    const { ask, create, lists } = await open(true, byNode, [LISTS]);
    const others = await create('List', { owner: await create('User', {}), title: 'not theirs' });
    const part = await ask(LISTS, undefined, [{ at: 'user.lists.*', ids: [others, lists[2]] }]);
    assert.is(part.errors, undefined);
    assert.is(part.read.includes(`objects ${others}`), isRead);
    assert.equal(part.reactive.objects?.[0]?.objects?.[1], { id: lists[2], title: 'list 2' });
    const refused = await ask('{ __typename }', undefined, [{ at: 'user.lists.*', ids: [others] }]).catch(String);
    assert.match(JSON.stringify(refused), 'runs the documents that it knows');
  }
});

test('without "node" the position is read, and the objects are taken from it [11.6.6]', async () => {
  const { ask, lists, ann } = await open(false);
  const part = await ask(LISTS, undefined, [{ at: 'user.lists.*', ids: [lists[7], 'nobody'] }]);
  assert.equal(part.reactive.objects?.[0]?.objects, [{ id: lists[7], title: 'list 7' }, null]);
  assert.not(
    part.read.some((one) => one.startsWith(`edgeObjects ${lists[0]}`)),
    'items are not read',
  );
  assert.ok(part.read.includes(`objects ${ann}`));
  const one = await ask(LISTS, undefined, [{ at: 'user.lists.*', ids: [lists[7], lists[3]] }]);
  const [{ groups = [] } = {}] = openedHere(one.reactive).objects ?? [];
  assert.equal(
    groups.map(({ at, scope, keys }) => [at, scope, keys.filter((_, n) => n % 2 === 1).reduce((a, b) => a + b, 0)]),
    [
      ['user.lists', 'field', 1],
      ['user.lists.*', 'self', 2],
    ],
    'keys of what leads to the objects, and of those that were asked for (11.6.5)',
  );
  const whole = await ask(LISTS);
  const [self] = (openedHere(whole.reactive).groups ?? []).filter(({ at }) => at === 'user.lists.*');
  const keysOf = (extension: ReactiveExtension, group: DependencyGroup) => heldAt(extension, group)?.keys;
  const all = keysOf(whole.reactive, self as DependencyGroup);
  assert.equal(keysOf(one.reactive, groups[1] as DependencyGroup), [all?.[7], all?.[3]], 'in their order');
});

test('positions and objects in one request; what cannot be asked [11.6.1, 11.6.4, 11.6.5]', async () => {
  const { ask, lists, ann } = await open();
  const both = await ask(LISTS, undefined, [{ at: 'user.lists' }, { at: 'user', ids: [ann] }]);
  assert.equal(Object.keys(both.data.user as object), ['id', 'lists']);
  assert.equal(both.reactive.objects?.[0]?.objects, [{ id: ann, name: 'Ann' }]);
  const code = async (refetch: unknown, text = LISTS): Promise<unknown> => {
    const { errors, data } = await ask(text, undefined, refetch);
    assert.is(data, undefined);
    return errors?.[0]?.extensions?.code;
  };
  for (const bad of [
    { at: 'user', ids: [] },
    { at: 'user', ids: [1] },
    { at: '', ids: ['1'] },
    { at: 'user', ids: 'x' },
  ]) {
    assert.is(await code([bad]), 'BAD_REFETCH', JSON.stringify(bad));
  }
  assert.is(await code([{ at: 'user.nothing.*', ids: [lists[0]] }]), 'UNKNOWN_POSITION');
});

test('500 random changes: what is told stale, fetched again by positions and ids, equals a fresh answer', async () => {
  const { ask, kvetch, create, stale, ann, lists } = await open();
  const text = `query ($id: ID!) { user(id: $id) { __typename id name greeting best { __typename id name }
    lists { __typename id title shout owner { __typename id name } items { __typename id text } } open { __typename id title }
    page(first: 4) { edges { cursor node { __typename id title } } pageInfo { endCursor hasNextPage } } } }`;
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * below);
  };
  const live = { List: lists.slice(0, 6), Item: [] as string[] };
  for (const id of lists.slice(6)) await kvetch.deleteObject(id);
  const users = [ann, await create('User', { name: 'Bob' })];
  const any = (ids: readonly string[]): string => ids[random(ids.length)] as string;
  const changes: (() => Promise<unknown>)[] = [
    () => kvetch.updateObject(any(users), { name: `name ${random(99)}` }),
    () => kvetch.updateObject(ann, { best: random(3) === 0 ? null : any(users) }),
    () => kvetch.updateObject(any(live.List), { title: random(3) === 0 ? 'closed' : `title ${random(99)}` }),
    () => kvetch.updateObject(any(live.List), { owner: any(users) }),
    async () => live.List.push(await create('List', { owner: ann, title: 'new' })),
    async () => live.Item.push(await create('Item', { list: any(live.List), text: 'new' })),
    async () => {
      if (live.Item.length > 0) await kvetch.updateObject(any(live.Item), { text: `text ${random(99)}` });
    },
    async () => {
      if (live.List.length > 3) await kvetch.deleteObject(live.List.splice(random(live.List.length), 1)[0] as string);
    },
  ];
  let held = await ask(text);
  let objects = 0;
  let positions = 0;
  for (let round = 0; round < 500; round++) {
    await changes[random(changes.length)]?.();
    const fresh = await ask(text);
    const data = structuredClone(held.data);
    const refetch: { at: string; ids?: string[]; fields?: string[] }[] = [];
    for (const { group, places } of await stale(held.reactive)) {
      if (group.scope === 'field') {
        refetch.push({ at: group.at });
        continue;
      }
      const above = group.under ?? group.at;
      const ids = [...new Set([...objectsIn(data, above)].map(({ id }) => id as string))];
      const byKey =
        group.scope === 'self' ? ids : numbersOf(group.each ?? []).flatMap((n, at) => Array(n).fill(ids[at]));
      const fields = group.under === undefined ? {} : { fields: [group.at.slice(above.length + 1)] };
      refetch.push({ at: above, ids: places.map((place) => byKey[place] as string), ...fields });
    }
    if (refetch.length > 0) {
      const part = await ask(text, undefined, refetch);
      assert.is(part.errors, undefined, JSON.stringify(part.errors));
      for (const { at, objects: read } of part.reactive.objects ?? []) {
        for (const own of read) {
          if (own === null) continue; // its list is stale, too
          for (const object of objectsIn(data, at)) if (object.id === own.id) Object.assign(object, own);
          objects++;
        }
      }
      for (const { at } of refetch.filter(({ ids }) => ids === undefined)) {
        positions++;
        put(data, part.data, at.split('.'));
      }
    }
    assert.equal(data, fresh.data, `round ${round}`);
    held = fresh;
  }
  assert.ok(objects > 200 && positions > 50, `${objects} objects, ${positions} positions`);
});

/** Puts what is at a position into other data; objects on the way are found by id. */
function put(into: unknown, from: unknown, [key = '', ...rest]: readonly string[]): void {
  if (into === null || from === null) return;
  if (key === '*') {
    for (const item of from as Json[])
      put(
        (into as Json[]).find(({ id }) => id === item.id),
        item,
        rest,
      );
    return;
  }
  const target = into as Json;
  const source = from as Json;
  if (rest.length === 0) target[key] = source[key];
  else put(target[key], source[key], rest);
}

test.run();
