// Runs 100,000 events through a subscription and prints how the heap grew between its first and its second half.
//   node --expose-gc --import tsx manyEvents.mjs
import { parse } from 'graphql';
import { createEngine } from '../../src/engine/createEngine.ts';
import { context, get, lambda, listen, makeSchema } from '../../src/index.ts';

const EVENTS = 100_000;
const schema = makeSchema({
  typeDefs:
    'type Query { a: Int } type Subscription { tick: Tick } type Tick { number: Int! later: String text: String }',
  objects: {
    Subscription: {
      plans: { tick: { subscribePlan: () => listen(get(context(), 'pubsub'), 'ticks'), plan: ($event) => $event } },
    },
    Tick: {
      plans: {
        later: ($tick) => lambda(get($tick, 'number'), async (number) => `later ${number}`),
        text: { resolve: ({ number }, _args, _context, { path }) => `${path.key} ${number}` },
      },
    },
  },
});

let produced = 0;
let closed = 0;
const pubsub = {
  async *subscribe() {
    try {
      while (true) yield { number: produced++ };
    } finally {
      closed++;
    }
  },
};
const controller = new AbortController();
const document = parse('subscription { tick { number later text } }');
const events = await createEngine({ schema }).subscribe({
  document,
  contextValue: { pubsub },
  abortSignal: controller.signal,
});

const heap = () => {
  global.gc();
  global.gc();
  return process.memoryUsage().heapUsed;
};
const heaps = [];
let seen = 0;
let wrong = 0;
for await (const { data, errors } of events) {
  if (errors !== undefined || data.tick.later !== `later ${seen}` || data.tick.number !== seen) wrong++;
  seen++;
  if (seen === EVENTS / 2 || seen === EVENTS) heaps.push(heap());
  if (seen === EVENTS) break;
}
console.log(JSON.stringify({ seen, wrong, closed, ahead: produced - seen, grew: heaps[1] - heaps[0] }));
