import { GraphQLFloat, GraphQLInt, GraphQLString, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { type Case, casesOf } from './roads.ts';
import { later, laterThrow, schemaOf } from './schemaOf.ts';

const addCases = casesOf(import.meta.url);

const outcomes: Readonly<Record<string, (value: unknown) => unknown>> = {
  value: (value) => later({ of: value }, 2),
  null: () => later(null),
  undefined: () => later(undefined),
  error: () => laterThrow('serialize'),
};

const schemaWith = (serialize: (value: unknown) => unknown) =>
  schemaOf(
    'scalar S type T { s: S must: S! list: [S] mustList: [S!] } type Query { t: T ts: [T!] s: S late: S fails: Int! }',
    {
      S: { serialize },
      Query: {
        fields: {
          t: () => ({ s: 1, must: 2, list: [3, null, later(4)], mustList: [5, 6] }),
          ts: () => [{ must: 1 }, { must: later(2) }],
          s: () => 7,
          late: () => later(8, 3),
          fails: () => laterThrow('fails', 4),
        },
      },
    },
  );

const serializers = suite('scalars that serialise asynchronously');
addCases(
  serializers,
  Object.entries(outcomes).flatMap(([what, serialize]) =>
    ['{ t { s must list mustList } ts { must } s late }', '{ ts { must } }', '{ s late fails }'].map(
      (operation): Case => ({
        name: `${what}: ${operation}`,
        rules: ['R17', '4.12.8'],
        schema: schemaWith(serialize),
        operation,
        mayWait: true,
      }),
    ),
  ),
);

serializers('each value is serialised once', async () => {
  const asked: unknown[] = [];
  const schema = schemaWith((value) => {
    asked.push(value);
    return later(value, asked.length);
  });
  const engine = createEngine({ schema });
  const { data } = await engine.execute({ document: parse('{ t { s must list mustList } s late }') });
  assert.equal(JSON.parse(JSON.stringify(data)).t, { s: 1, must: 2, list: [3, null, 4], mustList: [5, 6] });
  assert.equal(asked.sort(), [1, 2, 3, 4, 5, 6, 7, 8]);
});
serializers.run();

type Methods = Record<string, (value: unknown) => unknown>;

const patched = suite('built-in scalars whose methods are replaced');

/** Replaces methods as long as `task` runs, under the names that both versions of graphql-js have for them. */
async function withMethods(type: unknown, methods: Methods, task: () => Promise<void>): Promise<void> {
  const own = type as Methods;
  const names = Object.keys(methods).filter((name) => name in own);
  const before = names.map((name) => own[name]);
  for (const name of names) own[name] = methods[name] as Methods[string];
  try {
    await task();
  } finally {
    for (const [index, name] of names.entries()) own[name] = before[index] as Methods[string];
  }
}

async function answers(source: string, variableValues: Readonly<Record<string, unknown>> = {}): Promise<unknown[]> {
  const schema = schemaOf('type Query { int: Int float: Float text: String echo(n: Int): Int }', {
    Query: { fields: { int: () => 1, float: () => 1.5, text: () => 'a', echo: (_root, { n }) => n } },
  });
  const given = { document: parse(source), variableValues };
  const engine = createEngine({ schema, codegen: 'never' });
  const imported = createEngine({ schema });
  imported.importPlan(JSON.parse(JSON.stringify(engine.exportPlan(engine.prepare(given.document)))));
  const generated = createEngine({ schema, codegen: 'always' });
  const texts = [engine, imported, generated].flatMap((one) => [one.execute(given), one.executeToString(given)]);
  return Promise.all(
    texts.map(async (text) => JSON.parse(typeof text === 'string' ? text : JSON.stringify(await text)).data),
  );
}

patched('serialize', async () => {
  const twice = (value: unknown): number => (value as number) * 2;
  const expected = { int: 2, float: 3, text: 'a!' };
  await withMethods(GraphQLInt, { serialize: twice, coerceOutputValue: twice }, () =>
    withMethods(GraphQLFloat, { serialize: twice, coerceOutputValue: twice }, () =>
      withMethods(
        GraphQLString,
        { serialize: (value) => `${value}!`, coerceOutputValue: (value) => `${value}!` },
        async () => {
          for (const answer of await answers('{ int float text }')) assert.equal(answer, expected);
        },
      ),
    ),
  );
  for (const answer of await answers('{ int }')) assert.equal(answer, { int: 1 });
});

patched('parseValue', async () => {
  const plus = (value: unknown): number => (value as number) + 40;
  await withMethods(GraphQLInt, { parseValue: plus, coerceInputValue: plus }, async () => {
    for (const answer of await answers('query ($n: Int) { echo(n: $n) }', { n: 2 })) assert.equal(answer, { echo: 42 });
  });
});
patched.run();
