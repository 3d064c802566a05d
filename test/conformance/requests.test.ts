import * as graphqlModule from 'graphql';
import { buildSchema, GraphQLError, execute as graphqlExecute, parse, versionInfo } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { execute, executeSync, subscribe } from '../../src/index.ts';

/** Requests that cannot be begun (rule R17): what graphql-js answers, or throws at the caller's mistake. */
const test = suite('requests that cannot be begun');
const schema = buildSchema('type Query { a(b: Int): Int } type Subscription { ticks: Int }');
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

test('mistakes of the caller are thrown', () => {
  const document = parse('query ($b: Int) { a(b: $b) }');
  for (const run of [execute, executeSync]) {
    assert.throws(() => run({ schema } as never), 'Must provide document.');
    assert.throws(() => run({ document } as never), 'Expected undefined to be a GraphQL schema.');
    assert.throws(() => run({ schema: {}, document } as never), 'Expected {} to be a GraphQL schema.');
    assert.throws(
      () => run({ schema, document, variableValues: '{ "b": 1 }' as never }),
      'Variables must be provided as an Object where each property is a variable value.',
    );
  }
});

test('subscribe throws them, or rejects, as the installed graphql-js does', async () => {
  const document = parse('subscription ($b: Int) { ticks }');
  const mistakes: Record<string, object> = {
    'Must provide document.': { schema },
    'Expected undefined to be a GraphQL schema.': { document },
    'Variables must be provided as an Object': { schema, document, variableValues: '{ "b": 1 }' },
  };
  for (const [message, args] of Object.entries(mistakes)) {
    const run = (): unknown => subscribe(args as never);
    if (versionInfo.major >= 17) {
      assert.throws(run, message);
      continue;
    }
    const error = await (run() as Promise<unknown>).then(
      () => null,
      (reason: Error) => reason,
    );
    assert.match(error?.message ?? '', message);
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
