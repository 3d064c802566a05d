import {
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  execute as graphqlExecute,
  parse,
} from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { createExecutor } from '../../src/engine/createExecutor.ts';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import { fn, lambda } from '../../steps/index.ts';

const test = suite('scalars that are not pure');

let clock = 0;
const read = (): string => `time ${++clock}`;
const timeConfig = { parseValue: read, parseLiteral: read, coerceInputValue: read, coerceInputLiteral: read };

function schemaWith(extensions: Record<string, unknown>): GraphQLSchema {
  const Time = new GraphQLScalarType({ name: 'Time', ...timeConfig, extensions });
  const args = { at: { type: Time } };
  const resolve = (_root: unknown, { at }: { at?: unknown }): string => String(at);
  const fields = { time: { type: GraphQLString, args, resolve } };
  return new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields }) });
}

const document = parse('{ time(at: "now") }');

test('a literal is read anew for each request, on all roads [R20]', async () => {
  const schema = schemaWith({});
  const engine = createEngine({ schema });
  const imported = createExecutor({ schema });
  imported.importPlan(JSON.parse(JSON.stringify(engine.exportPlan(engine.prepare(document)))));
  for (const execute of [
    (): unknown => graphqlExecute({ schema, document }),
    (): unknown => engine.execute({ document }),
    (): unknown => JSON.parse(engine.executeToString({ document }) as string),
    (): unknown => imported.execute({ document }),
    (): unknown => imported.execute({ document: parse('{ time(at: "now") }') }),
  ]) {
    for (const _turn of [1, 2]) {
      const before = clock;
      assert.equal(JSON.stringify(await execute()), `{"data":{"time":"time ${before + 1}"}}`);
    }
  }
});

test('a literal of a scalar that says it is pure is read once a plan [R20]', () => {
  const schema = schemaWith({ planql: { isPure: true } });
  const engine = createEngine({ schema });
  const first = JSON.stringify(engine.execute({ document }));
  const before = clock;
  assert.is(JSON.stringify(engine.execute({ document })), first);
  assert.is(clock, before);
});

test('plans see the value of this request [R25]', () => {
  const schema = makeSchema({
    typeDefs: 'scalar Time type Query { time(at: Time = "x", n: Int = 1): String }',
    scalars: { Time: timeConfig },
    objects: { Query: { plans: { time: (_$root, { $at }) => lambda($at, fn('pure.text', String)) } } },
  });
  const engine = createEngine({ schema });
  const answers = [1, 2].map(() => JSON.stringify(engine.execute({ document })));
  assert.is.not(answers[0], answers[1]);
});

test('a literal that fails is read once a request, and its error told as graphql-js tells it', async () => {
  let reads = 0;
  const shared = new Error('no time');
  const refuse = (): never => {
    reads++;
    throw shared;
  };
  const Time = new GraphQLScalarType({ name: 'Time', parseValue: refuse, parseLiteral: refuse });
  const make = (): GraphQLSchema =>
    new GraphQLSchema({
      query: new GraphQLObjectType({
        name: 'Query',
        fields: { time: { type: GraphQLString, args: { at: { type: Time } }, resolve: () => 'never' } },
      }),
    });
  const expected = JSON.stringify(await graphqlExecute({ schema: make(), document }));
  const readsOfGraphql = reads;
  shared.message = 'no time';
  const engine = createEngine({ schema: make() });
  reads = 0;
  assert.is(JSON.stringify(await engine.execute({ document })), expected);
  assert.is(reads, readsOfGraphql);
});

test.run();
