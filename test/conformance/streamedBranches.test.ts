import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type AnyStep, constant, context, createEngine, fn, get, lambda, makeSchema } from '../../src/index.ts';
import { mergePayloads } from './mergePayloads.ts';

const test = suite('types that streamed items are the first to meet');

const things = [{ kind: 'A' }, { kind: 'B' }];
const shared = (): AnyStep => constant(things);
const schema = makeSchema({
  typeDefs: `
    type Query { things: [Thing] }
    interface Thing { kind: String shared: [Thing] }
    type A implements Thing { kind: String shared: [Thing] }
    type B implements Thing { kind: String shared: [Thing] }`,
  objects: { Query: { plans: { things: shared } }, A: { plans: { shared } }, B: { plans: { shared } } },
  interfaces: { Thing: { planType: ($thing) => ({ $__typename: get($thing, 'kind') as never }) } },
});

test('steps that their branches have outside of the list run', async () => {
  const engine = createEngine({ schema });
  const document = parse(
    '{ things @stream(initialCount: 0) { ... on A { shared { ... on B { shared { kind } } } } } }',
  );
  for (let run = 0; run < 2; run++) {
    const result = await engine.executeIncrementally({ document });
    assert.ok('initialResult' in result);
    const payloads: unknown[] = [result.initialResult];
    for await (const payload of result.subsequentResults) payloads.push(payload);
    const { data, errors } = mergePayloads(payloads);
    assert.equal({ data, errors }, { data: { things: [{ shared: [{}, { shared: things }] }, {}] }, errors: [] });
  }
});

/** The lists are not the same object: each has iterators of its own. */
const lists: Record<string, () => Iterable<unknown>> = {
  array: () => [1, 2, null],
  set: () => new Set([1, 2, null]),
  iterable: () => ({ [Symbol.iterator]: () => [1, 2, null].values() }),
  generator: () => [1, 2, null].values(),
};
for (const [name, make] of Object.entries(lists)) {
  for (const isEarly of [false, true]) {
    test(`a streamed list of the request in each item of a stream: ${name}, ${isEarly ? 'early' : 'when asked'} [R18]`, async () => {
      const numbers = fn(`streamedBranches.${name}.${isEarly}`, () => make());
      const inner = makeSchema({
        typeDefs: 'type Query { rows: [Row] } type Row { numbers: [Int] }',
        objects: {
          Query: { plans: { rows: () => constant([{}, {}, {}]) } },
          Row: { plans: { numbers: () => lambda(context() as AnyStep, numbers) } },
        },
      });
      for (const initial of [0, 1]) {
        const document = parse(`{ rows @stream { numbers @stream(initialCount: ${initial}) } }`);
        const result = await createEngine({ schema: inner }).executeIncrementally({
          document,
          contextValue: {},
          enableEarlyExecution: isEarly,
        });
        assert.ok('initialResult' in result);
        const payloads: unknown[] = [result.initialResult];
        for await (const payload of result.subsequentResults) payloads.push(payload);
        const row = { numbers: [1, 2, null] };
        assert.equal(mergePayloads(payloads).data, { rows: [row, row, row] });
      }
    });
  }
}

test('promises that an iterator of a streamed list holds are watched while the response waits [R27]', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  try {
    const late = fn('streamedBranches.late', () => new Promise((resolve) => setTimeout(resolve, 5, 1)));
    const rejecting = fn('streamedBranches.rejecting', () => ({
      [Symbol.iterator]: () => [1, Promise.reject(new Error('one')), Promise.reject(new Error('two'))].values(),
    }));
    const streamed = makeSchema({
      typeDefs: 'type Query { numbers: [Int] late: Int }',
      objects: {
        Query: {
          plans: {
            numbers: () => lambda(context() as AnyStep, rejecting),
            late: () => lambda(context() as AnyStep, late),
          },
        },
      },
    });
    for (const initial of [0, 1, 2]) {
      const document = parse(`{ numbers @stream(initialCount: ${initial}) late }`);
      const result = await createEngine({ schema: streamed }).executeIncrementally({ document, contextValue: {} });
      assert.ok('initialResult' in result);
      const payloads: unknown[] = [result.initialResult];
      for await (const payload of result.subsequentResults) payloads.push(payload);
      const { data, errors } = mergePayloads(payloads);
      assert.equal(data, { numbers: [1, null, null], late: 1 });
      assert.is(errors.length, 2);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(unhandled, []);
  } finally {
    process.off('unhandledRejection', note);
  }
});

test.run();
