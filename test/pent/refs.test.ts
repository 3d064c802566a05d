/** Hand-written fields that return references: the plan reads their objects, hides them, and fills pages. */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, makeSchema } from '../../src/index.ts';
import { createKvetch, defineKvetchSchema, type Kvetch } from '../../src/kvetch.ts';
import type { RefPage } from '../../src/pent/Ref.ts';
import {
  allowIf,
  authorizePent,
  definePents,
  denyAll,
  method,
  Pent,
  PentContext,
  type Policy,
  pent,
  planPent,
  Ref,
} from '../../src/pent.ts';
import { createReactive, dependsOn, memoryVersions, type ReactiveExtension } from '../../src/reactive.ts';
import { lateBackend } from '../kvetch/backends.ts';

const test = suite('references of hand-written fields');

const kvetchSchema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'User' },
    { typeId: 2, name: 'Item', fields: { title: 'string', hidden: 'bool', owner: 'uuid' } },
  ],
});

class User extends Pent {
  static override readonly definition = { name: 'User', typeId: 1 };

  get name(): string {
    return this.$record.name as string;
  }

  best(): Ref<Item> {
    return Ref.to(Item, String(this.$record.best));
  }

  async top({ count }: { readonly count: number }): Promise<ReadonlyArray<Ref<Item> | null>> {
    await Promise.resolve();
    return [...ids.slice(0, count).map((id) => Ref.to(Item, id)), null];
  }

  /** From an index elsewhere, say. */
  async recent(page: { readonly first: number; readonly after: string | null }): Promise<RefPage<Item>> {
    asked.push(page);
    dependsOn('m:recent');
    await Promise.resolve();
    return pageOfIds(page);
  }
}

class Item extends Pent {
  static override readonly definition = { name: 'Item', typeId: 2, storedIds: { owner: ['User'] } };
  static override readonly privacy: Policy<Item, string> = {
    read: [allowIf('shown', ({ $record }, { viewer }) => $record.hidden !== true || viewer === 'admin'), denyAll],
  };

  get title(): string {
    return this.$record.title as string;
  }
}

// biome-ignore lint/complexity/noStaticOnlyClass: as pents/Query.ts is
class Query {
  static any(): Ref<Item> {
    return Ref.to(Item, ids[0] ?? '');
  }

  /** Reads by itself, after a wait of its own. */
  static async mine({ count }: { readonly count: number }, context: PentContext<string>): Promise<readonly unknown[]> {
    await Promise.resolve();
    return Item.getMany(context, ids.slice(0, count));
  }

  static feed(page: { readonly first: number; readonly after: string | null }): RefPage<Item> {
    return pageOfIds(page);
  }

  static lost(): RefPage<Item> {
    return { refs: [ids[0] as never], hasNextPage: false };
  }

  static given(): unknown {
    return given;
  }

  static givenList(): unknown {
    return given;
  }

  static givenPage(): RefPage<Item> {
    return { refs: given as never, hasNextPage: false };
  }

  static payload(): { readonly item: Ref<Item>; readonly wrong: Ref<Item> } {
    return { item: Ref.to(Item, ids[1] ?? ''), wrong: Ref.to(Item, user) };
  }

  /** Deaf to "after". */
  static endless(): RefPage<Item> {
    return { refs: [Ref.to(Item, ids[2] ?? '')], hasNextPage: true };
  }

  /** One object at a time, in a circle. */
  static circle({ after }: { readonly after: string | null }): RefPage<Item> {
    return { refs: [Ref.to(Item, (after === ids[1] ? ids[4] : ids[1]) ?? '')], hasNextPage: true };
  }

  /** More than was asked for, twice, and what nobody has or another type is. */
  static many(): RefPage<Item> {
    const other = [
      Ref.to(Item, user),
      Ref.to(User, user) as never,
      new Ref<Item>('', user),
      new Ref<Item>('No', ids[0] ?? ''),
    ];
    return { refs: [...other, ...[...ids, ...ids].map((id) => Ref.to(Item, id))], hasNextPage: false };
  }
}

function pageOfIds({ first, after }: { readonly first: number; readonly after: string | null }): RefPage<Item> {
  const from = after === null ? 0 : ids.indexOf(after) + 1;
  return {
    refs: ids.slice(from, from + first).map((id) => Ref.to(Item, id)),
    hasNextPage: from + first < ids.length,
  };
}

const ids: string[] = [];
let given: unknown;
const asked: { readonly first: number; readonly after: string | null }[] = [];
let user = '';
const store = lateBackend.open();
let kvetch: Kvetch;

const model = definePents({ schema: kvetchSchema, pents: [User, Item], byDefault: 'allow' });
const own = { authorize: authorizePent, hidden: 'leaveOut' } as const;
const schema = makeSchema({
  typeDefs: /* GraphQL */ `
    type Query {
      user(id: ID!): User
      any: Item
      mine(count: Int!): [Item]!
      feed(first: Int! = 3, after: String): ItemConnection!
      lost(first: Int, after: String): ItemConnection
      payload: Payload!
      given: Item
      givenList: [Item]!
      givenPage(first: Int, after: String): OpenConnection
      endless(first: Int, after: String): ItemConnection!
      circle(first: Int, after: String): ItemConnection!
      many(first: Int, after: String): ItemConnection!
    }
    type Payload { item: Item thing: Thing wrong: Item }
    union Thing = User | Item
    type User { id: ID! name: String best: Item top(count: Int!): [Item]! recent(first: Int! = 3, after: String): ItemConnection! }
    type Item { id: ID! title: String }
    type ItemConnection { nodes: [Item!]! edges: [ItemEdge!]! pageInfo: PageInfo! totalCount: Int! }
    type OpenConnection { nodes: [Item]! totalCount: Int! }
    type ItemEdge { cursor: String! node: Item! }
    type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
  `,
  objects: {
    Query: {
      plans: {
        user: (_$root, { $id }) => pent(User, $id as never),
        any: method.root(Query, 'any'),
        mine: method.root(Query, 'mine'),
        feed: method.rootConnection(Query, 'feed', Item),
        lost: method.rootConnection(Query, 'lost', Item),
        payload: method.root(Query, 'payload'),
        given: method.root(Query, 'given'),
        givenList: method.root(Query, 'givenList'),
        givenPage: method.rootConnection(Query, 'givenPage', Item),
        endless: method.rootConnection(Query, 'endless', Item),
        circle: method.rootConnection(Query, 'circle', Item),
        many: method.rootConnection(Query, 'many', Item),
      },
    },
    User: {
      ...own,
      plans: {
        best: method(User, 'best'),
        top: method(User, 'top'),
        recent: method.connection(User, 'recent', Item),
      },
    },
    Item: own,
  },
  unions: { Thing: { planType: planPent } },
});
const engine = createEngine({ schema });

interface Page {
  readonly edges: ReadonlyArray<{ readonly node: object }>;
  readonly nodes: ReadonlyArray<{ readonly id: string }>;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  readonly totalCount: number;
}

interface Told {
  readonly data: never;
  readonly errors: readonly string[] | undefined;
}

async function ask(source: string, viewer = 'ann'): Promise<Told> {
  const pentContext = new PentContext({ kvetch, model, viewer });
  const found = await engine.execute({ document: parse(source), contextValue: { pent: pentContext } });
  const { data, errors } = JSON.parse(JSON.stringify(found)) as { data: never; errors?: { message: string }[] };
  return { data, errors: errors?.map(({ message }) => message) };
}

/** Whether all that changes is noticed, and the positions that are known. */
async function positions(source: string): Promise<readonly [string, readonly string[]]> {
  const reactive = createReactive({
    engine,
    versions: memoryVersions(),
    secrets: [{ id: 'a', secret: 'a secret of sufficient length' }],
  });
  const watched = createKvetch({ schema: kvetchSchema, shards: store.shards, changes: reactive.changes });
  const { extensions } = (await reactive.execute({
    document: parse(source),
    contextValue: { pent: new PentContext({ kvetch: watched, model, viewer: 'ann' }) },
    extensions: { reactive: { v: 1 } },
    subject: 'ann',
  })) as { extensions: { reactive: ReactiveExtension } };
  const { status, groups = [] } = extensions.reactive;
  return [status, groups.map(({ at, scope }) => `${at} ${scope}`)];
}

test.before(async () => {
  kvetch = createKvetch({ schema: kvetchSchema, ...store });
  user = await kvetch.createObject('User', { name: 'Ann' });
  for (let n = 0; n < 12; n++) {
    const hidden = n % 3 === 1;
    ids.push(await kvetch.createObject('Item', { title: `item ${n}`, owner: user, ...(hidden && { hidden }) }));
  }
  await kvetch.updateObject(user, { best: ids[3] });
});
test.after(() => kvetch.close());

test('a reference, a list of them, and references in other values become the objects that the viewer may read', async () => {
  const source = `{ user(id: "${user}") { best { title } top(count: 3) { id title } } any { title } payload { item { title } wrong { id } } }`;
  const top = [{ id: ids[0], title: 'item 0' }, null, { id: ids[2], title: 'item 2' }, null];
  const data = {
    user: { best: { title: 'item 3' }, top },
    any: { title: 'item 0' },
    payload: { item: null, wrong: null },
  };
  assert.equal(await ask(source), { data, errors: undefined });
  const all = (await ask(source, 'admin')).data as { payload: unknown };
  assert.equal(all.payload, { item: { title: 'item 1' }, wrong: null });
});

test('pages are full: the method is asked for more where objects are hidden, and pages follow each other', async () => {
  for (const [viewer, wanted] of [
    ['ann', ids.filter((_, n) => n % 3 !== 1)],
    ['admin', ids],
  ] as const) {
    for (const [start, end, name] of [
      ['{', '}', 'feed'],
      [`{ user(id: "${user}") {`, '} }', 'recent'],
    ] as const) {
      const found: string[] = [];
      let after: string | null = null;
      do {
        const args = after === null ? '' : `(first: 3, after: "${after}")`;
        const source = `${start} ${name}${args} { edges { cursor node { id } } nodes { id } pageInfo { hasNextPage endCursor } totalCount } ${end}`;
        const { data, errors } = await ask(source, viewer);
        assert.equal(errors, undefined);
        const root: { readonly user?: Record<string, never> } & Record<string, never> = data;
        const page = (root.user ?? root)[name] as never as Page;
        const { edges, nodes, pageInfo, totalCount } = page;
        assert.is(totalCount, wanted.length);
        assert.equal(
          edges.map(({ node }) => node),
          nodes,
        );
        found.push(...nodes.map(({ id }) => id));
        assert.is(nodes.length, Math.min(3, wanted.length - found.length + nodes.length));
        assert.is(pageInfo.hasNextPage, found.length < wanted.length);
        after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
      } while (after !== null);
      assert.equal(found, wanted, name);
    }
  }
  assert.ok(asked.every(({ first, after }) => first <= 1000 && (after === null || ids.includes(after))));
});

test('the objects of all lists of a position are one call', async () => {
  kvetch.stats.reset();
  await ask(
    `{ a: user(id: "${user}") { recent { nodes { title } } } b: user(id: "${user}") { top(count: 5) { title } } }`,
    'admin',
  );
  const { rounds } = kvetch.stats.snapshot();
  assert.ok(rounds <= 2, `${rounds} rounds`);
});

test('what a method of the root reads itself is hidden from others, read together, and known', async () => {
  const titles = (viewer: string) => ask('{ mine(count: 3) { title } }', viewer);
  assert.equal((await titles('ann')).data, { mine: [{ title: 'item 0' }, null, { title: 'item 2' }] });
  assert.equal((await titles('admin')).data, {
    mine: [{ title: 'item 0' }, { title: 'item 1' }, { title: 'item 2' }],
  });
  kvetch.stats.reset();
  await ask('{ a: mine(count: 4) { title } b: mine(count: 5) { title } any { title } }');
  const { rounds, keys } = kvetch.stats.snapshot();
  assert.is(keys, 5, 'each object once');
  assert.is(rounds, 1, 'both methods and a reference');
  assert.is((await positions('{ mine(count: 3) { id title } }'))[0], 'full');
});

test('what is no page, a cursor of another field, and a method that never ends', async () => {
  assert.match((await ask('{ lost { nodes { id } } }')).errors?.[0] ?? '', /Query\.lost gave no page/);
  const { data } = await ask('{ feed { pageInfo { endCursor } } }');
  const { endCursor } = (data as { feed: { pageInfo: { endCursor: string } } }).feed.pageInfo;
  const source = `{ user(id: "${user}") { recent(after: "${endCursor}") { nodes { id } } } }`;
  assert.match((await ask(source)).errors?.[0] ?? '', /"after" is not a cursor of this connection/);
  assert.match((await ask('{ feed(first: -1) { nodes { id } } }')).errors?.[0] ?? '', /"first" must be/);
  for (const read of ['nodes { id }', 'totalCount'])
    assert.match(
      (await ask(`{ endless(first: 4) { ${read} } }`)).errors?.[0] ?? '',
      /^Query\.endless was asked for what follows an object, and gave a page that ends with it/,
    );
  assert.match((await ask('{ circle(first: 4) { nodes { id } } }')).errors?.[0] ?? '', /given up after 10000 entries/);
});

test('what is no object is an error of its position, and not null as what is hidden', async () => {
  const place = 'This position takes an object, and got';
  const remedy = 'Return Ref.to(Type, id), or what the reads of Pent give.';
  for (const [value, seen] of [
    [ids[0], `"${ids[0]}"`],
    [{ id: ids[0], title: 'forged' }, 'an object that no read of Pent gave'],
    [[Ref.to(Item, ids[0] ?? '')], 'a list'],
    [7, '7'],
    [new Map(), 'an object that no read of Pent gave'],
    [() => 1, 'a function'],
  ] as const) {
    given = value;
    const wanted = { data: { given: null }, errors: [`${place} ${seen}. ${remedy}`] };
    assert.equal(await ask('{ given { title } }'), wanted);
  }
  const own = Ref.to(Item, ids[0] ?? '');
  given = [own, ids[2], null, Ref.to(Item, ids[1] ?? ''), undefined];
  const { data, errors } = await ask('{ givenList { title } }');
  assert.equal(data, { givenList: [{ title: 'item 0' }, null, null, null, null] });
  assert.equal(errors, [`${place} "${ids[2]}". ${remedy}`]);
  given = null;
  assert.equal(await ask('{ given { title } }'), { data: { given: null }, errors: undefined });
});

test('a reference with a wrong id is the error of its item alone', async () => {
  const wrong = (id: string): string =>
    `A reference to an object of the type Item has the id ${id}, which is no UUID. Give Ref.to the id of an object, or leave this item out.`;
  given = [Ref.to(Item, ids[0] ?? ''), Ref.to(Item, 'x'), Ref.to(Item, 5 as never), Ref.to(Item, ids[2] ?? '')];
  const shown = [{ title: 'item 0' }, null, null, { title: 'item 2' }];
  const errors = [wrong('"x"'), wrong('5')];
  assert.equal(await ask('{ givenList { title } }'), { data: { givenList: shown }, errors });
  assert.equal(await ask('{ givenPage { nodes { title } } }'), { data: { givenPage: { nodes: shown } }, errors });
  given = [Ref.to(Item, ''), Ref.to(Item, undefined as never)];
  const none = { data: { givenPage: { nodes: [null, null] } }, errors: [wrong('""'), wrong('undefined')] };
  assert.equal(await ask('{ givenPage { nodes { title } } }'), none);
});

test('a method that gives more than it was asked for, and objects of other types', async () => {
  const { data, errors } = await ask('{ many(first: 3) { nodes { id } pageInfo { hasNextPage } totalCount } }');
  assert.is(errors, undefined);
  const { nodes, pageInfo, totalCount } = (data as { many: Page }).many;
  const shown = ids.filter((_, n) => n % 3 !== 1);
  assert.equal(
    nodes.map(({ id }) => id),
    shown.slice(0, 3),
  );
  assert.equal([pageInfo.hasNextPage, totalCount], [true, 2 * shown.length]);
});

test('dependencies lie at the position of the objects, and a method that reads nothing known makes it partial', async () => {
  const [status, groups] = await positions(`{ user(id: "${user}") { recent { nodes { id title } } } }`);
  assert.is(status, 'full');
  assert.ok(
    groups.some((group) => group.startsWith('user.recent.nodes')),
    groups.join(),
  );
  assert.is((await positions('{ any { id title } }'))[0], 'full');
  assert.is((await positions(`{ user(id: "${user}") { top(count: 1) { id } } }`))[0], 'partial');
});

test.run();
