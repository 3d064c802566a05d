import {
  buildSchema,
  type ExecutionResult,
  type GraphQLSchema,
  execute as graphqlExecute,
  parse,
  versionInfo,
} from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import { get } from '../../src/step/get.ts';
import { loader, loadOne } from '../../steps/index.ts';
import { allPasses } from './roads.ts';
import { later, laterThrow, schemaOf } from './schemaOf.ts';

const typeDefs = /* GraphQL */ `
  type Query { a: A must: A! list: [A] never: Int now: Int }
  type Mutation { a: A must: A! now: Int later: Int }
  type A {
    now: Int fails: Int failsLate: Int
    never: Int neverMust: Int! neverA: A neverList: [A] endless: [A] endlessLeaves: [Int]
    null: Int! late: Int! rejects: Int! text: Int! some: Int! mustList: [Int!]
    must: A! a: A list: [A!]! items: [A]
  }
`;

const never = (): Promise<never> => new Promise(() => {});

interface State {
  readonly begun: string[];
  closed: number;
}

function endless(state: State): AsyncIterableIterator<unknown> {
  return {
    next: never,
    async return() {
      state.closed++;
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

const note =
  (name: string, value: unknown) =>
  (_source: unknown, _args: unknown, { begun }: State): unknown => {
    begun.push(name);
    return value;
  };

const resolved = schemaOf(typeDefs, {
  Query: {
    fields: { a: () => ({}), must: () => ({}), list: () => [{ some: 1 }, { some: null }], never, now: () => 1 },
  },
  Mutation: {
    fields: {
      a: () => ({}),
      must: () => ({}),
      now: note('now', 1),
      later: (_s, _a, c) => later(note('later', 2)(_s, _a, c)),
    },
  },
  A: {
    fields: {
      now: () => 1,
      fails: () => new Error('fails'),
      failsLate: () => laterThrow('fails late'),
      never,
      neverMust: never,
      neverA: never,
      neverList: never,
      endless: (_source, _args, state) => endless(state),
      endlessLeaves: (_source, _args, state) => endless(state),
      null: () => null,
      late: () => later(null),
      rejects: () => laterThrow('rejects'),
      text: () => later('text'),
      some: ({ some }) => later(some),
      mustList: () => later([1, later(null)]),
      must: () => later({}),
      a: () => later({}),
      list: () => later([{}, {}]),
      items: () => later([{ some: 1 }, { some: null }]),
    },
  },
});

/** The same, found by the output: no resolver runs. */
const found = buildSchema(typeDefs);

type When = 'at once' | 'never';

async function whenAnswered(given: unknown): Promise<When> {
  let when: When = 'never';
  Promise.resolve(given).then(() => {
    when = 'at once';
  });
  for (let turns = 0; turns < 30; turns++) await new Promise(setImmediate);
  return when;
}

interface Expected {
  readonly data: unknown;
  /** Paths of the errors. */
  readonly errors: readonly string[];
  /** graphql-js 16 waits for what was begun before a synchronous error, and knows no async iterables. */
  readonly graphql16?: When | 'unknown';
  readonly check?: (state: State) => void;
}

const takenAway = suite('what a null has taken away');
const rejections: unknown[] = [];
process.on('unhandledRejection', (reason) => rejections.push(reason));

function pathsOf({ errors }: ExecutionResult): string[] {
  return (errors ?? []).map(({ path }) => (path ?? []).join('.'));
}

/** graphql-js' objects have no prototype. */
function dataOf({ data }: ExecutionResult): unknown {
  return JSON.parse(JSON.stringify(data));
}

const makeState = (): State => ({ begun: [], closed: 0 });

function roadsOf(schema: GraphQLSchema): [name: string, execute: (args: object) => unknown][] {
  const closures = createEngine({ schema, codegen: 'never' });
  const generated = createEngine({ schema, codegen: 'always' });
  const bare = createEngine({ schema, disabledPasses: allPasses });
  const text = (given: unknown): unknown => Promise.resolve(given as string).then((json) => JSON.parse(json));
  return [
    ['closures', (args) => closures.execute(args as never)],
    ['generated code', (args) => generated.execute(args as never)],
    ['no passes', (args) => bare.execute(args as never)],
    ['text', (args) => text(closures.executeToString(args as never))],
    ['generated text', (args) => text(generated.executeToString(args as never))],
    [
      'imported',
      (args) => {
        const { document, ...request } = args as { document: never };
        const plan = JSON.parse(JSON.stringify(closures.exportPlan(closures.prepare(document) as never)));
        return closures.importPlan(plan).execute(request);
      },
    ],
  ];
}

function answers(
  name: string,
  schema: GraphQLSchema,
  operation: string,
  { data, errors, graphql16 = 'at once', check }: Expected,
  rootValue?: () => unknown,
): void {
  takenAway(`${name} [R17]`, async () => {
    const document = parse(operation);
    await whenAnswered(null);
    rejections.length = 0; // those of other suites
    for (const [road, execute] of roadsOf(schema)) {
      const contextValue = makeState();
      const given = execute({ document, rootValue: rootValue?.(), contextValue });
      assert.is(await whenAnswered(given), 'at once', road);
      const result = (await given) as ExecutionResult;
      assert.equal(dataOf(result), data, road);
      assert.equal(pathsOf(result), errors, road);
      check?.(contextValue);
    }
    assert.equal(rejections.splice(0), []);
    if (schema !== planned && (graphql16 !== 'unknown' || versionInfo.major >= 17)) {
      const given = graphqlExecute({ schema, document, rootValue: rootValue?.(), contextValue: makeState() });
      assert.is(await whenAnswered(given), versionInfo.major < 17 ? graphql16 : 'at once', 'graphql-js');
      if ((await whenAnswered(given)) === 'at once') {
        const result = (await given) as ExecutionResult;
        assert.equal(dataOf(result), data, 'graphql-js');
        assert.equal(pathsOf(result), errors, 'graphql-js');
      }
      rejections.length = 0; // graphql-js' own
    }
  });
}

function waits(name: string, schema: GraphQLSchema, operation: string, rootValue?: () => unknown): void {
  takenAway(`${name} [R17]`, async () => {
    const document = parse(operation);
    for (const [road, execute] of roadsOf(schema)) {
      const given = execute({ document, rootValue: rootValue?.(), contextValue: makeState() });
      assert.is(await whenAnswered(given), 'never', road);
    }
  });
}

const oneNull = (path: string, graphql16?: When | 'unknown'): Expected => ({
  data: { a: null },
  errors: [path],
  ...(graphql16 && { graphql16 }),
});

const neverLoaded = loader<never, unknown>({ name: 'takenAway.never', load: never });
const nullLoaded = loader<null, unknown>({ name: 'takenAway.null', load: async (keys) => keys.map(() => null) });
const planned = makeSchema({
  typeDefs: 'type Query { a: A now: Int } type A { id: Int never: Int neverA: A null: Int! }',
  objects: {
    Query: { plans: { a: { resolve: () => ({ id: 1 }) }, now: { resolve: () => 1 } } },
    A: {
      plans: {
        never: ($a) => loadOne(get($a, 'id'), neverLoaded),
        neverA: ($a) => loadOne(get($a, 'id'), neverLoaded),
        null: ($a) => loadOne(get($a, 'id'), nullLoaded),
      },
    },
  },
});

answers('null beside it, at once', resolved, '{ a { never null } }', oneNull('a.null', 'never'));
answers('null before it, at once', resolved, '{ a { null never } }', oneNull('a.null'));
answers('null beside it, late', resolved, '{ a { never late } }', oneNull('a.late'));
answers('an error beside it', resolved, '{ a { neverMust rejects } }', oneNull('a.rejects'));
answers('levels above it', resolved, '{ a { never must { must { late } } } }', oneNull('a.must.must.late'));
answers(
  'levels below it',
  resolved,
  '{ a { never late neverA { must { now } } neverList { a { now } } } }',
  oneNull('a.late'),
);
answers('a list that does not end', resolved, '{ a { endless { must { now } } late } }', {
  ...oneNull('a.late', 'unknown'),
  check: ({ closed }) => assert.is(closed, 1),
});
answers('a list of leaves that does not end', resolved, '{ a { endlessLeaves late } }', {
  ...oneNull('a.late', 'unknown'),
  check: ({ closed }) => assert.ok(closed <= 1),
});
answers('all items of a list', resolved, '{ a { items { never late } now } }', {
  data: { a: { items: [null, null], now: 1 } },
  errors: ['a.items.0.late', 'a.items.1.late'],
});
answers('a list for one of its items', resolved, '{ a { a { list { never must { late } } } now } }', {
  data: { a: { a: null, now: 1 } },
  errors: ['a.a.list.0.must.late'],
});
answers('the whole response', resolved, '{ must { late } never a { never } }', { data: null, errors: ['must.late'] });
answers('errors that were there before', resolved, '{ a { fails failsLate never late } now }', {
  data: { a: null, now: 1 },
  errors: ['a.fails', 'a.failsLate', 'a.late'],
});
answers('loads', planned, '{ a { never neverA { id } null } now }', { data: { a: null, now: 1 }, errors: ['a.null'] });
answers('a field of a mutation', resolved, 'mutation { a { never late } now later }', {
  data: { a: null, now: 1, later: 2 },
  errors: ['a.late'],
  check: ({ begun }) => assert.equal(begun, ['now', 'later']),
});
answers(
  'fields of a mutation, twice',
  resolved,
  'mutation { a { never late } now b: a { never must { late } } later }',
  {
    data: { a: null, now: 1, b: null, later: 2 },
    errors: ['a.late', 'b.must.late'],
  },
);
answers('the rest of a mutation', resolved, 'mutation { now must { never late } later }', {
  data: null,
  errors: ['must.late'],
  check: ({ begun }) => assert.equal(begun, ['now']),
});

const bothLate = (): unknown => ({ a: { never: never(), late: later(null) }, now: 1 });
answers(
  'promises that the output finds',
  found,
  '{ a { never late } now }',
  { data: { a: null, now: 1 }, errors: ['a.late'] },
  bothLate,
);
answers(
  'and functions',
  found,
  '{ a { never rejects } now }',
  { data: { a: null, now: 1 }, errors: ['a.rejects'] },
  () => ({
    a: { never, rejects: () => laterThrow('no') },
    now: 1,
  }),
);
answers(
  'with null at once',
  found,
  '{ a { never null } now }',
  { data: { a: null, now: 1 }, errors: ['a.null'], graphql16: 'never' },
  () => ({
    a: { never: never(), null: null },
    now: 1,
  }),
);

waits('what is beside the null is waited for', resolved, '{ a { never late } never }');
waits('and other items of its list', resolved, '{ a { items { never some } } }');
waits('and what the output finds beside it', found, '{ a { late } never }', () => ({
  a: { late: later(null) },
  never: never(),
}));

waits(
  'what a null would take away that only the output finds, while something runs',
  resolved,
  '{ a { text neverMust } }',
);

takenAway('what comes after the response is of no account [R13 R15]', async () => {
  let reject: (error: Error) => void = () => {};
  let resolve: (value: unknown) => void = () => {};
  let signal: AbortSignal | undefined;
  const state = makeState();
  const schema = schemaOf('type Query { a: A } type A { rejected: Int list: [A] null: Int! begun: Int }', {
    Query: { fields: { a: () => ({}) } },
    A: {
      fields: {
        rejected: (_source, _args, _context, info) => {
          signal = (info as { getAbortSignal?: () => AbortSignal }).getAbortSignal?.();
          return new Promise((_resolve, fail) => {
            reject = fail;
          });
        },
        list: () =>
          new Promise((come) => {
            resolve = come;
          }),
        null: () => null,
        begun: note('begun', 1),
      },
    },
  });
  const document = parse('{ a { rejected list { begun } null } }');
  const result = await createEngine({ schema }).execute({ document, contextValue: state });
  assert.equal(dataOf(result), { a: null });
  if (versionInfo.major >= 17) assert.ok(signal?.aborted);
  reject(new Error('too late'));
  resolve(endless(state));
  await whenAnswered(null);
  assert.equal(rejections.splice(0), []);
  assert.equal(state, { begun: [], closed: 1 });
});

takenAway('a part of a response does not wait either, with lists that nothing else needs [R13 4.12.15]', async () => {
  const document = parse('{ list { mustList items { now } } a { now late never } never }');
  for (const disabledPasses of [[], allPasses]) {
    const engine = createEngine({ schema: resolved, disabledPasses });
    const state = makeState();
    const given = engine.executePositions({ document, contextValue: state }, [['list'], ['a']]);
    assert.is(await whenAnswered(given), 'at once');
    const result = await given;
    const item = { mustList: null, items: [{ now: 1 }, { now: 1 }] };
    assert.equal(dataOf(result), { list: [item, item], a: null });
    assert.equal(pathsOf(result), ['list.0.mustList.1', 'list.1.mustList.1', 'a.late']);
  }
});

takenAway('a promise beside an error of one mutation field is watched when the next field waits [R27]', async () => {
  const schema = buildSchema('type Query { x: Int } type Mutation { list: [String!] a: A } type A { x: Int }');
  const document = parse('mutation { list a { x } }');
  for (const [name, execute] of roadsOf(schema)) {
    const bad = (async () => {
      await null;
      throw new Error('nobody reads it');
    })();
    const rootValue = { list: [new Error('no'), bad], a: { x: Promise.resolve(1) } };
    const result = (await execute({ document, rootValue })) as ExecutionResult;
    assert.equal(dataOf(result), { list: null, a: { x: 1 } }, name);
    await whenAnswered(null);
    assert.equal(rejections.splice(0), [], name);
  }
});

takenAway.run();
