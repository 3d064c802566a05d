/**
 * Exports plans with the installed graphql, and answers from plans that are given on its standard input. It prints one
 * JSON: for each case the plan, the answer of graphql-js, and of the given plan the answer or why it was refused.
 */
import {
  buildSchema,
  GraphQLEnumType,
  GraphQLFloat,
  GraphQLID,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  execute as graphqlExecute,
  parse,
} from 'graphql';
import { createEngine } from '../../src/engine/createEngine.ts';
import { createExecutor } from '../../src/engine/createExecutor.ts';
import { attemptOf, contextOf, rootTypeOf, setUp } from '../fuzz/attempt.ts';

interface VersionCase {
  readonly schema: GraphQLSchema;
  readonly text: string;
  readonly request: () => Record<string, unknown>;
}

const show = (_root: unknown, args: unknown): string => JSON.stringify(args);

function sdlSchema(): GraphQLSchema {
  const schema = buildSchema(/* GraphQL */ `
    scalar J
    enum E { A B }
    interface N { id: ID }
    type T implements N { id: ID f(x: Float = 1): String }
    union U = T
    input I {
      a: Int = 1 f: Float = 1 g: Float = 1.50 id: ID = 5 id2: ID = "a" s: String = "x\\ny" e: E = A l: [Int] = 1
      l2: [Int] = [1, 2] j: J = { b: [true], a: 1 } n: I2 = {} t: String = """block
      text"""
    }
    input I2 { x: Int = 2 y: [E!] = [A] z: I2 = null }
    type Query {
      q(i: I = { a: 2 }, e: E = B, big: Float = 1e50, j: J = "s", neg: Int = -0): N
      u: U l(i: [I] = [{}]): String k(i: I = { l: 3 }, ids: [ID!] = [1, "b"]): String
    }
  `);
  const query = (schema.getQueryType() as GraphQLObjectType).getFields();
  for (const name of ['l', 'k']) Object.assign(query[name] as object, { resolve: show });
  Object.assign((schema.getType('T') as GraphQLObjectType).getFields().f as object, { resolve: show });
  return schema;
}

function codeSchema(): GraphQLSchema {
  const E = new GraphQLEnumType({ name: 'E', values: { A: { value: 1 }, B: { value: { x: 1 } } } });
  const I = new GraphQLInputObjectType({
    name: 'I',
    fields: {
      a: { type: GraphQLInt, defaultValue: 3 },
      id: { type: GraphQLID, defaultValue: '5' },
      e: { type: E, defaultValue: 1 },
    },
  });
  const J = new GraphQLScalarType({ name: 'J' });
  const args = {
    i: { type: I, defaultValue: { a: 3, e: 1 } },
    f: { type: GraphQLFloat, defaultValue: 1.5 },
    l: { type: new GraphQLList(E), defaultValue: [1] },
    j: { type: J, defaultValue: { a: [1] } },
  };
  const fields = { q: { type: GraphQLString, args, resolve: show } };
  return new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields }) });
}

const rootValue = { q: { __typename: 'T', id: 1 }, u: { __typename: 'T' } };
const introspection =
  '{ __schema { types { name fields(includeDeprecated: true) { name args { name } } } } __type(name: "I") { name inputFields { name defaultValue } enumValues { name } } }';
const cases: Record<string, VersionCase> = {
  sdl: {
    schema: sdlSchema(),
    text: '{ q { id ... on T { f } } u { ... on T { f(x: 2) } } l k b: k(i: {}) }',
    request: () => ({ rootValue }),
  },
  variables: {
    schema: sdlSchema(),
    text: 'query ($i: I = { f: 1.0 }, $j: J) { k(i: $i) l(i: [$i, { j: $j }]) }',
    request: () => ({ rootValue, variableValues: { j: 1 } }),
  },
  code: { schema: codeSchema(), text: '{ q b: q(i: { a: 1 }) }', request: () => ({}) },
  introspection: { schema: codeSchema(), text: introspection, request: () => ({}) },
};
for (let seed = 1; seed <= 60; seed++) {
  const attempt = attemptOf(seed);
  if (attempt.knobs.incremental) continue;
  const { data, operation } = setUp(attempt);
  cases[`seed ${seed}`] = {
    schema: data.schema,
    text: operation.text,
    request: () => ({
      rootValue: data.root(rootTypeOf(parse(operation.text))),
      contextValue: contextOf([]),
      variableValues: operation.variables,
    }),
  };
}
process.on('unhandledRejection', () => {}); // graphql-js leaves some

const chunks: Buffer[] = [];
for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
const given = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, unknown>;
const results: Record<string, unknown> = {};
for (const [name, { schema, text, request }] of Object.entries(cases)) {
  const document = parse(text);
  const engine = createEngine({ schema });
  const plan = engine.exportPlan(engine.prepare(document));
  const expected = JSON.stringify(await graphqlExecute({ schema, document, ...request() }));
  const own = JSON.stringify(await engine.execute({ document, ...request() }));
  results[name] = { plan, expected, own, answer: await answer(name) };

  async function answer(name: string): Promise<string | null> {
    if (!(name in given)) return null;
    try {
      const executor = createExecutor({ schema });
      executor.importPlan(given[name]);
      return JSON.stringify(await executor.execute({ document, ...request() }));
    } catch (error) {
      return String(error);
    }
  }
}
process.stdout.write(JSON.stringify(results));
