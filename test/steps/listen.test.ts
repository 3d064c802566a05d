import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import { constant, context, get, inhibitIf, lambda, listen } from '../../steps/index.ts';

const schema = makeSchema({
  typeDefs: 'type Query { a: Int } type Subscription { said(room: ID!): String }',
  objects: {
    Subscription: {
      plans: {
        said: {
          subscribePlan: (_$root, { $room }) =>
            listen(
              get(context(), 'pubsub'),
              lambda($room, (room) => `room:${room}`),
            ),
          plan: ($event) => get($event, 'text'),
        },
      },
    },
  },
});
const document = parse('subscription { said(room: 7) }');

const test = suite('listen');

test('events of the topic, each through the plan', async () => {
  const topics: string[] = [];
  const pubsub = {
    async *subscribe(topic: string) {
      topics.push(topic);
      yield { text: 'hello' };
      yield { text: 'bye' };
    },
  };
  const events = await createEngine({ schema }).subscribe({ document, contextValue: { pubsub } });
  const said: unknown[] = [];
  for await (const { data } of events as AsyncIterable<{ data: { said: unknown } }>) said.push(data.said);
  assert.equal([said, topics], [['hello', 'bye'], ['room:7']]);
});

test('no pub/sub is one error, not an open stream', async () => {
  const result = await createEngine({ schema }).subscribe({ document, contextValue: {} });
  const { errors } = result as { errors?: readonly Error[] };
  assert.is(errors?.[0]?.message, 'listen() was given undefined, which has no "subscribe" method.');
});

test('a plan that yields no source is an error of the response', async () => {
  const hidden = makeSchema({
    typeDefs: 'type Query { a: Int } type Subscription { nothing: String inhibited: String }',
    objects: {
      Subscription: {
        plans: {
          nothing: { subscribePlan: () => constant(null) },
          inhibited: { subscribePlan: () => inhibitIf(constant(1), constant(true)) },
        },
      },
    },
  });
  const engine = createEngine({ schema: hidden });
  for (const field of ['nothing', 'inhibited']) {
    const result = await engine.subscribe({ document: parse(`subscription { ${field} }`) });
    assert.equal(JSON.parse(JSON.stringify(result)), {
      errors: [
        {
          message: 'Subscription field must return Async Iterable. Received: null.',
          locations: [{ line: 1, column: 16 }],
          path: [field],
        },
      ],
    });
  }
});

test.run();
