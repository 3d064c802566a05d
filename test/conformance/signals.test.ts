import {
  buildSchema,
  type ExecutionResult,
  execute as graphqlExecute,
  subscribe as graphqlSubscribe,
  parse,
  versionInfo,
} from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { incrementalTypeDefs } from '../../src/schema/incrementalDirectives.ts';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import { Step } from '../../src/step/Step.ts';
import { registerSteps } from '../../src/step/stepClasses.ts';
import { later, schemaOf } from './schemaOf.ts';

/** The signals that resolvers and steps were given. */
type Signals = AbortSignal[];

/** Yields 1, and hands out the signal that it was given. */
class SignalStep extends Step {
  static override readonly op = 'test.signal';

  override async execute(count: number, _values: unknown[], { context, signal }: ExecuteExtra): Promise<never> {
    (context as Signals).push(signal);
    return new Array(count).fill(signal.aborted ? 0 : 1) as never;
  }
}
registerSteps(SignalStep);

const signals = suite('signals');

const planned = makeSchema({
  typeDefs: [incrementalTypeDefs, 'type Query { now: Int late: Int must: Int! } type Mutation { now: Int late: Int }'],
  objects: {
    Query: { plans: { now: () => new SignalStep(), late: () => new SignalStep(), must: { resolve: () => null } } },
    Mutation: { plans: { now: () => new SignalStep(), late: () => new SignalStep() } },
  },
});

for (const operation of ['{ now late }', '{ now must }', 'mutation { now late }']) {
  signals(`of steps are aborted when the response is there: ${operation} [R15]`, async () => {
    const contextValue: Signals = [];
    const result = (await createEngine({ schema: planned }).execute({
      document: parse(operation),
      contextValue,
    })) as ExecutionResult;
    assert.ok(contextValue.length > 0);
    if (result.data) assert.is((result.data as { now: number }).now, 1);
    for (const { aborted, reason } of contextValue) {
      assert.ok(aborted);
      assert.is(reason.name, 'AbortError');
    }
  });
}

signals('of a response of several parts are aborted with the last of them [R15 R18]', async () => {
  const contextValue: Signals = [];
  const engine = createEngine({ schema: planned });
  const document = parse('{ now ... @defer { late } }');
  const response = (await engine.executeIncrementally({ document, contextValue })) as {
    subsequentResults: AsyncGenerator<unknown>;
  };
  assert.is(contextValue[0]?.aborted, false);
  for await (const _ of response.subsequentResults);
  assert.ok(contextValue[0]?.aborted);
});

type Info = { getAbortSignal(): AbortSignal };
const note = (_source: unknown, _args: unknown, context: Signals, info: unknown): number =>
  context.push((info as Info).getAbortSignal());
const resolved = schemaOf(
  'type Query { now: Int late: Int bad: Int! } type Mutation { now: Int late: Int } type Subscription { events: Int }',
  {
    Query: { fields: { now: note, late: (...all) => later(note(...all)), bad: () => null } },
    Mutation: { fields: { now: note, late: (...all) => later(note(...all)) } },
  },
  buildSchema,
);
const events = resolved.getSubscriptionType()?.getFields().events;
Object.assign(events ?? {}, {
  resolve: note,
  async *subscribe(_root: unknown, _args: unknown, context: { source: AbortSignal | undefined }, info: Info) {
    context.source = info.getAbortSignal();
    for (let event = 0; ; event++) yield event;
  },
});

/** Resolvers of graphql 16 have no signal. */
const hasSignals = versionInfo.major >= 17;
const executions = { planql: createEngine({ schema: resolved }).execute, 'graphql-js': graphqlExecute };
for (const [name, execute] of Object.entries(hasSignals ? executions : {}) as [string, typeof graphqlExecute][]) {
  for (const operation of ['{ now }', '{ now late }', '{ now bad }', 'mutation { now late }']) {
    signals(`of resolvers are aborted when the response is there: ${operation}, ${name} [R20]`, async () => {
      const contextValue: Signals = [];
      await execute({ schema: resolved, document: parse(operation), contextValue });
      assert.ok(contextValue.length > 0);
      for (const { aborted, reason } of contextValue) {
        assert.ok(aborted);
        assert.is(reason.name, 'AbortError');
      }
    });
  }
}

const subscriptions = { planql: createEngine({ schema: resolved }).subscribe, 'graphql-js': graphqlSubscribe };
for (const [name, subscribe] of Object.entries(hasSignals ? subscriptions : {}) as [
  string,
  typeof graphqlSubscribe,
][]) {
  signals(
    `of an event are aborted when it is answered, that of its source with the request: ${name} [R18 R20]`,
    async () => {
      const contextValue: Signals & { source?: AbortSignal } = [];
      const controller = new AbortController();
      const stream = (await subscribe({
        schema: resolved,
        document: parse('subscription { events }'),
        contextValue,
        abortSignal: controller.signal,
      } as never)) as AsyncGenerator<ExecutionResult>;
      await stream.next();
      await stream.next();
      assert.equal(
        contextValue.map(({ aborted }) => aborted),
        [true, true],
      );
      assert.is(contextValue.source?.aborted, false);
      controller.abort(new Error('enough'));
      assert.ok(contextValue.source?.aborted);
      assert.is(contextValue.source?.reason.message, 'enough');
      await stream.return(undefined);
    },
  );
}

signals.run();
