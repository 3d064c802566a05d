/** A shop whose reviews are slow to find and whose prices change. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { GraphQLSchema } from 'graphql';
import { get, incrementalTypeDefs, loader, loadMany, makeSchema } from 'planql';

interface Product {
  readonly id: string;
  readonly name: string;
  readonly price: number;
}

export const products: readonly Product[] = [
  { id: '1', name: 'Lamp', price: 40 },
  { id: '2', name: 'Chair', price: 75 },
  { id: '3', name: 'Table', price: 210 },
];

/** What the server does for its clients: tests look at it. */
export interface Context {
  readonly calls: string[];
}

const reviewsOf = loader<string[], string>({
  name: 'shop.reviews',
  async load(ids, { context }) {
    (context as Context).calls.push(`reviews of ${ids}`);
    await sleep(20);
    return ids.map((id) => [`${id} is good`, `${id} is too dear`]);
  },
});

/** The stock as a slow machine reads it out, and closes when nobody listens. */
async function* stock({ calls }: Context): AsyncGenerator<Product> {
  try {
    for (const product of products) {
      await sleep(5);
      yield product;
    }
  } finally {
    calls.push('stock closed');
  }
}

/** New prices, without an end. */
async function* prices({ calls }: Context, id: string): AsyncGenerator<{ price: number }> {
  const { price = 0 } = products.find((product) => product.id === id) ?? {};
  try {
    for (let rise = 0; ; rise++) {
      yield { price: price + rise };
      await sleep(5);
    }
  } finally {
    calls.push('prices closed');
  }
}

export const schema: GraphQLSchema = makeSchema({
  typeDefs: [
    incrementalTypeDefs,
    /* GraphQL */ `
      type Query { products: [Product!]!, stock: [Product!]! }
      type Product { id: ID!, name: String!, price: Int!, reviews: [String!]! }
      type Subscription { price(id: ID!): Int! }
    `,
  ],
  objects: {
    Query: {
      plans: {
        products: { resolve: () => products },
        stock: { resolve: (_root: unknown, _args: unknown, context: Context) => stock(context) },
      },
    },
    Product: { plans: { reviews: ($product) => loadMany(get($product, 'id'), reviewsOf) } },
    Subscription: {
      plans: {
        price: {
          subscribe: (_root: unknown, { id }: { id: string }, context: Context) => prices(context, id),
          resolve: ({ price }: { price: number }) => price,
        },
      },
    },
  },
});
