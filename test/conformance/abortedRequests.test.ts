import * as graphql from 'graphql';
import { buildSchema, type ExecutionResult, parse, versionInfo } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import type { RequestArgs } from '../../src/engine/RequestArgs.ts';

const typeDefs = /* GraphQL */ `
  type Query { now: Int slow: Int ends: Int wrong(n: Int!): Int }
  type Mutation { slow: Int now: Int }
  type Subscription { tick: Int }
`;
const schema = buildSchema(typeDefs);
// graphql-js 17 executes no schema that defines it.
const deferring = buildSchema(
  `${typeDefs} directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT`,
);
const engine = createEngine({ schema });
const bare = createEngine({ schema, codegen: 'always' });

const test = suite('aborted requests');

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function afterAbort(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  await sleep(5);
}

/** What came of a call: a value, or what was thrown, and whether at once. */
interface Outcome {
  readonly how: 'value' | 'thrown' | 'rejected';
  readonly isSync: boolean;
  readonly value: unknown;
}

async function outcomeOf(call: () => unknown): Promise<Outcome> {
  let given: unknown;
  try {
    given = call();
  } catch (error) {
    return { how: 'thrown', isSync: true, value: error };
  }
  try {
    return { how: 'value', isSync: !(given instanceof Promise), value: await given };
  } catch (error) {
    return { how: 'rejected', isSync: false, value: error };
  }
}

/** When the signal is aborted, and with which reason. */
const aborts: Record<string, (controller: AbortController) => void> = {
  before: (controller) => controller.abort(new Error('enough')),
  'before, for no reason': (controller) => controller.abort(),
  'before, by a text': (controller) => controller.abort('enough'),
  later: (controller) => void setTimeout(() => controller.abort(new Error('enough')), 5),
  'later, for no reason': (controller) => void setTimeout(() => controller.abort(), 5),
  'later, by a text': (controller) => void setTimeout(() => controller.abort('enough'), 5),
  'by a resolver': () => {},
};
const operations = [
  '{ now slow }',
  '{ now ends }',
  '{ ends slow }',
  'mutation { slow now }',
  '{ now wrong(n: "x") }',
  'query ($n: Int!) { now wrong(n: $n) }',
];

function requestOf(operation: string, abort: (controller: AbortController) => void): RequestArgs {
  const controller = new AbortController();
  const rootValue = {
    now: 1,
    // What is aborted is under way until after the abort, however slow this machine is.
    slow: () => (abort === aborts['by a resolver'] ? sleep(5) : afterAbort(controller.signal)),
    ends() {
      controller.abort(new Error('by a resolver'));
      return 2;
    },
  };
  abort(controller);
  return { document: parse(operation), rootValue, abortSignal: controller.signal, variableValues: {} };
}

/** An error by its name, message and cause; a partial response is shown by its own test. */
const show = ({ how, isSync, value }: Outcome): Outcome => {
  if (how === 'value') return { how, isSync, value: JSON.stringify(value) };
  const isError = value instanceof Error;
  const { name, message, cause } = value as Error;
  return { how, isSync, value: isError ? [name, message, String(cause)] : value };
};

if (versionInfo.major >= 17) {
  for (const [when, abort] of Object.entries(aborts)) {
    for (const operation of operations) {
      test(`as graphql-js 17: ${operation}, aborted ${when} [R15]`, async () => {
        const expected = show(
          await outcomeOf(() => graphql.execute({ schema, ...requestOf(operation, abort) } as never)),
        );
        for (const { execute } of [engine, bare]) {
          const actual = show(await outcomeOf(() => execute(requestOf(operation, abort))));
          // Where a resolver aborts, planql waits for nothing any more: it throws what graphql-js rejects with.
          if (operation === '{ ends slow }') assert.equal(actual.value, expected.value);
          else assert.equal(actual, expected);
        }
        for (const run of [engine.executeToBuffer, engine.executeToString]) {
          const outcome = await outcomeOf(() => run(requestOf(operation, abort)));
          if (outcome.how === 'value') assert.is(expected.how, 'value');
          else assert.equal(show(outcome).value, expected.value);
        }
      });
    }
  }

  test('the error is that of graphql-js, and has the partial response [R15]', async () => {
    const { AbortedGraphQLExecutionError } = graphql as unknown as { AbortedGraphQLExecutionError: new () => Error };
    const { value } = await outcomeOf(() => engine.execute(requestOf('{ now slow }', aborts.later as never)));
    assert.instance(value, AbortedGraphQLExecutionError);
    const { data, errors } = (value as { abortedResult: ExecutionResult }).abortedResult;
    assert.equal({ ...data }, { now: 1, slow: null });
    assert.is(errors?.[0]?.message, 'enough');
  });
}

test('without a choice, an abort is what the installed graphql-js makes of it [R15]', async () => {
  const { how } = await outcomeOf(() => engine.execute(requestOf('{ now slow }', aborts.later as never)));
  assert.is(how, versionInfo.major < 17 ? 'value' : 'rejected');
});

for (const onAbort of ['REJECT', 'RESPOND'] as const) {
  test(`onAbort: ${onAbort}, on both versions and all roads [R15]`, async () => {
    const request = (): RequestArgs => ({ ...requestOf('{ now slow }', aborts.later as never), onAbort });
    const roads: readonly (() => unknown)[] = [
      () => engine.execute(request()),
      () => bare.execute(request()),
      () => engine.executeToString(request()),
      () => engine.executeToBuffer(request()),
      () => engine.executeIncrementally(request()),
      () => engine.executeToChunks(request()).next(),
      () => engine.executeToPayloads(request()).next(),
      () => engine.prepare(parse('{ now slow }')).execute(request()),
    ];
    for (const road of roads) {
      const { how, value } = await outcomeOf(road);
      assert.is(how, onAbort === 'REJECT' ? 'rejected' : 'value', String(road));
      if (onAbort === 'REJECT') assert.is((value as Error).message, 'enough');
    }
  });

  test(`onAbort: ${onAbort}: a deadline always responds [R15]`, async () => {
    const { document, rootValue } = requestOf('{ now slow }', () => {});
    const { data } = await engine.execute({ document, rootValue, deadline: Date.now() + 100, onAbort });
    assert.equal({ ...data }, { now: 1, slow: null });
  });

  test(`onAbort: ${onAbort}: later parts do not look finished [R15 R18]`, async () => {
    for (const isWaiting of [true, false]) {
      const controller = new AbortController();
      const { document, rootValue } = requestOf('{ now ... @defer { slow } }', () => {});
      const response = await createEngine({ schema: deferring }).executeIncrementally({
        document,
        rootValue,
        abortSignal: controller.signal,
        onAbort,
      });
      assert.ok('subsequentResults' in response);
      const { subsequentResults } = response;
      const waiting = isWaiting ? outcomeOf(() => subsequentResults.next()) : null;
      await sleep(2);
      controller.abort(new Error('enough'));
      const { how, value } = await (waiting ?? outcomeOf(() => subsequentResults.next()));
      assert.is(how, onAbort === 'REJECT' ? 'rejected' : 'value');
      if (onAbort === 'REJECT') assert.is(value, controller.signal.reason);
      else assert.match(JSON.stringify(value), 'enough');
    }
  });
}

test('an event that is under way when its subscription is aborted is not answered [R15]', async () => {
  let returns = 0;
  let asked = 0;
  const source = {
    [Symbol.asyncIterator]: () => source,
    async next() {
      asked++;
      return { value: { tick: () => sleep(20) }, done: false };
    },
    async return() {
      returns++;
      return { value: undefined, done: true };
    },
  };
  const request = (signal: AbortSignal): RequestArgs => ({
    document: parse('subscription { tick }'),
    rootValue: { tick: () => source },
    abortSignal: signal,
  });
  for (const onAbort of ['REJECT', 'RESPOND'] as const) {
    const controller = new AbortController();
    [returns, asked] = [0, 0];
    const events = (await engine.subscribe({ ...request(controller.signal), onAbort })) as AsyncGenerator;
    const waiting = outcomeOf(() => events.next());
    await sleep(5);
    controller.abort(new Error('enough'));
    const { how, value } = await waiting;
    assert.is(how, onAbort === 'REJECT' ? 'rejected' : 'value');
    if (onAbort === 'REJECT') assert.is(value, controller.signal.reason);
    else assert.match(JSON.stringify(value), 'enough');
    await sleep(30);
    assert.equal([returns, asked], [1, 1], onAbort);
  }
});

test('a subscription that ended before the abort has ended [R15]', async () => {
  const controller = new AbortController();
  async function* ticks(): AsyncGenerator<{ tick: number }> {
    yield { tick: 1 };
  }
  const events = (await engine.subscribe({
    document: parse('subscription { tick }'),
    rootValue: { tick: ticks },
    abortSignal: controller.signal,
    onAbort: 'REJECT',
  })) as AsyncGenerator;
  await events.next();
  assert.is((await events.next()).done, true);
  controller.abort(new Error('enough'));
  assert.is((await events.next()).done, true);
});

test.run();
