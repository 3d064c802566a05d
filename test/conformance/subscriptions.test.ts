import { GraphQLError, type GraphQLSchema, subscribe as graphqlSubscribe, parse, versionInfo } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createExecutor } from '../../src/execute.ts';
import {
  type AnyStep,
  constant,
  context,
  createEngine,
  type ExecuteArgs,
  fn,
  get,
  lambda,
  makeSchema,
  subscribe,
} from '../../src/index.ts';
import { answerable } from './otherProcess/answerable.ts';
import { later, laterThrow, schemaOf } from './schemaOf.ts';

/** What a source was asked, in order. */
type Log = string[];

/** Yields the numbers from 1 on, and notes what is asked of it; without an end where `to` is infinite. */
function numbers(log: Log, to: number, more: object = {}): AsyncIterableIterator<unknown> {
  let last = 0;
  const source = {
    async next() {
      log.push('next');
      await null;
      return last < to ? { value: { tick: ++last }, done: false } : { value: undefined, done: true };
    },
    async return() {
      log.push('return');
      last = to;
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]: () => source,
    ...more,
  };
  return source as AsyncIterableIterator<unknown>;
}

async function* failing(after: number, error: unknown): AsyncGenerator<object> {
  for (let tick = 1; tick <= after; tick++) yield { tick };
  throw error;
}

const sources: Record<string, (log: Log, args: { n: number }) => unknown> = {
  events: (log, { n }) => numbers(log, n),
  endless: (log) => numbers(log, Number.POSITIVE_INFINITY),
  promised: (log) => later(numbers(log, 2), 2),
  silent: (log) => numbers(log, 0, { next: () => new Promise(() => {}) }),
  noReturn: (log) => numbers(log, 2, { return: undefined }),
  failingReturn: (log) => numbers(log, 5, { return: () => laterThrow('return', 1) }),
  generator: async function* (log) {
    try {
      for (let tick = 1; tick <= 5; tick++) yield { tick };
    } finally {
      log.push('closed');
    }
  },
  failsAtOnce: () => failing(0, new Error('at once')),
  failsLater: () => failing(2, new Error('later')),
  failsWithText: () => failing(1, 'text'),
  text: () => 'text',
  nothing: () => null,
  missing: () => undefined,
  list: () => [{ tick: 1 }],
  error: () => new Error('returned'),
  lateError: () => later(new Error('returned late')),
  throws: () => {
    throw new Error('thrown');
  },
  throwsText: () => {
    throw 'thrown text';
  },
  throwsGraphQL: () => {
    throw new GraphQLError('with code', { extensions: { code: 'FORBIDDEN' } });
  },
  rejects: () => laterThrow('rejected', 2),
  values: async function* () {
    yield* [
      null,
      undefined,
      5,
      'text',
      {},
      { tick: 1 },
      { tick: new Error('tick') },
      { tick: later(7) },
      { tick: 1.5 },
    ];
  },
  required: async function* () {
    yield* [{ must: 1 }, { must: null }, { must: laterThrow('must', 1) }, { must: 2 }];
  },
  animals: async function* () {
    yield { animals: [{ __typename: 'Dog', name: 'Rex' }, { __typename: 'Nope' }, null] };
  },
};

const schema = schemaOf(
  /* GraphQL */ `
    type Query { a: Int onlyInQuery: Int }
    type Event { tick: Int double: Int must: Int! animals: [Animal] }
    interface Animal { name: String }
    type Dog implements Animal { name: String }
    type Subscription { ${Object.keys(sources)
      .map((name) => `${name}(n: Int! = 3): Event`)
      .join(' ')} tick: Int fromRoot(n: Int): Int }
  `,
  {
    Event: { fields: { double: ({ tick }) => later(tick * 2, 3 - tick) } },
    Subscription: { fields: Object.fromEntries(Object.keys(sources).map((name) => [name, (event) => event])) },
  },
);
const fields = schema.getSubscriptionType()?.getFields() ?? {};
for (const [name, source] of Object.entries(sources)) {
  if (fields[name] !== undefined) fields[name].subscribe = (_root, args, { log }) => source(log, args as never);
}
const queriesOnly = schemaOf('type Query { a: Int }');

type Subscribe = (args: never) => unknown;
type Consume = (events: AsyncGenerator<unknown>, log: Log) => Promise<unknown>;

/** Takes all events, up to ten. */
const all: Consume = async (events) => {
  const seen: unknown[] = [];
  try {
    while (seen.length < 10) {
      const next = await events.next();
      seen.push(next);
      if (next.done) break;
    }
  } catch (error) {
    seen.push(`rejected: ${error}`);
  }
  return seen;
};

/** All that a caller of `subscribe` can see, as text. */
async function transcript(run: Subscribe, args: object, consume: Consume): Promise<string> {
  const log: Log = [];
  const seen: Record<string, unknown> = { log };
  try {
    const given = run({ contextValue: { log }, ...args } as never);
    seen.isPromise = given instanceof Promise;
    const result = await given;
    if (typeof (result as AsyncGenerator).next === 'function') {
      seen.events = await consume(result as AsyncGenerator, log);
    } else seen.result = result;
  } catch (error) {
    seen[seen.isPromise === undefined ? 'threw' : 'rejected'] = String((error as Error | null)?.message ?? error);
  }
  return JSON.stringify({ ...seen, log: untilClosed(log) }, null, 1);
}

/** graphql-js 16 goes on to ask a source that it has closed, or that is at its end. */
function untilClosed(log: Log): Log {
  const closed = log.findIndex((call) => call !== 'next');
  return closed === -1 ? log : log.slice(0, closed + 1);
}

async function assertAlike(args: object, consume: Consume = all): Promise<void> {
  const expected = await transcript(graphqlSubscribe as Subscribe, args, consume);
  assert.is(await transcript(subscribe as Subscribe, args, consume), expected);
}

const test = suite('subscriptions');

const requests: Record<string, object> = {
  'no schema': { document: parse('subscription { tick }') },
  'a document that is none': { schema, document: {} },
  'two operations': { schema, document: parse('subscription A { tick } subscription B { tick }') },
  'an unknown operation': { schema, document: parse('subscription A { tick }'), operationName: 'B' },
  'a fragment only': { schema, document: parse('fragment F on Query { a }') },
  'a missing variable': { schema, document: parse('subscription ($n: Int!) { events(n: $n) { tick } }') },
  'a wrong variable': {
    schema,
    document: parse('subscription ($n: Int!) { events(n: $n) { tick } }'),
    variableValues: { n: 'x' },
  },
  'an argument that is missing': { schema, document: parse('subscription { events(n: null) { tick } }') },
  'an unknown field': { schema, document: parse('subscription { unknown }') },
  'an unknown field in a fragment': {
    schema,
    document: parse('subscription { ...F } fragment F on Subscription { ... { unknown } }'),
  },
  'a query': { schema, document: parse('{ onlyInQuery }') },
  'a query, where there are no subscriptions': { schema: queriesOnly, document: parse('{ a }') },
  'no subscription type': { schema: queriesOnly, document: parse('subscription { a }') },
};
for (const [name, args] of Object.entries(requests)) {
  test(`a request that cannot be begun: ${name} [R17]`, () => assertAlike(args));
}

const operations: Record<string, string> = {
  values: '{ values { tick double } }',
  required: '{ required { must } }',
  animals: '{ animals { animals { __typename name } } }',
  'slow events keep their order': '{ events { double } }',
  arguments: '{ events(n: 1) { tick } }',
  aliases: '{ own: events { t: tick } }',
  fragments:
    '{ ...F } fragment F on Subscription { ... on Subscription { events { ...E } } } fragment E on Event { tick }',
  'two fields, which only validation forbids': '{ events { tick } again: promised { tick } }',
};
for (const name of Object.keys(sources))
  if (name !== 'endless' && name !== 'silent') operations[name] ??= `{ ${name} { tick } }`;
for (const [name, selection] of Object.entries(operations)) {
  const args = { schema, document: parse(`subscription ${selection}`) };
  const elsewhere = answerable(import.meta.url, (plan) => {
    const executor = createExecutor({ schema });
    executor.importPlan(plan);
    return transcript(executor.subscribe as Subscribe, args, all);
  });
  test(`${name}: ${selection} [R13 R17]`, () => assertAlike(args));
  test(`${name}, by an exported plan in another process [R21]`, async () => {
    const engine = createEngine({ schema });
    const plan = engine.exportPlan(engine.prepare(args.document));
    const expected = await transcript(graphqlSubscribe as Subscribe, args, all);
    assert.is(await elsewhere(JSON.parse(JSON.stringify(plan))), expected);
  });
}

test('variables [R17]', () =>
  assertAlike({
    schema,
    document: parse('subscription ($n: Int!, $tick: Boolean!) { events(n: $n) { tick @include(if: $tick) double } }'),
    variableValues: { n: 2, tick: false },
  }));

test('sources of the root value and of a subscribeFieldResolver [R17 R20]', async () => {
  const document = parse('subscription { fromRoot(n: 2) }');
  const rootValue = {
    async *fromRoot({ n }: { n: number }) {
      for (let left = n; left > 0; left--) yield { fromRoot: left };
    },
  };
  await assertAlike({ schema, document, rootValue });
  const subscribeFieldResolver = (
    _root: unknown,
    _args: unknown,
    { log }: { log: Log },
    { path }: { path: unknown },
  ) => {
    log.push(JSON.stringify(path));
    return rootValue.fromRoot({ n: 1 });
  };
  await assertAlike({ schema, document, subscribeFieldResolver });
  await assertAlike({ schema, document, rootValue: { fromRoot: 5 } });
  await assertAlike({ schema, document: parse('subscription { tick }') });
});

const of = (field: string): object => ({ schema, document: parse(`subscription { ${field} { tick } }`) });

test('nothing is asked of a source before its consumer asks, and one event at a time [R17]', () =>
  assertAlike(of('endless'), async (events, log) => {
    const before = [...log];
    const first = await events.next();
    for (let turn = 0; turn < 20; turn++) await null;
    const second = await events.next();
    return [before, first, second, [...log]];
  }));

test('a consumer that asks several times at once is answered in order [R17]', () =>
  assertAlike(of('events'), async (events) => Promise.all([1, 2, 3].map(() => events.next()))));

test('closed by its consumer, the source is closed once [R15 R17]', async () => {
  for (const field of ['endless', 'generator']) {
    await assertAlike(of(field), async (events) => [
      await events.next(),
      await events.return(undefined),
      await events.next(),
      await events.return(undefined),
    ]);
    await assertAlike(of(field), async (events) => {
      for await (const event of events) return event;
      return null;
    });
  }
});

test('closed, it has no more events, whether the source can be closed or not [R13 R15]', async () => {
  for (const field of ['noReturn', 'failingReturn']) {
    const args = { ...of(field), contextValue: { log: [] } } as unknown as ExecuteArgs;
    const events = (await subscribe(args)) as AsyncGenerator;
    assert.is((await events.next()).done, false);
    assert.equal(await events.return(undefined), { value: undefined, done: true });
    assert.equal(await events.next(), { value: undefined, done: true });
  }
});

test('closed before the first event [R15 R17]', () =>
  assertAlike(of('endless'), async (events) => [await events.return(undefined), await events.next()]));

test('an error of its consumer closes the source [R15 R17]', async () => {
  for (const field of ['endless', 'generator']) {
    await assertAlike(of(field), async (events) => {
      const thrown = await events.next().then(() => events.throw(new Error('mine')).then(JSON.stringify, String));
      return [thrown, await events.next()];
    });
  }
});

test('after an error of the source there is nothing more [R13 R17]', () =>
  assertAlike(of('failsLater'), async (events) => [await all(events, []), await events.next()]));

test('a consumer that leaves while it waits is answered [R15]', async () => {
  const log: Log = [];
  const events = (await subscribe({
    ...of('silent'),
    contextValue: { log },
  } as unknown as ExecuteArgs)) as AsyncGenerator;
  const waiting = events.next();
  assert.equal(await events.return(undefined), { value: undefined, done: true });
  assert.equal(await waiting, { value: undefined, done: true });
  assert.equal(log, ['return']);
});

const withParts = schemaOf(
  `directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
   directive @stream(initialCount: Int! = 0, if: Boolean! = true, label: String) on FIELD
   type Query { a: Int } type Subscription { s: U must: U! }
   interface N { n: Int } type U implements N { n: Int us: [U!]! ns: [Int] slow: Int any: N r: U nested: [[Int]] }`,
  { U: { fields: { slow: () => later(3, 2), r: () => later({ n: 4, ns: [1] }, 1) } } },
);
async function* someParts(): AsyncGenerator<object> {
  const u = { n: 1, us: [{ n: 2 }, { n: 3 }], ns: [1, 2], any: { __typename: 'U', n: 5 }, nested: [[1], [2]] };
  yield { s: u, must: u };
  yield { s: null, must: { ...u, us: null, ns: null, any: null } };
}
for (const operation of [
  '{ ... @defer { s { n } } }',
  '{ ...F @defer(label: "a") } fragment F on Subscription { must { n } }',
  '{ s { n ... @defer { ns slow } } }',
  '{ s { n ... @defer { n } } }',
  '{ must { n ... @defer { ns } } }',
  '{ s { us { ... @defer { n } } n } }',
  '{ s { n ns @stream } }',
  '{ s { n nested @stream(initialCount: 1) } }',
  '{ s { n us @stream { n slow } } }',
  '{ s { n any { ... @defer { n } } } }',
  '{ s { n any { ... on U { n ... @defer { ns } } } } }',
  '{ s { r { slow ... @defer { n } } n } }',
  '{ s { ... @defer(if: $on) { n } ns @stream(if: $on) } }',
  '{ s { ... @defer(if: false) { n } ns @stream(if: false) } }',
]) {
  for (const on of [true, false]) {
    test(`parts of an event that would come later: ${operation}, ${on} [R15 R18]`, async () => {
      const request = () => ({
        document: parse(`subscription ($on: Boolean! = true) ${operation}`),
        rootValue: { s: someParts, must: someParts },
        variableValues: { on },
      });
      const expected = await collect(await graphqlSubscribe({ ...request(), schema: withParts }));
      for (const codegen of ['never', 'always'] as const) {
        const engine = createEngine({ schema: withParts, codegen });
        for (let turn = 0; turn < 2; turn++) {
          assert.equal(await collect(await engine.subscribe(request())), expected);
        }
        const other = createEngine({ schema: withParts });
        other.importPlan(JSON.parse(JSON.stringify(engine.exportPlan(engine.prepare(request().document)))));
        assert.equal(await collect(await other.subscribe(request())), expected);
      }
    });
  }
}

async function collect(events: unknown): Promise<unknown[]> {
  const results: unknown[] = [];
  if (Symbol.asyncIterator in (events as object)) {
    for await (const event of events as AsyncIterable<unknown>) results.push(JSON.parse(JSON.stringify(event)));
  } else results.push(JSON.parse(JSON.stringify(events)));
  return results;
}

test('aborted, the source is closed and the stream does not look like one that ended [R15]', async () => {
  for (const field of ['silent', 'endless']) {
    for (const onAbort of ['REJECT', 'RESPOND'] as const) {
      const log: Log = [];
      const controller = new AbortController();
      const args = { ...of(field), contextValue: { log }, abortSignal: controller.signal, onAbort };
      const events = (await subscribe(args as unknown as ExecuteArgs)) as AsyncGenerator;
      const waiting = events.next();
      if (field === 'endless') await waiting;
      controller.abort(new Error('enough'));
      const ending = field === 'silent' ? waiting : events.next();
      if (onAbort === 'REJECT') {
        assert.is(await ending.catch((error: unknown) => error), controller.signal.reason);
        assert.is(await events.next().catch((error: unknown) => error), controller.signal.reason);
      } else {
        assert.equal(JSON.stringify(await ending), '{"value":{"errors":[{"message":"enough"}]},"done":false}');
        assert.equal(await events.next(), { value: undefined, done: true });
      }
      assert.equal(
        log.filter((call) => call === 'return'),
        ['return'],
      );
    }
  }
});

test('a source that cannot be opened is an error of the response [R13]', async () => {
  const unopenable = {
    [Symbol.asyncIterator]() {
      throw new Error('cannot be opened');
    },
  };
  const document = parse('subscription { fromRoot }');
  const result = await subscribe({ schema: schema as GraphQLSchema, document, rootValue: { fromRoot: unopenable } });
  assert.equal(JSON.parse(JSON.stringify(result)), {
    errors: [{ message: 'cannot be opened', path: ['fromRoot'], locations: [{ line: 1, column: 16 }] }],
  });
});

test(`a source whose getter throws, on graphql ${versionInfo.major} [R13 R17]`, async () => {
  const hostile = {
    get [Symbol.asyncIterator]() {
      throw new Error('getter');
    },
  };
  const args = {
    schema: schema as GraphQLSchema,
    document: parse('subscription { fromRoot }'),
    rootValue: { fromRoot: hostile },
  };
  const outcome = async (task: () => unknown): Promise<unknown> => {
    try {
      return JSON.parse(JSON.stringify(await task()));
    } catch (error) {
      return `threw ${error}`;
    }
  };
  assert.equal(await outcome(() => subscribe(args)), await outcome(() => graphqlSubscribe(args)));
});

for (const given of [5, undefined, null, 'text', true]) {
  test(`a source whose next() gives ${String(given)} ends with an error [R17]`, async () => {
    const source = { [Symbol.asyncIterator]: () => ({ next: async () => given }) };
    const events = (await subscribe({
      schema: schema as GraphQLSchema,
      document: parse('subscription { fromRoot }'),
      rootValue: { fromRoot: source },
    })) as AsyncGenerator;
    let error: unknown;
    await events.next().catch((thrown) => (error = thrown));
    assert.instance(error, TypeError);
    assert.match(
      (error as TypeError).message,
      `Iterator result ${typeof given === 'string' ? `"${given}"` : given} is not an object`,
    );
    assert.equal(await events.next(), { value: undefined, done: true });
  });
}

for (const codegen of ['never', 'always'] as const) {
  test(`what only the source read is read again for a type that an event is the first to meet: ${codegen} [R7 R25]`, async () => {
    let calls = 0;
    const viewerOf = fn(`subscriptions.viewerOf.${codegen}`, (id: unknown) => {
      calls++;
      return `viewer ${id}`;
    });
    const viewer = (): AnyStep => lambda(get(context() as AnyStep, 'id'), viewerOf);
    const isOwn = fn('subscriptions.isOwn', ([own, other]: readonly unknown[]) => own === other);
    const schema = makeSchema({
      typeDefs: `type Query { a: Int } type Subscription { things: Thing }
        interface Thing { viewer: String } type Public implements Thing { viewer: String }
        type Secret implements Thing { viewer: String owner: String }`,
      objects: {
        Subscription: {
          plans: {
            things: {
              subscribePlan: () => lambda(viewer(), fn(`subscriptions.events.${codegen}`, things)),
              plan: ($event: AnyStep) => $event,
            },
          },
        },
        Public: { plans: { viewer: () => constant('anybody') } },
        Secret: {
          authorize: ($secret: AnyStep) => lambda([viewer(), get($secret, 'owner')], isOwn),
          plans: { viewer },
        },
      },
      interfaces: { Thing: { planType: ($thing: AnyStep) => ({ $__typename: get($thing, 'kind') }) } },
    } as never);
    const engine = createEngine({ schema, codegen });
    const document = parse('subscription { things { viewer } }');
    const secret = { things: { viewer: 'viewer 1' } };
    const seen = [{ things: { viewer: 'anybody' } }, secret, { things: null }, secret];
    for (let run = 0; run < 2; run++) {
      const events = (await engine.subscribe({ document, contextValue: { id: 1 } })) as AsyncGenerator;
      const results: unknown[] = [];
      for await (const { data, errors } of events as AsyncGenerator<{ data: unknown; errors: unknown }>) {
        assert.is(errors, undefined);
        results.push(data);
      }
      assert.equal(JSON.parse(JSON.stringify(results)), seen);
    }
    assert.ok(calls > 2);
  });
}

async function* things(): AsyncGenerator<object> {
  yield { kind: 'Public' };
  yield { kind: 'Secret', owner: 'viewer 1' };
  yield { kind: 'Secret', owner: undefined };
  yield { kind: 'Secret', owner: 'viewer 1' };
}

for (const codegen of ['never', 'always'] as const) {
  test(`a type that is first met in an event reads what only the source had read, codegen ${codegen} [R7 R17]`, async () => {
    const schema = makeSchema({
      typeDefs: /* GraphQL */ `
        type Query { unused: Int }
        type Subscription { things: Thing }
        interface Thing { viewer: ID }
        type Public implements Thing { viewer: ID }
        type Secret implements Thing { viewer: ID }
      `,
      objects: {
        Subscription: {
          plans: {
            things: { plan: ($event: AnyStep) => $event, subscribePlan: () => get(context() as AnyStep, 'things') },
          },
        },
        Public: { plans: { viewer: () => constant(null) } },
        Secret: { plans: { viewer: () => get(context() as AnyStep, 'id') } },
      },
      interfaces: { Thing: { planType: ($thing: AnyStep) => ({ $__typename: get($thing, 'kind') }) } },
    } as never);
    const engine = createEngine({ schema, codegen });
    const document = parse('subscription { things { viewer } }');
    const given = await engine.subscribe({ document, contextValue: { id: '1', things: things() } });
    const viewers: unknown[] = [];
    for await (const { data } of given as AsyncGenerator<{ data: { things: { viewer: unknown } } }>)
      viewers.push(data.things.viewer);
    assert.equal(viewers, [null, '1', '1', '1']);
  });
}

test(`graphql ${versionInfo.major} gives a promise ${versionInfo.major < 17 ? 'always' : 'when it has to wait'} [R14 R17]`, () => {
  const given = subscribe({ ...of('events'), contextValue: { log: [] } } as unknown as ExecuteArgs);
  assert.is(given instanceof Promise, versionInfo.major < 17);
});

test.run();
