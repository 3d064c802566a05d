import * as graphqlModule from 'graphql';
import {
  buildSchema,
  type ExecutionResult,
  GraphQLError,
  execute as graphqlExecute,
  subscribe as graphqlSubscribe,
  parse,
} from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { execute, executeSync, subscribe } from '../../src/index.ts';

/** Requests that cannot be begun (rule R17): what graphql-js answers, or throws at the caller's mistake. */
const test = suite('requests that cannot be begun');
const schema = buildSchema('type Query { a(b: Int): Int } type Subscription { ticks: Int }');
const queriesOnly = buildSchema('type Query { a: Int }');

const refused: ReadonlyArray<readonly [name: string, args: object]> = [
  ['two operations and no name', { schema, document: parse('query A { a } query B { a }') }],
  ['an unknown name', { schema, document: parse('query A { a }'), operationName: 'C' }],
  ['no operation', { schema, document: parse('fragment F on Query { a }') }],
  ['no mutation type', { schema, document: parse('mutation { a }') }],
  [
    'a variable of the wrong type',
    { schema, document: parse('query ($b: Int) { a(b: $b) }'), variableValues: { b: 'x' } },
  ],
  ['a variable that is missing', { schema, document: parse('query ($b: Int!) { a(b: $b) }') }],
];
for (const [name, args] of refused) {
  test(name, async () => {
    const expected = await graphqlExecute(args as never);
    const actual = await execute(args as never);
    assert.ok(actual.errors?.every((error) => error instanceof GraphQLError));
    assert.equal(JSON.parse(JSON.stringify(actual)), JSON.parse(JSON.stringify(expected)));
  });
}

const refusedStreams: ReadonlyArray<readonly [name: string, args: object]> = [
  ['a subscription to an unknown field', { schema, document: parse('subscription { unknown }') }],
  [
    'an unknown field in a fragment',
    { schema, document: parse('subscription { ...F } fragment F on Subscription { no }') },
  ],
  ['no subscription type', { schema: queriesOnly, document: parse('subscription { a }') }],
];
for (const [name, args] of refusedStreams) {
  test(name, async () => {
    const expected = await graphqlSubscribe(args as never);
    assert.equal(JSON.parse(JSON.stringify(await subscribe(args as never))), JSON.parse(JSON.stringify(expected)));
  });
}

test('a subscription whose fragments spread only themselves selects nothing', async () => {
  const document = parse('subscription { ...F } fragment F on Subscription { ...F }');
  const result = (await subscribe({ schema, document })) as ExecutionResult;
  assert.equal(result.errors?.[0]?.message, 'The subscription selects no field.');
});

test('mistakes of the caller are thrown', () => {
  const document = parse('query ($b: Int) { a(b: $b) }');
  for (const run of [execute, executeSync, subscribe]) {
    assert.throws(() => run({ schema } as never), 'Must provide document.');
    assert.throws(() => run({ document } as never), 'Expected undefined to be a GraphQL schema.');
    assert.throws(() => run({ schema: {}, document } as never), 'Expected {} to be a GraphQL schema.');
    assert.throws(
      () => run({ schema, document, variableValues: '{ "b": 1 }' as never }),
      'Variables must be provided as an Object where each property is a variable value.',
    );
  }
});

/** graphql 17 lets `graphql()` take other functions for its stages. */
const { defaultHarness } = graphqlModule as { readonly defaultHarness?: object };
if (defaultHarness !== undefined) {
  test('execute and subscribe go into the harness of graphql 17', async () => {
    const harness = { ...defaultHarness, execute, subscribe };
    const args = { schema, source: '{ a }', rootValue: { a: () => 7 }, harness };
    assert.equal(JSON.stringify(await graphqlModule.graphql(args as never)), '{"data":{"a":7}}');
    assert.equal(JSON.stringify(graphqlModule.graphqlSync(args as never)), '{"data":{"a":7}}');
  });
}

test.run();
