import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import { constant } from '../../src/step/builtin/ConstantStep.ts';
import { context } from '../../src/step/builtin/requestSteps.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import { get } from '../../src/step/get.ts';
import { nameReference } from '../../src/step/references.ts';
import { Step } from '../../src/step/Step.ts';
import { exit, exitWith, fail } from '../../src/step/signals.ts';
import { registerSteps } from '../../src/step/stepClasses.ts';
import { allPasses, type Case, casesOf, plain } from './roads.ts';
import { later, schemaOf } from './schemaOf.ts';

const addCases = casesOf(import.meta.url);

/** What a test step does: told the rows, it answers for each. Named, so that plans with it can be exported. */
type Answer = (rows: readonly unknown[][], extra: ExecuteExtra) => unknown;

/** A step that notes each call in `context.calls`, and answers by a function. */
class ProbeStep extends Step {
  static override readonly op: string = 'test.probe';

  constructor(name: string, answer: Answer, sources: readonly Step[], hasSideEffects = false) {
    super();
    for (const $source of sources) this.addDependency($source as never);
    this.hasSideEffects = hasSideEffects;
    this.params = { name, answer };
  }

  override execute(count: number, values: readonly (readonly unknown[])[], extra: ExecuteExtra): never {
    const { name, answer } = this.params as { name: string; answer: Answer };
    const rows = Array.from({ length: count }, (_, row) => values.map((column) => column[row]));
    extra.context.calls?.push(values.length === 0 ? `${name} x${count}` : `${name} ${JSON.stringify(rows)}`);
    for (const column of values) assert.is(column.length, count, 'one entry a row');
    return answer(rows, extra) as never;
  }
}
class SyncProbeStep extends ProbeStep {
  static override readonly op = 'test.syncProbe';
  override readonly isSync = true;
}
class GlobalProbeStep extends Step {
  static override readonly op = 'test.globalProbe';

  constructor($keys: Step, $first: Step) {
    super();
    this.addDependency($keys as never);
    this.addGlobalDependency($first as never);
  }

  override execute(count: number, [keys, first]: readonly [readonly number[], number], extra: ExecuteExtra): never {
    extra.context.calls?.push(`friends ${JSON.stringify(keys)} first ${first}`);
    assert.is(keys.length, count);
    return keys.map((key) =>
      Array.from({ length: first }, (_, index) => ({ id: key * 10 + index, name: `n${key * 10 + index}` })),
    ) as never;
  }
}
registerSteps(ProbeStep, SyncProbeStep, GlobalProbeStep);

const user = (id: number): object => ({ id, name: `n${id}` });
const load = (rows: readonly unknown[][]): unknown =>
  rows.map(([id]) => (id === 404 ? null : id === 500 ? fail(new Error('no 500')) : user(id as number)));

/** What probes answer, by name: named at once, so that plans find them in a process that plans nothing. */
const answers = {
  user: load,
  friend: load,
  users: (rows) => [
    ((rows[0] as unknown[])[0] as number[]).map((id) =>
      id === 404 ? null : id === 500 ? fail(new Error('no 500')) : user(id),
    ),
  ],
  late: (rows) => later(rows.map(() => later(user(1)))),
  lateInSync: () => Promise.reject(new Error('unseen')),
  thrown: () => {
    throw new Error('thrown');
  },
  short: () => [],
  noList: () => 5,
  gone: (rows) => rows.map(() => exit),
  ended: (rows) => rows.map(([value]) => exitWith(value === 0 ? [] : null)),
  unused: (rows) => rows.map(() => 1),
  set: (rows, extra) =>
    rows.map(([value]) => {
      extra.context.state = value;
      return {};
    }),
  setAndFail: (rows, extra) =>
    rows.map(([value]) => {
      extra.context.state = value;
      return fail(new Error('effect'));
    }),
  root: (rows) => rows.map(() => ({})),
  get: (_rows, extra) => [extra.context.state],
  upper: (rows) => rows.map(([name]) => (name as string).toUpperCase()),
  explode: (rows) => rows.map(([id]) => ((id as number) % 2 === 0 ? fail(new Error(`even ${id}`)) : (id as number))),
  maybe: (rows) => rows.map(([id]) => ((id as number) % 2 === 0 ? null : user((id as number) + 100))),
  constant: (rows) => rows.map(() => 'same'),
  must: (rows) => rows.map(([id]) => (id === 2 ? null : 'ok')),
} satisfies Readonly<Record<string, Answer>>;
for (const [name, answer] of Object.entries(answers)) nameReference('probe', name, answer);

type AnswerName = keyof typeof answers;
function probe(name: AnswerName, ...sources: readonly Step[]): Step {
  return new ProbeStep(name, answers[name], sources);
}
function effect(name: AnswerName, ...sources: readonly Step[]): Step {
  return new ProbeStep(name, answers[name], sources, true);
}
function probeOf(name: string, answer: Answer, ...sources: readonly Step[]): Step {
  return new ProbeStep(name, answer, sources);
}

const typeDefs = /* GraphQL */ `
  type Query {
    user(id: Int!): User  users(ids: [Int!]!): [User]  me: User  odd: User  broken: User  thrown: User  short: [User]  noList: User  late: User
    unplanned: User  promised: User  number: User  inherited: Int  mixed: User  gone: User  ended(with: Int): [Int]  sync: Int  unused: User tenant: String
  }
  type Mutation { set(value: Int!): Query get: Int setAndFail(value: Int!): Int }
  type User { id: Int name: String upper: String friends(first: Int! = 2): [User!] friend: User explode: Int maybe: User resolver(x: Int): String constant: String must: String! context: String }
`;

// biome-ignore lint/suspicious/noExplicitAny: plan resolvers of a test schema without a type map
type Any = any;
const schema = makeSchema({
  typeDefs,
  objects: {
    Query: {
      plans: {
        user: (_: Any, { $id }: Any) => probe('user', $id),
        users: (_: Any, { $ids }: Any) => probe('users', $ids),
        me: () => get(context() as never, 'me' as never),
        odd: () => probe('late', constant(1)),
        broken: () => {
          throw new Error('the plan of broken');
        },
        thrown: () => probe('thrown'),
        short: () => probe('short', constant(1)),
        late: () => new SyncProbeStep('late', answers.lateInSync, [constant(1)]),
        noList: () => probe('noList', constant(1)),
        unplanned: (() => null) as Any,
        promised: (() => Promise.resolve(constant(1))) as Any,
        number: (() => 5) as Any,
        mixed: {
          resolve: (_root: unknown, _args: unknown, { calls }: { calls?: string[] }) => {
            calls?.push('resolver mixed');
            return user(8);
          },
        },
        gone: () => probe('gone', constant(1)),
        ended: (_: Any, { $with }: Any) => probe('ended', $with),
        sync: () => constant(7),
        unused: () => {
          probe('unused', constant(1));
          return constant({ id: 1 });
        },
        tenant: () => get(context() as never, 'tenant' as never),
      },
    },
    Mutation: {
      plans: {
        set: (_: Any, { $value }: Any) => {
          effect('set', $value);
          return probe('root', constant(0));
        },
        get: () => probe('get'),
        setAndFail: (_: Any, { $value }: Any) => {
          effect('setAndFail', $value);
          return probe('get', constant(9));
        },
      },
    },
    User: {
      plans: {
        upper: ($user: Any) => probe('upper', get($user, 'name' as never)),
        friends: ($user: Any, { $first }: Any) => new GlobalProbeStep(get($user, 'id' as never), $first) as Any,
        friend: ($user: Any) => probe('friend', get($user, 'id' as never)),
        explode: ($user: Any) => probe('explode', get($user, 'id' as never)),
        maybe: ($user: Any) => probe('maybe', get($user, 'id' as never)),
        resolver: { resolve: (source: Any, { x }: Any) => `resolved ${source.id} ${x}` },
        constant: () => probe('constant', constant('c')),
        must: ($user: Any) => probe('must', get($user, 'id' as never)),
        context: () => get(context() as never, 'tenant' as never),
      },
    },
  },
} as never);

interface State {
  calls: string[];
  state?: unknown;
}
const plans = suite('plans');
const of = (
  name: string,
  rules: string[],
  operation: string,
  data: unknown,
  calls: readonly string[] | null,
  more: Partial<Case> & { errors?: unknown } = {},
): Case => {
  const { errors, ...rest } = more;
  return {
    name,
    rules,
    schema,
    operation,
    reference: null,
    expected: errors === undefined ? { data } : { errors, data },
    makeContext: () => ({ calls: [], tenant: 't', me: { id: 3, name: 'me' } }),
    check: (state: State, road) => {
      if (calls !== null && road !== 'no passes') assert.equal([...state.calls].sort(), [...calls].sort(), road);
    },
    ...rest,
  };
};
const at = (line: number, column: number): unknown => [{ line, column }];

addCases(plans, [
  of(
    'equal loads are one',
    ['R3'],
    '{ a: user(id: 1) { id } b: user(id: 1) { name } }',
    { a: { id: 1 }, b: { name: 'n1' } },
    ['user [[1]]'],
  ),
  of(
    'equal loads by literal and variable are two',
    ['R3'],
    'query ($id: Int!) { a: user(id: 1) { id } b: user(id: $id) { id } }',
    { a: { id: 1 }, b: { id: 1 } },
    ['user [[1]]', 'user [[1]]'],
    { variables: { id: 1 } },
  ),
  of(
    'different arguments never share',
    ['R3'],
    '{ user(id: 1) { a: friends(first: 1) { id } b: friends(first: 3) { id } c: friends { id } } }',
    { user: { a: [{ id: 10 }], b: [{ id: 10 }, { id: 11 }, { id: 12 }], c: [{ id: 10 }, { id: 11 }] } },
    ['user [[1]]', 'friends [1] first 1', 'friends [1] first 3', 'friends [1] first 2'],
  ),
  of(
    'one call a layer, with all rows',
    ['R9'],
    '{ users(ids: [1, 2, 3]) { name friends(first: 1) { upper friends(first: 2) { id } } } }',
    {
      users: [1, 2, 3].map((id) => ({
        name: `n${id}`,
        friends: [{ upper: `N${id * 10}`, friends: [{ id: id * 100 }, { id: id * 100 + 1 }] }],
      })),
    },
    ['users [[[1,2,3]]]', 'friends [1,2,3] first 1', 'upper [["n10"],["n20"],["n30"]]', 'friends [10,20,30] first 2'],
  ),
  of(
    'what is the same in all rows runs once',
    ['R4'],
    '{ users(ids: [1, 2, 3]) { constant context } }',
    { users: [1, 2, 3].map(() => ({ constant: 'same', context: 't' })) },
    ['users [[[1,2,3]]]', 'constant [["c"]]'],
  ),
  of(
    'a failed row fails alone, and is left out below',
    ['R11', 'R13'],
    '{ users(ids: [1, 500, 2, 404, 3]) { id explode friend { id } } }',
    {
      users: [
        { id: 1, explode: 1, friend: { id: 1 } },
        null,
        { id: 2, explode: null, friend: { id: 2 } },
        null,
        { id: 3, explode: 3, friend: { id: 3 } },
      ],
    },
    ['users [[[1,500,2,404,3]]]', 'explode [[1],[2],[3]]', 'friend [[1],[2],[3]]'],
    {
      errors: [
        { message: 'no 500', path: ['users', 1], locations: at(1, 3) },
        { message: 'even 2', path: ['users', 2, 'explode'], locations: at(1, 40) },
      ],
    },
  ),
  of(
    'no call for zero rows',
    ['R11', 'R12'],
    '{ users(ids: [404, 404]) { upper friends { upper friend { id } } } u: users(ids: []) { upper } }',
    { users: [null, null], u: [] },
    ['users [[[404,404]]]', 'users [[[]]]'],
  ),
  of(
    'children of null do not run',
    ['R12'],
    '{ users(ids: [1, 2, 3]) { maybe { upper friend { id } } } user(id: 404) { upper } }',
    {
      users: [
        { maybe: { upper: 'N101', friend: { id: 101 } } },
        { maybe: null },
        { maybe: { upper: 'N103', friend: { id: 103 } } },
      ],
      user: null,
    },
    ['users [[[1,2,3]]]', 'maybe [[1],[2],[3]]', 'upper [["n101"],["n103"]]', 'friend [[101],[103]]', 'user [[404]]'],
  ),
  of(
    'an exit is null, and nothing runs below',
    ['R12'],
    '{ gone { upper friend { id } } a: ended(with: 0) c: ended(with: 2) }',
    { gone: null, a: [], c: null },
    ['gone [[1]]', 'ended [[0]]', 'ended [[2]]'],
  ),
  of(
    'a step that throws fails its field only',
    ['R13'],
    '{ thrown { upper } sync user(id: 1) { id } }',
    { thrown: null, sync: 7, user: { id: 1 } },
    ['thrown x1', 'user [[1]]'],
    { errors: [{ message: 'thrown', path: ['thrown'], locations: at(1, 3) }] },
  ),
  of('a list of the wrong length', ['R13'], '{ short { id } sync }', { short: null, sync: 7 }, null, {
    errors: [
      {
        message:
          'Step test.probe (planned for Query.short) returned a list of 0 for 1 row. It must return a list with one entry a row.',
        path: ['short'],
        locations: at(1, 3),
      },
    ],
  }),
  of('no list at all', ['R13'], '{ noList { id } sync }', { noList: null, sync: 7 }, null, {
    errors: [
      {
        message:
          'Step test.probe (planned for Query.noList) returned 5 for 1 row. It must return a list with one entry a row.',
        path: ['noList'],
        locations: at(1, 3),
      },
    ],
  }),
  of('a promise from a step that says isSync', ['R13'], '{ late { id } sync }', { late: null, sync: 7 }, null, {
    errors: [
      {
        message:
          'Step test.syncProbe (planned for Query.late) returned a promise for 1 row. It says isSync: it must return its list at once.',
        path: ['late'],
        locations: at(1, 3),
      },
    ],
  }),
  of('a plan that throws is a field error', ['R8'], '{ broken { id } sync }', { broken: null, sync: 7 }, [], {
    errors: [{ message: 'the plan of broken', path: ['broken'], locations: at(1, 3) }],
  }),
  of('a plan without a step', ['R8'], '{ unplanned { id } sync }', { unplanned: null, sync: 7 }, [], {
    errors: [
      {
        message: 'The plan resolver of "Query.unplanned" returned null, not a step; constant(value) makes one.',
        path: ['unplanned'],
        locations: at(1, 3),
      },
    ],
  }),
  of('a plan that is a promise', ['R8'], '{ promised { id } sync }', { promised: null, sync: 7 }, [], {
    errors: [
      {
        message:
          'The plan resolver of "Query.promised" returned a promise. Plan resolvers are synchronous; leave asynchronous work to steps.',
        path: ['promised'],
        locations: at(1, 3),
      },
    ],
  }),
  of('a plan that gives a number', ['R8'], '{ number { id } sync }', { number: null, sync: 7 }, [], {
    errors: [
      {
        message: 'The plan resolver of "Query.number" returned 5, not a step; constant(value) makes one.',
        path: ['number'],
        locations: at(1, 3),
      },
    ],
  }),
  of('steps that nobody needs do not run', ['R5'], '{ unused { id } }', { unused: { id: 1 } }, []),
  of(
    'what is skipped does not run',
    ['R6', 'R5'],
    'query ($no: Boolean!) { user(id: 1) @include(if: $no) { upper } u2: user(id: 2) { id upper @include(if: $no) friend @skip(if: $no) { id } } }',
    { u2: { id: 2, friend: { id: 2 } } },
    ['user [[2]]', 'friend [[2]]'],
    { variables: { no: false } },
  ),
  of(
    'a shared load runs if one of its fields is included',
    ['R6', 'R3'],
    'query ($no: Boolean!) { a: user(id: 1) @include(if: $no) { upper } b: user(id: 1) @skip(if: $no) { id } }',
    { b: { id: 1 } },
    ['user [[1]]'],
    { variables: { no: false } },
  ),
  of(
    'late steps, late entries',
    ['R13'],
    '{ odd { id upper friend { upper } } }',
    { odd: { id: 1, upper: 'N1', friend: { upper: 'N1' } } },
    ['late [[1]]', 'upper [["n1"]]', 'friend [[1]]', 'upper [["n1"]]'],
  ),
  of(
    'a resolver over a plan, and a plan over a resolver',
    ['R20'],
    '{ user(id: 4) { resolver(x: 1) friend { resolver } } mixed { upper friends(first: 1) { resolver(x: 2) } } }',
    {
      user: { resolver: 'resolved 4 1', friend: { resolver: 'resolved 4 undefined' } },
      mixed: { upper: 'N8', friends: [{ resolver: 'resolved 80 2' }] },
    },
    ['user [[4]]', 'friend [[4]]', 'resolver mixed', 'upper [["n8"]]', 'friends [8] first 1'],
  ),
  of(
    'null in a required field bubbles',
    ['R17'],
    '{ users(ids: [1, 2]) { must id } }',
    { users: [{ must: 'ok', id: 1 }, null] },
    ['users [[[1,2]]]', 'must [[1],[2]]'],
    {
      errors: [
        {
          message: 'Cannot return null for non-nullable field User.must.',
          path: ['users', 1, 'must'],
          locations: at(1, 24),
        },
      ],
    },
  ),
  of(
    'effects in series, reads below see them',
    ['R19', 'R5'],
    'mutation { a: set(value: 1) { sync } g1: get b: set(value: 2) { sync } g2: get }',
    { a: { sync: 7 }, g1: 1, b: { sync: 7 }, g2: 2 },
    null,
    {
      check: (({ calls, state }: State) => {
        assert.is(state, 2);
        assert.equal(
          calls.filter((call) => /^set|^get/.test(call)),
          ['set [[1]]', 'get x1', 'set [[2]]', 'get x1'],
        );
      }) as never,
    },
  ),
  of(
    'equal effects are two',
    ['R5'],
    'mutation { a: set(value: 1) { sync } b: set(value: 1) { sync } }',
    { a: { sync: 7 }, b: { sync: 7 } },
    null,
    { check: (({ calls }: State) => assert.is(calls.filter((call) => call.startsWith('set')).length, 2)) as never },
  ),
  of(
    'a failed effect cancels what follows in its field only',
    ['R5', 'R19'],
    'mutation { a: setAndFail(value: 1) b: set(value: 2) { sync } g: get }',
    { a: null, b: { sync: 7 }, g: 2 },
    null,
    { errors: [{ message: 'effect', path: ['a'], locations: at(1, 12) }] },
  ),
]);

plans('plan resolvers run once a plan, whatever the data [R1]', () => {
  let calls = 0;
  const counted = makeSchema({
    typeDefs: 'type Query { items(n: Int): [Item] } type Item { name: String }',
    objects: {
      Item: {
        plans: {
          name: ($item: Any) => {
            calls++;
            return get($item, 'name' as never);
          },
        },
      },
    },
  } as never);
  const engine = createEngine({ schema: counted });
  const run = (n: number): unknown =>
    engine.execute({
      document: parse('query ($n: Int) { items(n: $n) { name } }'),
      variableValues: { n },
      rootValue: {
        items: ({ n: count }: { n: number }) => Array.from({ length: count }, (_, index) => ({ name: `i${index}` })),
      },
    });
  for (const n of [0, 1, 100]) run(n);
  assert.is(calls, 1);
});

plans('two operations of one document have two plans, and a failed one is not kept from succeeding elsewhere', () => {
  const engine = createEngine({ schema });
  const document = parse('query A { sync } query B { user(id: 1) { id } }');
  assert.equal(plain(engine.execute({ document, operationName: 'A', contextValue: {} }) as never), {
    data: { sync: 7 },
  });
  assert.equal(plain(engine.execute({ document, operationName: 'B', contextValue: {} }) as never), {
    data: { user: { id: 1 } },
  });
  assert.is(engine.stats().planCache.plans, 2);
});

plans('a list that a step returns is handed on as it is [R10]', () => {
  const seen: unknown[] = [];
  const items = [1, 2, 3];
  const identity = makeSchema({
    typeDefs: 'type Query { items: [Int] } ',
    objects: {
      Query: {
        plans: {
          items: () =>
            probeOf(
              'watch',
              (rows) => {
                seen.push(rows[0]?.[0]);
                return [rows[0]?.[0]];
              },
              probeOf('items', () => [items], constant(0)),
            ),
        },
      },
    },
  } as never);
  createEngine({ schema: identity }).execute({ document: parse('{ items }'), contextValue: {} });
  assert.ok(seen[0] === items);
});

plans('all-sync plans are done at once, mutations too [R14]', () => {
  for (const disabledPasses of [[], allPasses]) {
    const engine = createEngine({ schema, disabledPasses });
    for (const operation of [
      '{ users(ids: [1, 2]) { upper friends { id } } }',
      'mutation { set(value: 1) { sync } get }',
    ]) {
      assert.not.instance(engine.execute({ document: parse(operation), contextValue: {} }), Promise);
    }
  }
});

plans('steps start when their own dependencies are done [R9]', async () => {
  const events: string[] = [];
  const timed = makeSchema({
    typeDefs: 'type Query { slow: Item fast: Item } type Item { child: Int }',
    objects: {
      Query: {
        plans: Object.fromEntries(
          [
            ['slow', 20],
            ['fast', 1],
          ].map(([name, ms]) => [
            name,
            () =>
              probeOf(
                `${name}`,
                async (rows) => {
                  events.push(`${name} begins`);
                  await new Promise((resolve) => setTimeout(resolve, ms as number));
                  events.push(`${name} ends`);
                  return rows.map(() => ({ name }));
                },
                constant(name),
              ),
          ]),
        ),
      },
      Item: {
        plans: {
          child: ($item: Any) =>
            probeOf(
              'child',
              (rows) => {
                events.push(`child of ${rows.map(([name]) => name)}`);
                return rows.map(() => 1);
              },
              get($item, 'name' as never),
            ),
        },
      },
    },
  } as never);
  await createEngine({ schema: timed }).execute({
    document: parse('{ slow { child } fast { child } }'),
    contextValue: {},
  });
  assert.equal(events, ['slow begins', 'fast begins', 'fast ends', 'child of fast', 'slow ends', 'child of slow']);
});

// A second schema of resolvers that means the same as some of the plans, so that graphql-js is asked too.
const reference = schemaOf(typeDefs, {
  Query: {
    fields: {
      user: (_root, { id }) => (id === 404 ? null : user(id)),
      users: (_root, { ids }) => ids.map((id: number) => (id === 404 ? null : user(id))),
      sync: () => 7,
      mixed: () => user(8),
    },
  },
  User: {
    fields: {
      upper: ({ name }) => name.toUpperCase(),
      friends: ({ id }, { first }) => Array.from({ length: first }, (_, index) => user(id * 10 + index)),
      friend: ({ id }) => user(id),
      explode: ({ id }) => {
        if (id % 2 === 0) throw new Error(`even ${id}`);
        return id;
      },
      maybe: ({ id }) => (id % 2 === 0 ? null : user(id + 100)),
      must: ({ id }) => (id === 2 ? null : 'ok'),
      resolver: ({ id }, { x }) => `resolved ${id} ${x}`,
      constant: () => 'same',
    },
  },
});
addCases(
  plans,
  [
    '{ users(ids: [1, 2, 404, 3]) { id explode maybe { explode must } friends(first: 3) { upper explode friend { must constant } } } sync }',
    'query ($v: Boolean = true) { users(ids: [1, 2]) { ...F friends @skip(if: $v) { id } maybe { ...F } } mixed { ...F } } fragment F on User { name friends(first: 1) { explode @include(if: $v) id } resolver(x: 3) }',
    '{ user(id: 2) { must } users(ids: 5) { friends(first: "x") { id } } sync }',
    'query ($n: Int = 1, $ids: [Int!]! = [1, 4]) { users(ids: $ids) { friends(first: $n) { friends(first: $n) { upper resolver(x: $n) } } } user(id: $n) { id } }',
  ].map(
    (operation, index): Case => ({
      name: `plans mean what resolvers mean, ${index}`,
      rules: ['R17', 'R20'],
      schema,
      reference,
      operation,
      makeContext: () => ({}),
    }),
  ),
);

plans.run();
