import { type ExecutionResult, execute as graphqlExecute, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import type { EngineOptions } from '../../src/engine/EngineOptions.ts';
import type { Plan } from '../../src/plan/Plan.ts';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import { constant } from '../../src/step/builtin/ConstantStep.ts';
import { get } from '../../src/step/get.ts';
import { lambda } from '../../steps/values/lambda.ts';
import { compareResults } from './compareResults.ts';
import { schemaOf } from './schemaOf.ts';

const planning = suite('what planning costs');

const typeNames = Array.from({ length: 10 }, (_, index) => `T${index}`);
const nodeTypes = /* GraphQL */ `
  interface Node { id: ID next: Node }
  ${typeNames.map((name, index) => `type ${name} implements Node { id: ID next: Node only${index}: Int }`).join('\n')}
  type Query { root: Node roots: [Node] }
`;

/** A node of each type; `next` leads to the next type, so that all types are met at each level. */
const ring = typeNames.map(
  (name, index): Record<string, unknown> => ({ __typename: name, id: index, [`only${index}`]: index }),
);
ring.forEach((node, index) => {
  node.next = ring[(index + 1) % ring.length];
});

function nested(levels: number, selection: (inner: string) => string, innermost: string): string {
  let text = innermost;
  for (let level = 0; level < levels; level++) text = selection(text);
  return text;
}

function planOf(engine: ReturnType<typeof createEngine>, operation: string): Plan {
  return engine.prepare(parse(operation)).plan;
}

function answersAlike(
  schema: EngineOptions['schema'],
  operation: string,
  rootValue: unknown,
  reference = schema,
): Plan {
  const engine = createEngine({ schema });
  const document = parse(operation);
  for (let round = 0; round < 2; round++) {
    const expected = graphqlExecute({ schema: reference, document, rootValue }) as never;
    assert.is(compareResults(expected, engine.execute({ document, rootValue }) as never, true), null);
  }
  assert.is(engine.stats().planCache.misses, 1);
  return engine.prepare(document).plan;
}

function assertSmall(plan: Plan, limits: { steps: number; outputs: number; layers: number }): void {
  assert.ok(plan.steps.length <= limits.steps, `${plan.steps.length} steps`);
  assert.ok(plan.outputs.length <= limits.outputs, `${plan.outputs.length} outputs`);
  assert.ok(plan.layers.length <= limits.layers, `${plan.layers.length} layers`);
}

for (const kind of ['__typename', 'resolveType', 'isTypeOf'] as const) {
  planning(`10 types x 10 levels of an interface field that all types are met at, by ${kind} [R2 R7]`, () => {
    const typeOf = (value: unknown): string => (value as { __typename: string }).__typename;
    const schema = schemaOf(
      nodeTypes,
      kind === 'resolveType'
        ? { Node: { resolveType: typeOf } }
        : kind === 'isTypeOf'
          ? Object.fromEntries(
              typeNames.map((name) => [name, { isTypeOf: (value: unknown) => typeOf(value) === name }]),
            )
          : {},
    );
    const operation = `{ roots { ${nested(10, (inner) => `id next { ${inner} }`, 'id __typename')} } }`;
    const plan = answersAlike(schema, operation, { roots: ring });
    // 11 levels x 10 types: an object, its leaves and its branch each.
    assertSmall(plan, { steps: 11 * 10 * 6, outputs: 11 * 10 * 5, layers: 11 * 10 * 4 });
  });
}

planning('the same with a plan resolver for each field: called once a place [R1 R2]', () => {
  let calls = 0;
  const plans = {
    next: ($node: never) => {
      calls++;
      return lambda($node, ((node: { next: unknown }) => node.next) as never);
    },
  };
  const schema = makeSchema({
    typeDefs: nodeTypes,
    objects: {
      Query: { plans: { roots: () => constant(null as never) && lambda(constant(0), () => ring) } },
      ...Object.fromEntries(typeNames.map((name) => [name, { plans }])),
    },
    interfaces: { Node: { planType: ($node: never) => ({ $__typename: get($node, '__typename' as never) }) } },
  } as never);
  const operation = `{ roots { ${nested(10, (inner) => `id next { ${inner} }`, 'id __typename')} } }`;
  const plan = answersAlike(schema, operation, { roots: ring }, schemaOf(nodeTypes));
  assert.is(calls, 10 * 10);
  assertSmall(plan, { steps: 11 * 10 * 6, outputs: 11 * 10 * 5, layers: 11 * 10 * 4 });
});

planning('a type that never occurs costs nothing [R7]', () => {
  const calls: string[] = [];
  const schema = makeSchema({
    typeDefs: nodeTypes,
    objects: Object.fromEntries(
      typeNames.map((name) => [
        name,
        {
          plans: {
            id: ($node: never) => {
              calls.push(name);
              return get($node, 'id' as never);
            },
          },
        },
      ]),
    ),
  } as never);
  const engine = createEngine({ schema });
  const document = parse('{ roots { id } }');
  engine.execute({ document, rootValue: { roots: [] } });
  assert.equal(calls, []);
  engine.execute({ document, rootValue: { roots: [ring[3], ring[3], null] } });
  assert.equal(calls, ['T3']);
  engine.execute({ document, rootValue: { roots: [ring[5], ring[3]] } });
  assert.equal(calls, ['T3', 'T5'], 'branches are kept');
  engine.execute({ document, rootValue: { roots: [ring[5], ring[3]] } });
  assert.equal(calls, ['T3', 'T5']);
});

const chainTypes = 'type Query { next: Query a: Int b: Int c: Int d: Int }';
const chain: Record<string, unknown> = { a: 1, b: 2, c: 3, d: 4 };
chain.next = { ...chain, next: { ...chain, next: null } };
const spreads: Record<string, (level: number) => string> = {
  'two aliased fields, one fragment': (level) => `a: next { ...F${level} } b: next { ...F${level} }`,
  'one fragment twice': (level) => `next { ...F${level} ...F${level} }`,
  'with fields between': (level) => `x: next { a ...F${level} } y: next { b ...F${level} c }`,
  'one field twice': (level) => `next { ...F${level} } next { a ...F${level} }`,
  'inline fragments around': (level) =>
    `... { next { ... { ...F${level} } } } ... on Query { next { ...F${level} b } }`,
  'conditions on both': (level) => `a: next @include(if: $v) { ...F${level} } b: next @skip(if: $v) { ...F${level} }`,
  'conditions inside': (level) => `next { ...F${level} @include(if: $v) ...F${level} @skip(if: $v) }`,
  'conditions inside, two fields': (level) =>
    `a: next { c ...F${level} @include(if: $v) } b: next { d ...F${level} @skip(if: $v) }`,
};
for (const [name, body] of Object.entries(spreads)) {
  planning(`20 levels of doubly spread fragments: ${name} [R2]`, () => {
    const schema = schemaOf(chainTypes);
    const fragments = Array.from(
      { length: 20 },
      (_, level) => `fragment F${level} on Query { ${level === 0 ? 'a' : body(level - 1)} }`,
    );
    const operation = `query ($v: Boolean! = true) { ...F19 } ${fragments.join('\n')}`;
    const engine = createEngine({ schema });
    const plan = planOf(engine, operation);
    assertSmall(plan, { steps: 300, outputs: 400, layers: 200 });
    const document = parse(operation);
    const expected = graphqlExecute({ schema, document, rootValue: chain }) as never;
    assert.is(compareResults(expected, engine.execute({ document, rootValue: chain }) as never, true), null);
  });
}

planning('the same under plan resolvers: one call a level and alias [R1 R2]', () => {
  let calls = 0;
  const schema = makeSchema({
    typeDefs: chainTypes,
    objects: {
      Query: {
        plans: {
          next: ($query: never) => {
            calls++;
            return get($query, 'next' as never);
          },
        },
      },
    },
  } as never);
  const fragments = Array.from(
    { length: 20 },
    (_, level) =>
      `fragment F${level} on Query { ${level === 0 ? 'a' : `a: next { ...F${level - 1} } b: next { ...F${level - 1} }`} }`,
  );
  const plan = planOf(createEngine({ schema }), `{ ...F19 } ${fragments.join('\n')}`);
  assert.is(calls, 19 * 2);
  assertSmall(plan, { steps: 100, outputs: 100, layers: 60 });
});

planning('2,000 aliases [R2]', () => {
  const schema = schemaOf('type Query { user(id: Int): User me: User } type User { name: String friend: User }');
  const rootValue = {
    user: ({ id }: { id: number }) => ({ name: `u${id}`, friend: { name: 'f' } }),
    me: { name: 'm', friend: null },
  };
  const many = (field: (index: number) => string): string =>
    `{ ${Array.from({ length: 2000 }, (_, index) => field(index)).join(' ')} }`;
  const distinct = answersAlike(
    schema,
    many((index) => `a${index}: user(id: ${index}) { name friend { name } }`),
    rootValue,
  );
  assertSmall(distinct, { steps: 2000 * 3 + 10, outputs: 2000 * 4 + 10, layers: 2000 * 2 + 10 });
  answersAlike(
    schema,
    many((index) => `a${index}: me { name }`),
    rootValue,
  );
});

planning('2,000 aliases of equal loads are one step [R3]', () => {
  const schema = makeSchema({
    typeDefs: 'type Query { user(id: Int): User } type User { name: String }',
    objects: { Query: { plans: { user: (_: never, { $id }: { $id: never }) => lambda($id, name) } } },
  } as never);
  const operation = `{ ${Array.from({ length: 2000 }, (_, index) => `a${index}: user(id: ${index % 2}) { name }`).join(' ')} }`;
  const plan = planOf(createEngine({ schema }), operation);
  assert.is(plan.steps.filter(({ op }) => op === 'lambda').length, 2);
});
const name = (id: number): unknown => ({ name: `u${id}` });

planning('10 conditions on each of 50 fields: one plan, guards are shared [R6]', () => {
  const schema = schemaOf('type Query { next: Query a: Int }');
  const variables = Array.from({ length: 10 }, (_, index) => `$v${index}: Boolean! = true`).join(' ');
  const field = (index: number): string =>
    `f${index}: next ${Array.from({ length: 10 }, (_, at) => `@include(if: $v${(index + at) % 10})`).join(' ')} { a next @skip(if: $v${index % 10}) { a } }`;
  const plan = planOf(
    createEngine({ schema }),
    `query (${variables}) { ${Array.from({ length: 50 }, (_, index) => field(index)).join(' ')} }`,
  );
  assert.ok(plan.guards.length < 50 * 25, `${plan.guards.length} guards`);
});

const limits: [string, Partial<NonNullable<EngineOptions['limits']>>, string, RegExp][] = [
  [
    'maxFields',
    { maxFields: 50 },
    `{ ${Array.from({ length: 60 }, (_, index) => `a${index}: a`).join(' ')} }`,
    /more than 50 fields.*limits\.maxFields/,
  ],
  [
    'maxSteps',
    { maxSteps: 20 },
    `{ ${Array.from({ length: 60 }, (_, index) => `a${index}: next { a }`).join(' ')} ${nested(30, (inner) => `next { ${inner} }`, 'a')} }`,
    /more than 20 steps.*limits\.maxSteps/,
  ],
  [
    'planMs',
    { planMs: 0 },
    `{ ${Array.from({ length: 60 }, (_, index) => `a${index}: a`).join(' ')} }`,
    /more than 0 ms.*limits\.planMs/,
  ],
];
for (const [limit, given, operation, message] of limits) {
  planning(`${limit} refuses the request and names the limit [R1]`, () => {
    const schema = schemaOf('type Query { next: Query a: Int }');
    const engine = createEngine({ schema, limits: given });
    const result = engine.execute({ document: parse(operation), rootValue: {} }) as unknown as {
      data?: unknown;
      errors: { message: string }[];
    };
    assert.is(result.data, null);
    assert.is(result.errors.length, 1);
    assert.match(result.errors[0]?.message ?? '', message);
  });
}

planning('maxFields counts each field once, and fragments apart [R1]', async () => {
  const schema = makeSchema({
    typeDefs: 'type Query { next: Query a: Int } type Subscription { n: Int }',
    objects: { Subscription: { plans: { n: { subscribe: async function* () {} } } } },
  });
  const messageOf = (operation: string, maxFields = 100): string | undefined => {
    const engine = createEngine({ schema, limits: { maxFields } });
    const given = engine.execute({ document: parse(operation), rootValue: {} }) as ExecutionResult;
    return given.errors?.[0]?.message;
  };
  const fields = (count: number): string => Array.from({ length: count }, (_, index) => `a${index}: a`).join(' ');
  assert.is(messageOf(`{ ${fields(100)} }`), undefined);
  assert.is(messageOf(`{ next { ${fields(90)} } more: next { ${fields(8)} } }`), undefined);
  assert.is(messageOf(`{ ${fields(101)} }`), 'This operation selects more than 100 fields (limits.maxFields).');
  const spread = (count: number): string =>
    `{ ${Array.from({ length: count }, (_, at) => `...F${at}`).join(' ')} }
    ${Array.from({ length: count }, (_, at) => `fragment F${at} on Query { f${at}: a }`).join(' ')}`;
  assert.is(messageOf(spread(100)), undefined);
  assert.match(messageOf(spread(101)) ?? '', /more than 100 /);
  const empty = `{ ...F0 } ${Array.from({ length: 101 }, (_, at) => `fragment F${at} on Query { ...F${at + 1} }`).join(' ')} fragment F101 on Query { a }`;
  assert.is(messageOf(empty), 'This operation spreads more than 100 fragments (limits.maxFields).');
  const one = createEngine({ schema, limits: { maxFields: 1 } });
  assert.ok(Symbol.asyncIterator in ((await one.subscribe({ document: parse('subscription { n }') })) as object));
});

const tooDeep: Record<string, string> = {
  plain: '{ next { next { next { a } } } }',
  'in fragments': '{ ...F } fragment F on Query { next { ...G } } fragment G on Query { next { ... { next { a } } } }',
  'where a fragment lies deepest': '{ ...F next { next { ...F } } } fragment F on Query { a next { a } }',
  'on a type that is not met': '{ node { ... on Other { next { next { a } } } } }',
  'under a condition that does not hold': '{ next @include(if: false) { next { next { a } } } }',
  'in a mutation': 'mutation { write write2: write inner { next { next { a } } } }',
  'without end': '{ ...F } fragment F on Query { next { ...F } }',
};
for (const [where, operation] of Object.entries(tooDeep)) {
  planning(`onTooDeep: REFUSE runs nothing of an operation that is too deep: ${where} [R1]`, () => {
    let writes = 0;
    const next = (): unknown => ({});
    const type = { fields: { next } };
    const schema = schemaOf(
      `interface Node { a: Int } type Other implements Node { a: Int next: Query }
       type Query implements Node { next: Query a: Int node: Node } type Mutation { write: Int inner: Query }`,
      { Query: type, Mutation: { fields: { write: () => ++writes, inner: next } } },
    );
    const document = parse(operation);
    const refusing = createEngine({ schema, limits: { maxDepth: 3, onTooDeep: 'REFUSE' } });
    const { data, errors } = refusing.execute({ document }) as ExecutionResult;
    assert.is(data, null);
    assert.equal(
      errors?.map(({ message, path }) => [message, path]),
      [['This operation is nested more than 3 levels deep (limits.maxDepth).', undefined]],
    );
    assert.is(writes, 0);
    if (where === 'without end') return;
    const deeper = createEngine({ schema, limits: { maxDepth: 4, onTooDeep: 'REFUSE' } });
    assert.is((deeper.execute({ document }) as ExecutionResult).errors, undefined);
  });
}

planning('onTooDeep: REFUSE sees at once that fragments which are spread at every depth are too deep [R1 R2]', () => {
  const schema = schemaOf('type Query { next: Query a: Int }');
  const levels = Array.from(
    { length: 300 },
    (_, at) => `fragment F${at} on Query { next { ...F${at + 1} } ...F${at + 1} }`,
  );
  const document = parse(`{ ...F0 } ${levels.join(' ')} fragment F300 on Query { a }`);
  const engine = createEngine({ schema, limits: { maxDepth: 300, onTooDeep: 'REFUSE' } });
  const started = performance.now();
  const { errors } = engine.execute({ document, rootValue: {} }) as ExecutionResult;
  assert.match(errors?.[0]?.message ?? '', /more than 300 levels deep/);
  assert.ok(performance.now() - started < 2_000);
});

planning('maxDepth fails the field that is too deep, and serves the rest [R1 R8]', () => {
  const schema = schemaOf('type Query { next: Query a: Int }');
  const engine = createEngine({ schema, limits: { maxDepth: 3 } });
  const document = parse('{ a next { a next { a next { a next { a } } } } }');
  const root: Record<string, unknown> = { a: 1 };
  root.next = root;
  const result = engine.execute({ document, rootValue: root }) as unknown as {
    data: unknown;
    errors: { message: string; path: unknown }[];
  };
  assert.is(JSON.stringify(result.data), '{"a":1,"next":{"a":1,"next":{"a":1,"next":{"a":null,"next":null}}}}');
  assert.equal(
    result.errors.map(({ path }) => path),
    [
      ['next', 'next', 'next', 'a'],
      ['next', 'next', 'next', 'next'],
    ],
  );
  assert.match(result.errors[0]?.message ?? '', /more than 3 levels deep.*limits\.maxDepth/);
});

planning('50 levels work, a field deeper than the default limit is an error', () => {
  const schema = schemaOf('type Query { next: Query a: Int list: [Query] }');
  const root: Record<string, unknown> = { a: 1 };
  root.next = root;
  root.list = [root];
  answersAlike(schema, `{ ${nested(50, (inner) => `a list { next { ${inner} } }`, 'a')} }`, root);
  const deep = createEngine({ schema }).execute({
    document: parse(`{ ${nested(1000, (inner) => `next { ${inner} }`, 'a')} }`),
    rootValue: root,
  }) as unknown as { errors: { message: string }[] };
  assert.match(deep.errors[0]?.message ?? '', /limits\.maxDepth/);
});

planning('a fragment cycle that skipped validation ends [R1]', () => {
  const schema = schemaOf('type Query { next: Query a: Int }');
  const engine = createEngine({ schema, limits: { maxDepth: 30 } });
  const document = parse('{ ...F } fragment F on Query { a next { ...F } other: next { ...F a } }');
  const result = engine.execute({ document, rootValue: { a: 1, next: { a: 2, next: null } } }) as unknown as {
    data: { next: unknown };
    errors?: unknown;
  };
  assert.is(
    JSON.stringify(result.data),
    '{"a":1,"next":{"a":2,"next":null,"other":null},"other":{"a":2,"next":null,"other":null}}',
  );
});

planning.run();
