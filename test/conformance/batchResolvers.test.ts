import { GraphQLObjectType, GraphQLSchema, GraphQLString, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type BatchResolver, constant, createEngine, execute, list, makeSchema } from '../../src/index.ts';
import { casesOf } from './roads.ts';

const test = suite('batched resolvers');
const addCases = casesOf(import.meta.url);

interface User {
  readonly id: string;
  readonly friends: readonly string[];
}

const users: readonly User[] = [
  { id: 'a', friends: ['b', 'c'] },
  { id: 'b', friends: [] },
  { id: 'c', friends: ['a'] },
];
const typeDefs = /* GraphQL */ `
  type Query { users: [User!]! me: User }
  type User { id: ID! friends(first: Int = 10): [User!]! rank: Int score(bonus: Bonus): Int! }
  input Bonus { points: Int }
`;
const userOf = (id: string): User => users.find((user) => user.id === id) as User;
const failing = (id: string): Error => new Error(`There is no score of ${id}.`);

interface Context {
  calls: string[];
}

const friends: BatchResolver<User, { first: number }> = (parents, { first }, context: Context, { fieldName }) => {
  context.calls.push(`${fieldName} ${parents.map(({ id }) => id).join('')}`);
  return parents.map(({ friends }) => friends.slice(0, first).map(userOf));
};

const schema = makeSchema({
  typeDefs,
  objects: {
    Query: { plans: { users: () => list(users.map((user) => constant(user))), me: () => constant(users[0]) } },
    User: {
      plans: {
        friends: { batch: friends as BatchResolver },
        rank: { batch: async (parents) => parents.map((_user, at) => (at === 1 ? null : Promise.resolve(at))) },
        score: {
          batch: (parents, args: { bonus?: { points: number } }) => {
            const points = args.bonus?.points ?? 0;
            if (args.bonus !== undefined) args.bonus.points = 100; // a careless resolver
            return (parents as User[]).map(({ id }) => (id === 'b' ? failing(id) : points));
          },
        },
      },
    },
  },
});

const reference = makeSchema({
  typeDefs,
  objects: {
    Query: { resolvers: { users: () => users, me: () => users[0] } },
    User: {
      resolvers: {
        friends: (user: User, { first }) => user.friends.slice(0, first).map(userOf),
        rank: async (user: User) => (user.id === 'b' ? null : users.indexOf(user)),
        score: ({ id }: User, { bonus }) => {
          if (id === 'b') throw failing(id);
          return bonus?.points ?? 0;
        },
      },
    },
  },
});

/** graphql-js calls the reference's resolvers, which note nothing. */
const called =
  (call: string) =>
  ({ calls }: Context, road: string): void => {
    if (road !== 'graphql-js') assert.equal(calls, [call]);
  };

addCases(
  test,
  [
    {
      name: 'a batched resolver is called once for all its parents',
      operation: '{ users { id friends(first: 2) { id } } }',
      check: called('friends abc'),
    },
    {
      name: 'batched resolvers of two places that become ready together share a call',
      operation: '{ users { friends { id } } me { friends { id } } }',
      check: called('friends aabc'),
    },
    { name: 'entries of a batched resolver may be promises and null', operation: '{ users { rank } }' },
    { name: 'an error among the entries fails its field', operation: '{ users { id score } }' },
    { name: 'arguments belong to the call', operation: '{ me { a: score(bonus: { points: 1 }) id } }' },
  ].map((own) => ({
    rules: ['R9', 'R20', 'R25'],
    schema,
    reference,
    makeContext: () => ({ calls: [] }),
    ...own,
  })) as never,
);

test('a list of the wrong length is an error of the fields', async () => {
  const wrong = makeSchema({
    typeDefs: 'type Query { a: Int }',
    objects: { Query: { plans: { a: { batch: () => [] } } } },
  });
  const { data, errors } = await execute({ schema: wrong, document: parse('{ a }') });
  assert.equal({ ...data }, { a: null });
  assert.match(String(errors?.[0]?.message), /batchResolve/);
});

test('a second request gets the arguments of its own document', async () => {
  const { execute } = createEngine({ schema });
  const document = parse('{ me { score(bonus: { points: 1 }) } }');
  for (let turn = 0; turn < 3; turn++) {
    const result = await execute({ document, contextValue: { calls: [] } });
    assert.equal(JSON.stringify(result), '{"data":{"me":{"score":1}}}');
  }
});

test('a code-first field has one as extension', async () => {
  const codeFirst = new GraphQLSchema({
    query: new GraphQLObjectType({
      name: 'Query',
      fields: {
        hello: {
          type: GraphQLString,
          extensions: { planql: { batch: ((parents) => parents.map(() => 'hi')) satisfies BatchResolver } },
        },
      },
    }),
  });
  assert.equal({ ...(await execute({ schema: codeFirst, document: parse('{ hello }') })).data }, { hello: 'hi' });
});

test('a field has one of plan, batch and resolve', () => {
  const both = { batch: () => [], resolve: () => 1 };
  assert.throws(
    () => makeSchema({ typeDefs: 'type Query { a: Int }', objects: { Query: { plans: { a: both } } } }),
    /It has both "batch" and "resolve"\. Remove one of them\./,
  );
});

test.run();
