import { versionInfo } from 'graphql';
import { suite } from 'uvu';
import { type Case, casesOf } from './roads.ts';
import { later, laterThrow, schemaOf } from './schemaOf.ts';

const addCases = casesOf(import.meta.url);

const types = [
  '[Int]',
  '[Int!]',
  '[Int]!',
  '[Int!]!',
  '[[Int]]',
  '[[Int!]!]!',
  '[[[Int]!]!]',
  '[Item]',
  '[Item!]',
  '[[Item!]]',
  '[[Item]!]!',
];
const schema = schemaOf(/* GraphQL */ `
  type Query { ${types.map((type, index) => `f${index}: ${type}`).join(' ')} deep: Deep strict: Strict! loose: Strict item: Item int: Int intRequired: Int! }
  type Item { id: ID must: Int! maybe: Int items: [Item] }
  type Deep { deep: Deep! list: [Deep!]! leaf: Int! maybe: Deep }
  type Strict { a: Int! b: Strict! c: Int d: [Int!] }
`);

const error = (): never => {
  throw new Error('bad');
};
const item = (id: number, more: object = {}): object => ({ id, must: id, ...more });
const brokenItem = {
  id: 9,
  get must(): number {
    throw new Error('getter');
  },
};
const values: Record<string, unknown> = {
  null: null,
  undefined: undefined,
  empty: [],
  numbers: [1, 2, 3],
  'null inside': [1, null, 3],
  'undefined and holes': Object.assign(new Array(4), { 0: 1, 2: undefined }),
  'error inside': [1, new Error('item'), 3],
  'nested with nulls': [[1, null], null, [], [2]],
  'nested with errors': [[1, new Error('inner')], new Error('outer'), [2]],
  'three levels': [[[1], null], null, [[], [null, 2]]],
  'no list': 5,
  'text is no list': 'abc',
  'an object is no list': { length: 1, 0: 1 },
  'a set': new Set([1, 2]),
  'an error itself': new Error('whole'),
  'a function': () => [4, 5],
  'a function that throws': error,
  'promised items': [later(1), later(null, 3), later(2, 2)],
  'rejected item': [1, laterThrow('late', 2), 3],
  'promise of a list': later([1, later(2)]),
  'promise of nested': later([later([1, later(null)]), null]),
  'rejected list': laterThrow('all', 2),
  items: [item(1), null, item(2)],
  'items with a null in a required field': [item(1), { id: 2, must: null }, item(3)],
  'items with a broken getter': [item(1), brokenItem],
  'items late': [later(item(1)), later({ id: 2, must: later(null) }), { id: 3, must: laterThrow('must', 2) }],
  'nested items': [[item(1)], [null, item(2)], null, [{ id: 3 }]],
  'nested item lists late': [later([item(1), later(item(2))]), [laterThrow('no', 1)]],
};
for (const value of Object.values(values)) {
  for (const promise of [value, ...(Array.isArray(value) ? value.flat() : [])]) {
    if (promise instanceof Promise) promise.catch(() => {});
    else if (promise !== null && typeof promise === 'object' && 'must' in promise && promise !== brokenItem) {
      const { must } = promise as { must: unknown };
      if (must instanceof Promise) must.catch(() => {});
    }
  }
}

const nulls = suite('nulls and errors in lists');

const cases: Case[] = [];
types.forEach((type, index) => {
  for (const [name, value] of Object.entries(values)) {
    const selection = type.includes('Item') ? ' { id must }' : '';
    cases.push({
      name: `${type} of ${name}`,
      rules: ['R13', 'R17'],
      schema,
      operation: `{ before: int f${index}${selection} after: int }`,
      rootValue: { [`f${index}`]: value, int: 1 },
      mayWait: /late|reject|promise/.test(name),
    });
  }
});
addCases(nulls, cases);

const bubbles: [string, string, unknown][] = [
  [
    'to the nearest nullable parent',
    '{ loose { c a b { a b { a } } } int }',
    { loose: { a: 1, b: { a: 1, b: { a: null } } }, int: 1 },
  ],
  ['to data', '{ strict { a b { a } } int }', { strict: { a: 1, b: { a: null } }, int: 1 }],
  ['an error in a required root field', '{ int intRequired }', { int: 1, intRequired: error }],
  ['null for a required root field', '{ int intRequired }', { int: 1 }],
  [
    'through a list of required objects',
    '{ deep { maybe { leaf list { leaf list { leaf deep { leaf } } } } leaf } }',
    { deep: { leaf: 1, maybe: { leaf: 1, list: [{ leaf: 1, list: [{ leaf: 2, deep: null }] }] } } },
  ],
  [
    'two errors: each at its own place',
    '{ deep { a: maybe { leaf } b: maybe { leaf } leaf } }',
    { deep: { leaf: 1, maybe: { leaf: null } } },
  ],
  ['errors before the one that bubbles are kept', '{ loose { c d a } }', { loose: { c: error, d: [null], a: error } }],
  [
    'late errors',
    '{ loose { c d a } int }',
    { loose: { a: () => laterThrow('a', 3), c: () => later(3), d: () => later([1]) }, int: () => later(4, 5) },
  ],
  [
    'null and undefined are the same',
    '{ a: item { id } int loose { c } }',
    { item: undefined, int: null, loose: { c: undefined } },
  ],
  [
    'children of a null object',
    '{ item { items { items { id } } } }',
    { item: { items: [null, { items: null }, { items: [null] }] } },
  ],
  [
    'a list item error deep down',
    '{ item { items { items { maybe } } } }',
    { item: { items: [{ items: [{ maybe: 'x' }, { maybe: 2 }] }] } },
  ],
];
addCases(
  nulls,
  bubbles.map(([name, operation, rootValue]) => ({
    name: `null bubbles: ${name}`,
    rules: ['R17'],
    schema,
    operation,
    rootValue,
  })),
);

const onError = { loose: { a: null, c: error, d: [1, null] }, item: { id: 1, must: error }, int: 7 };
addCases(nulls, [
  {
    name: 'onError NULL leaves null where the error is',
    rules: ['R17'],
    schema,
    operation: '{ loose { c a d } item { id must } int }',
    rootValue: onError,
    args: { onError: 'NULL' },
    expected: {
      errors: [
        { message: 'bad', path: ['loose', 'c'], locations: [{ line: 1, column: 11 }] },
        {
          message: 'Cannot return null for non-nullable field Strict.a.',
          path: ['loose', 'a'],
          locations: [{ line: 1, column: 13 }],
        },
        {
          message: 'Cannot return null for non-nullable field Strict.d.',
          path: ['loose', 'd', 1],
          locations: [{ line: 1, column: 15 }],
        },
        { message: 'bad', path: ['item', 'must'], locations: [{ line: 1, column: 29 }] },
      ],
      data: { loose: { c: null, a: null, d: [1, null] }, item: { id: '1', must: null }, int: 7 },
    },
  },
  {
    name: 'onError HALT ends with the first error',
    rules: ['R17'],
    schema,
    operation: '{ int loose { c a d } item { id must } }',
    rootValue: onError,
    args: { onError: 'HALT' },
    expected: { errors: [{ message: 'bad', path: ['loose', 'c'], locations: [{ line: 1, column: 15 }] }], data: null },
  },
]);

if (versionInfo.major >= 17) {
  addCases(nulls, [
    {
      name: 'a directive of graphql 17 leaves null where the error is',
      rules: ['R17', '4.12.6'],
      schema,
      operation: 'query @experimental_disableErrorPropagation { int loose { c a d } item { id must } }',
      rootValue: onError,
    },
  ]);
}

nulls.run();
