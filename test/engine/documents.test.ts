import {
  buildSchema,
  type GraphQLArgs,
  GraphQLError,
  type GraphQLSchema,
  execute as graphqlExecute,
  graphql as graphqlJs,
  graphqlSync as graphqlJsSync,
  NoDeprecatedCustomRule,
  parse,
  Source,
} from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, graphql, graphqlSync } from '../../src/index.ts';
import { documentBytes } from '../../src/schema/documentBytes.ts';

const test = suite('documents by their text');
const schema = buildSchema('type Query { a: Int, old: Int @deprecated, late: Int }');
const rootValue = { a: 1, late: () => Promise.resolve(2) };
const invalid = buildSchema('type Query { a: Int, __b: Int }');

const requests: ReadonlyArray<readonly [name: string, args: GraphQLArgs]> = [
  ['an answer', { schema, source: '{ a }', rootValue }],
  ['an answer that takes time', { schema, source: '{ late a }', rootValue }],
  ['a text that is no document', { schema, source: '{ a', rootValue }],
  ['an unknown field', { schema, source: '{ a b c }', rootValue }],
  ['a source with a place of its own', { schema, source: new Source('{ b }', 'file.graphql', { line: 7, column: 3 }) }],
  ['a schema that is not valid', { schema: invalid, source: '{ a }' }],
  ['an operation that is not there', { schema, source: 'query A { a }', operationName: 'B' }],
];
for (const [name, args] of requests) {
  test(`graphql() is graphql-js' graphql(): ${name}`, async () => {
    const expected = JSON.stringify(await graphqlJs(args));
    for (const _ of ['first', 'again']) assert.is(JSON.stringify(await graphql(args as never)), expected);
  });
}

test('graphqlSync() answers at once, or throws', () => {
  const args = { schema, source: '{ a }', rootValue };
  assert.is(JSON.stringify(graphqlSync(args)), JSON.stringify(graphqlJsSync(args)));
  assert.throws(() => graphqlSync({ ...args, source: '{ late }' }), 'failed to complete synchronously');
});

test('a caller who gives no text, or no schema, is told', async () => {
  const { errors } = await graphql({ schema } as never);
  assert.ok(errors?.[0] instanceof GraphQLError);
  const [expected, actual] = await Promise.all(
    [graphqlJs, graphql].map((run) => run({ source: '{ a }' } as never).catch(String)),
  );
  assert.is(actual, expected);
});

test('a text is parsed and validated once, and its plan is found by it', async () => {
  const engine = createEngine({ schema });
  const first = engine.document('{ a }');
  assert.is(engine.document('{ a }'), first);
  assert.is.not(engine.document('{  a }'), first);
  const errors = engine.document('{ b }');
  assert.ok(Array.isArray(errors));
  assert.equal(engine.document('{ b }'), errors);
  for (let times = 0; times < 3; times++) engine.execute({ document: engine.document('{ a }') as never, rootValue });
  assert.equal([engine.stats().planCache.misses, engine.stats().planCache.hits], [1, 2]);
});

test('errors have locations, also where a document without any came first', async () => {
  const must = buildSchema('type Query { a: Int!, n(n: Int!): Int }');
  // As it is printed: a text that is found by both documents.
  const text = 'query ($n: Int!) {\n  a\n  n(n: $n)\n}';
  const request = (noLocation: boolean) => ({ document: parse(text, { noLocation }), variableValues: { n: 1 } });
  const engine = createEngine({ schema: must });
  const imported = createEngine({ schema: must });
  imported.importPlan(JSON.parse(JSON.stringify(engine.exportPlan(engine.prepare(request(true).document)))));
  for (const [name, run] of Object.entries({
    objects: async (args: ReturnType<typeof request>) => JSON.stringify(await engine.execute(args)),
    text: async (args: ReturnType<typeof request>) => engine.executeToString(args),
    imported: async (args: ReturnType<typeof request>) => imported.executeToString(args),
  })) {
    await run(request(true));
    for (const variableValues of [{ n: 1 }, { n: 'x' }]) {
      const args = { ...request(false), variableValues };
      const expected = JSON.stringify(await graphqlExecute({ ...args, schema: must }));
      assert.match(expected, 'locations');
      for (const _ of ['first', 'again']) assert.is(await run(args as never), expected, name);
    }
  }
});

test('documents are bounded in number and in size', () => {
  const byNumber = createEngine({ schema, documents: { max: 1 } });
  const first = byNumber.document('{ a }');
  byNumber.document('{ late }');
  assert.is.not(byNumber.document('{ a }'), first);
  const maxBytes = documentBytes(parse('{ a a }'));
  const bySize = createEngine({ schema, documents: { maxBytes } });
  assert.is.not(bySize.document('{ a a a a }'), bySize.document('{ a a a a }'));
  assert.is(bySize.document('{ a }'), bySize.document('{ a }'));
  for (const documents of [{ max: 0 }, { maxBytes: 0 }]) {
    const without = createEngine({ schema, documents });
    assert.is.not(without.document('{ a }'), without.document('{ a }'));
  }
});

test('rules and parse options are those given', () => {
  const document = (options: NonNullable<Parameters<typeof createEngine>[0]['documents']>, source: string): unknown =>
    createEngine({ schema: schema as GraphQLSchema, documents: options }).document(source);
  assert.match(String(document({ rules: [NoDeprecatedCustomRule] }, '{ old }')), 'Query.old is deprecated');
  assert.match(String(document({ parse: { maxTokens: 3 } }, '{ a a a }')), 'token');
  assert.not(Array.isArray(document({ rules: [] }, '{ b }')));
});

test.run();
