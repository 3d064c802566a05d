import diagnostics from 'node:diagnostics_channel';
import { trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, fail, get, loader, loadOne, makeSchema } from '../../src/index.ts';
import { createKvetch, defineKvetchSchema, loadObject, memoryShards } from '../../src/kvetch.ts';
import { openTelemetry, planChannel, prometheusCounters, stepChannel } from '../../src/telemetry.ts';

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
  assert.is(stepChannel.isHeard, false);
  const stop = prometheusCounters().stop;
  assert.is(stepChannel.isHeard, true);
  stop();
  assert.is(stepChannel.isHeard, false);
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
  planChannel.channel.start.subscribe(subscriber);
  try {
    assert.is(await ask(), unheard);
    await new Promise((resolve) => setImmediate(resolve));
    assert.match(String(errors[0]), 'a subscriber');
  } finally {
    planChannel.channel.start.unsubscribe(subscriber);
    process.removeListener('uncaughtException', onError);
    for (const listener of listeners) process.on('uncaughtException', listener);
  }
});

telemetry.run();
