/** The channels of operations, and of what reactivity does about them. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { type DocumentNode, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type AnyStep, createEngine, get, makeSchema } from '../../src/index.ts';
import { createKvetch, defineKvetchSchema, loadObject, memoryShards } from '../../src/kvetch.ts';
import { heldOf } from '../../src/reactive/response/describe.ts';
import { createReactive, memoryVersions, type ReactiveExtension } from '../../src/reactive.ts';
import type { DocumentMessage, OperationMessage } from '../../src/telemetry/channels.ts';
import type { DependencyMessage, PropagationMessage } from '../../src/telemetry/reactiveChannels.ts';
import { channels, openTelemetry, prometheusCounters } from '../../src/telemetry.ts';
import { wrapStore } from '../kvetch/backends.ts';

const schema = makeSchema({
  typeDefs: `
    type Query { user(id: ID!): User, plain: Int }
    type Mutation { rename(id: ID!, name: String!): Int }
    type User { id: ID! name: String }`,
  objects: {
    Query: { plans: { user: (_root, { $id }) => loadObject($id as AnyStep), plain: { resolve: () => 1 } } },
    Mutation: {
      plans: {
        rename: {
          resolve: async (_root, { id, name }, { kvetch }) => {
            await kvetch.updateObject(id, { name });
            return 1;
          },
        },
      },
    },
    User: { plans: { id: ($user) => get($user, 'id'), name: ($user) => get($user, 'name') } },
  },
});
const engine = createEngine({ schema });
const versions = memoryVersions();
const reactive = createReactive({ engine, versions, secrets: [{ id: 'a', secret: 'only these tests know it' }] });
const kvetch = createKvetch({
  schema: defineKvetchSchema({ objects: [{ typeId: 1, name: 'User' }] }),
  shards: memoryShards(1),
  changes: reactive.changes,
});
const id = await kvetch.createObject('User', { name: 'Ada' });
const user = parse('query User($id: ID!) { user(id: $id) { id name } }');
const rename = parse('mutation Rename($id: ID!) { rename(id: $id, name: "Grace") }');
const args = (document: DocumentNode) => ({
  document,
  variableValues: { id },
  contextValue: { kvetch: kvetch.forRequest() },
});

const test = suite('channels of operations');
const ends: (() => unknown)[] = [];
test.after.each(() => {
  for (const end of ends.splice(0)) end();
});

/** Notes the operations that are told of, when they begin and when they are over. */
function hear(onStart: (message: OperationMessage) => void = () => undefined): OperationMessage[] {
  const over: OperationMessage[] = [];
  ends.push(
    channels.operation.listen((message) => {
      onStart(message);
      return () => void over.push(message);
    }),
  );
  return over;
}

test('an operation is told of with its plan, its times and its steps', async () => {
  const steps: (readonly [readonly number[], number])[] = [];
  const over = hear((message) => {
    message.observer = { onCall: (ids, rows) => void steps.push([ids, rows]), onTrace: () => undefined };
  });
  const fresh = createEngine({ schema });
  for (let time = 0; time < 2; time++) await fresh.execute(args(user));
  await fresh.executeToBuffer(args(user));
  await fresh.executePositions(args(user), [['user', 'name']]);
  const facts = over.map(({ engine: of, kind, isPlanCached, plan, planMs }) => [
    of === fresh && plan !== null && planMs >= 0,
    kind,
    isPlanCached,
  ]);
  assert.equal(facts, [
    [true, 'execute', false],
    [true, 'execute', true],
    [true, 'execute', true],
    [true, 'positions', true],
  ]);
  assert.ok(over.slice(0, 3).every(({ writeMs }) => writeMs !== null && writeMs >= 0));
  assert.ok(steps.length >= 4 && steps.every(([ids, rows]) => ids.length > 0 && rows === 1));
  const refused = await fresh.execute({ ...args(user), variableValues: {} });
  assert.is(refused.errors?.length, 1);
  assert.is(over.at(-1)?.plan, null);
});

test('a listener can run the steps of an operation in a scope of its own, beside the one of the request', async () => {
  const [mine, theirs] = [new AsyncLocalStorage<string>(), new AsyncLocalStorage<string>()];
  const seen: unknown[] = [];
  const loud = createEngine({
    schema: makeSchema({
      typeDefs: 'type Query { a: Int }',
      objects: { Query: { plans: { a: { resolve: () => seen.push(mine.getStore(), theirs.getStore()) } } } },
    }),
  });
  hear((message) => {
    message.around = (_step, call) => mine.run('listener', call);
  });
  await loud.execute({ document: parse('{ a }'), around: (_step, call) => theirs.run('request', call) });
  assert.equal(seen, ['listener', 'request']);
  for (const storage of [mine, theirs]) storage.disable(); // promises of other tests would carry its marks
});

test('documents that are read are told of, once', () => {
  const told: DocumentMessage[] = [];
  ends.push(channels.document.listen((message) => void told.push(message)));
  const fresh = createEngine({ schema });
  const document = fresh.document('{ plain }');
  fresh.document('{ plain }');
  fresh.document('{ nothing }');
  assert.equal(
    told.map((message) => [message.engine === fresh, message.document === document, message.document === null]),
    [
      [true, true, false],
      [true, false, true],
    ],
  );
});

test('reactivity tells what a response depends on, what is invalidated, and who was told', async () => {
  const requests: unknown[] = [];
  ends.push(
    channels.reactive.listen(({ kind, after }) => {
      requests.push([kind, after]);
      return () => undefined;
    }),
  );
  const depended: DependencyMessage[] = [];
  const told: PropagationMessage[] = [];
  const changes: object[] = [];
  ends.push(channels.invalidation.listen((message) => () => void changes.push(message)));
  ends.push(channels.dependencies.listen((message) => void depended.push(message)));
  ends.push(channels.propagation.listen((message) => void told.push(message)));

  const live = reactive.live({ ...args(user), context: () => ({ kvetch: kvetch.forRequest() }) });
  await live.next();
  const asked = { extensions: { reactive: { v: 1 } } };
  const { extensions } = await reactive.execute({ ...args(user), ...asked });
  const said = extensions?.reactive as ReactiveExtension | undefined;
  await reactive.execute({ ...args(rename), ...asked });
  await live.next();
  await live.return();
  const before = depended[0]?.asOf;
  assert.equal(requests, [
    ['query', 0],
    ['query', 0],
    ['query', 0],
    ['live', before],
  ]);
  const held = said === undefined ? null : heldOf(said);
  assert.equal(depended[1]?.keys, held?.keys, 'the true names: the response has them sealed');
  assert.equal(
    [depended[1]?.epoch, depended[1]?.asOf, depended[1]?.versions === versions],
    [held?.epoch, held?.seq, true],
  );
  const [change] = changes as { keys: string[]; names: string[]; result: { seq: number } }[];
  assert.equal(change?.keys, [`o:${id}`]);
  assert.equal(
    told.map(({ seq, told: who }) => [seq, who]),
    [[change?.result.seq, { session: 0, poll: 0, live: 1, other: 0 }]],
  );
  assert.equal(
    depended.at(-1)?.states.map(({ seq }) => seq),
    [change?.result.seq],
    'the run after it has seen it',
  );
});

test('counters of reactivity have labels of a few values, and no keys', async () => {
  const counters = prometheusCounters();
  ends.push(counters.stop);
  const live = reactive.live({ ...args(user), context: () => ({ kvetch: kvetch.forRequest() }) });
  await live.next();
  await kvetch.updateObject(id, { name: 'Hedy' });
  await live.next();
  await live.return();
  const text = counters.text();
  for (const line of [
    'planql_operation_calls_total{kind="execute"} 2',
    'planql_reactive_calls_total{kind="query"} 1',
    'planql_reactive_calls_total{kind="live"} 1',
    'planql_invalidation_calls_total 1',
    'planql_invalidation_names_total 1',
    'planql_dependency_keys_total{status="full"} 2',
    'planql_propagation_told_total{watch="live"} 1',
    'planql_propagation_told_total{watch="session"} 0',
  ]) {
    assert.ok(text.split('\n').includes(line), `${line}\n${text}`);
  }
  assert.not.match(text, new RegExp(id));
});

test('live runs and refetches link to the change that they come from, in the trace of the mutation', async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  ends.push(openTelemetry(provider.getTracer('planql')));
  const live = reactive.live({ ...args(user), context: () => ({ kvetch: kvetch.forRequest() }) });
  await live.next();
  await kvetch.updateObject(id, { name: 'Joan' });
  await live.next();
  await live.return();
  const refetch = { extensions: { reactive: { v: 1, refetch: [{ at: 'user' }] } } };
  await reactive.execute({ ...args(user), ...refetch });
  const spans = exporter.getFinishedSpans();
  const named = (name: string) => spans.filter((span) => span.name === name);
  const [change] = named('planql.invalidation');
  assert.is(change?.attributes['planql.keys'], 1);
  for (const name of ['planql.reactive live', 'planql.reactive refetch']) {
    assert.equal(
      named(name).map(({ links }) => links.map(({ context }) => context.spanId)),
      [[change?.spanContext().spanId]],
      name,
    );
  }
  assert.equal(
    named('planql.reactive query').map(({ links }) => links),
    [[]],
    'the first run has no cause',
  );
  assert.ok(named('planql.operation').length >= 3);
  assert.not.match(JSON.stringify(spans.map(({ attributes }) => attributes)), new RegExp(id));
  await provider.shutdown();
});

test('the keys that most watch are known', () => {
  const { seen } = versions;
  const held = (keys: string[]) => ({
    epoch: seen?.epoch ?? '',
    seq: seen?.seq ?? 0,
    keys,
    versions: keys.map(() => 0),
  });
  const listener = { onStale: () => undefined, onReset: () => undefined };
  for (const keys of [['a', 'b'], ['a'], ['a', 'c'], ['b']]) ends.push(reactive.watches.watch(held(keys), listener));
  assert.equal(reactive.watches.busiest(2), [
    ['a', 3],
    ['b', 2],
  ]);
});

test('an observer that throws costs nobody the answer, also where requests share calls [4.15.2]', async () => {
  const warnings = new Set<string>();
  const warn = ({ message }: Error): void => void warnings.add(message);
  process.on('warning', warn);
  let count = 0;
  hear((message) => {
    if (count++ % 2 === 1) return;
    const refuse = (what: string): never => {
      throw new Error(`observer: ${what}`);
    };
    message.observer = { onCall: () => refuse('onCall'), onTrace: (_step, name) => refuse(name) };
  });
  const shards = memoryShards(1).map((shard) =>
    wrapStore(shard, async (_method, run) => {
      await null;
      return run();
    }),
  );
  const shared = createKvetch({ schema: kvetch.schema, shards, batching: {} });
  const ids = await Promise.all(['Ada', 'Grace', 'Mary', 'Joan'].map((name) => shared.createObject('User', { name })));
  const answers = await Promise.all(
    ids.map((one) =>
      engine.execute({
        document: user,
        variableValues: { id: one },
        contextValue: { kvetch: shared.forRequest() },
      }),
    ),
  );
  assert.equal(
    answers.map(({ data, errors }) => errors ?? JSON.parse(JSON.stringify(data)).user.name),
    ['Ada', 'Grace', 'Mary', 'Joan'],
  );
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', warn);
  assert.ok(warnings.has('observer: onCall') && warnings.has('observer: requests in call'), [...warnings].join());
});

test.run();
