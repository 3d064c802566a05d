import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type AnyStep, constant, createEngine, get, makeSchema } from '../../src/index.ts';
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

test.run();
