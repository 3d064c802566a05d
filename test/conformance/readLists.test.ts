import type { GraphQLObjectType, GraphQLSchema } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fn, lambda, list, sideEffect } from '../../src/index.ts';
import { access } from '../../src/step/builtin/AccessStep.ts';
import type { Step } from '../../src/step/Step.ts';
import { type Case, casesOf } from './roads.ts';
import { later, schemaOf } from './schemaOf.ts';

const addCases = casesOf(import.meta.url);

interface Readings {
  reads: number;
  closed: number;
}

/** Gives the items, and then the last one for ever. */
function endless(items: readonly unknown[], context: Readings): Required<Iterator<unknown, undefined>> {
  let index = 0;
  return {
    next() {
      if (++context.reads > 1_000) throw new Error('The list is read to its end, and has none.');
      return { value: items[Math.min(index++, items.length - 1)], done: false };
    },
    return() {
      context.closed++;
      return { value: undefined, done: true };
    },
    throw: (error) => {
      throw error;
    },
  };
}

const endlessLists: Readonly<Record<string, (items: readonly unknown[], context: Readings) => unknown>> = {
  iterable: (items, context) => ({ [Symbol.iterator]: () => endless(items, context) }),
  'iterator of its own': (items, context) => {
    const list = { ...endless(items, context), [Symbol.iterator]: () => list };
    return list;
  },
  'async iterable': (items, context) => {
    const { next, return: end } = endless(items, context);
    return { [Symbol.asyncIterator]: () => ({ next: async () => next(), return: async () => end() }) };
  },
};

/** Lists by what decides that they are null: their last item but one. */
const decided: Readonly<Record<string, { type: string; items: readonly unknown[]; selection?: string }>> = {
  null: { type: '[Int!]', items: [1, null, 1] },
  undefined: { type: '[Int!]', items: [undefined, 1] },
  'an error': { type: '[Int!]', items: [1, new Error('item'), 1] },
  'no integer': { type: '[Int!]', items: [1, 'no integer', 1] },
  'no name of an enum': { type: '[E!]', items: ['A', 'C', 'A'] },
  'null in a list': { type: '[[Int!]!]', items: [[1], [1, null], [1]] },
  'null among objects': { type: '[T!]', items: [{ id: 1 }, null, { id: 2 }], selection: '{ id }' },
  'null among objects with resolvers': { type: '[T!]', items: [{ id: 1 }, null, { id: 2 }], selection: '{ twice }' },
};

const waits: Readonly<Record<string, () => unknown>> = {
  'nothing else': () => 1,
  'what comes in the same turn': () => later(1),
  'what comes in another turn': () => new Promise((resolve) => setImmediate(() => resolve(1))),
};

const endlessCases = Object.entries(decided).flatMap(([what, { type, items, selection = '' }]) =>
  Object.entries(endlessLists).flatMap(([kind, listOf]) =>
    Object.entries(waits).map(([wait, beside]): Case => {
      const read = items.slice(0, -1);
      const schemaWith = (list: (context: Readings) => unknown) =>
        schemaOf(`enum E { A B } type T { id: Int twice: Int } type Query { list: ${type} beside: Int }`, {
          T: { fields: { twice: ({ id }) => id * 2 } },
          Query: { fields: { list: (_root, _args, context) => list(context), beside } },
        });
      return {
        name: `an endless ${kind} is read up to ${what}, beside ${wait}`,
        mayWait: true,
        rules: ['R17', '4.3.6'],
        schema: schemaWith((context) => listOf(items, context)),
        reference: schemaWith(() => read),
        operation: `{ list ${selection} beside }`,
        makeContext: () => ({ reads: 0, closed: 0 }),
        check({ reads, closed }: Readings, road) {
          if (road === 'graphql-js') return;
          assert.equal({ reads, closed }, { reads: read.length, closed: 1 }, road);
        },
      };
    }),
  ),
);

const nullable: Case = {
  name: 'null decides nothing where items may be null, and nothing below a list that may be null',
  rules: ['R17', '4.3.6'],
  schema: schemaOf('type Query { list: [Int] lists: [[Int!]] }', {
    Query: { fields: { list: () => new Set([1, null, 2]), lists: () => new Set([[1], [null], [2]]) } },
  }),
  operation: '{ list lists }',
};

const allNull: Case = {
  name: 'null decides nothing with NULL errors',
  rules: ['R17', '4.3.6'],
  schema: schemaOf('type Query { list: [Int!] }', { Query: { fields: { list: () => new Set([1, null, 2]) } } }),
  operation: '{ list }',
  args: { onError: 'NULL' },
  expected: {
    data: { list: [1, null, 2] },
    errors: [
      {
        message: 'Cannot return null for non-nullable field Query.list.',
        path: ['list', 1],
        locations: [{ line: 1, column: 3 }],
      },
    ],
  },
};

const lists = suite('lists are read as far as they decide');
addCases(lists, [...endlessCases, nullable, allNull]);
lists.run();

const arrays = { n: [{ id: 1 }, { id: 2 }], m: [{ id: 3 }] };

/** Objects whose lists are others each time that they are asked for, or the same. */
const sources: Readonly<Record<string, () => unknown>> = {
  methods: () => ({
    __typename: 'T',
    *n() {
      yield* arrays.n;
    },
    async *m() {
      yield* arrays.m;
    },
  }),
  getters: () => ({
    __typename: 'T',
    get n() {
      return arrays.n.values();
    },
    get m() {
      return (async function* () {
        yield* arrays.m;
      })();
    },
  }),
  'lists that can be read again': () => ({ __typename: 'T', n: new Set(arrays.n), m: new Set(arrays.m) }),
};

const selections = [
  '{ q { a: n { id } b: n { id } } }',
  '{ q { a: n { id } b: n { twice } } }',
  '{ q { a: n { twice } b: n { twice } c: n { id } } }',
  '{ q { a: m { id } b: m { twice } } }',
  '{ q { a: m { twice } ... on T { a: m { id } c: n { id } } } r: q { n { id } } }',
  '{ q { ...F ... on T { b: n { id twice } } } } fragment F on I { a: n { id } }',
  '{ t { a: n { id } b: n { twice } } }',
];

function schemaWith(q: () => unknown): GraphQLSchema {
  return schemaOf(
    `interface I { n: [U] m: [U] } type T implements I { n: [U] m: [U] } type U { id: Int twice: Int }
     type Query { q: I t: T }`,
    { Query: { fields: { q, t: q } }, U: { fields: { twice: ({ id }) => id * 2 } } },
  );
}

const once = suite('lists that give their items once');
addCases(
  once,
  Object.entries(sources).flatMap(([what, make]) =>
    selections.map(
      (operation): Case => ({
        name: `${what}, ${operation}`,
        rules: ['R17', '4.3.3'],
        schema: schemaWith(make),
        // graphql-js 16 takes no async iterables.
        reference: schemaWith(() => ({ __typename: 'T', ...arrays })),
        operation,
        mayWait: true,
      }),
    ),
  ),
);
once.run();

/** An interface whose field one type resolves and another one reads: aliases share the step of the second one alone. */
function halfResolved(wrap: Wrap): GraphQLSchema {
  const users = [{ id: 1 }, { id: 2 }];
  const lists = { rows: () => wrap(users), deep: () => wrap([wrap(users)]) };
  return schemaOf(
    `interface I { rows: [U] deep: [[U]] } type A implements I { rows: [U] deep: [[U]] } type B implements I { rows: [U] deep: [[U]] }
     type U { id: Int twice: Int } type Query { is: [I] }`,
    {
      Query: { fields: { is: () => [{ __typename: 'A' }, { __typename: 'B', ...lists }] } },
      A: { fields: lists },
      U: { fields: { twice: ({ id }) => id * 2 } },
    },
  );
}

const half = suite('lists that give their items once, of a field that one type resolves');
addCases(
  half,
  (['iterators', 'async generators'] as const).flatMap((what) =>
    ['{ is { a: rows { id } b: rows { twice } } }', '{ is { a: deep { id } b: deep { twice } c: deep { id } } }'].map(
      (operation): Case => ({
        name: `${what}, ${operation}`,
        rules: ['R17', '4.3.3'],
        schema: halfResolved(what === 'iterators' ? (items) => items.values() : asynchronous),
        reference: halfResolved((items) => items),
        operation,
        mayWait: true,
      }),
    ),
  ),
);
half.run();

const reads: Readonly<Record<string, (row: Record<string, unknown>) => unknown>> = {
  nulls: ({ nulls }) => nulls,
  numbers: ({ numbers }) => numbers,
  us: ({ us }) => us,
};

/** Loaded objects whose lists give their items once. Two rows have one object. */
const planned = (['default', 'get', 'lambda'] as const).flatMap((how) =>
  [
    '{ is { LIST } }',
    '{ is { ... on A { LIST } } }',
    '{ rows { LIST } }',
    '{ is { x: LIST y: LIST } }',
    '{ is { ... on A { x: LIST y: LIST } } }',
    '{ is { x: LIST ... on A { y: LIST } } }',
    '{ rows { x: LIST y: LIST } }',
  ].flatMap((text) =>
    ['nulls { id }', 'numbers', 'us { id }', 'us { twice }'].map((list): Case => {
      const fields = 'nulls: [U] numbers: [Int] us: [U]';
      const schemaBy = (wrap: Wrap, plans: boolean): GraphQLSchema => {
        const object = () => ({
          ...{ __typename: 'A', nulls: wrap([null]), numbers: wrap([null, 1]), us: wrap([{ id: 1 }, null]) },
        });
        const both = () => {
          const row = object();
          return [row, row];
        };
        const schema = schemaOf(
          `interface I { ${fields} } type A implements I { ${fields} } type U { id: Int twice: Int } type Query { is: [I] rows: [A] }`,
          { Query: { fields: { is: both, rows: both } }, U: { fields: { twice: ({ id }) => id * 2 } } },
        );
        if (!plans || how === 'default') return schema;
        for (const [name, field] of Object.entries((schema.getType('A') as GraphQLObjectType).getFields())) {
          const read = fn(`cases.readLists.${name}`, reads[name] as (row: never) => unknown);
          const plan = ($row: Step) => (how === 'get' ? access($row, name) : lambda($row as never, read));
          field.extensions = { planql: { plan } };
        }
        return schema;
      };
      return {
        name: `a list of ${how}, read once for all positions: ${text.replaceAll('LIST', list)}`,
        rules: ['2.11.2', '4.3.3'],
        schema: schemaBy((items) => items.values(), true),
        reference: schemaBy((items) => items, false),
        operation: text.replaceAll('LIST', list),
      };
    }),
  ),
);

const all = suite('lists that give their items once, of objects that several rows have');
addCases(all, planned);
all.run();

const counted: Case = {
  name: 'aliases below interfaces share one call of a method that gives objects (decision engine-default-fields)',
  rules: ['R3'],
  schema: schemaOf(
    `interface I { one: U many: [U] id: Int } type T implements I { one: U many: [U] id: Int } type U { id: Int twice: Int }
     type Query { q: I }`,
    {
      Query: {
        fields: {
          q: (_root, _args, calls) => ({
            __typename: 'T',
            one: () => ({ id: ++calls.count }),
            many: () => [{ id: ++calls.count }],
            id: () => ++calls.count,
          }),
        },
      },
      U: { fields: { twice: ({ id }) => id * 2 } },
    },
  ),
  reference: null,
  operation: '{ q { a: one { id } b: one { id twice } c: many { id } d: many { twice } } }',
  makeContext: () => ({ count: 0 }),
  skip: { 'no passes': 'Equal steps become one in a pass.' },
  expected: {
    data: { q: { a: { id: 1 }, b: { id: 1, twice: 2 }, c: [{ id: 2 }], d: [{ twice: 4 }] } },
  },
};

const shared = suite('what aliases share');
addCases(shared, [counted]);
shared.run();

async function* asynchronous<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

type Wrap = <T>(items: readonly T[]) => unknown;

/** Lists of lists that give their items once, and are made anew for each reader. */
const nestings: Readonly<Record<string, { outer: Wrap; inner: Wrap }>> = {
  'iterators in arrays': { outer: (items) => items, inner: (items) => items.values() },
  'iterators in iterators': { outer: (items) => items.values(), inner: (items) => items.values() },
  'iterators in Sets': { outer: (items) => new Set(items), inner: (items) => items.values() },
  'iterators in promises': { outer: (items) => items.map((item) => later(item)), inner: (items) => items.values() },
  'async generators in arrays': { outer: (items) => items, inner: asynchronous },
  'async generators in async generators': { outer: asynchronous, inner: asynchronous },
};

const nestedSelections = [
  '{ q { a: rows { id } b: rows { id } } }',
  '{ q { a: rows { id } b: rows { twice } } }',
  '{ q { a: rows { twice } b: rows { id twice } c: rows { id } } }',
  '{ q { a: rows { id } ... on T { b: rows { id } c: rows { twice } } } }',
  '{ q { a: numbers b: numbers ... on T { c: numbers } } }',
  '{ q { a: kinds { id } b: kinds { ... on U { twice } } } }',
  '{ q { a: deep { id } b: deep { id } c: deep { twice } } }',
  '{ t { a: rows { id } b: rows { twice } c: numbers d: numbers } }',
  '{ planned { a: rows { id } b: rows { twice } c: numbers d: numbers e: deep { twice } f: deep { id } } }',
];

function nestedSchema(outer: Wrap, inner: Wrap, plans: boolean): GraphQLSchema {
  const users = [
    { id: 1, __typename: 'U' },
    { id: 2, __typename: 'U' },
  ];
  const q = () => ({
    __typename: 'T',
    get rows() {
      return outer([inner(users), inner(users.slice(1))]);
    },
    get kinds() {
      return this.rows;
    },
    get numbers() {
      return outer([inner([1, 2]), inner([3])]);
    },
    get deep() {
      return outer([outer([inner(users)]), outer([inner(users), inner(users)])]);
    },
  });
  const fields = 'rows: [[U]] kinds: [[K]] numbers: [[Int]] deep: [[[U]]]';
  const schema = schemaOf(
    `interface I { ${fields} } type T implements I { ${fields} } type P { ${fields} }
     interface K { id: Int } type U implements K { id: Int twice: Int } type Query { q: I t: T planned: P }`,
    { Query: { fields: { q, t: q, planned: q } }, U: { fields: { twice: ({ id }) => id * 2 } } },
  );
  if (plans) {
    for (const [name, field] of Object.entries((schema.getType('P') as GraphQLObjectType).getFields()))
      field.extensions = { planql: { plan: ($parent: Step) => access($parent, name) } };
  }
  return schema;
}

const nested = suite('lists in lists that give their items once');
addCases(
  nested,
  Object.entries(nestings).flatMap(([what, { outer, inner }]) =>
    nestedSelections.map(
      (operation): Case => ({
        name: `${what}, ${operation}`,
        rules: ['R17', '4.3.3'],
        schema: nestedSchema(outer, inner, true),
        // graphql-js 16 takes no async iterables.
        reference: nestedSchema(
          (items) => items,
          (items) => items,
          false,
        ),
        operation,
        mayWait: true,
      }),
    ),
  ),
);
nested.run();

const turn = fn('test.turn', async () => {
  await new Promise((resolve) => setImmediate(resolve));
  return null;
});

/** A query. One field has an effect while another field's list waits to be written. */
function effectSchema(inner: Wrap, plans: boolean): GraphQLSchema {
  const schema = schemaOf('type Query { t: T rows: [[Int]] effect: Int } type T { rows: [[Int]] }', {
    Query: { fields: { t: () => ({ rows: [inner([1, 2])] }), rows: () => [inner([3])], effect: turn } },
  });
  const effect = schema.getQueryType()?.getFields().effect;
  if (plans && effect !== undefined) effect.extensions = { planql: { plan: () => sideEffect(list([]), turn) } };
  return schema;
}

const effects = suite('lists that give their items once, beside an effect');
addCases(
  effects,
  ['{ t { rows } effect rows }', '{ effect a: rows t { rows } }'].map(
    (operation): Case => ({
      name: operation,
      rules: ['R17', '4.3.3'],
      schema: effectSchema((items) => items.values(), true),
      reference: effectSchema((items) => items, false),
      operation,
    }),
  ),
);
effects.run();
