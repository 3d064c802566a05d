import {
  buildSchema,
  type ExecutionResult,
  execute as executeByGraphql,
  GraphQLError,
  type GraphQLObjectType,
  parse,
} from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type AnyStep,
  constant,
  context,
  createEngine,
  type Engine,
  exportPlan,
  fn,
  get,
  importPlan,
  lambda,
  makeSchema,
  type Plan,
  type PlanResolver,
} from '../../src/index.ts';

const test = suite('robustness');

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const never = new Promise<never>(() => {});

/** What a promise gives, or that it does not give anything. */
async function soon<T>(promise: T | PromiseLike<T>): Promise<T | 'hangs'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'hangs'>((resolve) => {
    timer = setTimeout(() => resolve('hangs'), 10_000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function engineWith(typeDefs: string, Query: Record<string, PlanResolver>, more: object = {}): Engine {
  return createEngine({ schema: makeSchema({ typeDefs, objects: { Query: { plans: Query } }, ...more }) });
}

const petTypes = `
  type Query { pet: Pet other: Int }
  interface Pet { name: String }
  type Dog implements Pet { name: String owner: Owner }
  type Owner { name: String }`;

function petEngine(planForType?: () => never): Engine {
  const schema = makeSchema({
    typeDefs: petTypes,
    objects: {
      Query: {
        plans: {
          pet: () => lambda(context(), async () => ({ type: 'Dog', name: 'Rex', id: 3 })),
          other: () => constant(1),
        },
      },
      Dog: { plans: { owner: ($dog) => lambda(get($dog, 'id'), (id) => ({ name: `owner of ${String(id)}` })) } },
    },
    interfaces: {
      Pet: {
        planType: ($pet: AnyStep) => ({ $__typename: get($pet, 'type'), ...(planForType && { planForType }) }),
      },
    },
  });
  return createEngine({ schema });
}

test('requests that meet a type for the first time at the same time all get its branch', async () => {
  const engine = petEngine();
  const document = parse('{ pet { name ... on Dog { owner { name } } } }');
  const answers = await Promise.all([1, 2, 3].map(() => engine.execute({ document })));
  for (const answer of answers) {
    assert.equal(plain(answer), { data: { pet: { name: 'Rex', owner: { name: 'owner of 3' } } } });
  }
});

test('a branch that cannot be planned is an error at its values, the rest is served', async () => {
  const engine = petEngine(() => {
    throw new Error('No dogs.');
  });
  for (let round = 0; round < 2; round++) {
    const { data, errors } = (await soon(
      engine.execute({ document: parse('{ other pet { name } }') }),
    )) as ExecutionResult;
    assert.equal(plain(data), { other: 1, pet: null });
    assert.equal(
      errors?.map(({ message, path }) => [message, path]),
      [['No dogs.', ['pet']]],
    );
  }
});

for (const [what, list] of [
  ['an item of a list', () => [never, { n: 2 }]],
  [
    'an async iterable',
    () =>
      (async function* () {
        yield { n: 1 };
        await never;
      })(),
  ],
] as const) {
  test(`aborting does not wait for ${what}`, async () => {
    const schema = makeSchema({
      typeDefs: 'type Query { list: [Item] other: Int } type Item { n: Int }',
      objects: {
        Query: { plans: { list: () => lambda(context(), list as () => unknown), other: () => constant(1) } },
        Item: { plans: { n: ($item) => lambda(get($item, 'n'), (n) => n) } },
      },
    });
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('Stop.')), 10);
    const answer = await soon(
      createEngine({ schema }).execute({
        document: parse('{ other list { n } }'),
        abortSignal: controller.signal,
        onAbort: 'RESPOND',
      }),
    );
    assert.is.not(answer, 'hangs');
    const { data, errors } = answer as ExecutionResult;
    assert.is((data as { other: number }).other, 1);
    assert.ok(errors?.every(({ message }) => message === 'Stop.'));
  });
}

test('a source of events that comes after the abort is closed', async () => {
  let isClosed = false;
  const source = (async function* () {
    try {
      yield 1;
    } finally {
      isClosed = true;
    }
  })();
  // Closing a generator that was never begun runs none of it: begin it.
  await source.next();
  const schema = makeSchema({
    typeDefs: 'type Query { a: Int } type Subscription { n: Int }',
    objects: {
      Subscription: {
        plans: {
          n: {
            subscribePlan: () =>
              lambda(context(), () => new Promise((resolve) => setTimeout(() => resolve(source), 30))),
            plan: ($event: AnyStep) => $event,
          },
        },
      },
    },
  });
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 5);
  const document = parse('subscription { n }');
  await createEngine({ schema }).subscribe({ document, abortSignal: controller.signal });
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.ok(isClosed);
});

test('each event of a subscription has a deadline of its own', async () => {
  const schema = makeSchema({
    typeDefs: 'type Query { a: Int } type Subscription { n: Int }',
    objects: {
      Subscription: {
        plans: {
          n: {
            subscribePlan: () =>
              lambda(context(), async function* () {
                yield 1;
                await new Promise((resolve) => setTimeout(resolve, 150));
                yield 2;
              }),
            plan: ($event: AnyStep) => lambda($event, async (event) => event),
          },
        },
      },
    },
  });
  const engine = createEngine({ schema, limits: { executionMs: 100 } });
  const events = await engine.subscribe({ document: parse('subscription { n }') });
  const seen: unknown[] = [];
  for await (const event of events as AsyncIterable<ExecutionResult>) seen.push(plain(event));
  assert.equal(seen, [{ data: { n: 1 } }, { data: { n: 2 } }]);
});

test('conditions on conditions are decided once each', () => {
  const levels = 40;
  const names = Array.from({ length: levels }, (_, level) => [`a${level}`, `b${level}`]).flat();
  const fragments = Array.from(
    { length: levels },
    (_, level) => `fragment F${level} on Query {
      x: q @include(if: $a${level}) { ${level === 0 ? 'n' : `...F${level - 1}`} }
      y: q @include(if: $b${level}) { ${level === 0 ? 'n' : `...F${level - 1}`} }
    }`,
  );
  const variables = names.map((name) => `$${name}: Boolean!`).join(' ');
  const document = parse(`query (${variables}) { ...F${levels - 1} } ${fragments.join(' ')}`);
  const variableValues = Object.fromEntries(names.map((name) => [name, !name.endsWith(`${levels - 1}`)]));
  const engine = engineWith('type Query { q: Query n: Int }', { q: () => constant({}), n: () => constant(1) });
  assert.equal(plain(engine.execute({ document, variableValues })), { data: {} });
});

test('fragments that are spread twice, each time for another variable, are planned in linear time', () => {
  const levels = 16;
  const fragments = Array.from(
    { length: levels },
    (_, level) =>
      `fragment F${level + 1} on Query { ...F${level} @include(if: $a${level}) ...F${level} @include(if: $b${level}) }`,
  );
  const names = Array.from({ length: levels }, (_, level) => [`a${level}`, `b${level}`]).flat();
  const variables = names.map((name) => `$${name}: Boolean!`).join(' ');
  const document = parse(`query (${variables}) { ...F${levels} } fragment F0 on Query { n } ${fragments.join(' ')}`);
  const engine = engineWith('type Query { n: Int }', { n: () => constant(1) });
  const every = Object.fromEntries(names.map((name) => [name, true]));
  assert.equal(plain(engine.execute({ document, variableValues: every })), { data: { n: 1 } });
  const none = { ...every, a7: false, b7: false };
  assert.equal(plain(engine.execute({ document, variableValues: none })), { data: {} });
});

test('the order of keys is that of what is included, fragments met twice and all', () => {
  const schema = buildSchema('type Query { x: X } type X { p: Int q: Int }');
  const document = parse('query ($a: Boolean!) { ...F @include(if: $a) x { p } ...F } fragment F on Query { x { q } }');
  const rootValue = { x: { p: 1, q: 2 } };
  for (const a of [true, false]) {
    const args = { schema, document, rootValue, variableValues: { a } };
    assert.is(JSON.stringify(createEngine({ schema }).execute(args)), JSON.stringify(executeByGraphql(args)));
  }
});

test('errors whose extensions are no JSON do not cost the response', async () => {
  const engine = engineWith('type Query { a: Int b: Int }', {
    a: () =>
      lambda(context(), () => {
        throw new GraphQLError('Big.', { extensions: { size: 1n } });
      }),
    b: () => constant(2),
  });
  const text = await engine.executeToString({ document: parse('{ a b }') });
  assert.equal(JSON.parse(text), {
    errors: [{ message: 'Big.', locations: [{ line: 1, column: 3 }], path: ['a'] }],
    data: { a: null, b: 2 },
  });
});

test('a promise or an error amid a chain of reads is what it is key by key', async () => {
  const typeDefs = 'type Query { later: Int wrong: Int }';
  const plans = {
    later: () =>
      get(
        get(
          lambda(context(), () => ({ a: Promise.resolve({ b: 5 }) })),
          'a',
        ),
        'b',
      ),
    wrong: () =>
      get(
        get(
          lambda(context(), () => ({ a: new Error('Wrong.') })),
          'a',
        ),
        'message',
      ),
  };
  for (const disabledPasses of [[], ['optimizeSteps'], ['optimizeSteps', 'inlineSteps']]) {
    const schema = makeSchema({ typeDefs, objects: { Query: { plans } } });
    const engine = createEngine({ schema, disabledPasses });
    const { data, errors } = await engine.execute({ document: parse('{ later wrong }') });
    assert.equal(plain(data), { later: 5, wrong: null });
    assert.equal(
      errors?.map(({ message }) => message),
      ['Wrong.'],
    );
  }
});

test('a constant may look like anything', () => {
  const typeDefs = 'scalar Any type Query { a: Any b: Any }';
  const engine = engineWith(typeDefs, { a: () => constant({ $ref: '#/x' }), b: () => constant({ $json: [1] }) });
  const prepared = engine.prepare(parse('{ a b }'));
  const imported = engine.importPlan(JSON.parse(JSON.stringify(exportPlan(prepared))));
  assert.equal(plain(imported.execute()), { data: { a: { $ref: '#/x' }, b: { $json: [1] } } });
});

test('what cannot travel is told, all of it', () => {
  const engine = engineWith('type Query { a: Int b: Int c: Int }', {
    a: () =>
      lambda(
        constant(new Date(0)),
        fn('test.time', (date: Date) => date.getTime()),
      ),
    b: () => lambda(constant(1), (n) => n),
    c: () => constant(3),
  });
  try {
    exportPlan(engine.prepare(parse('{ a b c }')));
    assert.unreachable();
  } catch (error) {
    assert.is((error as { problems: string[] }).problems.length, 2);
    assert.match((error as Error).message, /Query\.a.*no JSON/s);
    assert.match((error as Error).message, /Query\.b.*closure/s);
  }
});

test('a plan for another schema is refused with all problems', () => {
  const query = { a: () => constant(1), b: () => constant(2) };
  const plan = exportPlan(engineWith('type Query { a: Int b: Int }', query).prepare(parse('{ a b }')));
  const other = makeSchema({ typeDefs: 'type Query { a: String! }' });
  try {
    importPlan(other, plan);
    assert.unreachable();
  } catch (error) {
    assert.equal((error as { problems: string[] }).problems, [
      '"Query.a" was planned as Int, and is String! in this schema.',
      'The schema has no field "Query.b".',
    ]);
  }
});

test('a plan that is exported before it has run answers for every type', async () => {
  const schema = buildSchema(`
    interface Node { id: ID next: Node }
    type Query { node: Node }
    type A implements Node { id: ID next: Node a: Int }
    type B implements Node { id: ID next: Node b: Int }`);
  const document = parse('{ node { id ... on A { a } next { id next { id ... on B { b } } } } }');
  const inner = { __typename: 'B', id: 3, b: 3 };
  const rootValue = { node: { __typename: 'A', id: 1, a: 1, next: { __typename: 'B', id: 2, next: inner } } };
  const travel = (plan: Plan): Plan => JSON.parse(JSON.stringify(plan));
  const { exportPlan: take, prepare } = createEngine({ schema });
  const all = importPlan(schema, travel(take(prepare(document)))).execute({ rootValue });
  assert.equal(plain(all), plain(executeByGraphql({ schema, document, rootValue })));
  const engine = createEngine({ schema });
  const met = importPlan(schema, travel(engine.exportPlan(engine.prepare(document), { branches: 'met' })));
  const { errors } = (await met.execute({ rootValue })) as ExecutionResult;
  assert.match(errors?.[0]?.message ?? '', /no branch/);
});

test('types that are met one after the other share what they select alike', async () => {
  const schema = buildSchema(`
    interface Node { id: ID next: Node }
    type Query { node: Node }
    type A implements Node { id: ID next: Node }
    type B implements Node { id: ID next: Node }`);
  const engine = createEngine({ schema });
  const document = parse('{ node { id next { id next { id } } } }');
  for (const path of ['AAA', 'BAB', 'ABA', 'BBB']) {
    const [a, b, c] = [...path].map((type, index) => ({ __typename: type, id: index, next: null as unknown }));
    if (a === undefined || b === undefined || c === undefined) throw new Error('three');
    a.next = b;
    b.next = c;
    const args = { schema, document, rootValue: { node: a } };
    assert.equal(plain(engine.execute(args)), plain(executeByGraphql(args)));
  }
});

test('a plan that refers to what it has not is refused', () => {
  const engine = engineWith('type Query { a: Int }', { a: () => constant(1) });
  const plan = JSON.parse(JSON.stringify(exportPlan(engine.prepare(parse('{ a }')))));
  plan.outputs[plan.root].fields[0].position.read.step = 99;
  plan.steps[0].layer = 7;
  assert.throws(() => engine.importPlan(plan), /refers to 99 of steps[\s\S]*|refers to 7 of layers/);
});

test('a value that is a promise only when first looked at does not end the request before its time', async () => {
  const schema = buildSchema('type Query { a: A } type A { b: A c: String }');
  let looks = 0;
  const hostile = {
    // biome-ignore lint/suspicious/noThenProperty: what is no promise may have one
    get then(): unknown {
      return looks++ === 0 ? () => {} : undefined;
    },
    c: () => new Promise((resolve) => setTimeout(() => resolve('there'), 5)),
  };
  const typeA = schema.getType('A') as GraphQLObjectType;
  const fields = typeA.getFields();
  (fields.b as { resolve: unknown }).resolve = () => hostile;
  (fields.c as { resolve: unknown }).resolve = ({ c }: typeof hostile) => c();
  const rootValue = { a: async () => ({}) };
  const result = await createEngine({ schema }).execute({ document: parse('{ a { b { c } } }'), rootValue });
  assert.equal(JSON.parse(JSON.stringify(result)), { data: { a: { b: { c: 'there' } } } });
});

test.run();
