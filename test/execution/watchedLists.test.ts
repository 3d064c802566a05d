/**
 * Every promise that planql is handed is watched (rule R27): lists with promises that reject, from every source, for every
 * consumer. None of them may end the process, whether they reject before or after the list is looked at.
 */
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, makeSchema, Step } from '../../src/index.ts';
import {
  access,
  assertNotNull,
  at,
  coalesce,
  condition,
  connection,
  constant,
  context,
  each,
  exitIf,
  filter,
  first,
  groupBy,
  inhibitIf,
  inhibitOnEmpty,
  inhibitOnNull,
  lambda,
  last,
  list,
  listLength,
  loader,
  loadMany,
  loadOne,
  nodeId,
  object,
  recordDependency,
  remapKeys,
  reverse,
  rootValue,
  sideEffect,
  TRAP_ERROR,
  trap,
  get as typedGet,
} from '../../steps/index.ts';

// biome-ignore lint/suspicious/noExplicitAny: the table puts steps of any kind into any place
type $ = any;

const get = typedGet as ($source: $, name: string) => $;

/** Makes a promise that rejects, at once or later. */
type Reject = () => Promise<never>;

/** Some items are there, some reject. */
const items = (reject: Reject): unknown[] => [1, reject(), { name: 'x' }, reject()];
const later = <T>(value: T): Promise<T> => new Promise((resolve) => setTimeout(resolve, 1, value));

class Items extends Array<unknown> {}

const entries: Record<string, (reject: Reject) => unknown> = {
  array: items,
  'array in an array': (reject) => [items(reject), items(reject)],
  'promise of an array': (reject) => Promise.resolve(items(reject)),
  'late promise of an array': (reject) => later(null).then(() => items(reject)),
  set: (reject) => new Set(items(reject)),
  'promise of a set': (reject) => Promise.resolve(new Set(items(reject))),
  'array class': (reject) => Items.from(items(reject)),
  'array of promises of arrays': (reject) => [Promise.resolve(items(reject))],
  generator: function* (reject) {
    yield 1;
    yield reject();
    yield { name: 'x' };
    yield reject();
  },
  'async generator': async function* (reject) {
    yield 1;
    yield reject() as never;
  },
  'promise that rejects': (reject) => reject(),
  'array in itself': (reject) => {
    const list: unknown[] = [reject()];
    for (let count = 0; count < 30; count++) list.push(list);
    list.push(reject());
    return list;
  },
};

const manyOf = (entry: () => unknown) =>
  loader<readonly unknown[], unknown>({
    name: 'watched.many',
    load: (keys) => keys.map(() => entry() as readonly unknown[]),
  });
const oneOf = (entry: () => unknown) =>
  loader<unknown, unknown>({ name: 'watched.one', load: (keys) => keys.map(() => entry()) });

/** Ways in which a list comes into a plan: a step, or the value of a resolver. */
const sources: Record<string, (entry: () => unknown) => { readonly step?: () => $; readonly resolve?: () => unknown }> =
  {
    loadOne: (entry) => ({ step: () => loadOne(constant(1), oneOf(entry)) }),
    loadMany: (entry) => ({ step: () => loadMany(constant(1), manyOf(entry)) }),
    'loader, later': (entry) => ({
      step: () =>
        loadOne(
          constant(1),
          loader<unknown, unknown>({ name: 'watched.later', load: (keys) => later(null).then(() => keys.map(entry)) }),
        ),
    }),
    'loader, shared': (entry) => ({
      step: () =>
        loadOne(
          constant(1),
          loader<unknown, unknown>({
            name: 'watched.shared',
            load: (keys) => keys.map(entry),
            batch: { contextKey: () => 1 },
          }),
        ),
    }),
    'attribute of a loaded row': (entry) => ({
      step: () =>
        get(
          loadOne(
            constant(1),
            oneOf(() => ({ list: entry() })),
          ),
          'list',
        ),
    }),
    lambda: (entry) => ({ step: () => lambda(constant(1), entry) }),
    'lambda, later': (entry) => ({ step: () => lambda(constant(1), () => later(null).then(entry)) }),
    sideEffect: (entry) => ({ step: () => sideEffect(constant(1), entry) }),
    each: (entry) => ({ step: () => each(constant([1, 2]), ($item) => lambda($item, entry)) }),
    object: (entry) => ({ step: () => get(trap(object({ list: lambda(constant(1), entry) }), TRAP_ERROR), 'list') }),
    context: () => ({ step: () => get(context(), 'list') }),
    rootValue: () => ({ step: () => get(rootValue(), 'list') }),
    resolver: (entry) => ({ resolve: () => ({ list: entry() }) }),
    'batch resolver': (entry) => ({ resolve: Object.assign(() => ({ list: entry() }), { isBatch: true }) }),
  };

class DropStep extends Step<string> {
  static override readonly op = 'watched.drop';

  constructor($list: Step) {
    super();
    this.addDependency($list);
  }

  override execute(count: number): string[] {
    return new Array<string>(count).fill('dropped');
  }
}

const drop = (): string => 'dropped';
const echo = loader<unknown, unknown>({ name: 'watched.echo', load: (keys) => keys.map(() => 'dropped') });
const echoGlobal = loader<unknown, unknown, unknown>({
  name: 'watched.echoGlobal',
  load: (keys) => keys.map(() => 'dropped'),
});

/** Uses of a list. The type is `JSON` unless told. */
const consumers: Record<string, ($list: $) => $> = {
  output: ($list) => $list,
  'output twice': ($list) => object({ a: $list, b: $list }),
  inhibitIf: ($list) => inhibitIf($list, constant(true)),
  'inhibitIf, passed': ($list) => inhibitIf($list, constant(false)),
  'inhibitIf, condition': ($list) => inhibitIf(constant(1), $list),
  exitIf: ($list) => exitIf(constant(true), null, $list),
  'exitIf, list': ($list) => exitIf(constant(true), [], $list),
  'exitIf, error': ($list) => exitIf(constant(true), new Error('Closed.'), $list),
  'exitIf, condition': ($list) => exitIf($list, null, constant(1)),
  coalesce: ($list) => coalesce(constant(1), $list),
  'coalesce, chosen': ($list) => coalesce(constant(null), $list),
  'not null': ($list) => condition('not null', $list),
  '===': ($list) => condition('===', $list, constant(1)),
  lambda: ($list) => lambda($list, drop),
  'lambda of a tuple': ($list) => lambda([$list, constant(1)], drop),
  'lambda of a record': ($list) => lambda({ a: $list }, drop),
  'lambda that throws': ($list) =>
    lambda($list, () => {
      throw new Error('Thrown.');
    }),
  'lambda that slices': ($list) => lambda($list, (all) => (Array.isArray(all) ? all.slice(0, 1) : null)),
  sideEffect: ($list) => sideEffect($list, drop),
  step: ($list) => new DropStep($list),
  inhibitOnNull: ($list) => lambda(inhibitOnNull($list), drop),
  inhibitOnEmpty: ($list) => lambda(inhibitOnEmpty($list), drop),
  'inhibitOnNull, if': ($list) => inhibitOnNull(constant(1), { if: $list }),
  assertNotNull: ($list) => lambda(assertNotNull($list, 'None.'), drop),
  trap: ($list) => lambda(trap($list, TRAP_ERROR), drop),
  'trap, shown': ($list) => trap($list, TRAP_ERROR),
  object: ($list) => get(object({ a: $list, b: constant(1) }), 'b'),
  'object, dropped': ($list) => lambda(object({ a: $list }), drop),
  remapKeys: ($list) => lambda(remapKeys($list, { a: 'b' } as never), drop),
  list: ($list) => lambda(list([$list]), drop),
  each: ($list) => each($list, () => constant('x')),
  'each, items': ($list) => each($list, ($item) => lambda($item, drop)),
  'each, outer': ($list) => each(constant([1, 2]), () => lambda($list, drop)),
  'each, dropped': ($list) =>
    lambda(
      each($list, ($item) => $item),
      drop,
    ),
  filter: ($list) => filter($list, () => constant(false)),
  'filter, items': ($list) => filter($list, ($item) => condition('null', $item)),
  groupBy: ($list) =>
    lambda(
      groupBy($list, () => constant('k')),
      drop,
    ),
  'groupBy, keys': ($list) =>
    lambda(
      groupBy($list, ($item) => $item),
      drop,
    ),
  first: ($list) => first($list),
  last: ($list) => last($list),
  at: ($list) => at($list, 2),
  property: ($list) => get($list, 'length'),
  place: ($list) => access($list, 0),
  reverse: ($list) => first(reverse($list)),
  listLength: ($list) => listLength($list),
  connection: ($list) => get(connection($list, { first: constant(1) }), 'nodes'),
  'connection, counted': ($list) => get(connection($list), 'totalCount'),
  'connection of none': ($list) => get(connection($list, { first: constant(0) }), 'nodes'),
  'connection, refused': ($list) => get(connection($list, { first: constant(-1) }), 'nodes'),
  'connection, edges': ($list) => each(get(connection($list), 'edges'), ($edge) => get($edge, 'cursor')),
  'key of loadOne': ($list) => loadOne($list, echo),
  'key of loadMany': ($list) => trap(loadMany($list, echo as never), TRAP_ERROR),
  'part of a key': ($list) => loadOne([$list, constant(1)] as never, echo),
  globals: ($list) => loadOne(constant(1), echoGlobal, $list),
  recordDependency: ($list) =>
    recordDependency(
      constant(1),
      lambda($list, () => 'k'),
    ),
  'recordDependency, key': ($list) => recordDependency(constant(1), $list),
  nodeId: ($list) => nodeId('A', $list),
  'beside an error': ($list) =>
    lambda(
      [
        $list,
        lambda(constant(1), () => {
          throw new Error('Thrown.');
        }),
      ],
      drop,
    ),
};

/** Positions other than JSON leaves. */
const positions: Record<string, { readonly type: string; readonly selection: string }> = {
  'as numbers': { type: '[Int]', selection: '' },
  'as non-null numbers': { type: '[Int!]!', selection: '' },
  'as objects': { type: '[Row]', selection: '{ name }' },
  'as objects without rows': { type: '[Row]', selection: '{ __typename }' },
  'as lists': { type: '[[Int]]', selection: '' },
  'as one object': { type: 'Row', selection: '{ name }' },
  'as a text': { type: 'String', selection: '' },
  'as a union': { type: '[Either]', selection: '{ ... on Row { name } }' },
};

interface Combination {
  readonly name: string;
  run(reject: Reject): Promise<void>;
}

const typeDefs = /* GraphQL */ `
  scalar JSON
  type Row { name: String }
  type Other { name: String }
  union Either = Row | Other
`;

function combination(
  source: string,
  entry: string,
  consumer: string,
  { type, selection }: { readonly type: string; readonly selection: string },
  position: string,
): Combination {
  const sourceOf = sources[source] as (entry: () => unknown) => ReturnType<(typeof sources)[string]>;
  const use = consumers[consumer] as ($list: $) => $;
  const name = `${source} of ${entry}, ${consumer} ${position}`;
  const fields = `a: ${type}`;
  return {
    name,
    async run(reject) {
      const make = () => (entries[entry] as (reject: Reject) => unknown)(reject);
      const { step, resolve } = sourceOf(make);
      const isBatch = (resolve as { isBatch?: boolean } | undefined)?.isBatch === true;
      const schema = makeSchema({
        typeDefs: [
          typeDefs,
          resolve === undefined ? `type Query { ${fields} }` : `type Query { box: Box } type Box { ${fields} }`,
        ],
        objects: (resolve === undefined
          ? { Query: { plans: { a: () => use(step?.()) } } }
          : {
              Query: {
                plans: {
                  box: isBatch ? { batch: (parents: readonly unknown[]) => parents.map(resolve) } : { resolve },
                },
              },
              Box: { plans: { a: ($box: $) => use(get($box, 'list')) } },
            }) as never,
        unions: { Either: { planType: ($row: $) => ({ $__typename: lambda($row, () => 'Row') }) } },
      });
      const field = `a ${selection}`;
      const document = parse(`{ ${resolve === undefined ? field : `box { ${field} }`} }`);
      const isValue = source === 'context' || source === 'rootValue';
      const value = isValue ? { list: make() } : {};
      // Each combination on one of the roads.
      const request = { document, contextValue: value, rootValue: value };
      const road = roads++ % 3;
      const engine = createEngine({ schema, codegen: road === 1 ? 'always' : 'never' });
      if (road === 2) await engine.executeToBuffer(request);
      else await engine.execute(request);
    },
  };
}

/**
 * Where a step reads past a list (its length, one place), or a list stands in the place of an object, its items are nobody's:
 * graphql-js leaves them alone, too. So they are only where the list is no value of a step.
 */
const holders = ['attribute of a loaded row', 'context', 'rootValue', 'resolver', 'batch resolver'];
const isLeftAlone = (source: string, entry: string, consumer: string, position: string): boolean => {
  if (!holders.includes(source)) return false;
  if (['object', 'property', 'place'].includes(consumer)) return true;
  if (consumer !== 'output' || !position.includes('object')) return false;
  return position === 'as one object' || entry === 'array in an array' || entry === 'array of promises of arrays';
};

const add = (...[source, entry, consumer, type, position]: Parameters<typeof combination>): void => {
  if (!isLeftAlone(source, entry, consumer, position))
    combinations.push(combination(source, entry, consumer, type, position));
};

const combinations: Combination[] = [];
let roads = 0;
const leaf = { type: 'JSON', selection: '' };
for (const source of Object.keys(sources)) {
  for (const consumer of Object.keys(consumers)) add(source, 'array', consumer, leaf, '');
}
for (const entry of Object.keys(entries)) {
  for (const consumer of Object.keys(consumers)) add('loadOne', entry, consumer, leaf, '');
  for (const source of ['loadMany', 'resolver']) {
    for (const [name, position] of Object.entries(positions)) {
      for (const consumer of ['output', 'inhibitIf', 'exitIf, error', 'each'])
        add(source, entry, consumer, position, name);
    }
  }
}

const unhandled = new Set<string>();
process.on('unhandledRejection', (reason) => unhandled.add(String((reason as Error)?.message ?? reason)));

async function runAll(reject: (name: string) => Promise<never>): Promise<string[]> {
  unhandled.clear();
  for (const { name, run } of combinations) await run(() => reject(name));
  await new Promise((resolve) => setTimeout(resolve, 50));
  return [...unhandled];
}

const test = suite('lists with promises that reject');

test(`are watched: ${combinations.length} combinations of source and consumer, at once [4.7.5]`, async () => {
  assert.equal(await runAll((name) => Promise.reject(new Error(name))), []);
});

test('are watched: later [4.7.5]', async () => {
  const soon = (name: string): Promise<never> =>
    new Promise((_resolve, reject) => setTimeout(() => reject(new Error(name)), 2));
  assert.equal(await runAll(soon), []);
});

test('of a load that was started ahead and thrown away [4.7.5]', async () => {
  let calls = 0;
  unhandled.clear();
  const many = loader<readonly unknown[], string>({
    name: 'watched.ahead',
    load: (keys) => {
      calls++;
      return keys.map(() => items(() => Promise.reject(new Error('ahead'))));
    },
  });
  const slow = loader<boolean, string>({
    name: 'watched.slow',
    load: (keys) => later(null).then(() => keys.map(() => true)),
  });
  const schema = makeSchema({
    typeDefs: 'type Query { a: [Int] }',
    objects: {
      Query: {
        plans: { a: () => loadMany(inhibitIf(constant('k'), loadOne(constant('s'), slow)) as Step<string>, many) },
      },
    },
  });
  const { data } = await createEngine({ schema }).execute({ document: parse('{ a }') });
  await later(null);
  assert.equal(JSON.parse(JSON.stringify(data)), { a: null });
  assert.is(calls, 1, 'started ahead');
  assert.equal([...unhandled], []);
});

test('in attributes of rows that were loaded ahead, before a step reads them [4.7.5]', async () => {
  unhandled.clear();
  const rejecting = (): Promise<never> => later(null).then(() => Promise.reject(new Error('row')));
  const many = loader<readonly { list: unknown }[], string>({
    name: 'watched.aheadRows',
    load: (keys) => keys.map(() => [{ list: new Set(items(rejecting)) }]),
  });
  const one = loader<object, string>({
    name: 'watched.aheadRow',
    load: (keys) => keys.map(() => ({ inside: { list: items(rejecting) } })),
  });
  const slow = loader<object, string>({
    name: 'watched.aheadParent',
    load: (keys) => later(null).then(() => later(keys.map(() => ({})))),
  });
  const schema = makeSchema({
    typeDefs: 'type Query { row: Row } type Row { a: Int b: Int }',
    objects: {
      Query: { plans: { row: () => loadOne(constant('p'), slow) } },
      Row: {
        plans: {
          a: () => listLength(get(last(loadMany(constant('k'), many)), 'list')),
          b: () => listLength(get(get(loadOne(constant('k'), one), 'inside'), 'list')),
        },
      },
    },
  });
  const engine = createEngine({ schema });
  for (let round = 0; round < 3; round++) {
    const { data } = await engine.execute({ document: parse('{ row { a b } }') });
    assert.equal(JSON.parse(JSON.stringify(data)), { row: { a: 4, b: 4 } });
  }
  await later(null);
  assert.equal([...unhandled], []);
});

test('and getters of rows for the second request of a shared call are not called [5.1.7]', async () => {
  unhandled.clear();
  const row = loader<object, string>({
    name: 'watched.row',
    batch: { contextKey: () => 1 },
    load: (keys) =>
      keys.map(() => ({
        name: 'x',
        list: items(() => Promise.reject(new Error('shared'))),
        get late() {
          return Promise.reject(new Error('getter'));
        },
        get twice() {
          return `${this.name}${this.name}`;
        },
      })),
  });
  const schema = makeSchema({
    typeDefs: 'type Query { row: Row } type Row { name: String twice: String a: String }',
    objects: {
      Query: { plans: { row: () => loadOne(constant('k'), row) } },
      Row: { plans: { a: ($row) => lambda(get($row, 'list'), drop) } },
    },
  });
  const engine = createEngine({ schema });
  const ask = () => engine.execute({ document: parse('{ row { name twice a } }'), contextValue: {} });
  for (const { data } of await Promise.all([ask(), ask(), ask(), ask()])) {
    assert.equal(JSON.parse(JSON.stringify(data)), { row: { name: 'x', twice: 'xx', a: 'dropped' } });
  }
  await later(null);
  assert.equal([...unhandled], []);
});

test('of a row whose next getter throws, under other names [4.7.5]', async () => {
  unhandled.clear();
  const row = {
    get rejects() {
      return Promise.reject(new Error('getter'));
    },
    get throws() {
      throw new Error('thrown');
    },
  };
  const schema = makeSchema({
    typeDefs: 'type Query { row: Row } type Row { a: String }',
    objects: {
      Query: {
        plans: {
          row: () =>
            remapKeys(
              lambda(constant(1), () => row),
              { a: 'rejects', b: 'throws' },
            ),
        },
      },
    },
  });
  const { data, errors } = await createEngine({ schema }).execute({ document: parse('{ row { __typename a } }') });
  await later(null);
  assert.equal(JSON.parse(JSON.stringify([data, errors?.map(({ message }) => message)])), [{ row: null }, ['thrown']]);
  assert.equal([...unhandled], []);
});

test.run();
