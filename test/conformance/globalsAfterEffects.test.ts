/** What is one value for the whole request is one value after an effect as well, in whatever list it is planned. */
import { suite } from 'uvu';
import {
  connection,
  constant,
  each,
  fn,
  get,
  lambda,
  loader,
  loadMany,
  loadOne,
  makeSchema,
  object,
  sideEffect,
} from '../../src/index.ts';
import { type Case, casesOf } from './roads.ts';

const addCases = casesOf(import.meta.url);

interface Row {
  readonly n: unknown;
}

const rowOf = loader<Row, string, { readonly n: number }>({
  name: 'test.globalsAfterEffects.row',
  load: (keys, { global }) => keys.map(() => ({ n: global.n })),
});
const rowsOf = loader<Row[], string, { readonly n: number }>({
  name: 'test.globalsAfterEffects.rows',
  load: (keys, { global }) => keys.map(() => [{ n: global.n }]),
});
const plusOne = fn('test.globalsAfterEffects.plusOne', (n: number) => n + 1);
const note = fn('test.globalsAfterEffects.note', (value: unknown) => value);
const second = fn('test.globalsAfterEffects.second', ([, value]: readonly [unknown, unknown]) => value);

const n = () => get(loadOne(constant('k'), rowOf, { n: lambda(constant(1), plusOne) }), 'n');

const schema = makeSchema({
  typeDefs: `
    type Query { a: Int }
    type Item { n: Int others: Items }
    type Items { nodes: [Item] totalCount: Int }
    type Both { noted: [Int] items: [Item] }
    type Mutation { each: [Item] below: [Item] beside: Both inside: [Int] before: [Int] row: [Int] }
  `,
  objects: {
    Item: { plans: { n, others: () => connection(loadMany(constant('k'), rowsOf, { n: constant(3) })) } },
    Mutation: {
      plans: {
        each: () => each(constant([{}, {}]), ($item) => sideEffect($item, note)) as never,
        below: () => sideEffect(constant([{}, {}]), note) as never,
        beside: () =>
          object({ noted: each(constant([1, 2]), ($n) => sideEffect($n, note)), items: constant([{}, {}]) }),
        row: () => each(constant([1, 2]), ($n) => get(loadOne(constant('k'), rowOf, { n: $n as never }), 'n')),
        inside: () => each(constant([1, 2]), ($n) => lambda([sideEffect($n, note), n()], second)),
        before: () =>
          each(constant([1, 2]), ($n) => {
            const $own = n();
            return lambda([sideEffect($n, note), $own], second);
          }),
      },
    },
  },
});

const whole = (name: string, operation: string, data: unknown): Case => ({
  name,
  rules: ['2.7.5', '2.7.7'],
  schema,
  operation,
  expected: { data },
});
const items = [{ n: 2 }, { n: 2 }];
const globals = suite('globals after effects');
addCases(globals, [
  whole('below an effect', 'mutation { below { n } }', { below: items }),
  whole(
    'lists of connections have theirs, and no effect',
    'mutation { each { others { totalCount nodes { n others { totalCount } } } } }',
    {
      each: [1, 2].map(() => ({ others: { totalCount: 1, nodes: [{ n: 2, others: { totalCount: 1 } }] } })),
    },
  ),
  whole('beside effects in a list', 'mutation { beside { noted items { n } } }', {
    beside: { noted: [1, 2], items },
  }),
  whole('before an effect in the same list', 'mutation { before }', { before: [2, 2] }),
  {
    name: 'a load that is refused leaves the rest of the response alone',
    rules: ['2.7.7', 'R8'],
    schema,
    operation: 'mutation { row below { n } }',
    expected: {
      errors: [
        {
          message:
            'loadOne takes a global dependency on entry in the plan of "Mutation.row", but that step may differ from row to row. Use addDependency, or derive it from arguments and context only.',
          path: ['row'],
          locations: [{ line: 1, column: 12 }],
        },
      ],
      data: { row: null, below: items },
    },
  },
  {
    name: 'after an effect in the same list nothing is global',
    rules: ['2.7.7'],
    schema,
    operation: 'mutation { inside }',
    expected: {
      errors: [
        {
          message:
            'loadOne takes a global dependency on lambda in the plan of "Mutation.inside", but lambda runs in each row, after the effect of sideEffect. Plan lambda before that effect.',
          path: ['inside'],
          locations: [{ line: 1, column: 12 }],
        },
      ],
      data: { inside: null },
    },
  },
]);

globals.run();
