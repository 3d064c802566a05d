import {
  GraphQLEnumType,
  GraphQLError,
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
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { createExecutor } from '../../src/engine/createExecutor.ts';
import type { Engine } from '../../src/engine/Engine.ts';
import type { RequestArgs } from '../../src/engine/RequestArgs.ts';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import { applyInput } from '../../src/schema/steps/ApplyInputStep.ts';
import { constant } from '../../src/step/builtin/ConstantStep.ts';
import { context } from '../../src/step/builtin/requestSteps.ts';
import { Step } from '../../src/step/Step.ts';
import { fail } from '../../src/step/signals.ts';
import { registerSteps } from '../../src/step/stepClasses.ts';
import {
  connection,
  each,
  fn,
  lambda,
  list,
  loader,
  loadMany,
  loadOne,
  object,
  sideEffect,
} from '../../steps/index.ts';
import { scribble } from './scribble.ts';

const color = Object.freeze({ red: 1 });

/**
 * Resolvers say what they see, before `spoil` writes to it. graphql-js lets resolvers spoil the defaults of a schema: its
 * own leave them as they are.
 */
function resolverSchema(spoil: (value: unknown) => void): GraphQLSchema {
  const seen = (_root: unknown, args: unknown): string => {
    const text = JSON.stringify(args);
    spoil(args);
    return text;
  };
  const Color = new GraphQLEnumType({ name: 'Color', values: { RED: { value: color }, GREEN: { value: 'green' } } });
  const Json = new GraphQLScalarType({ name: 'Json' });
  const Time = new GraphQLScalarType({ name: 'Time', parseValue: (value) => new Date(value as string) });
  const Inner = new GraphQLInputObjectType({
    name: 'Inner',
    fields: { tags: { type: new GraphQLList(GraphQLString), defaultValue: ['t'] }, n: { type: GraphQLInt } },
  });
  const Where: GraphQLInputObjectType = new GraphQLInputObjectType({
    name: 'Where',
    fields: () => ({
      status: { type: GraphQLString },
      tags: { type: new GraphQLList(GraphQLString) },
      inner: { type: Inner, defaultValue: { tags: ['d'], n: 1 } },
      color: { type: Color },
      json: { type: Json },
      time: { type: Time },
      and: { type: new GraphQLList(Where) },
    }),
  });
  const args = {
    where: { type: Where },
    plain: { type: Inner },
    list: { type: new GraphQLList(GraphQLInt) },
    given: { type: Inner, defaultValue: { tags: ['a'] } },
    json: { type: Json },
    color: { type: Color },
  };
  const Child: GraphQLObjectType = new GraphQLObjectType({
    name: 'Child',
    fields: { seen: { type: GraphQLString, args, resolve: seen } },
  });
  return new GraphQLSchema({
    query: new GraphQLObjectType({
      name: 'Query',
      fields: {
        seen: { type: GraphQLString, args, resolve: seen },
        children: { type: new GraphQLList(Child), resolve: () => [{}, {}, {}] },
        isRed: { type: GraphQLString, args, resolve: (_root, given) => String(given.color === color) },
        info: {
          type: GraphQLString,
          args,
          resolve: (_root, _args, _context, { fragments, fieldNodes, variableValues, path }) => {
            const text = `${Object.keys(fragments)} ${fieldNodes.length} ${JSON.stringify(variableValues)} ${JSON.stringify(path)}`;
            spoil(fieldNodes);
            spoil(fragments);
            spoil('coerced' in variableValues ? variableValues.coerced : variableValues);
            spoil(path);
            return text;
          },
        },
      },
    }),
  });
}

const test = suite('isolation');

type Road = readonly [name: string, run: (args: RequestArgs) => Promise<string>];

/** All roads that an operation can take; the requests of one road share all that planql keeps. */
function roadsOf(schema: GraphQLSchema, document: RequestArgs['document']): Road[] {
  const objects = (engine: Engine) => async (request: RequestArgs) => JSON.stringify(await engine.execute(request));
  const closures = createEngine({ schema, codegen: 'never' });
  const generated = createEngine({ schema, codegen: 'always' });
  const imported = createExecutor({ schema });
  imported.importPlan(JSON.parse(JSON.stringify(closures.exportPlan(closures.prepare(document)))));
  return [
    ['objects', objects(closures)],
    ['generated code', objects(generated)],
    ['text', async (request) => generated.executeToString(request)],
    ['bytes', async (request) => Buffer.from(await generated.executeToBuffer(request)).toString()],
    ['chunks', (request) => chunkText(generated, request)],
    ['imported', objects(imported)],
    ['imported, bytes', async (request) => Buffer.from(await imported.executeToBuffer(request)).toString()],
  ];
}

async function chunkText(engine: Engine, request: RequestArgs): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of engine.executeToChunks(request, { chunkBytes: 64 })) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Three requests in turn give the same answer, whatever resolvers write to. The first is that of `expected`. */
async function checkThrice(
  schema: GraphQLSchema,
  operation: string,
  request: () => Partial<RequestArgs>,
  expected: string | null = null,
): Promise<void> {
  const document = parse(operation);
  let first = expected;
  for (const [name, run] of roadsOf(schema, document)) {
    for (const turn of [1, 2, 3]) {
      // A text that is parsed again is the same operation.
      const again = turn === 2 ? parse(operation) : document;
      const answer = await run({ document: again, ...request() });
      first ??= answer;
      assert.is(answer, first, `${name}, request ${turn}`);
    }
  }
}

/** As graphql-js answers a first request. */
async function checkAsGraphql(operation: string, variableValues: Record<string, unknown> = {}): Promise<void> {
  const request = (): Partial<RequestArgs> => ({ variableValues: structuredClone(variableValues) });
  const expected = await graphqlExecute({ schema: resolverSchema(() => {}), document: parse(operation), ...request() });
  await checkThrice(resolverSchema(scribble), operation, request, JSON.stringify(expected));
}

const operations: readonly (readonly [operation: string, variables?: Record<string, unknown>])[] = [
  ['{ seen(where: { status: "open" }) again: seen(where: { status: "open" }) }'],
  ['{ seen(where: { tags: ["a", "b"], inner: { tags: "c", n: 2 }, and: [{ tags: [] }, { status: "x" }] }) }'],
  ['{ seen(list: [1, 2]) b: seen(list: 5) c: seen(plain: { n: 1 }) }'],
  ['{ seen b: seen(where: {}) c: seen(where: { inner: {} }) }'],
  ['{ seen(json: { a: [1, { b: 2 }] }) b: seen(json: [1]) c: seen(where: { json: { a: 1 } }) }'],
  ['{ seen(where: { time: "2020-01-01" }) }'],
  ['{ children { seen(where: { tags: ["a"] }, list: [1], json: { a: 1 }) b: seen } }'],
  ['{ isRed(color: RED) b: isRed(color: GREEN) } '],
  ['query ($i: Inner) { children { seen(given: $i) } b: children { seen(given: $i, list: [1]) } }'],
  ['query ($i: Inner) { children { seen(where: { inner: $i }) } }'],
  ['{ children { seen(where: { color: RED, status: "x" }) } }'],
  ['query ($w: Where = { tags: ["v"] }, $t: [String] = ["x"]) { seen(where: $w) b: seen(where: { tags: $t }) }'],
  ['query ($w: Where, $i: Inner) { seen(where: $w) b: seen(given: $i) }', { w: {}, i: { n: 5 } }],
  ['query ($w: Where) { seen(where: $w, list: [1]) }', { w: { and: [{ status: 'a' }], json: { a: 1 } } }],
  ['query ($w: Where) { seen(where: { and: [$w, { status: "b" }] }) }', { w: { tags: ['a'] } }],
  ['query ($w: Where, $s: String = "s") { seen(where: { status: $s }, given: { n: 1 }) b: seen(where: $w) }'],
  ['query ($i: Inner) { info(plain: $i) ...F } fragment F on Query { info(plain: $i) }', { i: { n: 1 } }],
];
for (const [operation, variables] of operations) {
  test(`resolvers write to what they are given: ${operation} [R20 R25]`, () => checkAsGraphql(operation, variables));
}

/** Says what it gets, and scribbles over it. */
const see = (value: unknown): string => {
  const text = JSON.stringify(value);
  scribble(value);
  return text;
};
const saw = fn('isolation.saw', see);
const sawItems = loader<string, unknown>({
  name: 'isolation.items',
  load(keys, info) {
    const { attributes, global, page } = info;
    const text = JSON.stringify([keys, attributes, global, page]);
    const values = keys.map(() => ({ text, list: [{ text }] }) as never);
    for (const value of [keys, attributes, global, page]) scribble(value);
    (keys as unknown[]).length = 0;
    return values;
  },
});
const sawLists = loader<readonly unknown[], unknown>({
  name: 'isolation.lists',
  load(keys, { attributes, global, page }) {
    const text = JSON.stringify([keys, attributes, global, page]);
    const values = keys.map(() => [{ text }, { text }, { text }]);
    for (const value of [keys, attributes, global, page]) scribble(value);
    return values;
  },
  pagination: { offset: true },
});

const makeTarget = fn('isolation.target', (): { made: unknown[] } => ({ made: [] }));

/** Writes to its own params, or tries to. */
class WritingStep extends Step<string> {
  static override readonly op = 'isolation.writing';

  constructor(options: { readonly list: readonly number[] }) {
    super();
    this.params = { options };
  }

  override execute(count: number): readonly string[] {
    const text = JSON.stringify(this.params);
    try {
      scribble(this.params.options);
    } catch (error) {
      // Params are frozen: they belong to the plan.
      assert.instance(error, TypeError);
    }
    return new Array<string>(count).fill(text);
  }
}
registerSteps(WritingStep);

const planned = makeSchema({
  typeDefs: /* GraphQL */ `
    scalar Json
    input Inner { tags: [String] = ["t"] n: Int }
    input Where { status: String tags: [String] inner: Inner = { n: 1 } json: Json }
    type Item { text: String list: [Item] }
    type Items { nodes: [Item] }
    type Query {
      lambda(where: Where = { status: "d" }, list: [Int] = [1]): String
      parts(where: Where): String
      made: String
      constants: String
      effect(where: Where): String
      keys(list: [Int!]!, where: Where): [Item]
      page(where: Where, first: Int): Items
      apply(where: Where): String
      writing: String
      echo(json: Json): Json
    }
    type Mutation { effect(where: Where): String }
  `,
  objects: {
    Query: {
      plans: {
        lambda: (_$root, { $where, $list }) => lambda([$where, $list], saw),
        parts: (_$root, args) => lambda([args.at('where', 'tags'), args.at('where', 'inner'), args.at('where')], saw),
        made: () => lambda(object({ a: constant({ b: [1] }), c: list([constant([2]), constant('x')]) }), saw),
        constants: () => lambda([constant({ a: [1] }), constant({ a: [1] })], saw),
        keys: (_$root, { $list, $where }) =>
          each($list, ($n) => loadOne(list([$n, constant({ k: 1 })]), sawItems, { where: $where, more: { a: [1] } })),
        page: (_$root, args) =>
          connection(loadMany(args.at('where'), sawLists, args.at('where')), { first: args.$first }),
        apply: (_$root, args) => lambda(applyInput(args, ['where'], makeTarget), saw),
        writing: () => new WritingStep({ list: [1, 2] }),
        echo: (_$root, { $json }) => $json,
      },
    },
    Mutation: { plans: { effect: (_$root, { $where }) => sideEffect([context(), $where], saw) } },
  },
  inputObjects: {
    Where: { apply: { tags: (target: { made: unknown[] }, value) => void target.made.push(see(value)) } },
  },
});

const plannedOperations: readonly (readonly [operation: string, variables?: Record<string, unknown>])[] = [
  ['{ lambda(where: { status: "open", tags: ["a"] }, list: [1, 2]) again: lambda(where: { status: "open" }) }'],
  ['{ lambda other: lambda(where: {}) }'],
  ['{ lambda(where: { json: { a: [1] } }) }'],
  ['query ($s: String) { lambda(where: { status: $s, tags: ["a"] }) }', { s: 'x' }],
  ['query ($w: Where = { tags: ["a"] }, $i: Inner) { lambda(where: $w) b: lambda(where: { inner: $i }) }', { i: {} }],
  ['{ parts(where: { tags: ["a"], inner: { n: 2 } }) b: parts(where: {}) }'],
  ['{ made constants }'],
  ['mutation { effect(where: { tags: ["a"] }) }'],
  ['{ keys(list: [1, 2], where: { tags: ["x"] }) { text list { text } } }'],
  ['{ page(where: { tags: ["x"] }, first: 2) { nodes { text } } }'],
  ['{ apply(where: { tags: ["x"], inner: { n: 1 } }) }'],
  ['{ writing }'],
];
for (const [operation, variables = {}] of plannedOperations) {
  test(`steps hand values to functions that write to them: ${operation} [R25]`, () =>
    checkThrice(planned, operation, () => ({ variableValues: structuredClone(variables) })));
}

test('who gets a response may write to it: constants in it are its own [R25]', async () => {
  for (const codegen of ['never', 'always'] as const) {
    const engine = createEngine({ schema: planned, codegen });
    const document = parse('{ echo(json: { a: [1] }) }');
    const first = await engine.execute({ document });
    scribble(first.data?.echo);
    assert.equal(JSON.stringify(await engine.execute({ document })), '{"data":{"echo":{"a":[1]}}}');
  }
});

interface SharedRow {
  readonly tags: string[];
  readonly at: Date;
  readonly inner: { readonly of: unknown[]; self: unknown };
}

/** Loads for several requests at once. */
const shared = loader<SharedRow, number, { readonly tags: string[] }>({
  name: 'isolation.shared',
  batch: { maxWaitMs: 5 },
  async load(keys, { global, attributes }) {
    const rows = keys.map((id) => {
      const row = { id, tags: ['row'], at: new Date(1), inner: { of: [id], self: null as unknown } };
      row.inner.self = row; // rows may hold themselves
      return id === 3 ? Promise.resolve(row) : row;
    });
    scribble(global);
    scribble(attributes);
    (keys as number[]).splice(0); // as those do who cut keys into parts
    return rows;
  },
});
const readRow = fn('isolation.row', (row: SharedRow | null): string => {
  if (row === null) return 'null';
  const text = JSON.stringify([row.tags, row.at, row.inner.of]);
  scribble(row.tags);
  scribble(row.at);
  scribble(row.inner.of);
  return text;
});
const sharing = makeSchema({
  typeDefs: 'type Query { rows(ids: [Int!]!, tags: [String!]): [String] }',
  objects: {
    Query: {
      plans: {
        rows: (_$root, { $ids, $tags }) => each($ids, ($id) => lambda(loadOne($id, shared, { tags: $tags }), readRow)),
      },
    },
  },
});

test('requests that share a call write to rows of their own [R16 R25]', async () => {
  const document = parse('{ rows(ids: [1, 2, 3], tags: ["a"]) }');
  const expected = [1, 2, 3].map((id) => JSON.stringify([['row'], new Date(1), [id]]));
  for (const [name, run] of roadsOf(sharing, document)) {
    const answers = await Promise.all([run({ document }), run({ document }), run({ document })]);
    for (const answer of answers) assert.equal(JSON.parse(answer), { data: { rows: expected } }, name);
  }
});

const failing = loader<SharedRow, number>({
  name: 'isolation.failing',
  batch: { maxWaitMs: 5 },
  load: async (keys) =>
    keys.map((id) => {
      const error = new GraphQLError(`no ${id}`, { extensions: { tags: ['e'] } });
      if (id === 1) return error;
      if (id === 2) return fail(error);
      return {
        get tags(): never {
          throw error;
        },
      } as unknown as SharedRow;
    }),
});
const failures = makeSchema({
  typeDefs: 'type Query { rows(ids: [Int!]!): [String] }',
  objects: {
    Query: { plans: { rows: (_$root, { $ids }) => each($ids, ($id) => lambda(loadOne($id, failing), readRow)) } },
  },
});

test('requests that share a call write to errors of their own; what cannot be copied fails [R16 R25]', async () => {
  const document = parse('{ rows(ids: [1, 2, 3]) }');
  const engine = createEngine({ schema: failures });
  const answers = await Promise.all([1, 2, 3].map(async () => engine.execute({ document })));
  for (const { errors } of answers) {
    assert.equal(
      errors?.map(({ message, extensions }) => [message, extensions]),
      [1, 2, 3].map((id) => [`no ${id}`, { tags: ['e'] }]),
    );
    for (const { extensions } of errors?.slice(0, 2) ?? []) scribble(extensions);
  }
});

const watched = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { ok: { type: GraphQLInt } } }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      seen: {
        type: GraphQLString,
        args: { tags: { type: new GraphQLList(GraphQLString) }, more: { type: moreType() } },
        subscribe: async function* () {
          for (const n of [1, 2, 3]) yield { n };
        },
        resolve(_event, args, _context, { variableValues, fragments }) {
          // What graphql-js 17 keeps beside them are the given ones.
          const coerced = 'coerced' in variableValues ? variableValues.coerced : variableValues;
          const text = JSON.stringify([args, coerced, Object.keys(fragments)]);
          for (const value of [args, coerced, fragments]) scribble(value);
          return text;
        },
      },
    },
  }),
});

function moreType(): GraphQLInputObjectType {
  const fields = { list: { type: new GraphQLList(GraphQLInt), defaultValue: [1] } };
  return new GraphQLInputObjectType({ name: 'More', fields });
}

test('each event of a subscription has arguments and variables of its own [R25]', async () => {
  const operations: readonly (readonly [text: string, variables: Record<string, unknown>])[] = [
    ['subscription { seen(tags: ["a"], more: { list: [1] }) }', {}],
    ['subscription ($t: [String], $m: More) { seen(tags: $t, more: $m) }', { t: ['a'], m: {} }],
    ['subscription ($t: [String] = ["x"]) { ...F } fragment F on Subscription { seen(tags: $t) }', {}],
  ];
  for (const [text, variables] of operations) {
    const engine = createEngine({ schema: watched });
    const results: string[] = [];
    for (const _turn of [1, 2]) {
      const request = { document: parse(text), variableValues: structuredClone(variables) };
      const events = (await engine.subscribe(request)) as AsyncIterable<unknown>;
      for await (const event of events) results.push(JSON.stringify(event));
    }
    assert.is(results.length, 6);
    assert.equal(new Set(results).size, 1, text);
  }
});

test('errors of a document that is kept belong to who asked [R25]', () => {
  const engine = createEngine({ schema: planned });
  const errorsOf = (source: string) => engine.document(source) as readonly { message: string; extensions: object }[];
  for (const source of ['{ nope }', '{ syntax(', '{ nope other }']) {
    const first = errorsOf(source);
    const messages = first.map(({ message }) => message);
    for (const error of first) Object.assign(error, { message: 'scribbled' });
    for (const error of first) Object.assign(error.extensions, { scribbled: true });
    (first as unknown[]).push('scribbled');
    const second = errorsOf(source);
    assert.equal(
      second.map(({ message }) => message),
      messages,
      source,
    );
    assert.equal(
      second.map(({ extensions }) => ({ ...extensions })),
      messages.map(() => ({})),
      source,
    );
  }
});

test.run();
