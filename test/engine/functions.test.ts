import { buildSchema, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createEngine,
  executeIncrementally,
  executeToBuffer,
  executeToChunks,
  executeToPayloads,
  executeToString,
  experimentalExecuteIncrementally,
  exportPlan,
  importPlan,
  legacyExecuteIncrementally,
} from '../../src/index.ts';
import { later } from '../conformance/schemaOf.ts';

/** What the package exports as functions of a schema, beside `execute`, `subscribe` and `graphql`. */
const test = suite('functions of the package');
const schema = buildSchema('type Query { a(n: Int): Int slow: String } type Subscription { tick: Int }');
const rootValue = {
  a: ({ n }: { n?: number }) => n ?? 1,
  slow: () => later('slow'),
  async *tick() {
    yield { tick: 1 };
    yield { tick: 2 };
  },
};
const args = (text: string, more: object = {}): never =>
  ({ schema, document: parse(text), rootValue, ...more }) as never;

async function texts(payloads: AsyncIterable<Uint8Array>): Promise<string[]> {
  const seen: string[] = [];
  for await (const payload of payloads) seen.push(Buffer.from(payload).toString());
  return seen;
}

test('an answer as bytes, as text, in chunks', async () => {
  const expected = '{"data":{"a":1,"slow":"slow"}}';
  const request = args('{ a slow }');
  assert.is(Buffer.from(await executeToBuffer(request)).toString(), expected);
  assert.is(await executeToString(request), expected);
  assert.is((await texts(executeToChunks(request))).join(''), expected);
});

test('an answer in several parts, in both formats', async () => {
  const parts = async (given: unknown): Promise<string> => {
    const response = (await given) as { initialResult: unknown; subsequentResults: AsyncIterable<unknown> };
    const seen = [response.initialResult];
    for await (const payload of response.subsequentResults) seen.push(payload);
    return JSON.stringify(seen);
  };
  const request = args('{ a ... @defer(label: "l") { slow } }');
  const current =
    '[{"data":{"a":1},"pending":[{"id":"0","path":[],"label":"l"}],"hasNext":true},{"hasNext":false,"incremental":[{"id":"0","data":{"slow":"slow"}}],"completed":[{"id":"0"}]}]';
  assert.is(await parts(executeIncrementally(request)), current);
  assert.is(await parts(experimentalExecuteIncrementally(request)), current);
  assert.is(
    await parts(legacyExecuteIncrementally(request)),
    '[{"data":{"a":1},"hasNext":true},{"hasNext":false,"incremental":[{"data":{"slow":"slow"},"path":[],"label":"l"}]}]',
  );
  assert.is(`[${(await texts(executeToPayloads(request))).join()}]`, current);
});

test('payloads of an operation that leaves nothing for later, and the events of a subscription', async () => {
  assert.equal(await texts(executeToPayloads(args('{ a }'))), ['{"data":{"a":1}}']);
  assert.equal(await texts(executeToPayloads(args('subscription { tick }'))), [
    '{"data":{"tick":1}}',
    '{"data":{"tick":2}}',
  ]);
  assert.equal(await texts(executeToPayloads(args('query A { a }', { operationName: 'B' }))), [
    '{"errors":[{"message":"Unknown operation named \\"B\\"."}]}',
  ]);
});

test('a plan that was imported, and a request for it that is refused', async () => {
  const json = JSON.parse(
    JSON.stringify(exportPlan(createEngine({ schema }).prepare(parse('query ($n: Int) { a(n: $n) }')))),
  );
  const plan = importPlan(schema, json);
  assert.is(await plan.executeToString({ rootValue, variableValues: { n: 3 } }), '{"data":{"a":3}}');
  const refused = JSON.stringify(await plan.execute({ rootValue, variableValues: { n: 'x' } }));
  assert.match(refused, /^\{"errors":\[\{"message":"Variable \\"\$n\\" /);
  assert.is(await plan.executeToString({ rootValue, variableValues: { n: 'x' } }), refused);
});

test('as many errors of variables are told as the request allows', async () => {
  const document = parse('query ($a: Int!, $b: Int!, $c: Int!) { a(n: $a) b: a(n: $b) c: a(n: $c) }');
  const { errors } = await createEngine({ schema }).execute({ document, options: { maxCoercionErrors: 1 } });
  assert.is(errors?.length, 2);
  assert.match(errors?.[1]?.message ?? '', /Too many errors/);
});

test('an engine without a plan store has nothing to warm up with', async () => {
  const message = await createEngine({ schema }).warmUp().catch(String);
  assert.match(String(message), /NO_PLAN_STORE|needs an engine with a "planStore"/);
});

test.run();
