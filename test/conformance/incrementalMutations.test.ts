import { parse } from 'graphql';
import * as graphql17 from 'graphql-17';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { createExecutor } from '../../src/engine/createExecutor.ts';
import type { Engine } from '../../src/engine/Engine.ts';
import { payloadsOf, schemasOf, sorted } from './incrementalRoads.ts';
import { mergePayloads } from './mergePayloads.ts';
import { later } from './schemaOf.ts';

/** `@defer` in mutations, as graphql-js 17: which resolver is called when, and what is delivered with what. */
const typeDefs = /* GraphQL */ `
  type Query { a: A }
  type Mutation { first(n: Int): A second(n: Int): A third(n: Int): A fails: A must(n: Int): A! words: [String] number: Int }
  type A { n: Int late: Int must: Int! now: Int }
`;

interface Context {
  readonly log: string[];
  number: number;
}

const change =
  (name: string, turns: number) =>
  async (_root: unknown, { n }: { n: number }, context: Context) => {
    context.log.push(`${name} begins`);
    await later(null, turns);
    context.number = n;
    context.log.push(`${name} ends`);
    return { n };
  };

const schemas = schemasOf(typeDefs, {
  Mutation: {
    fields: {
      first: change('first', 4),
      second: change('second', 0),
      third: change('third', 2),
      must: () => null,
      fails: (_root, _args, { log }) => {
        log.push('fails');
        throw new Error('failed');
      },
      words: () => ['a', 'b', 'c'],
    },
  },
  A: {
    fields: {
      async late({ n }, _args, context) {
        context.log.push(`late of ${n}`);
        await later(null, 3);
        return context.number;
      },
      must: () => null,
      now: (_a, _args, { number }) => number,
    },
  },
});

interface MutationCase {
  readonly operation: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** The order of calls, where graphql-js calls deferred root fields side by side: planql does not. */
  readonly inSeries?: readonly string[];
}

const cases: Readonly<Record<string, MutationCase>> = {
  'below a field: the next field does not wait for it': {
    operation: 'mutation { first(n: 1) { n ... @defer { late } } second(n: 2) { n } }',
  },
  'below every field': {
    operation: 'mutation { first(n: 1) { n ... @defer { late } } second(n: 2) { n ... @defer { late } } }',
  },
  'a root field comes after those that are not deferred': {
    operation: 'mutation { ... @defer(label: "d") { first(n: 1) { n now } } second(n: 2) { n now } }',
  },
  'all root fields': { operation: 'mutation { ... @defer { first(n: 1) { n } } }' },
  'several root fields of one fragment': {
    operation: 'mutation { ... @defer { first(n: 1) { n now } third(n: 3) { n now } } second(n: 2) { n } }',
    inSeries: ['second begins', 'second ends', 'first begins', 'first ends', 'third begins', 'third ends'],
  },
  'several fragments': {
    operation: 'mutation { ... @defer(label: "a") { first(n: 1) { n } } ... @defer(label: "b") { third(n: 3) { n } } }',
    inSeries: ['first begins', 'first ends', 'third begins', 'third ends'],
  },
  'fragments that share a field': {
    operation:
      'mutation { ... @defer(label: "a") { first(n: 1) { n } } ... @defer(label: "b") { third(n: 3) { n } first(n: 1) { n } } }',
    inSeries: ['first begins', 'first ends', 'third begins', 'third ends'],
  },
  'a fragment in a fragment': {
    operation:
      'mutation { ... @defer(label: "a") { first(n: 1) { n } ... @defer(label: "b") { third(n: 3) { n } } } second(n: 2) { n } }',
  },
  'more of a field that is there': {
    operation: 'mutation { first(n: 1) { n } ... @defer(label: "a") { first(n: 1) { late } } second(n: 2) { n } }',
  },
  'a field that is there anyway': {
    operation: 'mutation { first(n: 1) { n } ... @defer { first(n: 1) { n } } }',
  },
  'a fragment below a deferred field': {
    operation: 'mutation { ... @defer(label: "a") { first(n: 1) { n ... @defer(label: "b") { late } } } }',
  },
  'a list that is streamed below a deferred field': {
    operation: 'mutation { ... @defer(label: "a") { words @stream(label: "w", initialCount: 1) } second(n: 2) { n } }',
  },
  'a field that fails': { operation: 'mutation { second(n: 2) { n } ... @defer { fails { n } } }' },
  'a field that may not be null': {
    operation: 'mutation { second(n: 2) { n } ... @defer { must(n: 1) { n } } }',
  },
  'null in the initial response takes what is deferred': {
    operation: 'mutation { must(n: 1) { n } ... @defer { first(n: 1) { n } } }',
  },
  'switched off by a variable': {
    operation: 'mutation ($on: Boolean!) { ... @defer(if: $on) { first(n: 1) { n } } second(n: 2) { n } }',
    variables: { on: false },
  },
  'switched on by a variable': {
    operation: 'mutation ($on: Boolean!) { ... @defer(if: $on) { first(n: 1) { n } } second(n: 2) { n } }',
    variables: { on: true },
  },
  'a field that is skipped': {
    operation: 'mutation ($on: Boolean!) { ... @defer { first(n: 1) @include(if: $on) { n } third(n: 3) { n } } }',
    variables: { on: false },
  },
};

const mutations = suite('@defer in mutations');

for (const [name, one] of Object.entries(cases)) {
  const { operation, variables: variableValues } = one;
  const answer = async (run: (args: never) => unknown, schema: unknown, more: object = {}) => {
    const contextValue: Context = { log: [], number: 0 };
    const args = { schema, document: parse(operation), variableValues, contextValue, ...more };
    const payloads = await payloadsOf(run(args as never));
    return { merged: mergePayloads(payloads), initial: payloads[0], log: contextValue.log };
  };

  mutations(`${name} [R18 R19 8.1.6]`, async () => {
    const expected = await answer(graphql17.experimentalExecuteIncrementally, schemas.reference);
    const compare = async (road: string, run: (args: never) => unknown, more: object = {}) => {
      const { merged, initial, log } = await answer(run, schemas.ours, more);
      const isCurrent = !('incrementalFormat' in more);
      assert.equal(sorted(merged.data), sorted(expected.merged.data), `${road}: data`);
      assert.equal(merged.errors, expected.merged.errors, `${road}: errors`);
      if (isCurrent) assert.is(JSON.stringify(initial), JSON.stringify(expected.initial), `${road}: initial payload`);
      if (isCurrent) assert.equal(merged.pending, expected.merged.pending, `${road}: pending`);
      assert.equal(log, one.inSeries ?? expected.log, `${road}: calls`);
    };
    const engine = createEngine({ schema: schemas.ours, codegen: 'never' });
    const roads = async (road: string, { executeIncrementally, executeToPayloads }: Engine) => {
      await compare(road, executeIncrementally);
      await compare(`${road}, 2022`, executeIncrementally, { incrementalFormat: '2022' });
      await compare(`${road}, bytes`, (args) => collected(executeToPayloads(args)));
    };
    await roads('closures', engine);
    await roads('generated code', createEngine({ schema: schemas.ours, codegen: 'always' }));
    const imported = createExecutor({ schema: schemas.ours });
    imported.importPlan(JSON.parse(JSON.stringify(engine.exportPlan(engine.prepare(parse(operation))))));
    await roads('imported plan', imported);
  });
}

/** As `executeIncrementally` gives them. */
async function collected(payloads: AsyncIterable<Uint8Array>): Promise<object> {
  const all: unknown[] = [];
  for await (const payload of payloads) all.push(JSON.parse(Buffer.from(payload).toString()));
  const [initialResult, ...subsequentResults] = all;
  return subsequentResults.length === 0 ? (initialResult as object) : { initialResult, subsequentResults };
}

mutations('a deferred field that fails keeps those after it from being called [R19]', async () => {
  const contextValue: Context = { log: [], number: 0 };
  const document = parse('mutation { second(n: 2) { n } ... @defer { must(n: 1) { n } third(n: 3) { n } } }');
  const engine = createEngine({ schema: schemas.ours });
  const payloads = await payloadsOf(engine.executeIncrementally({ document, contextValue }));
  assert.equal(contextValue.log, ['second begins', 'second ends']);
  assert.equal(mergePayloads(payloads).errors.length, 1);
});

mutations('nothing is called for a consumer that has gone, or never came [R19 8.5.1 8.5.2]', async () => {
  const engine = createEngine({ schema: schemas.ours });
  const document = parse('mutation { second(n: 2) { n } ... @defer { first(n: 1) { n } third(n: 3) { n } } }');
  for (const asks of [false, true]) {
    const contextValue: Context = { log: [], number: 0 };
    const response = await engine.executeIncrementally({ document, contextValue });
    assert.ok('subsequentResults' in response);
    const next = asks ? response.subsequentResults.next() : null;
    await later(null, 2);
    await response.subsequentResults.return();
    await next;
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const begun = asks ? ['first begins', 'first ends'] : [];
    assert.equal(contextValue.log, ['second begins', 'second ends', ...begun]);
  }
});

mutations.run();
