import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { execute as graphqlExecute, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import { lambda } from '../../steps/values/lambda.ts';
import { compareResults, render } from './compareResults.ts';
import { type Case, casesOf, plain } from './roads.ts';
import { schemaOf } from './schemaOf.ts';

const addCases = casesOf(import.meta.url);

const conditions = suite('conditions');

const typeDefs = /* GraphQL */ `
  type Query { ${Array.from({ length: 10 }, (_, index) => `f${index}: T`).join(' ')} node: Node nodes: [Node] boom: Int! }
  interface Node { id: ID t: T }
  type T implements Node { id: ID t: T name: String broken: Int }
  type S implements Node { id: ID t: T size: Int }
`;

/** Each field has two nodes under different conditions, so that order, merging and locations all depend on them. */
const fields = Array.from({ length: 10 }, (_, index) => `f${index} @include(if: $v${index}) { id }`).join('\n');
const again = Array.from(
  { length: 10 },
  (_, index) => `f${index} @skip(if: $v${(index + 3) % 10}) { broken name }`,
).join('\n');
const operation = `query Q(${Array.from({ length: 10 }, (_, index) => `$v${index}: Boolean!`).join(' ')}) {
${fields}
...F @include(if: $v0)
${again}
}
fragment F on Query { f5 { t { id } } f2 { id } __typename }`;

const t = { id: 1, name: 'n', broken: 'no number', t: { id: 2 } };

conditions('10 condition variables in all 1,024 combinations are planned once [R6]', () => {
  const called: string[] = [];
  const schema = schemaOf(typeDefs, {
    Query: {
      fields: Object.fromEntries(
        Array.from({ length: 10 }, (_, index) => [
          `f${index}`,
          (_root: unknown, _args: unknown, _context: unknown, { fieldNodes, path }) => {
            called.push(`${path.key} ${fieldNodes.map(({ loc }: { loc?: { start: number } }) => loc?.start)}`);
            return t;
          },
        ]),
      ),
    },
  });
  const engine = createEngine({ schema });
  const document = parse(operation);
  for (let combination = 0; combination < 1024; combination++) {
    const variableValues = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`v${index}`, (combination & (1 << index)) !== 0]),
    );
    const expected = graphqlExecute({ schema, document, variableValues }) as never;
    const expectedCalls = called.splice(0).sort();
    const actual = engine.execute({ document, variableValues }) as never;
    assert.is(compareResults(expected, actual, true), null, JSON.stringify(variableValues));
    assert.equal(called.splice(0).sort(), expectedCalls, 'what is skipped does not run; what runs knows its nodes');
  }
  assert.is(engine.stats().planCache.misses, 1);
});

conditions('the same with plans: plan resolvers run once for all combinations [R1 R6]', () => {
  let planned = 0;
  const ran: string[] = [];
  const schema = makeSchema({
    typeDefs,
    objects: {
      Query: {
        plans: Object.fromEntries(
          Array.from({ length: 10 }, (_, index) => [
            `f${index}`,
            () => {
              planned++;
              return lambda([], () => {
                ran.push(`f${index}`);
                return t;
              });
            },
          ]),
        ),
      },
    },
  });
  const reference = schemaOf(typeDefs);
  const rootValue = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`f${index}`, t]));
  const engine = createEngine({ schema });
  const document = parse(operation);
  for (let combination = 0; combination < 1024; combination++) {
    const variableValues = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`v${index}`, (combination & (1 << index)) !== 0]),
    );
    const expected = graphqlExecute({ schema: reference, document, variableValues, rootValue }) as never;
    const actual = engine.execute({ document, variableValues }) as { data: Record<string, unknown> };
    assert.is(render(actual), render(expected));
    assert.equal(
      ran.splice(0).sort(),
      Object.keys(actual.data)
        .filter((key) => key !== '__typename')
        .sort(),
    );
  }
  assert.is(planned, 10);
});

const plainSchema = schemaOf(typeDefs);
const rootValue = {
  f0: t,
  f1: { id: 3 },
  node: { __typename: 'T', ...t },
  nodes: [
    { __typename: 'T', ...t },
    { __typename: 'S', id: 4, size: 5, t },
  ],
};
const of = (name: string, text: string, variables: Record<string, unknown>, more: Partial<Case> = {}): Case => ({
  name,
  rules: ['R6', 'R17'],
  schema: plainSchema,
  operation: text,
  variables,
  rootValue,
  ...more,
});

const both = (name: string, text: string): Case[] =>
  [true, false].flatMap((a) => [true, false].map((b) => of(`${name}, $a ${a}, $b ${b}`, text, { a, b })));

addCases(conditions, [
  ...both(
    'skip and include on one field',
    'query ($a: Boolean!, $b: Boolean!) { f0 @skip(if: $a) @include(if: $b) { id } f1 { id } }',
  ),
  ...both(
    'a conditional first occurrence moves the key',
    'query ($a: Boolean!, $b: Boolean!) { f0 @include(if: $a) { id } f1 { id } f0 @include(if: $b) { name } }',
  ),
  ...both(
    'on spreads and inline fragments',
    'query ($a: Boolean!, $b: Boolean!) { ...F @include(if: $a) ... @skip(if: $b) { f1 { id } } ...F @include(if: $b) } fragment F on Query { f0 { id t { id } } }',
  ),
  ...both(
    'on fragments at abstract positions',
    'query ($a: Boolean!, $b: Boolean!) { nodes { ... on T @include(if: $a) { name t { id } } ...S @skip(if: $b) id @include(if: $b) } } fragment S on S { size t { name } }',
  ),
  ...both(
    'nested: the outer one decides first',
    'query ($a: Boolean!, $b: Boolean!) { f0 @include(if: $a) { t @include(if: $b) { id } } }',
  ),
  ...both(
    'errors are located at the included nodes',
    'query ($a: Boolean!, $b: Boolean!) { f0 { broken @include(if: $a) broken @skip(if: $b) broken } }',
  ),
  ...both(
    "conditions that are each other's opposite",
    'query ($a: Boolean!, $b: Boolean!) { f0 @include(if: $a) { id } f0 @skip(if: $a) { name } f1 @include(if: $b) { id } f1 @skip(if: $b) { id } }',
  ),
  ...both(
    'a skipped field that would fail',
    'query ($a: Boolean!, $b: Boolean!) { boom @skip(if: $a) f0 @include(if: $b) { id } }',
  ),
  ...both(
    'conditions inside a fragment spread twice',
    'query ($a: Boolean!, $b: Boolean!) { f0 { ...F t { ...F @skip(if: $b) } } } fragment F on T { id @include(if: $a) name @include(if: $b) }',
  ),
  of(
    'a default of a condition variable',
    'query ($a: Boolean! = false) { f0 @include(if: $a) { id } f1 @skip(if: $a) { id } }',
    {},
  ),
  of(
    'a nullable variable with a default',
    'query ($a: Boolean = true) { f0 @include(if: $a) { id } f1 @skip(if: $a) { id } }',
    {},
  ),
  of('a custom directive is let be', '{ f0 @custom(x: 1) { id } }', {}),
]);

const undecidable = (name: string, text: string, more: Partial<Case> = {}): Case[] =>
  [{ a: null }, {}, { a: null, b: true }, { a: true, b: null }, { a: null, b: false }].map((variables) =>
    of(`undecidable, ${name}, ${JSON.stringify(variables)}`, text, variables, {
      skip: { 'export/import': 'what cannot be decided is planned for its request' },
      ...more,
    }),
  );

addCases(conditions, [
  ...undecidable('at the root', 'query ($a: Boolean) { f0 @include(if: $a) { id } f1 { id } }'),
  ...undecidable(
    'below the root',
    'query ($a: Boolean = true) { f0 { id name @include(if: $a) } f1 { id } f2 { id @skip(if: $a) } }',
  ),
  ...undecidable(
    'in lists, on abstract types',
    'query ($a: Boolean = true) { nodes { id ... on T { name @include(if: $a) } } node { ... on S { size @skip(if: $a) } id } }',
  ),
  ...undecidable(
    'below other conditions',
    'query ($a: Boolean = true $b: Boolean = true) { f0 @skip(if: $b) { t { id @skip(if: $a) } } f1 { ... @include(if: $b) { id @skip(if: $a) } name } }',
  ),
  ...undecidable(
    'in fragments that several fields share',
    'query ($a: Boolean = true) { f0 { ...F } f1 { t { ...F } } node { ...F } } fragment F on T { name @include(if: $a) t { id } }',
  ),
  ...undecidable('of a variable that nobody declared', '{ f1 { id } f0 { id @include(if: $nobody) name } }'),
  ...undecidable(
    'with values that are no booleans',
    '{ f0 { id @include(if: "yes") } f1 { id @skip(if: 1) } node { id @skip } }',
  ),
  ...undecidable(
    'without being reached',
    'query ($a: Boolean = true) { f5 { id @skip(if: $a) } node { ...S } } fragment S on S { id @skip(if: $a) }',
  ),
  of(
    'of two equal directives the first counts',
    '{ f0 @skip(if: false) @skip(if: true) { id } f1 @include(if: false) @include(if: true) { id } }',
    {},
  ),
]);

conditions('a plan for conditions that are null is kept, one for each way to decide them all [R6]', async () => {
  const schema = schemaOf('type Query { a: Int b: Int next: Query }');
  const document = parse(
    'query ($c: Boolean = true, $d: Boolean!, $e: Int) { a next { ...F b @include(if: $d) } } fragment F on Query { a @skip(if: $c) }',
  );
  const rootValue = { a: 1, b: 2, next: { a: 1, b: 2 } };
  const engine = createEngine({ schema });
  const ask = async (variableValues: Record<string, unknown>): Promise<void> => {
    const result = await engine.execute({ document, rootValue, variableValues });
    const expected = await graphqlExecute({ schema, document, rootValue, variableValues });
    assert.is(compareResults(expected, result, true), null);
  };
  for (let round = 0; round < 3; round++) {
    for (const c of [null, true, false]) for (const d of [true, false]) await ask({ c, d, e: round });
    await ask({ d: true, e: round });
  }
  // One plan for all requests whose conditions are booleans, and one for each value of $d beside a $c that is null.
  const { hits, misses, plans } = engine.stats().planCache;
  assert.equal({ hits, misses, plans }, { hits: 18, misses: 3, plans: 3 });
  const invalid = parse('{ next { a @include(if: "yes") } }');
  for (let round = 0; round < 2; round++) await engine.execute({ document: invalid, rootValue });
  assert.is(engine.stats().planCache.misses, 5);
});

conditions('a kept plan for conditions that are null keeps nothing else of its request', async () => {
  let isGone = false;
  const collected = new FinalizationRegistry(() => {
    isGone = true;
  });
  const schema = schemaOf(
    'interface Node { a: Int } type T implements Node { a: Int } type Query { node(x: X): Node } scalar X',
    {
      T: { isTypeOf: () => true },
    },
  );
  const document = parse('query ($c: Boolean = true, $x: X) { node(x: $x) { a @skip(if: $c) } }');
  const engine = createEngine({ schema });
  await (async () => {
    const x = { large: 'x'.repeat(1_000_000) };
    collected.register(x, null);
    await engine.execute({ document, rootValue: { node: { a: 1 } }, variableValues: { c: null, x } });
  })();
  assert.is(engine.stats().planCache.plans, 1);
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  for (let round = 0; round < 50 && !isGone; round++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    gc();
  }
  assert.ok(isGone);
});

conditions('an undecidable condition of a mutation fails its field: it has run [R19]', async () => {
  const calls: string[] = [];
  const schema = schemaOf('type Query { a: Int } type Mutation { one: T two: T } type T { id: ID }', {
    Mutation: {
      fields: {
        one: () => {
          calls.push('one');
          return { id: 1 };
        },
        two: () => {
          calls.push('two');
          return { id: 2 };
        },
      },
    },
  });
  const document = parse('mutation ($a: Boolean = true) { one { id @include(if: $a) } two { id } }');
  const args = { document, variableValues: { a: null } };
  const expected = plain(graphqlExecute({ schema, ...args }) as never);
  assert.equal(calls.splice(0), ['one', 'two']);
  const engine = createEngine({ schema });
  assert.equal(plain(engine.execute(args) as never), expected);
  assert.equal(calls, ['one', 'two']);
});

conditions.run();
