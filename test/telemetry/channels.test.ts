import diagnostics from 'node:diagnostics_channel';
import { trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { parse } from 'graphql';
import { Registry } from 'prom-client';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, fail, get, loader, loadOne, makeSchema, registerSteps, Step } from '../../src/index.ts';
import { createKvetch, defineKvetchSchema, loadObject, memoryShards } from '../../src/kvetch.ts';
import { counting } from '../../src/telemetry/counting.ts';
import { channels, openTelemetry, prometheusCounters } from '../../src/telemetry.ts';

const kvetch = createKvetch({
  schema: defineKvetchSchema({ objects: [{ typeId: 1, name: 'User' }] }),
  shards: memoryShards(1),
});
const id = await kvetch.createObject('User', { name: 'Ada' });

const numbers = loader<number, number>({
  name: 'telemetry.number',
  load: async (keys) => keys.map((key) => (key === 13 ? fail(new Error('13')) : key * 2)),
});
const broken = loader<number, number>({ name: 'telemetry.broken', load: () => Promise.reject(new Error('down')) });

const schema = makeSchema({
  typeDefs: 'type Query { user(id: ID!): User, double(n: Int!): Int, broken(n: Int!): Int } type User { name: String }',
  objects: {
    Query: {
      plans: {
        user: (_$root, { $id }) => loadObject($id),
        double: (_$root, { $n }) => loadOne($n, numbers),
        broken: (_$root, { $n }) => loadOne($n, broken),
      },
    },
    User: { plans: { name: ($user) => get($user, 'name') } },
  },
});
const args = {
  document: parse('query Both($id: ID!) { user(id: $id) { name } double(n: 2) broken(n: 1) }'),
  variableValues: { id },
  contextValue: { kvetch },
};
const ask = async (): Promise<string> => JSON.stringify(await createEngine({ schema }).execute(args));

const telemetry = suite('telemetry');
const endings: Array<() => unknown> = [];
telemetry.after.each(async () => {
  for (const end of endings.splice(0)) await end();
});

telemetry('nobody is heard until somebody listens, and again when all have stopped', () => {
  assert.is(channels.step.isHeard, false);
  const stopSpans = openTelemetry(trace.getTracer('planql'));
  const { stop } = prometheusCounters();
  assert.is(channels.step.isHeard, true);
  assert.is(counting.isOn, true);
  stopSpans();
  stop();
  assert.is(channels.step.isHeard, false);
  assert.is(counting.isOn, false);
});

telemetry('counters tell plans, steps, loads and store calls', async () => {
  const unheard = await ask();
  const counters = prometheusCounters();
  endings.push(counters.stop);
  assert.is(await ask(), unheard, 'the answer is the same');
  const lines = counters.text().split('\n');
  for (const line of [
    '# TYPE planql_plan_calls_total counter',
    'planql_plan_calls_total 1',
    'planql_step_calls_total{op="loadOne"} 3',
    'planql_step_rows_total{op="loadOne"} 3',
    'planql_load_calls_total{loader="telemetry.number"} 1',
    'planql_load_keys_total{loader="telemetry.number"} 1',
    'planql_load_errors_total{loader="telemetry.broken"} 1',
    'planql_load_calls_total{loader="kvetch.objects"} 1',
  ]) {
    assert.ok(lines.includes(line), `${line}\n${counters.text()}`);
  }
  assert.match(counters.text(), /planql_store_keys_total\{store="[^"]+"\} 1\n/);
});

telemetry('a registry of prom-client tells the same counters as their text', async () => {
  const counters = prometheusCounters();
  endings.push(counters.stop);
  const registry = new Registry();
  counters.registerIn(registry);
  const samples = (text: string) =>
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('# HELP'))
      .sort();
  assert.equal(samples(await registry.metrics()), samples(counters.text()), 'before the first call');
  await ask();
  assert.equal(samples(await registry.metrics()), samples(counters.text()));
  assert.match(await registry.metrics(), '# HELP planql_load_keys_total Keys of planql');
  assert.match(await registry.metrics(), 'planql_load_keys_total{loader="telemetry.number"} 1\n');
  assert.throws(() => counters.registerIn(registry), /already been registered/);
});

telemetry('counters tell loads that several requests share, that fail at once, and that come at once', async () => {
  const load = (keys: readonly number[]): number[] => {
    if (keys.includes(13)) throw new Error('13');
    return keys.map((key) => key * 2);
  };
  const shared = loader<number, number>({
    name: 'telemetry.shared',
    load: async (keys) => load(keys),
    batch: { contextKey: () => 'all' },
  });
  const atOnce = loader<number, number>({ name: 'telemetry.atOnce', load });
  const engine = createEngine({
    schema: makeSchema({
      typeDefs: 'type Query { shared(n: Int!): Int, atOnce(n: Int!): Int }',
      objects: {
        Query: {
          plans: {
            shared: (_$root, { $n }) => loadOne($n, shared),
            atOnce: (_$root, { $n }) => loadOne($n, atOnce),
          },
        },
      },
    }),
  });
  const counters = prometheusCounters();
  const others = prometheusCounters();
  endings.push(counters.stop);
  const document = parse('query ($n: Int!) { shared(n: $n) atOnce(n: $n) more: atOnce(n: 1) }');
  const requests = [1, 2, 3].map((n) => engine.execute({ document, variableValues: { n }, contextValue: {} }));
  await Promise.all(requests);
  others.stop();
  await engine.execute({ document, variableValues: { n: 13 }, contextValue: {} });
  const counted = (from: { text(): string }, name: string): number =>
    Number(
      from
        .text()
        .split('\n')
        .find((line) => line.startsWith(name))
        ?.split(' ')[1],
    );
  assert.is(counted(counters, 'planql_load_calls_total{loader="telemetry.shared"}'), 2);
  assert.is(counted(counters, 'planql_load_keys_total{loader="telemetry.shared"}'), 4);
  assert.is(counted(counters, 'planql_load_errors_total{loader="telemetry.shared"}'), 1);
  assert.is(counted(counters, 'planql_load_errors_total{loader="telemetry.atOnce"}'), 1);
  assert.is(counted(counters, 'planql_step_errors_total{op="loadOne"}'), 0, 'its rows have failed, and not the step');
  assert.is(counted(others, 'planql_load_calls_total{loader="telemetry.shared"}'), 1, 'it was stopped by then');
  for (const kind of ['step', 'load']) assert.ok(counted(counters, `planql_${kind}_seconds_total`) > 0);
});

telemetry('a step that has failed is counted with its failure', async () => {
  class Odd extends Step<number> {
    static override readonly op = 'telemetry.odd';
    constructor($how: Step) {
      super();
      this.addDependency($how);
    }
    override execute(_count: number, [hows]: readonly [readonly string[]]): Promise<number[]> {
      if (hows[0] === 'throws') throw new Error('thrown');
      return hows[0] === 'rejects' ? Promise.reject(new Error('rejected')) : Promise.resolve([1, 2, 3]);
    }
  }
  registerSteps(Odd);
  const engine = createEngine({
    schema: makeSchema({
      typeDefs: 'type Query { odd(how: String!): Int }',
      objects: { Query: { plans: { odd: (_$root, { $how }) => new Odd($how) } } },
    }),
  });
  const counters = prometheusCounters();
  endings.push(counters.stop);
  for (const how of ['throws', 'rejects', 'gives three']) {
    const { errors } = await engine.execute({ document: parse(`{ odd(how: "${how}") }`) });
    assert.is(errors?.length, 1);
  }
  assert.match(counters.text(), 'planql_step_calls_total{op="telemetry.odd"} 3\n');
  assert.match(counters.text(), 'planql_step_errors_total{op="telemetry.odd"} 2\n');
});

telemetry('any subscriber of diagnostics_channel is told, by name', async () => {
  const told: object[] = [];
  const onStart = (message: unknown): void => {
    told.push(message as object);
  };
  diagnostics.subscribe('tracing:planql:load:start', onStart);
  endings.push(() => diagnostics.unsubscribe('tracing:planql:load:start', onStart));
  await ask();
  assert.is(told.length, 3);
});

telemetry('OpenTelemetry gets a span for each step, load and store call, with errors', async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  trace.setGlobalTracerProvider(provider);
  const stop = openTelemetry(trace.getTracer('planql'));
  endings.push(
    stop,
    () => provider.shutdown(),
    () => trace.disable(),
  );
  await ask();
  await provider.forceFlush();
  const spans = exporter.getFinishedSpans();
  const names = spans.map(({ name }) => name);
  for (const name of [
    'planql.plan',
    'planql.step loadOne',
    'planql.load telemetry.number',
    'planql.load kvetch.objects',
  ]) {
    assert.ok(names.includes(name), `${name} in ${names}`);
  }
  const failed = spans.find(({ name }) => name === 'planql.load telemetry.broken');
  assert.is(failed?.status.code, 2);
  assert.is(failed?.attributes['planql.keys'], 1);
});

telemetry('what a subscriber throws does not reach the request', async () => {
  const unheard = await ask();
  const errors: unknown[] = [];
  const onError = (error: unknown): void => {
    errors.push(error);
  };
  process.prependListener('uncaughtException', onError);
  const listeners = process.listeners('uncaughtException').filter((listener) => listener !== onError);
  for (const listener of listeners) process.removeListener('uncaughtException', listener);
  const subscriber = (): void => {
    throw new Error('a subscriber');
  };
  channels.plan.channel.start.subscribe(subscriber);
  try {
    assert.is(await ask(), unheard);
    await new Promise((resolve) => setImmediate(resolve));
    assert.match(String(errors[0]), 'a subscriber');
  } finally {
    channels.plan.channel.start.unsubscribe(subscriber);
    process.removeListener('uncaughtException', onError);
    for (const listener of listeners) process.on('uncaughtException', listener);
  }
});

telemetry('at most 1,000 names of a kind are labels; later ones are counted together', () => {
  const counters = prometheusCounters();
  for (let n = 0; n < 3000; n++) {
    counting.call('load', `made while requests run ${n}`, 2, 1);
    counting.ahead(`made while requests run ${n}`, 1, 0);
  }
  counters.stop();
  const lines = counters.text().split('\n');
  const calls = lines.filter((line) => line.startsWith('planql_load_calls_total{'));
  assert.is(calls.length, 1001);
  assert.is(calls.at(-1), 'planql_load_calls_total{loader="other"} 2000');
  assert.ok(lines.length < 7000, `${lines.length} lines`);
});

telemetry.run();
