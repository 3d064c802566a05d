import { buildSchema } from 'graphql';
import { suite } from 'uvu';
import { type Case, casesOf } from '../conformance/roads.ts';

const addCases = casesOf(import.meta.url);

const schema = buildSchema(/* GraphQL */ `
  type Query { hello(name: String = "you"): String! roll(dice: Int!, sides: Int): [Int!]! me: User users: [User!]! version: String late: Int sum(in: Sum!): Int fails: Int }
  type Mutation { setName(name: String!): User next: Int! }
  input Sum { a: Int! b: Int = 10 }
  type User { name: String! greets(other: String!): String friends(first: Int = 1): [User!]! path: String }
`);

class User {
  name: string;

  constructor(name: string) {
    this.name = name;
  }

  greets({ other }: { other: string }, context: { tag: string }): string {
    return `${this.name} greets ${other} (${context.tag})`;
  }

  friends({ first }: { first: number }): User[] {
    return Array.from({ length: first }, (_, n) => new User(`${this.name}${n}`));
  }

  path(_args: unknown, _context: unknown, { path }: { path: { key: string; prev: { key: string | number } } }): string {
    return `${path.prev.key}.${path.key}`;
  }
}

/** The root value of the tutorial of graphql-js, and what else it may be. */
function makeRoot(): object {
  let number = 0;
  const me = new User('me');
  return {
    hello: ({ name }: { name: string }) => `Hello ${name}`,
    roll: ({ dice, sides }: { dice: number; sides?: number }) => new Array(dice).fill(sides ?? 6),
    me: () => me,
    users: async () => [me, new User('b')],
    version: '1.0',
    late: () => Promise.resolve(3),
    sum: ({ in: { a, b } }: { in: { a: number; b: number } }) => a + b,
    fails: () => {
      throw new Error('It fails.');
    },
    setName({ name }: { name: string }): User {
      me.name = name;
      return me;
    },
    next: () => ++number,
  };
}

const of = (name: string, operation: string, variables: Record<string, unknown> = {}): Case => ({
  name,
  rules: ['R17', 'R20'],
  ...{ schema, operation, variables, makeRoot, makeContext: () => ({ tag: 't' }) },
});

const test = suite('buildSchema with functions in rootValue');

addCases(test, [
  of(
    'functions, values and promises',
    '{ hello a: hello(name: "x") version late roll(dice: 3) b: roll(dice: 1, sides: 20) }',
  ),
  of(
    'methods of objects',
    '{ me { name greets(other: "o") path friends(first: 2) { name path friends { name } } } users { path name } }',
  ),
  of('variables and input objects', 'query ($s: Sum!, $d: Int!) { sum(in: $s) roll(dice: $d) }', { s: { a: 1 }, d: 2 }),
  of('errors', '{ fails hello me { greets(other: "o") } }'),
  of('mutations in series', 'mutation { a: next setName(name: "n") { name path } b: next c: next }'),
]);

test.run();
