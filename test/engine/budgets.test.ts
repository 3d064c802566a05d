import { type ExecutionResult, parse } from 'graphql';
import {
  constant,
  createEngine,
  type Engine,
  type EngineOptions,
  get,
  incrementalTypeDefs,
  loader,
  loadMany,
  loadOne,
  makeSchema,
} from 'planql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { jsonBytes } from '../../src/engine/costs/jsonBytes.ts';

const budgets = suite('budgets of running requests');

let loadedAfter = 0;
const friendsOf = loader({
  name: 'budgets.friendsOf',
  load: (ids, { global }) =>
    ids.map((id) => Array.from({ length: global.first }, (_, at) => ({ id: `${id}.${at}`, name: 'Zoë' }))),
});
const userById = loader({
  name: 'budgets.userById',
  load: (ids) => {
    loadedAfter += ids.length;
    return ids.map((id) => ({ id, name: 'Ada' }));
  },
});

const schema = makeSchema({
  typeDefs: [
    'type Query { user: User } type Subscription { ticks: User } type User { id: ID! name: String! best: User friends(first: Int! = 10): [User!] }',
    incrementalTypeDefs,
  ],
  objects: {
    Query: { plans: { user: () => constant({ id: '1', name: 'Ada' }) } },
    Subscription: {
      plans: {
        ticks: {
          subscribe: async function* () {
            for (let at = 0; at < 3; at++) yield { id: at };
          },
          plan: ($event) => $event,
        },
      },
    },
    User: {
      plans: {
        best: ($user) => loadOne(get($user, 'id'), userById),
        friends: ($user, { $first }) => loadMany(get($user, 'id'), friendsOf, { first: $first }),
      },
    },
  },
});

const engineWith = (limits: EngineOptions['limits'], codegen: EngineOptions['codegen'] = 'auto'): Engine =>
  createEngine({ schema, limits: { ...limits, onUnbounded: 'RUN' }, codegen });

const many = parse('{ user { friends(first: 100000) { name } } }');
const manyLoads = parse('{ user { friends(first: 100000) { best { name } } } }');
const few = parse('{ user { friends(first: 3) { name } } }');

function assertEnded(response: ExecutionResult, message: string): void {
  assert.is(response.data, null);
  assert.equal(
    response.errors?.map((error) => [error.message, error.extensions?.code]),
    [[message, 'RESPONSE_LIMIT']],
  );
}

const ROWS = 'This response has more than 1000 rows (limits.maxRows). Ask for fewer items or fields.';
const BYTES = 'This response has more than 1000 bytes (limits.maxBytes). Ask for fewer items or fields.';

for (const codegen of ['never', 'always'] as const) {
  budgets(
    `more rows than allowed end the request, whether something runs for them or not (code: ${codegen}) [4.10.9]`,
    async () => {
      const engine = engineWith({ maxRows: 1000 }, codegen);
      for (const document of [many, manyLoads]) {
        assertEnded(await engine.execute({ document }), ROWS);
        assertEnded(JSON.parse(await engine.executeToString({ document })), ROWS);
      }
      assert.is((await engine.execute({ document: few })).errors, undefined);
    },
  );

  budgets(`more bytes than allowed end the request: objects, text, chunks (code: ${codegen}) [4.10.9]`, async () => {
    const engine = engineWith({ maxBytes: 1000 }, codegen);
    assertEnded(await engine.execute({ document: many }), BYTES);
    assertEnded(JSON.parse(await engine.executeToString({ document: many })), BYTES);
    const chunks: Uint8Array[] = [];
    for await (const chunk of engine.executeToChunks({ document: many })) chunks.push(chunk);
    assertEnded(JSON.parse(Buffer.concat(chunks).toString()), BYTES);
    assert.is((await engine.execute({ document: few })).errors, undefined);
  });
}

budgets('loads for rows that are too many never start', async () => {
  loadedAfter = 0;
  await engineWith({ maxRows: 1000, speculation: false }).execute({ document: manyLoads });
  assert.is(loadedAfter, 0);
});

budgets('exactly as many bytes as allowed are fine, in each form alike', async () => {
  const text = await createEngine({ schema }).executeToString({ document: few });
  const bytes = Buffer.byteLength(text);
  for (const [maxBytes, isFine] of [
    [bytes, true],
    [bytes - 1, false],
  ] as const) {
    const engine = engineWith({ maxBytes });
    assert.is((await engine.execute({ document: few })).errors === undefined, isFine);
    assert.is((await engine.executeToString({ document: few })) === text, isFine);
  }
});

budgets('parts of a response are measured together; the rest of them is an error', async () => {
  const document = parse('{ user { id ... @defer { friends(first: 100) { name } } } }');
  const engine = engineWith({ maxBytes: 1000 });
  const { initialResult, subsequentResults } = (await engine.executeIncrementally({ document })) as {
    initialResult: ExecutionResult;
    subsequentResults: AsyncIterable<{ completed?: { id: string; errors: Error[] }[]; hasNext: boolean }>;
  };
  assert.equal({ ...initialResult.data }.user !== undefined, true);
  const parts = [];
  for await (const part of subsequentResults) parts.push(part);
  assert.is(parts.length, 1);
  assert.is(parts[0]?.hasNext, false);
  assert.is(parts[0]?.completed?.[0]?.errors[0]?.message, BYTES);
  const streamed = parse('{ user { friends(first: 100000) @stream { name } } }');
  const last = [];
  const response = (await engineWith({ maxRows: 1000 }).executeIncrementally({ document: streamed })) as never;
  if ('subsequentResults' in response)
    for await (const part of (response as { subsequentResults: unknown }).subsequentResults as AsyncIterable<object>)
      last.push(part);
  assert.match(JSON.stringify([response, last.at(-1)]), 'limits.maxRows');
});

budgets('each event of a subscription has a budget of its own', async () => {
  const engine = engineWith({ maxRows: 10, maxBytes: 1000 });
  const given = await engine.subscribe({ document: parse('subscription { ticks { friends(first: 8) { name } } }') });
  for await (const event of given as AsyncIterable<ExecutionResult>) assert.is(event.errors, undefined);
  const large = await engine.subscribe({ document: parse('subscription { ticks { friends(first: 11) { name } } }') });
  for await (const event of large as AsyncIterable<ExecutionResult>)
    assert.is(event.errors?.[0]?.extensions?.code, 'RESPONSE_LIMIT');
});

budgets('the bytes of objects are those of their JSON', () => {
  const values = [
    null,
    true,
    false,
    1.5,
    -0,
    1e21,
    '',
    'a"b\\n\u0001',
    'Zoë',
    '€',
    '𝄞',
    '\ud800',
    [],
    {},
    [1, [2, null], 'x'],
    { a: undefined, b: { c: [] } },
    { data: { list: Array.from({ length: 2_500 }, (_, at) => ({ at })) } },
    [new Date(0)],
  ];
  for (const value of values) {
    assert.is(
      jsonBytes(value, Number.POSITIVE_INFINITY),
      Buffer.byteLength(JSON.stringify(value)),
      JSON.stringify(value).slice(0, 80),
    );
  }
});

budgets.run();
