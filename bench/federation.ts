/**
 * What a gateway asks a subgraph for: 100 representations of two types, each with an object of another type. `subgraph` of
 * planql beside `@apollo/subgraph` on graphql-js, with DataLoader and without: `node --import tsx bench/federation.ts`.
 * All run in turn in one process; CPU time is the median of the windows.
 */
import { createRequire } from 'node:module';
import DataLoader from 'dataloader';
import type { GraphQLSchema } from 'graphql';
import { createEngine, get, loader, loadOne } from 'planql';
import { subgraph } from 'planql/server';
import { median } from './median.ts';
import { markdown, number } from './report/table.ts';

// `@apollo/subgraph` requires graphql: both must be one copy.
const require = createRequire(import.meta.url);
const { parse, execute } = require('graphql') as typeof import('graphql');
const { buildSubgraphSchema } = require('@apollo/subgraph');

const WINDOWS = 30;
const WINDOW_MS = 100;

interface User {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}
interface Product {
  readonly sku: string;
  readonly title: string;
  readonly price: number;
  readonly ownerId: string;
}
const users = new Map(
  Array.from({ length: 100 }, (_, n): [string, User] => [
    `u${n}`,
    { id: `u${n}`, name: `User ${n}`, email: `${n}@example.org` },
  ]),
);
const products = new Map(
  Array.from({ length: 100 }, (_, n): [string, Product] => [
    `p${n}`,
    { sku: `p${n}`, title: `Product ${n}`, price: n, ownerId: `u${(n * 7) % 60}` },
  ]),
);

let calls = 0;
/** The store: one call for many keys, answered in the next turn of the event loop's microtasks. */
const batch =
  <T>(rows: ReadonlyMap<string, T>) =>
  async (keys: readonly string[]): Promise<(T | null)[]> => {
    calls++;
    return keys.map((key) => rows.get(key) ?? null);
  };
const [findUsers, findProducts] = [batch(users), batch(products)];

const typeDefs = /* GraphQL */ `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
  type Query { product(sku: ID!): Product }
  type User @key(fields: "id") { id: ID! name: String email: String }
  type Product @key(fields: "sku") { sku: ID! title: String price: Int owner: User }
`;
const document = parse(/* GraphQL */ `
  query ($representations: [_Any!]!) {
    _entities(representations: $representations) {
      __typename
      ... on User { name email }
      ... on Product { title price owner { id name } }
    }
  }
`);
const representations = Array.from({ length: 100 }, (_, n) =>
  n % 2 === 0 ? { __typename: 'User', id: `u${n}` } : { __typename: 'Product', sku: `p${n}` },
);
const variableValues = { representations };

const userById = loader<User | null, string>({ name: 'bench.users', load: findUsers });
const productBySku = loader<Product | null, string>({ name: 'bench.products', load: findProducts });
const engine = createEngine({
  schema: subgraph({
    typeDefs,
    objects: {
      User: { entity: ($ref) => loadOne(get($ref, 'id'), userById) },
      Product: {
        entity: ($ref) => loadOne(get($ref, 'sku'), productBySku),
        plans: { owner: ($product) => loadOne(get($product, 'ownerId'), userById) },
      },
    },
  }),
});

interface Stores {
  user(id: string): Promise<User | null>;
  product(sku: string): Promise<Product | null>;
}
const schema: GraphQLSchema = buildSubgraphSchema({
  typeDefs: parse(typeDefs),
  resolvers: {
    User: { __resolveReference: ({ id }: User, stores: Stores) => stores.user(id) },
    Product: {
      __resolveReference: ({ sku }: Product, stores: Stores) => stores.product(sku),
      owner: ({ ownerId }: Product, _args: object, stores: Stores) => stores.user(ownerId),
    },
  },
});
const alone: Stores = {
  user: async (id) => (await findUsers([id]))[0] ?? null,
  product: async (sku) => (await findProducts([sku]))[0] ?? null,
};
const withLoaders = (): Stores => {
  const [byId, bySku] = [new DataLoader(findUsers), new DataLoader(findProducts)];
  return { user: (id) => byId.load(id), product: (sku) => bySku.load(sku) };
};
const byGraphQL = async (stores: Stores): Promise<string> =>
  JSON.stringify(await execute({ schema, document, variableValues, contextValue: stores }));

const contenders: Readonly<Record<string, () => Promise<string | Uint8Array>>> = {
  'planql, bytes': () => engine.executeToBuffer({ document, variableValues }) as Promise<Uint8Array>,
  'planql, objects and JSON': async () => JSON.stringify(await engine.execute({ document, variableValues })),
  '@apollo/subgraph + DataLoader': () => byGraphQL(withLoaders()),
  '@apollo/subgraph': () => byGraphQL(alone),
};

const answers = new Map<string, string>();
const callsOf = new Map<string, number>();
for (const [name, ask] of Object.entries(contenders)) {
  calls = 0;
  answers.set(Buffer.from(await ask()).toString(), name);
  callsOf.set(name, calls);
}
if (answers.size !== 1) throw new Error(`Different answers: ${JSON.stringify([...answers], null, 2).slice(0, 2000)}`);

const taken = new Map<string, number[]>(Object.keys(contenders).map((name) => [name, []]));
for (let window = 0; window < WINDOWS; window++) {
  for (const [name, ask] of Object.entries(contenders)) {
    const before = process.cpuUsage();
    let count = 0;
    for (const end = performance.now() + WINDOW_MS; performance.now() < end; count++) await ask();
    const { user, system } = process.cpuUsage(before);
    // The first windows are those in which V8 compiles.
    if (window >= WINDOWS / 3) taken.get(name)?.push((user + system) / count);
  }
}
const base = median(taken.get('@apollo/subgraph + DataLoader') ?? []);
const rows = Object.keys(contenders).map((name) => {
  const cpu = median(taken.get(name) ?? []);
  return [name, number(cpu), number(cpu / base), `${callsOf.get(name)}`];
});
console.log(markdown(['100 representations', 'CPU µs', 'of DataLoader', 'store calls'], rows));
