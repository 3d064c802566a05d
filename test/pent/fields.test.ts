/** Fields that not all readers of an object see: null for others, and nothing tells of the value. */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, get, makeSchema, object } from '../../src/index.ts';
import { createKvetch, defineKvetchSchema, type Kvetch, loadObject } from '../../src/kvetch.ts';
import {
  allowAll,
  allowIf,
  authorizePent,
  type Context,
  canRead,
  createPent,
  creating,
  definePents,
  method,
  Pent,
  PentContext,
  type PentContextOptions,
  type PentDefinition,
  type PentModel,
  type Policy,
  pent,
  pentConnection,
  pentEdge,
  pentFromIndex,
  pentStoredId,
  pentsFromIndex,
  planPent,
  readEdge,
  readEdgeList,
  readStoredId,
  sameAs,
  updatePent,
  updating,
  type WriteHooks,
} from '../../src/pent.ts';
import { backends } from '../kvetch/backends.ts';
import { needs } from '../support/needs.ts';

const storeSchema = defineKvetchSchema({
  objects: [
    {
      typeId: 600,
      name: 'User',
      fields: { name: 'string', email: 'string', mail: 'string', salary: 'int', boss: 'uuid', friends: 'json' },
    },
    { typeId: 601, name: 'Post', fields: { text: 'string', author: 'uuid', place: 'string' } },
  ],
  edges: [
    { edgeId: 60, name: 'reports', from: 'User', storedOn: 'User', storedIdAttr: 'boss' },
    { edgeId: 61, name: 'posts', from: 'User', storedOn: 'Post', storedIdAttr: 'author' },
  ],
  indexes: [
    { name: 'email', type: 'User', attr: 'email', kind: 'string' },
    { name: 'salary', type: 'User', attr: 'salary', kind: 'int' },
  ],
});

/** How often each rule has run, and what hooks have seen. */
const runs: string[] = [];
const seen: unknown[] = [];

const isSelf = (user: User, { viewer }: Context<string>): boolean => user.name === viewer;

class User extends Pent {
  static override readonly definition: PentDefinition = {
    name: 'User',
    typeId: 600,
    storedIds: { boss: ['User'] },
    formerNames: { email: ['mail'] },
  };
  static override readonly privacy: Policy<User, string> = {
    fields: {
      email: [
        allowIf('self', isSelf),
        allowIf('friend of the viewer', async (user, { viewer }) => {
          runs.push(`email of ${user.name} for ${viewer}`);
          const boss = await user.boss();
          return boss?.friends.includes(viewer) === true;
        }),
      ],
      salary: [
        allowIf('self', (user, context) => {
          runs.push(`salary of ${user.name} for ${context.viewer}`);
          return isSelf(user, context);
        }),
      ],
      boss: [
        allowIf('many', {
          many: async (users, context) => users.map((user) => isSelf(user, context) || user.friends.includes('all')),
        }),
      ],
      // Nothing is hidden.
      friends: [allowAll],
    },
  };
  static override readonly hooks: WriteHooks<User, string> = {
    validators: [
      ({ before }, { isRestricted }) => {
        if (isRestricted) seen.push(before?.$record.email ?? null);
        return undefined;
      },
    ],
    after: [({ after }) => seen.push(after?.$record.email ?? null)],
  };

  get name(): string {
    return this.$record.name as string;
  }
  get email(): string | null {
    return (this.$record.email ?? this.$record.mail ?? null) as string | null;
  }
  get salary(): number | null {
    return (this.$record.salary ?? null) as number | null;
  }
  get friends(): readonly string[] {
    return (this.$record.friends ?? []) as readonly string[];
  }
  boss(): Promise<User | null> {
    return readStoredId(this, 'boss', ['User']);
  }
  async contact(): Promise<string> {
    return `${this.name} <${this.email ?? '-'}>`;
  }
  /** Read past privacy. */
  async self(): Promise<User | null> {
    return User.get(this.$context.unrestricted, this.id);
  }
}

class Post extends Pent {
  static override readonly definition: PentDefinition = { name: 'Post', typeId: 601, storedIds: { author: ['User'] } };
  static override readonly privacy: Policy<Post, string> = {
    read: [allowIf('not secret', (post) => post.$record.text !== 'secret')],
    fields: { place: [sameAs('author'), allowAll], author: [allowIf('ann', (_post, { viewer }) => viewer === 'ann')] },
  };
  get text(): string {
    return this.$record.text as string;
  }
  get place(): string | null {
    return (this.$record.place ?? null) as string | null;
  }
  async author(): Promise<User | null> {
    return readStoredId(this, 'author', ['User']);
  }
}

const model: PentModel = definePents({ schema: storeSchema, pents: [User, Post], byDefault: 'allow' });

const schema = makeSchema({
  typeDefs: /* GraphQL */ `
    interface Node { id: ID! }
    type Query {
      user(id: ID!): User
      raw(id: ID!): User
      node(id: ID!): Node
      byEmail(email: String!): User
      bySalary(salary: Int!, first: Int, after: String): [User!]!
      post(id: ID!): Post
    }
    type Mutation { create(data: Data!): Payload update(id: ID!, data: Data!): Payload }
    type Payload { user: User }
    input Data { name: String email: String salary: Int boss: ID }
    type PageInfo { hasNextPage: Boolean! endCursor: String }
    type Users { nodes: [User!]! totalCount: Int! pageInfo: PageInfo! }
    type User implements Node {
      id: ID!
      version: Int!
      name: String!
      email: String
      salary: Int
      boss: User
      contact: String
      self: User
      reports(first: Int, after: String): [User!]!
      connection(first: Int, after: String): Users!
      posts(first: Int): [Post!]!
    }
    type Post implements Node { id: ID! text: String place: String author: User }
  `,
  objects: {
    Query: {
      plans: {
        user: (_$root, { $id }) => pent(User, $id),
        raw: (_$root, { $id }) => loadObject($id),
        node: (_$root, { $id }) => pent([User, Post], $id),
        byEmail: (_$root, { $email }) => pentFromIndex(User, 'email', $email),
        bySalary: (_$root, { $salary, $first, $after }) => pentsFromIndex(User, 'salary', $salary, { $first, $after }),
        post: (_$root, { $id }) => pent(Post, $id),
      },
    },
    Mutation: {
      plans: {
        create: (_$root, { $data }) => object({ user: creating(User, { $data }) }),
        update: (_$root, { $id, $data }) => object({ user: updating(User, { $id, $data }) }),
      },
    },
    User: {
      authorize: authorizePent,
      hidden: 'leaveOut',
      plans: {
        email: ($user) => get($user, 'email'),
        boss: ($user) => pentStoredId(User, $user, 'boss'),
        contact: method(User, 'contact'),
        self: method(User, 'self'),
        reports: ($user, { $first, $after }) => pentEdge(User, 'reports', $user, { $first, $after }),
        connection: ($user, { $first, $after }) => pentConnection(User, 'reports', $user, { $first, $after }),
        posts: ($user, { $first }) => pentEdge(Post, 'posts', $user, { $first }),
      },
    },
    Post: {
      authorize: authorizePent,
      hidden: 'leaveOut',
      plans: { author: ($post) => pentStoredId(User, $post, 'author') },
    },
  },
  interfaces: { Node: { planType: planPent } },
});
const engine = createEngine({ schema });

interface World {
  readonly kvetch: Kvetch;
  /** ann is the boss of bob and cat. bob's boss is visible to all. */
  readonly ids: Readonly<Record<'ann' | 'bob' | 'cat', string>>;
  readonly post: string;
}

const used = backends.filter(({ name }) => ['memory x 3', 'sqlite x 1', 'mysql x 1'].includes(name));

for (const backend of used) {
  const test = needs(suite(`fields of objects, ${backend.name}`), ...backend.servers);
  let world: World;

  test.before.each(async () => {
    const kvetch = createKvetch({ schema: storeSchema, ...backend.open() });
    const ann = await kvetch.createObject('User', { name: 'ann', email: 'ann@x', salary: 9, friends: ['dan'] });
    const rest = { email: 'both@x', salary: 5, boss: ann };
    const bob = await kvetch.createObject('User', { name: 'bob', ...rest, friends: ['all'] });
    const cat = await kvetch.createObject('User', { name: 'cat', ...rest });
    const post = await kvetch.createObject('Post', { text: 'hi', author: ann, place: 'Rome' });
    world = { kvetch, ids: { ann, bob, cat }, post };
    runs.length = 0;
    seen.length = 0;
  });
  test.after.each(() => world.kvetch.close());

  const as = (viewer: string, options: Partial<PentContextOptions<string>> = {}): PentContext<string> =>
    new PentContext({ kvetch: world.kvetch, model, viewer, ...options });

  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its question
  async function ask(viewer: string, source: string, variableValues: Record<string, unknown> = {}): Promise<any> {
    const document = parse(source);
    const text = await engine.executeToString({ document, variableValues, contextValue: { pent: as(viewer) } });
    return JSON.parse(text);
  }

  test('null is in the place of a hidden field, on every road to the object', async () => {
    const { ann, bob, cat } = world.ids;
    const all = '{ name email salary contact boss { name } }';
    const roads = `query ($id: ID!) {
      user(id: $id) ${all}
      raw(id: $id) { name email salary }
      node(id: $id) { ... on User ${all} }
      again: user(id: $id) { self ${all} reports { name } }
    }`;
    const shown = (name: string, email: string | null, salary: number | null, boss: object | null): object => ({
      ...{ name, email, salary, contact: `${name} <${email ?? '-'}>`, boss },
    });
    for (const [viewer, id, user] of [
      ['ann', ann, shown('ann', 'ann@x', 9, null)],
      ['bob', ann, shown('ann', null, null, null)],
      ['bob', bob, shown('bob', 'both@x', 5, { name: 'ann' })],
      ['ann', bob, shown('bob', null, null, { name: 'ann' })],
      ['dan', bob, shown('bob', 'both@x', null, { name: 'ann' })],
      ['dan', cat, shown('cat', 'both@x', null, null)],
      ['eve', cat, shown('cat', null, null, null)],
    ] as const) {
      const { data, errors } = await ask(viewer, roads, { id });
      assert.is(errors, undefined, JSON.stringify(errors));
      assert.equal(data.user, user, `${viewer} ${id}`);
      assert.equal(data.node, user);
      assert.equal(data.again.self, user);
      const { name, email, salary } = data.user;
      assert.equal(data.raw, { name, email, salary });
      const object = await User.getX(as(viewer), id);
      assert.equal(
        [object.email, object.salary, (await object.boss())?.name ?? null],
        [...[email, salary, data.user.boss?.name ?? null]],
      );
      assert.is((await User.getX(as(viewer).unrestricted, id)).salary, id === ann ? 9 : 5);
    }
  });

  test('lists by a hidden field leave out what they would tell of, with counts, cursors and ids as places', async () => {
    const { ann, bob, cat } = world.ids;
    const query = `query ($id: ID!, $after: String) { user(id: $id) {
      reports(after: $after) { name }
      connection { totalCount nodes { name } pageInfo { hasNextPage endCursor } }
    } }`;
    const { data } = await ask('eve', query, { id: ann });
    assert.equal(data.user.reports, [{ name: 'bob' }]);
    const { pageInfo, ...rest } = data.user.connection;
    assert.equal(rest, { totalCount: 1, nodes: [{ name: 'bob' }] });
    assert.is(pageInfo.hasNextPage, false);
    const names = async (viewer: string, first?: number): Promise<unknown> => {
      const page = await readEdge<User>(await User.getX(as(viewer), ann), 'reports', { ...(first && { first }) }, true);
      return [page.objects.map((user) => (user as User).name), page.hasNextPage];
    };
    assert.equal(await names('eve', 1), [['bob'], false]);
    assert.equal(await names('cat'), [['bob', 'cat'], false]);
    const unrestricted = await User.getX(as('eve').unrestricted, ann);
    assert.is((await readEdgeList(unrestricted, 'reports')).length, 2);
    // A bare id: that of a hidden entry is that of nothing.
    const behind = async (after: string): Promise<unknown> =>
      (await ask('eve', query, { id: ann, after })).data.user.reports;
    assert.equal(await behind(cat), []);
    assert.equal(await behind('00000000-0000-4000-8000-000000000000'), []);
    assert.equal(await behind(bob), []);
    assert.equal((await ask('cat', query, { id: ann, after: bob })).data.user.reports, [{ name: 'cat' }]);
    // Posts by a hidden author.
    assert.equal((await ask('bob', '{ user(id: "ID") { posts { text } } }'.replace('ID', ann))).data.user.posts, []);
    assert.equal((await ask('ann', '{ user(id: "ID") { posts { text place } } }'.replace('ID', ann))).data.user.posts, [
      { text: 'hi', place: 'Rome' },
    ]);
  });

  test('an index finds only those whose value the viewer sees', async () => {
    const query = `query ($email: String!) { byEmail(email: $email) { name } bySalary(salary: 5, first: 1) { name } }`;
    const found = async (viewer: string): Promise<unknown> => (await ask(viewer, query, { email: 'both@x' })).data;
    assert.equal(await found('eve'), { byEmail: null, bySalary: [] });
    assert.equal(await found('cat'), { byEmail: { name: 'cat' }, bySalary: [{ name: 'cat' }] });
    assert.equal(await found('dan'), { byEmail: { name: 'bob' }, bySalary: [] });
    assert.is(await User.fromIndex(as('eve'), 'email', 'both@x'), null);
    assert.is((await User.fromIndex(as('cat'), 'email', 'both@x'))?.name, 'cat');
    assert.is((await User.allFromIndex(as('eve').unrestricted, 'salary', 5)).length, 2);
  });

  test('payloads hide it, hooks and rules see it, and nobody guesses it by writing', async () => {
    const { bob } = world.ids;
    const created = await ask(
      'eve',
      'mutation { create(data: { name: "fay", email: "fay@x" }) { user { name email } } }',
    );
    assert.equal(created.data, { create: { user: { name: 'fay', email: null } } });
    assert.equal(seen.splice(0), [null, 'fay@x']);
    const update = `mutation ($id: ID!, $data: Data!) { update(id: $id, data: $data) { user { name email version } } }`;
    const renamed = await ask('eve', update, { id: bob, data: { name: 'rob' } });
    assert.equal(renamed.data.update.user, { name: 'rob', email: null, version: 2 });
    assert.equal(seen.splice(0), ['both@x', 'both@x']);
    const told = new Set<string>();
    for (const email of ['both@x', 'other@x', null]) {
      const { data, errors } = await ask('eve', update, { id: bob, data: { email } });
      assert.is(data.update, null);
      told.add(JSON.stringify(errors));
    }
    assert.is(told.size, 1);
    assert.match([...told][0] as string, 'You may not change \\"email\\" of this User.');
    assert.match([...told][0] as string, '"FORBIDDEN"');
    assert.is((await User.getX(as('rob'), bob)).email, 'both@x');
    // Who sees it may write it, and so may the server.
    assert.is((await updatePent(as('rob'), User, bob, { email: 'rob@x' }))?.email, 'rob@x');
    assert.is((await updatePent(as('eve').unrestricted, User, bob, { email: 'bob@x' }))?.email, 'bob@x');
    const back = await updatePent(as('eve'), User, bob, { name: 'bob' });
    assert.is(back?.email, null);
    assert.is((await createPent(as('gus'), User, { name: 'gus', salary: 1 }))?.salary, 1);
  });

  test('each field of each object is decided once, and many share their loads', async () => {
    const context = as('dan');
    const { ann, bob, cat } = world.ids;
    await Promise.all([
      User.getMany(context, [ann, bob, cat]),
      User.getX(context, bob),
      readEdgeList(await User.getX(context, ann), 'reports'),
    ]);
    await User.getMany(context, [cat, bob, ann]);
    assert.equal([...runs].sort(), [
      ...['email of ann for dan', 'email of bob for dan', 'email of cat for dan'],
      ...['salary of ann for dan', 'salary of bob for dan', 'salary of cat for dan'],
    ]);
  });

  test('former names are hidden with it, and so are fields of objects from earlier parts of a request', async () => {
    const old = await world.kvetch.createObject('User', { name: 'old', mail: 'old@x' });
    assert.is((await User.getX(as('old'), old)).email, 'old@x');
    const context = as('eve');
    const before = await User.getX(context, old);
    assert.is(before.email, null);
    assert.is(Object.values(before.$record).includes('old@x'), false);
    await updatePent(context, User, old, { name: 'eve' });
    assert.is((await User.getX(context, old)).email, 'old@x');
    assert.is(before.email, null);
    assert.is(await canRead(context, old), true);
  });

  test('a rule that fails hides the field and is reported; a circle through a field ends', async () => {
    const reported: string[] = [];
    class Odd extends User {
      static override readonly privacy: Policy<User, string> = {
        read: [
          allowIf(
            'asks for the field',
            async (user, { viewers }) => (await User.get(viewers, user.id)) !== null || true,
          ),
        ],
        fields: {
          email: [
            allowIf('fails', ({ name }) => {
              if (name === 'ann') throw new Error('broken');
              return false;
            }),
            allowIf('in a circle', (user, context) => canRead(context, user.id)),
          ],
        },
      };
    }
    const odd = definePents({ schema: storeSchema, pents: [Odd, Post], byDefault: 'allow' });
    const context = as('eve', { model: odd, onError: ({ message }) => reported.push(message) });
    const users = await Odd.getMany(context, [world.ids.ann, world.ids.cat]);
    assert.equal(
      users.map((user) => user?.email),
      [null, 'both@x'],
    );
    assert.ok(reported.includes('broken'));
    assert.ok(
      reported.some((text) => text.startsWith('Privacy rules ask in a circle')),
      String(reported),
    );
  });

  test.run();
}

const test = suite('fields that cannot be hidden');

const refusal = (fields: Policy['fields'], rest: Partial<(typeof storeSchema)['~config']> & object = {}): string => {
  const config = {
    objects: [
      { typeId: 1, name: 'Thing', fields: { name: { kind: 'string', required: true }, code: 'string', of: 'uuid' } },
    ],
    ...rest,
  } as const;
  class Thing extends Pent {
    static override readonly definition: PentDefinition = { name: 'Thing', typeId: 1 };
    static override readonly privacy: Policy = { ...(fields && { fields }) };
  }
  try {
    definePents({ schema: defineKvetchSchema(config as never), pents: [Thing], byDefault: 'allow' });
  } catch (error) {
    return (error as Error).message;
  }
  return 'fine';
};

test('what would tell of the value is refused at set-up', () => {
  const rules = [allowIf('nobody', () => false)];
  assert.is(refusal({ code: rules }), 'fine');
  assert.match(refusal({ coed: rules }), 'rules for "coed", which is no stored attribute. Did you mean "code"?');
  assert.match(refusal({ name: rules }), 'Thing.name has rules, and is required');
  assert.match(refusal({ version: rules }), 'every object shows it');
  const indexes = [{ name: 'code', type: 'Thing', attr: 'code', kind: 'string', unique: true }] as const;
  assert.match(refusal({ code: rules }, { indexes } as never), 'the index "code" is unique');
  for (const [name, rest] of [
    ['several', { attrs: ['of', 'code'] }],
    ['some', { attrs: ['of'], where: { code: 'OPEN' } }],
  ] as const) {
    const own = [{ name, type: 'Thing', unique: true, ...rest }];
    assert.match(refusal({ code: rules }, { indexes: own } as never), `the index "${name}" is unique`);
  }
  const edges = [{ edgeId: 1, name: 'parts', from: 'Thing', storedOn: 'Thing', storedIdAttr: 'of', colocate: true }];
  assert.match(refusal({ of: rules }, { edges } as never), 'the edge "parts" is colocated by it');
});

test('a list of rules that is misspelt is an error', () => {
  class Thing extends Pent {
    static override readonly definition: PentDefinition = { name: 'Thing', typeId: 1 };
    static override readonly privacy = { raed: [] } as Policy;
  }
  const own = defineKvetchSchema({ objects: [{ typeId: 1, name: 'Thing' }] });
  assert.throws(
    () => definePents({ schema: own, pents: [Thing], byDefault: 'allow' }),
    /The policy of Thing has no option "raed". Did you mean "read"\?/,
  );
});

test.run();
