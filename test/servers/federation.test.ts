/** Subgraphs whose entities are planned: alone, and two of them behind the gateways of Apollo and of Hive, beside the same of graphql-js. */
import { createRequire } from 'node:module';
import { ApolloGateway, type GraphQLDataSource, IntrospectAndCompose } from '@apollo/gateway';
import { type GraphQLSchema, parse, versionInfo } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { federate } from '../../src/schema/federation/federate.ts';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import { subgraph } from '../../src/server.ts';
import { get, lambda, loader, loadOne } from '../../steps/index.ts';

// biome-ignore lint/suspicious/noExplicitAny: what a test looks into
type Any = any;

const test = suite('federation');
const require = createRequire(import.meta.url);

const calls: string[] = [];
const users = new Map(
  Array.from({ length: 100 }, (_, n) => [
    `${n}`,
    { id: `${n}`, email: `u${n}@x`, name: `User ${n}`, bestId: `${(n + 1) % 90}` },
  ]),
);
const products = new Map(
  Array.from({ length: 100 }, (_, n) => [`p${n}`, { sku: `p${n}`, price: n * 3, weight: n, ownerId: `${n % 90}` }]),
);

const find = (kind: string, all: Map<string, Any>, by: string) =>
  loader<Any, string>({
    name: `test.federation.${kind}.${by}`,
    load(keys) {
      calls.push(`${kind} by ${by}: ${keys.length}`);
      return keys.map((key) => [...all.values()].find((one) => one[by] === key) ?? null);
    },
  });
const userById = find('users', users, 'id');
const userByEmail = find('users', users, 'email');
const productBySku = find('products', products, 'sku');

const accountsSdl = /* GraphQL */ `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable", { name: "@tag", as: "@label" }])

  type Query { users(first: Int!): [User!]! user(id: ID!): User }
  "A person."
  type User @key(fields: "id") @key(fields: "email") @label(name: "public") { id: ID! email: String! name: String @shareable best: User }
`;
const reviewsSdl = /* GraphQL */ `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@provides", "@requires"])

  type Query { products(first: Int!): [Product!]! }
  type Product @key(fields: "sku") { sku: ID! price: Int owner: User @provides(fields: "name") }
  type User @key(fields: "id") { id: ID! name: String @external greeting: String @requires(fields: "name") owns: Product }
`;

const accounts = subgraph({
  typeDefs: accountsSdl,
  objects: {
    Query: {
      plans: {
        users: { resolve: (_root: Any, { first }: Any) => [...users.values()].slice(0, first) },
        user: (_$root: Any, { $id }: Any) => loadOne($id, userById),
      },
    },
    User: {
      entity: ($ref: Any) =>
        lambda([loadOne(get($ref, 'id'), userById), loadOne(get($ref, 'email'), userByEmail)], ([a, b]: Any) => a ?? b),
      plans: { best: ($user: Any) => loadOne(get($user, 'bestId'), userById) },
    },
  },
});
const reviews = subgraph({
  typeDefs: reviewsSdl,
  objects: {
    Query: { plans: { products: { resolve: (_root: Any, { first }: Any) => [...products.values()].slice(0, first) } } },
    Product: {
      entity: ($ref: Any) => loadOne(get($ref, 'sku'), productBySku),
      // With the name that it provides; representations of users have theirs.
      plans: { owner: ($product: Any) => loadOne(get($product, 'ownerId'), userById) },
    },
    User: {
      entity: ($ref: Any) => $ref,
      plans: {
        greeting: ($ref: Any) => lambda(get($ref, 'name'), (name: Any) => (name == null ? null : `Hello ${name}`)),
        owns: ($ref: Any) =>
          loadOne(
            lambda(get($ref, 'id'), (id: Any) => `p${id}`),
            productBySku,
          ),
      },
    },
  },
});

/** The same two with resolvers, on graphql-js. */
const resolvers = {
  accounts: {
    Query: {
      users: (_: Any, { first }: Any) => [...users.values()].slice(0, first),
      user: (_: Any, { id }: Any) => users.get(id),
    },
    User: {
      __resolveReference: ({ id, email }: Any) =>
        users.get(id) ?? [...users.values()].find((one) => one.email === email) ?? null,
      best: ({ bestId }: Any) => users.get(bestId),
    },
  },
  reviews: {
    Query: { products: (_: Any, { first }: Any) => [...products.values()].slice(0, first) },
    Product: {
      __resolveReference: ({ sku }: Any) => products.get(sku) ?? null,
      owner: ({ ownerId }: Any) => users.get(ownerId),
    },
    User: {
      greeting: ({ name }: Any) => (name == null ? null : `Hello ${name}`),
      owns: ({ id }: Any) => products.get(`p${id}`) ?? null,
    },
  },
};

const engines = new Map<GraphQLSchema, ReturnType<typeof createEngine>>();
async function ask(schema: GraphQLSchema, query: string, variableValues: Any = {}): Promise<Any> {
  const engine = engines.get(schema) ?? createEngine({ schema });
  engines.set(schema, engine);
  return plain(await engine.execute({ document: parse(query), variableValues }));
}
const plain = (value: unknown): Any => JSON.parse(JSON.stringify(value));

const ENTITIES = /* GraphQL */ `
  query ($r: [_Any!]!) { _entities(representations: $r) { __typename ... on User { greeting owns { sku } } ... on Product { sku price } } }
`;

test('_service answers with the SDL as it is', async () => {
  assert.equal(await ask(accounts, '{ _service { sdl } }'), { data: { _service: { sdl: accountsSdl } } });
});

test('100 representations of two types are two calls', async () => {
  calls.length = 0;
  const r = Array.from({ length: 100 }, (_, n) =>
    n % 2 === 0 ? { __typename: 'User', id: `${n}`, name: `N${n}` } : { __typename: 'Product', sku: `p${n}` },
  );
  const { data, errors } = await ask(reviews, ENTITIES, { r });
  assert.is(errors, undefined);
  assert.equal(data._entities[0], { __typename: 'User', greeting: 'Hello N0', owns: { sku: 'p0' } });
  assert.equal(data._entities[99], { __typename: 'Product', sku: 'p99', price: 297 });
  assert.ok(calls.length <= 2, calls.join());
});

test('several keys: each representation is found by the one that it has', async () => {
  const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { id name } } }';
  const r = [
    { __typename: 'User', email: 'u7@x' },
    { __typename: 'User', id: '3' },
    { __typename: 'User', id: 'nobody' },
  ];
  assert.equal(await ask(accounts, query, { r }), {
    data: { _entities: [{ id: '7', name: 'User 7' }, { id: '3', name: 'User 3' }, null] },
  });
});

test('representations that are none are null and an error in their place; the others are unharmed', async () => {
  const r = [
    { __typename: 'Nope', id: '1' },
    { __typename: 'Product', sku: 'p2' },
    { id: '1' },
    'text',
    { __typename: 7 },
    { __typename: '__proto__' },
    { __typename: 'N'.repeat(1_000_000) },
  ];
  const { data, errors } = await ask(reviews, ENTITIES, { r });
  assert.equal(data._entities, [null, { __typename: 'Product', sku: 'p2', price: 6 }, null, null, null, null, null]);
  assert.ok(JSON.stringify(errors).length < 3_000);
  assert.equal(
    errors.map(({ path }: Any) => path),
    [0, 2, 3, 4, 5, 6].map((n) => ['_entities', n]),
  );
  assert.match(errors[0].message, /entity for type "?Nope/);
});

test('keys are read as arguments of the types of their fields: a malformed one fails in its place', async () => {
  const seen: unknown[] = [];
  const keys = subgraph({
    typeDefs: /* GraphQL */ `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: [{ name: "@key", as: "@primary" }])
      enum Size { S L }
      type Shirt @primary(fields: "id") @primary(fields: "size maker { code }") { id: ID! size: Size! maker: Maker! }
      type Maker @primary(fields: "code") { code: Int! }
      type Query { shirt: Shirt }
    `,
    objects: {
      Shirt: {
        entity: ($ref: Any) =>
          lambda($ref, (ref: Any) => {
            seen.push(plain(ref));
            return { id: ref.id ?? `of ${ref.size} ${ref.maker.code}` };
          }),
      },
    },
  });
  const long = 'x'.repeat(1_000_000);
  const r = [
    { __typename: 'Shirt', id: 7 },
    { __typename: 'Shirt', id: { $gt: '' } },
    { __typename: 'Shirt', size: 'L', maker: { __typename: 'Maker', code: 3 } },
    { __typename: 'Shirt', size: 'L' },
    { __typename: 'Shirt', size: long, maker: { code: 3 } },
    { __typename: 'Shirt', size: 'S', maker: 'none' },
    { __typename: 'Shirt', id: null },
    { __typename: 'Shirt', size: 'S', maker: { code: '3' } },
    { __typename: 'Shirt', id: ['7'] },
    { __typename: 'Maker', code: 1.5 },
    { __typename: 'Maker', code: 2, other: 1 },
    { __typename: 'Shirt', id: 'a', size: null },
  ];
  const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Shirt { id } ... on Maker { code } } }';
  const { data, errors } = await ask(keys, query, { r });
  const [none, id] = [null, (text: string) => ({ id: text })];
  assert.equal(data._entities, [
    ...[id('7'), none, id('of L 3'), none, none, none, none, none, none, none, { code: 2 }, id('a')],
  ]);
  assert.equal(
    errors.map(({ path, message }: Any) => `${path.join('.')} ${message}`),
    [
      '_entities.1 A representation of Shirt has { $gt: "" } as "id", which is no ID!.',
      '_entities.3 A representation of Shirt has none of its keys "id" and "size maker { code }".',
      `_entities.4 A representation of Shirt has "${'x'.repeat(59)}… as "size", which is no Size!.`,
      '_entities.5 A representation of Shirt has "none" as "maker", which is no Maker!.',
      '_entities.6 A representation of Shirt has none of its keys "id" and "size maker { code }".',
      '_entities.7 A representation of Shirt has "3" as "maker.code", which is no Int!.',
      '_entities.8 A representation of Shirt has ["7"] as "id", which is no ID!.',
      '_entities.9 A representation of Maker has 1.5 as "code", which is no Int!.',
    ],
  );
  assert.equal(seen, [
    { __typename: 'Shirt', id: '7' },
    { __typename: 'Shirt', size: 'L', maker: { __typename: 'Maker', code: 3 } },
    { __typename: 'Shirt', id: 'a', size: null },
  ]);
});

test('keys of fields that are not there are refused when the schema is made', () => {
  const refused = (fields: string): string => {
    const typeDefs = `type Query { a: A } type A @key(fields: "${fields}") { id: ID! of: B } type B { id: ID! }`;
    try {
      subgraph({ typeDefs });
    } catch (error) {
      return (error as Error).message.replace('The schema has a problem. ', '');
    }
    return '';
  };
  assert.is(refused('id of { id }'), '');
  assert.is(refused('idd'), 'A: @key(fields: "idd") cannot be read. A has no field "idd". Did you mean "id"?');
  assert.is(
    refused('of { ix }'),
    'A: @key(fields: "of { ix }") cannot be read. B has no field "ix". Did you mean "id"?',
  );
  assert.match(refused('id {'), /^A: @key\(fields: "id {"\) cannot be read. Syntax Error/);
});

test('no representations, and ones inside the document', async () => {
  assert.equal(await ask(reviews, ENTITIES, { r: [] }), { data: { _entities: [] } });
  const query = '{ _entities(representations: [{ __typename: "Product", sku: "p1" }]) { ... on Product { price } } }';
  assert.equal(await ask(reviews, query), { data: { _entities: [{ price: 3 }] } });
});

test('interface objects, entity interfaces, keys that are not resolvable, federation 1', async () => {
  const media = subgraph({
    typeDefs: /* GraphQL */ `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@interfaceObject"])
      interface Media @key(fields: "id") { id: ID! title: String }
      type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int }
      type Film implements Media @key(fields: "id") { id: ID! title: String }
      type Stub @key(fields: "id", resolvable: false) { id: ID! }
      type Rated @key(fields: "id") @interfaceObject { id: ID! stars: Int }
      type Query { stub: Stub }
    `,
    interfaces: {
      Media: {
        entity: ($ref: Any) =>
          lambda(get($ref, 'id'), (id: Any) =>
            id == null || id === 'x'
              ? null
              : { id, title: `T${id}`, pages: 9, __typename: id === '1' ? 'Book' : 'Film' },
          ),
      },
    },
    objects: {
      Book: { entity: ($ref: Any) => lambda(get($ref, 'id'), (id: Any) => (id == null ? null : { id, title: 'own' })) },
      Rated: { entity: ($ref: Any) => lambda(get($ref, 'id'), (id: Any) => ({ id, stars: 5 })) },
    },
  });
  const query = /* GraphQL */ `
    query ($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Book { title } ... on Film { title } ... on Rated { stars } } }
  `;
  const r = [
    { __typename: 'Media', id: '1' },
    { __typename: 'Media', id: '2' },
    { __typename: 'Book', id: '3' },
    { __typename: 'Rated', id: '4' },
    { __typename: 'Media', id: 'x' },
    { __typename: 'Stub', id: '1' },
  ];
  const { data, errors } = await ask(media, query, { r });
  assert.equal(data._entities, [
    { __typename: 'Book', title: 'T1' },
    { __typename: 'Film', title: 'T2' },
    { __typename: 'Book', title: 'own' },
    { __typename: 'Rated', stars: 5 },
    null,
    null,
  ]);
  assert.is(errors.length, 1);
  const first = subgraph({
    typeDefs: 'extend type Query { me: User } extend type User @key(fields: "id") { id: ID! @external n: Int }',
    objects: { User: { entity: ($ref: Any) => $ref } },
  });
  const r1 = [{ __typename: 'User', id: '1', n: 4 }];
  assert.equal(
    (await ask(first, 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { n } } }', { r: r1 })).data,
    { _entities: [{ n: 4 }] },
  );
});

test('federate: types without a plan keep __resolveReference, whose failures stay in their place', async () => {
  const schema = makeSchema({
    typeDefs: /* GraphQL */ `
      scalar _Any
      union _Entity = Planned | Old | Bare
      type Query { _entities(representations: [_Any!]!): [_Entity]! }
      type Planned { id: ID! }
      type Old { id: ID! seen: String }
      type Bare { id: ID! }
    `,
  });
  const old = schema.getType('Old') as Any;
  const resolveReference = async (reference: Any, context: Any) => {
    if (reference.id === 'bad') throw new Error('no such thing');
    reference.id = 'written to';
    return reference.id === 'none' ? null : { id: reference.id, seen: context?.who };
  };
  old.extensions = { apollo: { subgraph: { resolveReference } } };
  federate(schema, {
    Planned: { entity: ($ref: Any) => lambda(get($ref, 'id'), (id: Any) => ({ id: `planned ${id}` })) },
  });
  const r = ['Planned', 'Old', 'Bare', 'Old'].map((__typename, n) => ({ __typename, id: n === 3 ? 'bad' : `${n}` }));
  const query =
    'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Planned { id } ... on Old { id seen } ... on Bare { id } } }';
  const { data, errors } = plain(
    await createEngine({ schema }).execute({
      document: parse(query),
      variableValues: { r },
      contextValue: { who: 'me' },
    }),
  );
  assert.equal(data._entities, [{ id: 'planned 0' }, { id: 'written to', seen: 'me' }, { id: '2' }, null]);
  assert.equal([errors.length, errors[0].message, errors[0].path], [1, 'no such thing', ['_entities', 3]]);
  assert.is(r[1]?.id, '1');
  assert.throws(() => federate(schema, { Nope: { entity: ($ref: Any) => $ref } }), /which is no entity/);
  assert.throws(() => federate(makeSchema({ typeDefs: 'type Query { a: Int }' }), {}), /needs a schema with/);
});

const SHAPE = 'query ($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Product { sku price } } }';
test('a plan of _entities is exported, and runs without planning', async () => {
  const engine = createEngine({ schema: reviews });
  const json = JSON.parse(JSON.stringify(engine.exportPlan(engine.prepare(parse(SHAPE)))));
  const variableValues = { r: [{ __typename: 'Product', sku: 'p2' }, { __typename: 'Nope' }] };
  const { data } = plain(await createEngine({ schema: reviews }).importPlan(json).execute({ variableValues }));
  assert.equal(data._entities, [{ __typename: 'Product', sku: 'p2', price: 6 }, null]);
});

type Execute = (query: string, variables: Any) => Promise<Any>;
type Services = Readonly<Record<string, Execute>>;

/** What a subgraph was asked. */
const asked: string[] = [];

function ofService(services: Services, name: string): Execute {
  return (query, variables) => {
    asked.push(name);
    return (services[name] as Execute)(query, variables);
  };
}

async function apolloGateway(services: Services): Promise<Execute> {
  const { parse: parseThere } = require('graphql') as typeof import('graphql');
  const gateway = new ApolloGateway({
    supergraphSdl: new IntrospectAndCompose({
      subgraphs: Object.keys(services).map((name) => ({ name, url: `http://${name}.invalid` })),
    }),
    buildService: ({ name }): GraphQLDataSource => ({
      process: async ({ request }: Any) => ofService(services, name)(request.query, request.variables ?? {}),
    }),
    logger: { debug() {}, info() {}, warn() {}, error() {} } as Any,
  });
  const { schema, executor } = await gateway.load();
  let count = 0;
  return async (source, variables) => {
    const document = parseThere(source);
    const request = { query: source, variables };
    return plain(
      await executor({
        ...{ schema, document, request, context: {}, cache: new Map(), queryHash: `${count++}`, source },
        operation: document.definitions[0],
        ...{ operationName: null, metrics: {}, logger: console, overallCachePolicy: {} },
      } as Any),
    );
  };
}

/** Hive's gateway executes by this package. */
async function hiveGateway(services: Services): Promise<Execute> {
  const { composeServices } = require('@apollo/composition') as Any;
  const { graphql, parse: parseThere, print } = require('graphql') as typeof import('graphql');
  const { getStitchedSchemaFromSupergraphSdl } = require('@graphql-tools/federation') as Any;
  const list = await Promise.all(
    Object.entries(services).map(async ([name, execute]) => {
      const { data } = await execute('{ _service { sdl } }', {});
      return { name, url: `http://${name}.invalid`, typeDefs: parseThere(data._service.sdl) };
    }),
  );
  const { supergraphSdl, errors } = composeServices(list);
  assert.is(errors, undefined);
  const schema = getStitchedSchemaFromSupergraphSdl({
    supergraphSdl,
    onSubschemaConfig(config: Any) {
      const execute = ofService(services, config.name.toLowerCase());
      config.executor = ({ document, variables }: Any) => execute(print(document), variables ?? {});
    },
  });
  return async (source, variableValues) => plain(await graphql({ schema, source, variableValues }));
}

/** Selections by type, nested at random. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, string | null>>>> = {
  User: { id: null, email: null, name: null, greeting: null, best: 'User', owns: 'Product' },
  Product: { sku: null, price: null, owner: 'User' },
};
function selection(type: string, depth: number, random: () => number): string {
  const entries = Object.entries(FIELDS[type] ?? {}).filter(
    ([, inner]) => (inner === null || depth > 0) && random() < 0.55,
  );
  const fields = entries.map(([name, inner]) =>
    inner === null ? name : `${name} ${selection(inner, depth - 1, random)}`,
  );
  return `{ __typename ${fields.join(' ')} }`;
}
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}

// The gateways run on graphql 16 alone.
if (versionInfo.major < 17) {
  for (const [title, gatewayOf] of [
    ['@apollo/gateway', apolloGateway],
    ["Hive's gateway", hiveGateway],
  ] as const) {
    test(`two subgraphs behind ${title} answer as those of graphql-js`, async () => {
      const { buildSubgraphSchema } = require('@apollo/subgraph') as Any;
      const { graphql } = require('graphql') as typeof import('graphql');
      const there = (sdl: string, own: object): Execute => {
        const schema = buildSubgraphSchema({ typeDefs: (require('graphql') as Any).parse(sdl), resolvers: own });
        return async (source, variableValues) => plain(await graphql({ schema, source, variableValues }));
      };
      const planned = await gatewayOf({
        accounts: (query, variables) => ask(accounts, query, variables),
        reviews: (query, variables) => ask(reviews, query, variables),
      });
      const reference = await gatewayOf({
        accounts: there(accountsSdl, resolvers.accounts),
        reviews: there(reviewsSdl, resolvers.reviews),
      });
      for (let seed = 1; seed <= 60; seed++) {
        const random = randomFrom(seed * 7919);
        const first = 1 + Math.floor(random() * 20);
        const query = `{ users(first: ${first}) ${selection('User', 3, random)} products(first: ${first}) ${selection('Product', 3, random)} }`;
        const expected = await reference(query, {});
        assert.is(expected.errors, undefined, query);
        assert.equal(await planned(query, {}), expected, query);
      }
      // @provides: the name comes with the product.
      asked.length = 0;
      const { data } = await planned('{ products(first: 3) { owner { name } } }', {});
      assert.equal(data.products[2], { owner: { name: 'User 2' } });
      assert.equal(asked, ['reviews']);
    });
  }
}

test.run();
