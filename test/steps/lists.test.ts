import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  at,
  condition,
  constant,
  each,
  exitIf,
  filter,
  first,
  get,
  groupBy,
  inhibitOnNull,
  lambda,
  last,
  list,
  listLength,
  reverse,
} from '../../steps/index.ts';
import { eventually, plain, runner } from './support.ts';

let lambdas = 0;
const double = (n: number): number => {
  lambdas++;
  if (n === 13) throw new Error('13 brings bad luck.');
  return n * 2;
};
const later = async (n: number): Promise<number> => double(n);
const isEven = (n: number | null): boolean => {
  if (n === 13) throw new Error('13 brings bad luck.');
  return n !== null && n % 2 === 0;
};
const keysOf = (map: ReadonlyMap<unknown, readonly unknown[]> | null): string[] | null =>
  map && [...map].map(([key, items]) => `${key}:${items.join('+')}`);

const run = runner({
  typeDefs: `
    type Query { lists: [Holder]  nested: [[Int]]  constantly: [Int]  ends: [Int] }
    type Holder {
      l: [Int]  doubled: [Int]  later: [Int]  same: [Int]  even: [Int]  odd: [Int]  groups: [String]
      first: Int  last: Int  second: Int  reversed: [Int]  twice: [Int]  length: Int  exited: [Int]  guarded: [Int]  plus: [Int] n: Int
    }
  `,
  plans: {
    Query: {
      nested: () => each(constant([[1, 2], null, [3]]), ($inner) => each($inner, ($n) => lambda($n, double))),
      constantly: () => each(constant([1, 2, 3]), () => lambda(constant(4), double)),
      ends: () => {
        const $list = list([constant(1), constant(2)]);
        return list([first($list), last($list), at($list, -2), at($list, 5)]);
      },
    },
    Holder: {
      doubled: ($holder) => each<number, number>(get($holder, 'l'), ($n) => lambda($n, double)),
      later: ($holder) => each<number, number>(get($holder, 'l'), ($n) => lambda($n, later)),
      same: ($holder) => each(get($holder, 'l'), ($n) => $n),
      plus: ($holder) =>
        each<number, number>(get($holder, 'l'), ($n) => lambda([$n, get($holder, 'n')], ([a, b]) => a + b)),
      even: ($holder) => filter<number>(get($holder, 'l'), ($n) => lambda($n, isEven)),
      exited: ($holder) => filter<number>(get($holder, 'l'), ($n) => condition('===', inhibitOnNull($n), $n)),
      guarded: ($holder) => exitIf(condition('null', get($holder, 'n')), [], get($holder, 'l')),
      groups: ($holder) =>
        lambda(
          groupBy<number, boolean>(get($holder, 'l'), ($n) => lambda($n, isEven)),
          keysOf,
        ),
      first: ($holder) => first(get($holder, 'l')),
      last: ($holder) => last(get($holder, 'l')),
      second: ($holder) => at(get($holder, 'l'), 1),
      reversed: ($holder) => reverse(get($holder, 'l')),
      twice: ($holder) => reverse(reverse(get($holder, 'l'))),
      length: ($holder) => listLength(get($holder, 'l')),
    },
  },
});

const rootValue = { lists: [{ l: [1, 2, null, 4], n: 10 }, { l: [] }, { l: null }, null, { l: [13, 6], n: 1 }] };
const of = (field: string): { data: unknown; errors: string[] } => {
  const { data, errors } = plain(run(`{ lists { ${field} } }`, { rootValue }));
  const { lists } = data as { lists: (Record<string, unknown> | null)[] };
  return { data: lists.map((holder) => (holder === null ? null : holder[field])), errors };
};

const test = suite('lists');

test('each: an item that fails is an error at that item', () => {
  lambdas = 0;
  assert.equal(of('doubled'), {
    data: [[2, 4, 0, 8], [], null, null, [null, 12]],
    errors: ['lists.4.doubled.0: 13 brings bad luck.'],
  });
  assert.is(lambdas, 6);
});

test('each: may be asynchronous, nested, trivial, and may use what is outside', async () => {
  const { data } = await eventually(run('{ lists { later } }', { rootValue: { lists: [{ l: [1, 2] }, { l: [3] }] } }));
  assert.equal(data, { lists: [{ later: [2, 4] }, { later: [6] }] });
  assert.equal(plain(run('{ nested }')).data, { nested: [[2, 4], null, [6]] });
  assert.equal(of('same').data, [[1, 2, null, 4], [], null, null, [13, 6]]);
  assert.equal(of('plus').data, [[11, 12, 10, 14], [], null, null, [14, 7]]);
});

test('each: what is the same for all items is made once', () => {
  lambdas = 0;
  assert.equal(plain(run('{ constantly }')).data, { constantly: [8, 8, 8] });
  assert.is(lambdas, 1);
});

test('each: async iterables are lists; one that throws is an error', async () => {
  async function* numbers(bad: boolean): AsyncGenerator<number> {
    yield 1;
    if (bad) throw new Error('The stream broke.');
    yield 2;
  }
  const lists = [{ l: numbers(false) }, { l: new Set([5]) }];
  assert.equal(await eventually(run('{ lists { doubled } }', { rootValue: { lists } })), {
    data: { lists: [{ doubled: [2, 4] }, { doubled: [10] }] },
    errors: [],
  });
  assert.equal(
    await eventually(run('{ lists { doubled } }', { rootValue: { lists: [{ l: numbers(true) }, { l: [1] }] } })),
    {
      data: { lists: [{ doubled: null }, { doubled: [2] }] },
      errors: ['lists.0.doubled: The stream broke.'],
    },
  );
  assert.equal(await eventually(run('{ lists { reversed } }', { rootValue: { lists: [{ l: numbers(false) }] } })), {
    data: { lists: [{ reversed: [2, 1] }] },
    errors: [],
  });
});

test('what is no list is an error', () => {
  const { errors } = plain(run('{ lists { doubled even first length } }', { rootValue: { lists: [{ l: 'text' }] } }));
  assert.equal(errors.sort(), [
    'lists.0.doubled: each() was given "text" where it needs a list.',
    'lists.0.even: filter() was given "text" where it needs a list.',
    'lists.0.first: at() was given "text" where it needs a list.',
    'lists.0.length: listLength() was given "text" where it needs a list.',
  ]);
});

test('filter: keeps order; failures stay as errors, exits go', () => {
  assert.equal(of('even'), {
    data: [[2, 4], [], null, null, [null, 6]],
    errors: ['lists.4.even.0: 13 brings bad luck.'],
  });
  assert.equal(of('exited').data, [[1, 2, 4], [], null, null, [13, 6]]);
});

test('groupBy: a map; a key that fails fails the row', () => {
  assert.equal(of('groups'), {
    data: [['false:1+', 'true:2+4'], [], null, null, null],
    errors: ['lists.4.groups: 13 brings bad luck.'],
  });
});

test('first, last, at, reverse, listLength', () => {
  assert.equal(of('first').data, [1, null, null, null, 13]);
  assert.equal(of('last').data, [4, null, null, null, 6]);
  assert.equal(of('second').data, [2, null, null, null, 6]);
  assert.equal(of('reversed').data, [[4, null, 2, 1], [], null, null, [6, 13]]);
  assert.equal(of('twice').data, [[1, 2, null, 4], [], null, null, [13, 6]]);
  assert.equal(of('length').data, [4, 0, null, null, 2]);
  assert.equal(plain(run('{ ends }')).data, { ends: [1, 2, 1, null] });
});

test('exitIf: ends a row with a list', () => {
  assert.equal(of('guarded').data, [[1, 2, null, 4], [], [], null, [13, 6]]);
});

test('a callback that returns no step is refused', () => {
  const refused = runner({
    typeDefs: 'type Query { a: [Int] }',
    plans: { Query: { a: () => each(constant([1]), () => 1 as never) } },
  });
  assert.equal(plain(refused('{ a }')).errors, [
    'a: The callback of each() in the plan of "Query.a" returned no step. It plans, and is not called for each item.',
  ]);
});

test.run();
