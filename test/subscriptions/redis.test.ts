import { type ExecutionResult, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { context, fail, get, lambda, listen } from '../../src/index.ts';
import { makeSchema } from '../../src/schema/makeSchema.ts';
import { needs } from '../support/needs.ts';
import { redisForTests } from '../support/redisServer.ts';
import { RedisPubSub } from './RedisPubSub.ts';

interface Message {
  readonly number: number;
  readonly text: string | null;
}

const schema = makeSchema({
  typeDefs: /* GraphQL */ `
    type Query { a: Int }
    type Subscription { said(room: String!): Message }
    type Message { number: Int! text: String! }
  `,
  objects: {
    Subscription: {
      plans: {
        said: {
          subscribePlan: (_$root, { $room }) => listen(get(context(), 'pubsub'), $room as never),
          plan: ($message) =>
            lambda($message, (message: Message) =>
              message.number === 3 ? fail(new Error('Three is refused.')) : message,
            ),
        },
      },
    },
  },
});
const document = parse('subscription ($room: String!) { said(room: $room) { number text } }');

const redis = await redisForTests();
const test = needs(suite('listen over Redis'), redis);
let pubsub: RedisPubSub;

test.before.each(() => {
  pubsub = new RedisPubSub(redis.url);
});
test.after.each(() => pubsub?.close());

type Events = AsyncGenerator<ExecutionResult, void, void>;

async function subscribed(room: string, abortSignal?: AbortSignal): Promise<Events> {
  const engine = createEngine({ schema });
  const args = { document, contextValue: { pubsub }, variableValues: { room }, abortSignal: abortSignal ?? null };
  const events = await engine.subscribe(args);
  if (!(Symbol.asyncIterator in events)) throw events.errors?.[0];
  return events as Events;
}

const newRoom = (): string => `${redis.newPrefix()}room`;

test('events come in order, however slow the consumer is; an event that fails is an answer of its own', async () => {
  const room = newRoom();
  const events = await subscribed(room);
  const count = 200;
  for (let number = 0; number < count; number++) {
    await pubsub.publish(room, { number, text: number === 5 ? null : `t${number}` });
  }
  const answers: unknown[] = [];
  for await (const { data, errors } of events) {
    const message = data?.said as Message | null;
    answers.push(errors === undefined ? message?.number : errors[0]?.message);
    if (answers.length % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    if (answers.length === count) break;
  }
  const expected: unknown[] = Array.from({ length: count }, (_, number) => number);
  expected[3] = 'Three is refused.';
  expected[5] = 'Cannot return null for non-nullable field Message.text.';
  assert.equal(answers, expected);
  assert.is(pubsub.open, 0, 'leaving the loop closes the subscription');
});

test('subscriptions of one topic each get all events; others get none', async () => {
  const [room, other] = [newRoom(), newRoom()];
  const all = await Promise.all([subscribed(room), subscribed(room), subscribed(other)]);
  const [first, second, third] = all as [Events, Events, Events];
  assert.is(await pubsub.publish(room, { number: 1, text: 'x' }), 2);
  await pubsub.publish(other, { number: 2, text: 'y' });
  const numbers = await Promise.all([first.next(), second.next(), third.next()]);
  assert.is(
    JSON.stringify(numbers.map(({ value }) => (value as ExecutionResult).data?.said)),
    '[{"number":1,"text":"x"},{"number":1,"text":"x"},{"number":2,"text":"y"}]',
  );
  await Promise.all(all.map((events) => events.return()));
  assert.is(pubsub.open, 0);
});

test('returning early answers who waits, and unsubscribes', async () => {
  const room = newRoom();
  const events = await subscribed(room);
  const waiting = events.next();
  await events.return();
  assert.equal(await waiting, { value: undefined, done: true });
  assert.is(await pubsub.publish(room, { number: 1, text: 'x' }), 0);
  assert.equal(await events.next(), { value: undefined, done: true });
});

test('aborting the request unsubscribes', async () => {
  const room = newRoom();
  const controller = new AbortController();
  const events = await subscribed(room, controller.signal);
  await pubsub.publish(room, { number: 1, text: 'x' });
  assert.is((await events.next()).done, false);
  const waiting = events.next().then(
    // graphql 16: the last event says why; graphql 17: next() rejects (decision execution-aborts)
    ({ done, value }) => done || (value as ExecutionResult).errors !== undefined,
    () => true,
  );
  controller.abort();
  assert.is(await waiting, true);
  assert.is((await events.next().catch(() => ({ done: true }))).done, true);
  while (pubsub.open > 0) await new Promise((resolve) => setImmediate(resolve));
  while ((await pubsub.publish(room, { number: 1, text: 'x' })) > 0);
});

test('a source that loses its connection for good ends the stream with its error, once', async () => {
  const broken = {
    async *subscribe() {
      yield { number: 1, text: 'x' };
      throw new Error('Connection lost.');
    },
  };
  const events = (await createEngine({ schema }).subscribe({
    document,
    contextValue: { pubsub: broken },
    variableValues: { room: 'r' },
  })) as Events;
  assert.is((await events.next()).done, false);
  await events.next().then(
    () => assert.unreachable('the error is told'),
    (error: Error) => assert.is(error.message, 'Connection lost.'),
  );
  assert.is((await events.next()).done, true);
});

test.run();
