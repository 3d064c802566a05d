import type { GraphQLSchema } from 'graphql';
import { context, each, fn, get, lambda, loader, loadMany, loadOne, makeSchema } from '../../src/execute.ts';

/** How often plan resolvers ran in this process. */
export const planned = { count: 0 };

interface Book {
  readonly __typename: 'Novel' | 'Manual' | 'Map';
  readonly id: string;
  readonly title: string;
  readonly year: number;
}

const kinds = ['Novel', 'Manual', 'Map'] as const;
const book = (id: string): Book => ({
  __typename: kinds[Number(id) % 3] as Book['__typename'],
  id,
  title: `Book ${id}`,
  year: 1900 + Number(id),
});

const bookById = loader<Book, string>({ name: 'library.bookById', load: (ids) => ids.map(book) });
const likeBook = loader<Book[], string, { first: number }>({
  name: 'library.likeBook',
  load: async (ids, { global }) => {
    // What a document says is no more to be trusted than what a client says.
    if (global.first > 100) throw new Error('There are at most 100.');
    return ids.map((id) => Array.from({ length: global.first }, (_, n) => book(String(Number(id) + n + 1))));
  },
});
const shout = fn('library.shout', (title: string) => title.toUpperCase());

export const typeDefs = /* GraphQL */ `
  type Query { book(id: ID!): Book  books(ids: [ID!]!, filter: Filter): [Book!]!  reader: String }
  type Mutation { rename(id: ID!, title: String!): String }
  type Subscription { arrived: Book }
  input Filter { kind: Kind = NOVEL, years: [Int!] }
  enum Kind { NOVEL MANUAL MAP }
  interface Book { id: ID! title: String! loud: String! like(first: Int! = 2): [Book!]! }
  type Novel implements Book { id: ID! title: String! loud: String! like(first: Int! = 2): [Book!]! year: Int! }
  type Manual implements Book { id: ID! title: String! loud: String! like(first: Int! = 2): [Book!]! pages: Int }
  type Map implements Book { id: ID! title: String! loud: String! like(first: Int! = 2): [Book!]! }
`;

// biome-ignore lint/suspicious/noExplicitAny: plan resolvers of a test schema without a type map
type Any = any;

const bookPlans = {
  loud: ($book: Any) => {
    planned.count++;
    return lambda(get($book, 'title'), shout);
  },
  like: ($book: Any, { $first }: Any) => {
    planned.count++;
    return loadMany(get($book, 'id'), likeBook, { first: $first });
  },
};

/** A schema whose plans can travel: loads, named functions, abstract types, resolvers, arguments with defaults. */
export const schema: GraphQLSchema = makeSchema({
  typeDefs,
  objects: {
    Query: {
      plans: {
        book: (_$root: Any, { $id }: Any) => {
          planned.count++;
          return loadOne($id, bookById);
        },
        books: (_$root: Any, { $ids }: Any) => {
          planned.count++;
          return each($ids, ($id: Any) => loadOne($id, bookById)) as Any;
        },
        reader: () => {
          planned.count++;
          return get(context() as Any, 'reader');
        },
      },
    },
    Mutation: { plans: { rename: { resolve: (_root: Any, { id, title }: Any) => `${id} is ${title}` } } },
    Subscription: {
      plans: {
        arrived: {
          async *subscribe() {
            yield { arrived: book('3') };
          },
        },
      },
    },
    Novel: { plans: bookPlans },
    Manual: { plans: { ...bookPlans, pages: { resolve: ({ id }: Any) => Number(id) * 100 } } },
    Map: { plans: bookPlans },
  },
  interfaces: { Book: { planType: ($book: Any) => ({ $__typename: get($book, '__typename') }) } },
} as Any);

export const operations: Readonly<Record<string, string>> = {
  one: 'query One($id: ID!) { book(id: $id) { title loud ... on Novel { year } ... on Manual { pages } } }',
  nested:
    'query Nested($deep: Boolean!) { books(ids: ["1", "2", "3"]) { __typename id like(first: 1) { title like { id @include(if: $deep) loud } } } reader }',
  rename: 'mutation { rename(id: "1", title: "New") }',
  broken: '{ book(id: "x") { id } books(ids: ["1"], filter: { years: [1] }) { ... on Manual { id } } }',
  arrived: 'subscription { arrived { title ... on Novel { year } } }',
};

export const request = { variableValues: { id: '4', deep: true }, contextValue: { reader: 'Ada' } };
