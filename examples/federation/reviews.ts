import type { GraphQLSchema } from 'graphql';
import { get, lambda, loader, loadMany } from 'planql';
import { subgraph } from 'planql/server';

interface Review {
  readonly id: string;
  readonly sku: string;
  readonly stars: number;
  readonly text: string;
}

const reviews: readonly Review[] = [
  { id: '1', sku: 'tea', stars: 5, text: 'Green.' },
  { id: '2', sku: 'pot', stars: 2, text: 'It drips.' },
  { id: '3', sku: 'tea', stars: 4, text: 'Still green.' },
  { id: '4', sku: 'lamp', stars: 1, text: 'Dark.' },
];

/** For each call of the loader, the number of its products. */
export const calls: number[] = [];

const reviewsOf = loader<readonly Review[], string>({
  name: 'app.reviewsOf',
  load(skus) {
    calls.push(skus.length);
    return skus.map((sku) => reviews.filter((review) => review.sku === sku));
  },
});

const mean = (list: readonly Review[]): number | null =>
  list.length === 0 ? null : list.reduce((sum, { stars }) => sum + stars, 0) / list.length;

/** A subgraph by hand: it adds to the products of the shop. */
export const schema: GraphQLSchema = subgraph({
  typeDefs: /* GraphQL */ `
    extend schema
      @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@requires"])

    type Product @key(fields: "sku") {
      sku: String!
      priceCents: Int! @external
      reviews: [Review!]!
      stars: Float
      isBargain: Boolean @requires(fields: "priceCents")
    }
    type Review { id: ID! stars: Int! text: String! product: Product }
    type Query { latestReviews(first: Int! = 10): [Review!]! }
  `,
  objects: {
    Query: {
      plans: {
        latestReviews: { resolve: (_root, args) => [...reviews].reverse().slice(0, args.first) },
      },
    },
    Review: { plans: { product: ($review) => $review } }, // the shop knows the rest by its sku
    Product: {
      entity: ($ref) => $ref,
      plans: {
        reviews: ($product) => loadMany(get($product, 'sku'), reviewsOf),
        stars: ($product) => lambda(loadMany(get($product, 'sku'), reviewsOf), mean),
        isBargain: ($product) =>
          lambda(
            [get($product, 'priceCents'), loadMany(get($product, 'sku'), reviewsOf)], // the gateway sends the price
            ([price, list]) => price < 1_000 && (mean(list) ?? 0) > 3,
          ),
      },
    },
  },
});
