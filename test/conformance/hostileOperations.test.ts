import { execute as graphqlExecute, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { subscribe } from '../../src/index.ts';
import { schemaOf } from './schemaOf.ts';

/** Operations that nobody writes by hand, most of them not validated: bounded in what they cost (R1, R2, R13). */
const test = suite('hostile operations');

const schema = schemaOf(
  /* GraphQL */ `
    type Query { a: Int self: Query list: [Query!] never: Int args(in: In, n: [Int]): String node: Node }
    interface Node { a: Int self: Query }
    type Thing implements Node { a: Int self: Query }
    input In { in: In, n: Int }
    type Subscription { a: Int self: Subscription }
  `,
  { Query: { fields: { args: () => 'ok', never: () => new Promise(() => {}) } } },
);
const root: Record<string, unknown> = { a: 1 };
Object.assign(root, { self: root, list: [root], node: { __typename: 'Thing', a: 2, self: root } });

const many = (count: number, write: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => write(i)).join(' ');
const nested = (depth: number, open: string, inner: string): string =>
  `${open} { `.repeat(depth) + inner + ' }'.repeat(depth);
const parseBare = (operation: string) => parse(operation, { noLocation: true });

/** What planning costs is counted here, in parts: the machine may be busy. */
const limits = { planMs: 60_000 };

/** As many as graphql-js' answer needs: nothing more than a small multiple of what is selected. */
function assertPlanIsSmall(operation: string, budget: number): void {
  const { steps, layers, outputs } = createEngine({ schema, limits }).prepare(parseBare(operation)).plan;
  const size = steps.length + layers.length + outputs.length;
  assert.ok(size <= budget, `${size} parts, of at most ${budget}`);
}

async function assertAlike(operation: string, variableValues: Record<string, unknown> = {}): Promise<void> {
  const document = parseBare(operation);
  const args = { document, rootValue: root, variableValues };
  const expected = JSON.stringify(await graphqlExecute({ ...args, schema }));
  for (const codegen of ['never', 'always'] as const) {
    const engine = createEngine({ schema, codegen, limits });
    assert.ok(JSON.stringify(await engine.execute(args)) === expected, `${codegen}: objects`);
    assert.ok((await engine.executeToString(args)) === expected, `${codegen}: text`);
  }
}

const alike: Record<string, readonly [operation: string, budget: number, variables?: Record<string, unknown>]> = {
  '10,000 aliases of a leaf': [`{ ${many(10_000, (i) => `a${i}: a`)} }`, 10_100],
  '2,000 aliases of an object': [`{ ${many(2_000, (i) => `a${i}: self { a }`)} }`, 6_100],
  '2,000 aliases in an interface': [`{ node { ${many(2_000, (i) => `a${i}: a`)} } }`, 100],
  'one field 5,000 times': [`{ ${many(5_000, () => 'a')} self { ${many(5_000, () => 'self { a }')} } }`, 100],
  '150 levels': [`{ ${nested(150, 'self', 'a')} }`, 1_000],
  '500 nested inline fragments': [`{ ${nested(500, '...', 'a')} }`, 20],
  '1,000 fragments, each spreading the next one twice': [
    `{ ...F0 } ${many(1_000, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} a }`)} fragment F1000 on Query { a }`,
    20,
  ],
  '10 fragments, each spreading the next one below two fields': [
    `{ ...F0 } ${many(10, (i) => `fragment F${i} on Query { self { ...F${i + 1} } s: self { ...F${i + 1} } a }`)} fragment F10 on Query { a }`,
    300,
  ],
  '3,000 fragments on other types': [`{ ${many(3_000, () => '... on Thing { a }')} a }`, 20],
  'circular fragments': ['{ ...F a } fragment F on Query { b: a ...G } fragment G on Query { ...F ...G }', 20],
  '10,000 variables': [
    `query (${many(10_000, (i) => `$v${i}: Int = ${i}`)}) { args(n: [${many(10_000, (i) => `$v${i}`)}]) }`,
    100,
  ],
  '2,000 conditions': [
    `query (${many(2_000, (i) => `$v${i}: Boolean!`)}) { ${many(2_000, (i) => `a${i}: a @include(if: $v${i})`)} }`,
    2_100,
    Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`v${i}`, i % 3 === 0])),
  ],
  'one field under 500 conditions': [
    `query (${many(500, (i) => `$v${i}: Boolean!`)}) { ${many(500, (i) => `self @include(if: $v${i}) { a }`)} }`,
    100,
    Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`v${i}`, i === 499])),
  ],
  'a list of 100,000 in a variable': [
    'query ($n: [Int]) { args(n: $n) }',
    100,
    { n: Array.from({ length: 100_000 }, (_, i) => i) },
  ],
};
for (const [name, [operation, budget, variables]] of Object.entries(alike)) {
  test(`${name}: as graphql-js answers, by a plan of at most ${budget} parts [R2 R17]`, async () => {
    assertPlanIsSmall(operation, budget);
    await assertAlike(operation, variables);
  });
}

/** What is refused, or is an error of a field; graphql-js runs out of stack, or never ends. */
const refused: Record<
  string,
  readonly [operation: string, message: RegExp, variables?: () => Record<string, unknown>]
> = {
  '5,001 fields, where 5,000 are allowed': [
    `{ ${many(5_001, (i) => `a${i}: a`)} }`,
    /more than 5000 fields \(limits\.maxFields\)/,
  ],
  '1,000 levels': [`{ ${nested(1_000, 'self', 'a')} }`, /nested more than 200 levels deep \(limits\.maxDepth\)/],
  'fragments that are circular below fields': [
    '{ ...F } fragment F on Query { list { ...F } }',
    /nested more than 200 levels deep \(limits\.maxDepth\)/,
  ],
  '20,000 fragments, each spreading the next': [
    `{ ...F0 } ${many(20_000, (i) => `fragment F${i} on Query { ...F${i + 1} }`)}`,
    // the stack of compiled code holds more than 5,000 spreads, that of interpreted code fewer
    /^This request is nested too deeply\.$|\(limits\.maxFields\)/,
  ],
  'an input value without an end': [
    'query ($in: In) { args(in: $in) }',
    /^This request is nested too deeply\.$/,
    () => {
      const circular: Record<string, unknown> = {};
      circular.in = circular;
      return { in: circular };
    },
  ],
};
for (const [name, [operation, message, variables]] of Object.entries(refused)) {
  test(`${name}: refused, with the reason [R1 R8 R13]`, async () => {
    const args = { document: parseBare(operation), rootValue: root, variableValues: variables?.() ?? {} };
    const engine = createEngine({ schema, limits: { maxFields: 5_000 } });
    const { errors } = await engine.execute(args);
    assert.is(errors?.length, 1);
    assert.match(errors?.[0]?.message ?? '', message);
    const { errors: told } = JSON.parse(await engine.executeToString(args));
    assert.match(told[0].message, message);
  });
}

test('a subscription of circular fragments, or of none, is refused [R13]', async () => {
  for (const operation of [
    'subscription { ...F } fragment F on Subscription { ...F }',
    'subscription { ...F } fragment F on Subscription { ...G } fragment G on Subscription { ...F ...G }',
    'subscription { ...Missing }',
  ]) {
    const result = await subscribe({ schema, document: parse(operation) });
    assert.ok('errors' in result && result.errors?.length === 1, operation);
  }
});

test('what never settles ends with the deadline, whatever lies beside it [R13 R15]', async () => {
  const engine = createEngine({ schema, limits: { executionMs: 500 } });
  const document = parse('{ a never list { never a } self { self { never } } }'); // longer than `a` takes on a busy machine
  const { data, errors } = await engine.execute({ document, rootValue: root });
  assert.equal(JSON.parse(JSON.stringify(data)), {
    a: 1,
    never: null,
    list: [{ never: null, a: 1 }],
    self: { self: { never: null } },
  });
  assert.equal(
    errors?.map(({ path }) => path?.join('.')),
    ['never', 'list.0.never', 'self.self.never'],
  );
  assert.ok(errors?.every(({ message }) => message.includes('deadline')));
});

test('one error in 10,000 rows is told in each of them, and is itself not changed [R13 R17]', async () => {
  const shared = Object.freeze(new Error('shared'));
  const rows = Array.from({ length: 10_000 }, () => ({
    get a() {
      throw shared;
    },
  }));
  const args = { document: parse('{ list { a } }'), rootValue: { list: rows } };
  const expected = await graphqlExecute({ ...args, schema });
  for (const codegen of ['never', 'always'] as const) {
    const actual = await createEngine({ schema, codegen }).execute(args);
    assert.is(JSON.stringify(actual), JSON.stringify(expected));
    assert.ok(actual.errors?.every(({ originalError }) => originalError === shared));
  }
  assert.equal(Object.keys(shared), []);
});

test('nothing is left rejected', async () => {
  const rejections: unknown[] = [];
  const note = (reason: unknown): void => void rejections.push(reason);
  process.on('unhandledRejection', note);
  const controller = new AbortController();
  const going = createEngine({ schema }).execute({
    document: parse('{ late: never list { a self { a } } }'),
    rootValue: { ...root, list: [Promise.reject(new Error('row')), root] },
    abortSignal: controller.signal,
    onAbort: 'RESPOND',
  });
  controller.abort();
  await going;
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  assert.equal(rejections, []);
});

test.run();
