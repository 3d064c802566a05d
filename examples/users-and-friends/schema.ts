import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { each, get, loader, loadMany, loadOne, makeSchema, type Step } from 'planql';
import type { Database, User } from './database.ts';
import { friendIds } from './FriendIdsStep.ts';

const typeDefs = /* GraphQL */ `
  type Query {
    usersIn(city: String!, first: Int! = 10): [User!]!
  }

  type User {
    id: ID!
    name: String!
    city: String!
    friendCount: Int!
    friends(first: Int! = 5): [User!]!
  }
`;

/** What steps there are for each type. With it, wrong steps, wrong arguments and misspelt names do not compile. */
interface Types {
  readonly Query: {
    readonly fields: { readonly usersIn: { readonly args: { city: string; first: number }; readonly result: Users } };
  };
  readonly User: {
    readonly parent: Step<User>;
    readonly fields: {
      readonly friendCount: { readonly result: Step<number | null> };
      readonly friends: { readonly args: { first: number }; readonly result: Users };
    };
  };
}

type Users = Step<ReadonlyArray<User | null>>;

interface Context {
  readonly db: Database;
}

// A loader is the shorter way to batch: a name, and a function from keys to as many values.
const userById = loader<User, string>({
  name: 'app.userById',
  load: (ids, { context }) => context.db.users(ids),
  identity: 'id', // what is loaded by a user's id need not wait for the user
});
const friendCount = loader<number, string>({
  name: 'app.friendCount',
  load: (ids, { context }) => context.db.friendCounts(ids),
});
const userIdsIn = loader<readonly string[], string, { first: number }>({
  name: 'app.userIdsIn',
  maxRows: 'first', // so that the cost of an operation has a bound
  load: (cities, { global, context }) => context.db.userIdsIn(cities, global.first),
});

const users = ($ids: Step<readonly string[]>) => each($ids, ($id) => loadOne($id, userById));

/** With plans: one statement for each field of the query that needs one, whatever the number of people. */
export const schema: GraphQLSchema = makeSchema<Types>({
  typeDefs,
  objects: {
    Query: { plans: { usersIn: (_$root, { $city, $first }) => users(loadMany($city, userIdsIn, { first: $first })) } },
    User: {
      plans: {
        friendCount: ($user) => loadOne(get($user, 'id'), friendCount),
        friends: ($user, { $first }) => users(friendIds(get($user, 'id'), $first)),
      },
    },
  },
});

type Resolver<TSource> = GraphQLFieldResolver<TSource, Context>;

const usersIn: Resolver<unknown> = (_root, { city, first }, { db }) =>
  db.userIdsIn([city], first)[0]?.map((id) => db.users([id])[0]);
const friends: Resolver<User> = ({ id }, { first }, { db }) =>
  db.friendIds([id], first)[0]?.map((friendId) => db.users([friendId])[0]);
const friendCountOf: Resolver<User> = ({ id }, _args, { db }) => db.friendCounts([id])[0];

/** With naive resolvers: one statement for each person, list and count. */
export const naiveSchema: GraphQLSchema = makeSchema({
  typeDefs,
  objects: {
    Query: { resolvers: { usersIn } },
    User: { resolvers: { friends, friendCount: friendCountOf } },
  },
});
