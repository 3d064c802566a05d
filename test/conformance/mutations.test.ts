import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Case, casesOf } from './roads.ts';
import { later, laterThrow, schemaOf } from './schemaOf.ts';

const addCases = casesOf(import.meta.url);

const typeDefs = /* GraphQL */ `
  type Query { n: Int counter: Counter }
  type Counter { n: Int late: Int query: Query fails: Int! history: [Int] }
  type Mutation { add(n: Int!): Counter addLate(n: Int!): Counter fail(message: String): Counter failLate: Counter must(ok: Boolean): Counter! mustLate(ok: Boolean): Counter! plain: Int }
`;

interface State {
  n: number;
  log: string[];
}

const counter = (state: State): object => ({
  get n() {
    return state.n;
  },
  late: () => later(null, 3).then(() => state.n),
  query: {
    get n() {
      return state.n;
    },
  },
  fails: () => laterThrow('fails'),
  history: () => [state.n, later(state.n)],
});
const add = (_root: unknown, { n }: { n: number }, state: State): object => {
  state.log.push(`add ${n} to ${state.n}`);
  state.n += n;
  return counter(state);
};
const schema = schemaOf(typeDefs, {
  Mutation: {
    fields: {
      add,
      addLate: async (root, args, state: State) => {
        state.log.push(`begin ${args.n}`);
        await later(null, 5);
        return add(root, args, state);
      },
      fail: (_root, { message }, state: State) => {
        state.log.push('fail');
        throw new Error(message ?? 'failed');
      },
      failLate: async (_root, _args, state: State) => {
        state.log.push('failLate');
        return laterThrow('failed late', 2);
      },
      must: (_root, { ok = true }, state: State) => {
        state.log.push(`must ${ok}`);
        return ok ? counter(state) : null;
      },
      mustLate: async (_root, { ok = true }, state: State) => {
        state.log.push(`mustLate ${ok}`);
        await later(null, 3);
        return ok ? counter(state) : null;
      },
      plain: (_root, _args, state: State) => state.n,
    },
  },
});

const logs = new Map<string, readonly string[]>();
const of = (name: string, operation: string, more: Partial<Case> = {}): Case => ({
  name,
  rules: ['R19', 'R17'],
  schema,
  operation,
  makeContext: () => ({ n: 0, log: [] }),
  check: ({ log }: State, road) => {
    const expected = logs.get(name);
    if (expected === undefined) logs.set(name, log);
    else assert.equal(log, expected, `order of effects: ${road}`);
  },
  ...more,
});

const mutations = suite('mutations');
const twice = (operation: string): string => operation.replaceAll(/\badd\(/g, 'addLate(');
const operations: Record<string, string> = {
  'in series, each seeing what went before':
    'mutation { a: add(n: 1) { n } b: add(n: 2) { n query { n } } c: add(n: 3) { n } }',
  'nested reads are late': 'mutation { a: add(n: 1) { late n } b: add(n: 2) { late } plain }',
  'a failure in the middle':
    'mutation { a: add(n: 1) { n } fail { n } b: add(n: 2) { n } failLate { n } c: add(n: 4) { late } }',
  'a null in a required field ends it': 'mutation { a: add(n: 1) { n } must(ok: false) { n } b: add(n: 2) { n } }',
  'a late null in a required field ends it':
    'mutation { a: add(n: 1) { n } mustLate(ok: false) { n } b: add(n: 2) { n } }',
  'a failure below a required field ends it': 'mutation { must { n fails } b: add(n: 2) { n } }',
  'a failure below a nullable field does not': 'mutation { a: add(n: 1) { fails } b: add(n: 2) { n history } }',
  'an argument that cannot be coerced': 'mutation { a: add(n: 1) { n } b: add(n: "x") { n } c: add(n: 2) { n } }',
  'equal fields are one': 'mutation { add(n: 1) { n } add(n: 1) { late } }',
  'equal calls under aliases are two': 'mutation { a: add(n: 1) { n } b: add(n: 1) { n } c: add(n: 1) { n } }',
  'fragments keep the order of first mention':
    'mutation { ...F b: add(n: 2) { n } ... on Mutation { c: add(n: 3) { n } a: add(n: 1) { late } } } fragment F on Mutation { a: add(n: 1) { n } }',
  'only __typename': 'mutation { __typename plain }',
};
addCases(
  mutations,
  Object.entries(operations).flatMap(([name, operation]) => [
    of(`${name}`, operation),
    of(`${name}, late`, twice(operation)),
  ]),
);

addCases(
  mutations,
  [true, false].flatMap((yes) => [
    of(
      `skipped fields have no effects, ${yes}`,
      'mutation ($yes: Boolean!) { a: add(n: 1) @include(if: $yes) { n } b: add(n: 2) { n } c: addLate(n: 4) @skip(if: $yes) { n late } a: add(n: 1) { late } }',
      { variables: { yes } },
    ),
    of(
      `a failing field that is skipped, ${yes}`,
      'mutation ($yes: Boolean!) { must(ok: false) @skip(if: $yes) { n } b: add(n: 2) { n } }',
      { variables: { yes } },
    ),
  ]),
);

mutations.run();
