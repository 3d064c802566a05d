import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  coalesce,
  condition,
  connection,
  constant,
  error,
  exitWith,
  get,
  inhibitOnNull,
  lambda,
  list,
  listLength,
  loader,
  loadMany,
  nodeId,
  object,
  recordDependency,
  remapKeys,
  reverse,
  SafeError,
} from '../../src/index.ts';
import type { PlanResolver } from '../../src/schema/planResolvers.ts';
import { eventually, runner } from './support.ts';

/** What steps answer to what they cannot take, and to values that have nothing in them. */
const test = suite('what steps refuse, and what they pass');

const items = loader<readonly unknown[], string>({
  name: 'test.refusals.items',
  load: (keys) => keys.map((key) => (key === 'none' ? null : [{ id: 1 }, { id: 2 }])),
  pagination: {
    cursor: (item) => {
      throw new Error(`No cursor for ${JSON.stringify(item)}.`);
    },
  },
});
const hostile = {
  [Symbol.iterator]() {
    throw new Error('No items.');
  },
};

type Field = readonly [type: string, plan: PlanResolver, answer: unknown];
const page = ($key: string) => (_$root: unknown, fieldArgs: object) =>
  connection(loadMany(constant($key), items), { fieldArgs } as never);

const fields: Readonly<Record<string, Field>> = {
  operator: ['Boolean', () => condition('~' as never, constant(1)), 'condition() knows no operator "~". It knows'],
  noLoaderName: ['Int', () => loader({ name: '', load: () => [] }) as never, 'A loader needs a name, but was given ""'],
  noLoad: [
    'Int',
    () => loader({ name: 'x' } as never) as never,
    'Loader "x" needs a function "load", but has undefined',
  ],
  noCursor: [
    'Int',
    () => loader({ name: 'x', load: () => [], pagination: { reverse: true } } as never) as never,
    'Loader "x" offers pagination.reverse without pagination.cursor',
  ],
  noSuchPart: [
    'Int',
    () => loader({ name: 'x', load: () => [], pagination: { ofset: true } } as never) as never,
    'Loader "x" has no option "pagination.ofset". Did you mean "offset"?',
  ],
  exits: ['Int', () => lambda(constant(1), () => exitWith(5 as never)), 'A row cannot end early with 5.'],
  nodeKey: [
    'ID',
    () =>
      nodeId(
        'User',
        lambda(constant(1), () => 5n),
      ),
    'The key of User must be JSON',
  ],
  noNodeKey: ['ID', () => nodeId('User', constant(null)), null],
  noError: ['Int', () => error(5 as never), 'error() needs an Error or a message.'],
  safe: ['Int', () => error(new SafeError('Kept safe.', { code: 'X' })), 'Kept safe.'],
  closed: ['Int', () => error(new TypeError('Own error.')), 'Own error.'],
  dependencies: [
    'Int',
    () =>
      recordDependency(
        constant(1),
        lambda(constant(1), () => ['a', 'b']),
      ),
    1,
  ],
  noDependencies: [
    'Int',
    () =>
      recordDependency(
        constant(1),
        lambda(constant(1), () => 5 as never),
      ),
    'key is not iterable',
  ],
  noList: ['Int', () => listLength(constant(5 as never)), 'listLength() was given 5 where it needs a list.'],
  hostileList: ['Int', () => listLength(lambda(constant(1), () => hostile as never)), 'No items.'],
  setLength: ['Int', () => listLength(lambda(constant(1), () => new Set([1, 2]) as never)), 2],
  asyncLength: [
    'Int',
    () =>
      listLength(
        lambda(constant(1), async function* () {
          yield 1;
        } as never),
      ),
    1,
  ],
  nullLength: ['Int', () => listLength(constant(null as never)), null],
  reversed: ['[Int]', () => reverse(lambda(constant(1), () => [1, 2, 3])), [3, 2, 1]],
  lastReversed: ['Int', () => get(reverse(lambda(constant(1), () => [1, 2, 3])), '0' as never), 3],
  coalesced: ['Int', () => coalesce(inhibitOnNull(constant(null)), constant(null), constant(4)), 4],
  nothingLeft: ['Int', () => coalesce(constant(null), inhibitOnNull(constant(null))), null],
  renamed: ['Renamed', () => lambda(remapKeys(constant(null as never), { to: 'from' }), (value) => value), null],
  renamedWhole: [
    'String',
    () => lambda(remapKeys(constant({ from: 'x' }), { to: 'from' }), (value) => JSON.stringify(value)),
    '{"to":"x"}',
  ],
  pairs: ['Int', () => get(list([constant(1), constant(2)]), '1' as never), 2],
  lengthOfPair: ['Int', () => get(list([constant(1), constant(2)]), 'length' as never), 2],
  proto: [
    'String',
    () => lambda(object(JSON.parse('{"a":1}')), String as never),
    'object was given 1 where it needs a step; constant(value) makes one.',
  ],
  ownProto: [
    'String',
    () =>
      lambda(
        object(
          Object.fromEntries([
            ['__proto__', constant(1)],
            ['a', constant(2)],
          ]),
        ),
        (value) => JSON.stringify(Object.keys(value)),
      ),
    '["__proto__","a"]',
  ],
  otherOfObject: ['Int', () => get(object({ a: constant(1) }), 'b' as never), null],
};

const run = runner({
  typeDefs: `
    type Query { ${Object.entries(fields)
      .map(([name, [type]]) => `${name}: ${type}`)
      .join(' ')} page(first: Int): Items noPage(first: Int): Items noItems: Items }
    type Renamed { to: String }
    type Items { edges: [Edge] pageInfo: PageInfo nodes: [Item] }
    type Edge { cursor: String node: Item }
    type Item { id: Int }
    type PageInfo { startCursor: String hasNextPage: Boolean }`,
  plans: {
    Query: {
      ...Object.fromEntries(Object.entries(fields).map(([name, [, plan]]) => [name, plan])),
      page: page('k'),
      noPage: page('none'),
    },
  },
});

for (const [name, [type, , answer]] of Object.entries(fields)) {
  const selection = type === 'Renamed' ? ' { to }' : '';
  test(`${name}: ${JSON.stringify(answer)}`, async () => {
    const { data, errors } = await eventually(run(`{ ${name}${selection} }`));
    const isError = typeof answer === 'string' && type !== 'String';
    if (!isError && !(typeof answer === 'string' && errors.length > 0))
      return assert.equal([data, errors], [{ [name]: answer }, []]);
    assert.equal(data, { [name]: null });
    assert.ok(errors[0]?.includes(String(answer)), errors[0]);
  });
}

test('a cursor that cannot be made fails the edges and the page, not the nodes', async () => {
  const { data, errors } = await eventually(
    run('{ page(first: 1) { nodes { id } edges { cursor } pageInfo { startCursor } } }'),
  );
  assert.equal(data, { page: { nodes: [{ id: 1 }], edges: null, pageInfo: null } });
  assert.equal(errors, ['page.edges: No cursor for {"id":1}.', 'page.pageInfo: No cursor for {"id":1}.']);
});

test('where there is no list there is no page; of a loader, none is loaded only to know whether there is a connection', async () => {
  const parts = '{ edges { cursor } nodes { id } pageInfo { hasNextPage } }';
  const { data, errors } = await eventually(run(`{ noPage(first: 1) ${parts} noItems ${parts} }`));
  assert.equal([data, errors], [{ noPage: { edges: null, nodes: null, pageInfo: null }, noItems: null }, []]);
});

test.run();
