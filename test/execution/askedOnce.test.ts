import { suite } from 'uvu';
import { later, laterThrow } from '../conformance/schemaOf.ts';
import { type AskedCase, askOnEveryRoad, type Log } from './askedOnce.ts';

const never = (): Promise<never> => new Promise(() => {});

function throws(message: string): () => never {
  return () => {
    throw new Error(message);
  };
}

/** An object with an `__typename` that is noted, and a getter. */
function node(log: Log, name: string, type: string, id: unknown = 1): object {
  return log.object(name, { __typename: () => type, id: () => id, other: () => 2, n: () => 3 });
}

const cases: readonly AskedCase[] = [
  {
    name: 'a getter before and a getter after a promise',
    operation: '{ a n b }',
    root: (log) => log.object('root', { a: () => 1, n: () => later(2), b: () => 3 }),
  },
  {
    name: 'a getter of an object beside a promise',
    operation: '{ item { a b } n }',
    root: (log) =>
      log.object('root', { item: () => log.object('item', { a: () => 1, b: () => 2 }), n: () => later(3) }),
  },
  {
    name: 'getters of items beside a promise',
    operation: '{ items { a item { b } } n }',
    root: (log) => ({
      items: [1, 2, 3].map((of) =>
        log.object(`item ${of}`, { a: () => of, item: () => log.object(`inner ${of}`, { b: () => of }) }),
      ),
      n: later(3),
    }),
  },
  {
    name: 'a promise of an object with getters, one of them a promise',
    operation: '{ item { a item { b c } n } n }',
    root: (log) =>
      log.object('root', {
        item: () =>
          later(
            log.object('item', {
              a: () => 1,
              item: () => later(log.object('inner', { b: () => later(2), c: () => 3 })),
              n: () => 4,
            }),
          ),
        n: () => 5,
      }),
  },
  {
    name: 'a promise of a promise',
    operation: '{ n a }',
    root: (log) => log.object('root', { n: () => Promise.resolve(later(later(1))), a: () => 2 }),
  },
  {
    name: 'a promise of a list of promises',
    operation: '{ items { a n } ints }',
    root: (log) =>
      log.object('root', {
        items: () => later([1, 2, 3].map((of) => later(log.object(`item ${of}`, { a: () => of, n: () => later(of) })))),
        ints: () => later([later(1, 3), 2, later(3)]),
      }),
  },
  {
    name: 'promises in lists in promises, five deep',
    operation: '{ items { a items { a items { a items { a items { a } } } } } }',
    root(log) {
      const at = (depth: number, name: string): object =>
        log.object(name, {
          a: () => later(depth),
          items: () => later([1, 2].map((of) => later(at(depth + 1, `${name} ${of}`), of))),
        });
      return at(0, 'root');
    },
  },
  {
    name: 'lists in lists with promises at every level',
    operation: '{ grid { a } }',
    root: (log) => ({
      grid: later([
        later([later(log.object('x', { a: () => 1 })), log.object('y', { a: () => later(2) })], 2),
        [log.object('z', { a: () => 3 })],
      ]),
    }),
  },
  {
    name: 'a scalar beside a promise',
    operation: '{ logged n item { logged } }',
    root: () => ({ logged: 1, n: later(2), item: later({ logged: 3 }) }),
  },
  {
    name: 'a scalar that serialises to a promise',
    operation: '{ late lates n mustLate logged }',
    root: () => ({ late: 1, lates: [2, later(3), null], n: 4, mustLate: later(5), logged: 6 }),
  },
  {
    name: 'an object that a scalar serialises, beside a promise',
    operation: '{ logged item { logged } n }',
    root: () => ({ logged: { deep: [1, 2] }, item: { logged: [{}] }, n: later(1) }),
  },
  {
    name: 'an iterable beside a promise',
    operation: '{ ints items { a } n }',
    root: (log) => ({
      ints: log.iterable('ints', [1, 2]),
      items: log.iterable('items', [log.object('item', { a: () => 1 })]),
      n: later(1),
    }),
  },
  {
    name: 'an iterable of promises',
    operation: '{ ints items { a } }',
    root: (log) => ({
      ints: log.iterable('ints', [later(1), 2, later(null)]),
      items: log.iterable('items', [later(log.object('item', { a: () => later(1) }))]),
    }),
  },
  {
    name: 'a promise of a generator',
    operation: '{ ints n }',
    root: (log) => ({
      ints: later(
        (function* () {
          log.asked.push('generator');
          yield later(1);
          yield 2;
        })(),
      ),
      n: later(2),
    }),
  },
  {
    name: 'a Set of promises',
    operation: '{ ints n }',
    root: (log) => log.object('root', { ints: () => new Set([later(1), 2, later(3)]), n: () => later(2) }),
  },
  {
    name: 'an async iterable beside a promise',
    operation: '{ ints items { a } n }',
    root: (log) => ({
      ints: (async function* () {
        log.asked.push('ints');
        yield 1;
        yield later(2);
      })(),
      items: (async function* () {
        log.asked.push('items');
        yield log.object('item', { a: () => later(1) });
      })(),
      n: later(3),
    }),
    expected: { data: { ints: [1, 2], items: [{ a: 1 }], n: 3 } },
    asked: ['ints', 'items', 'item.a'],
  },
  {
    name: 'methods beside promises',
    operation: '{ n text item { a } ints }',
    root: (log) => ({
      n: log.call('n', () => later(1)),
      text: log.call('text', () => 'text'),
      item: log.call('item', () => later({ a: log.call('a', () => later(2)) })),
      ints: log.call('ints', () => later([later(1)])),
    }),
  },
  {
    name: 'getters of methods',
    operation: '{ n a }',
    root: (log) => log.object('root', { n: () => log.call('n', () => later(1)), a: () => log.call('a', () => 1) }),
  },
  {
    name: 'a method that throws, a method that rejects',
    operation: '{ n a b c }',
    root: (log) => ({
      n: log.call('n', throws('n')),
      a: log.call('a', () => laterThrow('a')),
      b: log.call('b', () => new Error('b')),
      c: log.call('c', () => later(1)),
    }),
  },
  {
    name: 'two aliases of one getter',
    operation: '{ one: a two: a n three: item { a } four: item { a } }',
    root: (log) =>
      log.object('root', { a: () => 1, n: () => later(1), item: () => log.object('item', { a: () => later(1) }) }),
  },
  {
    name: 'two aliases of one getter of promises',
    operation: '{ one: n two: n }',
    root(log) {
      let count = 0;
      return log.object('root', { n: () => later(++count, 3 - count) });
    },
  },
  {
    name: 'promises below an interface',
    operation: '{ node { id ... on Item { n } ... on Other { other } } nodes { __typename id } }',
    asked: 'once',
    root: (log) => ({
      node: node(log, 'node', 'Item', later(1)),
      nodes: [node(log, 'first', 'Other', later(2)), node(log, 'second', 'Item')],
    }),
  },
  {
    name: 'promises of an interface',
    operation: '{ node { id ... on Item { n } } nodes { __typename id ... on Other { other } } mustNode { id } }',
    asked: 'once',
    root: (log) => ({
      node: later(node(log, 'node', 'Item', later(1))),
      nodes: later([later(node(log, 'first', 'Other')), null, node(log, 'second', 'Item', later(5))]),
      mustNode: later(node(log, 'must', 'Other')),
    }),
  },
  {
    name: 'a rejection in a non-null list in a list',
    operation: '{ grid { a must } n }',
    root: (log) => ({
      grid: [
        [log.object('x', { a: () => later(1), must: () => 1 })],
        [log.object('y', { a: () => 2, must: () => laterThrow('must', 3) })],
      ],
      n: later(3),
    }),
  },
  {
    name: 'a null among promises of a non-null list',
    operation: '{ mustInts mustItems { a } n }',
    root: (log) => ({
      mustInts: [1, later(null), 3],
      mustItems: [log.object('x', { a: () => 1 }), later(null, 2)],
      n: later(3),
    }),
  },
  {
    name: 'rejections where null may be',
    operation: '{ n ints items { a n } item { a n } }',
    root: (log) => ({
      n: laterThrow('n'),
      ints: [laterThrow('first'), 1, laterThrow('third', 3)],
      items: later([laterThrow('item'), log.object('x', { a: () => laterThrow('a'), n: () => 1 })]),
      item: log.object('y', { a: () => later(new Error('given')), n: () => laterThrow('inner') }),
    }),
  },
  {
    name: 'a hole below a parent that another hole takes away',
    operation: '{ item { n item { a b } must } a }',
    root: (log) => ({
      item: log.object('item', {
        n: () => never(),
        item: () => later(log.object('inner', { a: () => never(), b: () => 1 })),
        must: () => laterThrow('must', 5),
      }),
      a: later(1),
    }),
  },
  {
    name: 'a parent that is taken away through two non-null levels',
    operation: '{ item { a mustItem { b mustItem { n must } } } c }',
    root: (log) => ({
      item: log.object('outer', {
        a: () => later(1),
        mustItem: () =>
          later(
            log.object('middle', {
              b: () => 1,
              mustItem: () => log.object('inner', { n: () => later(1), must: () => later(null, 4) }),
            }),
          ),
      }),
      c: 1,
    }),
  },
  {
    name: 'data that a hole takes away',
    operation: '{ a n must }',
    root: (log) => log.object('root', { a: () => 1, n: () => later(2), must: () => laterThrow('must', 2) }),
  },
  {
    name: 'a getter that throws beside promises',
    operation: '{ a n b item { a n c } }',
    root: (log) =>
      log.object('root', {
        a: () => 1,
        n: throws('n'),
        b: () => later(2),
        item: () => log.object('item', { a: () => 1, n: () => later(3), c: throws('c') }),
      }),
  },
  {
    name: 'a getter that throws where null may not be',
    operation: '{ item { a must b } n }',
    root: (log) => ({
      item: log.object('item', { a: () => 1, must: throws('must'), b: () => 2 }),
      n: later(1),
    }),
  },
  {
    name: 'a getter that throws without any promise',
    operation: '{ a n text item { a c } ints }',
    root: (log) =>
      log.object('root', {
        a: () => 1,
        n: throws('n'),
        text: () => 'text',
        item: () => log.object('item', { a: () => 1, c: throws('c') }),
        ints: () => [1, 2],
      }),
  },
  {
    name: 'a condition beside a getter that throws',
    operation: 'query ($no: Boolean = false) { a b @include(if: $no) n c @skip(if: $no) text }',
    root: (log) =>
      log.object('root', { a: () => 1, b: () => 2, n: throws('n'), c: () => later(3), text: throws('text') }),
  },
  {
    name: 'resolvers beside promises',
    operation: '{ a n b item { a n b } items { n b } }',
    more: {
      Query: {
        fields: {
          a: (_source, _args, log: Log) => log.call('Query.a', () => later(1))(),
          item: (_source, _args, log: Log) => later(log.object('item', { n: () => later(1), b: () => 2 })),
          items: (_source, _args, log: Log) => [later(log.object('first', { n: () => 1, b: () => later(2) }))],
        },
      },
      Item: { fields: { a: (_source, _args, log: Log) => log.call('Item.a', () => 3)() } },
    },
    root: (log) => log.object('root', { n: () => later(2), b: () => 3 }),
  },
  {
    name: 'promises under the fields of a mutation',
    operation: 'mutation { a n item { a b } b items { n } }',
    root: (log) =>
      log.object('root', {
        a: () => later(1),
        n: () => laterThrow('n'),
        item: () => log.object('item', { a: () => later(2), b: () => 2 }),
        b: () => 3,
        items: () => later([log.object('first', { n: () => 1 }), later(null)]),
      }),
  },
  {
    name: 'a mutation that a hole ends',
    operation: 'mutation { a must b }',
    root: (log) => log.object('root', { a: () => later(1), must: () => later(null), b: () => 2 }),
  },
  {
    name: 'errors stay where they are with onError NULL',
    operation: '{ a must item { must n } mustInts }',
    args: { onError: 'NULL' },
    root: (log) =>
      log.object('root', {
        a: () => 1,
        must: () => later(null),
        item: () => log.object('item', { must: () => laterThrow('inner'), n: () => later(1) }),
        mustInts: () => [1, later(null, 3)],
      }),
    expected: {
      errors: [
        {
          message: 'Cannot return null for non-nullable field Query.must.',
          path: ['must'],
          locations: [{ line: 1, column: 5 }],
        },
        { message: 'inner', path: ['item', 'must'], locations: [{ line: 1, column: 17 }] },
        {
          message: 'Cannot return null for non-nullable field Query.mustInts.',
          path: ['mustInts', 1],
          locations: [{ line: 1, column: 26 }],
        },
      ],
      data: { a: 1, must: null, item: { must: null, n: 1 }, mustInts: [1, null] },
    },
    asked: ['root.a', 'root.must', 'root.item', 'root.mustInts', 'item.must', 'item.n'],
  },
  {
    name: 'the first error of holes ends the request with onError HALT',
    operation: '{ a n item { b } }',
    args: { onError: 'HALT' },
    root: (log) =>
      log.object('root', {
        a: () => 1,
        n: () => laterThrow('n'),
        item: () => log.object('item', { b: () => never() }),
      }),
    expected: { errors: [{ message: 'n', path: ['n'], locations: [{ line: 1, column: 5 }] }], data: null },
    asked: ['root.a', 'root.n', 'root.item'],
  },
  {
    name: 'a thenable is asked once',
    operation: '{ n a }',
    root: (log) => ({
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
      n: { then: (resolve: (value: number) => void) => log.call('then', () => resolve(1))() },
      a: later(1),
    }),
  },
];

const test = suite('each getter, iterator, serialiser and resolver is asked once');
for (const one of cases) test(`${one.name} [4.12.8]`, () => askOnEveryRoad(one));

test.run();
