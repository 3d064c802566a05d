import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, makeSchema } from '../../src/index.ts';
import { createKvetch, defineKvetchSchema, loadObject, memoryShards } from '../../src/kvetch.ts';
import { grafanaDashboard, prometheusCounters } from '../../src/telemetry.ts';

const test = suite('telemetry: the dashboard');

const labelOf: Readonly<Record<string, string>> = {
  ...{ plan: 'job', step: 'op', load: 'loader', store: 'store', operation: 'kind', reactive: 'kind' },
  ...{ invalidation: 'job', dependency: 'status', propagation: 'watch' },
};

test('asks only for counters, and only by labels, that there are', async () => {
  const counters = prometheusCounters();
  const kvetch = createKvetch({
    schema: defineKvetchSchema({ objects: [{ typeId: 1, name: 'User' }] }),
    shards: memoryShards(1),
  });
  const engine = createEngine({
    schema: makeSchema({
      typeDefs: 'type Query { user(id: ID!): User } type User { id: ID! }',
      objects: { Query: { plans: { user: (_$root, { $id }) => loadObject($id) } } },
    }),
  });
  const id = await kvetch.createObject('User', {});
  await engine.execute({ document: parse(`{ user(id: "${id}") { id } }`), contextValue: { kvetch } });
  const text = counters.text();
  counters.stop();
  const labels = new Map<string, Set<string>>();
  for (const [, name = ''] of text.matchAll(/^# TYPE (\w+) counter$/gm)) labels.set(name, new Set(['job']));
  for (const [, name = '', label = ''] of text.matchAll(/^(\w+)\{(\w+)="/gm)) labels.get(name)?.add(label);
  const asked = new Set<string>();
  for (const { title, targets } of grafanaDashboard().panels) {
    for (const { expr, legendFormat } of targets) {
      const names = [...expr.matchAll(/planql_\w+/g)].map(([name]) => name);
      assert.ok(names.length > 0, title);
      for (const name of names) {
        assert.ok(labels.has(name), `${title} asks for ${name}`);
        asked.add(name);
      }
      const by = [...expr.matchAll(/by \((\w+)\)/g)].map(([, label]) => label ?? '');
      assert.ok(by.length > 0 && by.every((label) => legendFormat === `{{${label}}}`), title);
      const kinds = new Set(names.map((name) => name.split('_')[1]));
      const label = labelOf[[...kinds][0] ?? ''];
      assert.ok(kinds.size > 1 || by[0] === label || by[0] === 'job', `${title} groups by ${by}`);
    }
  }
  assert.equal(
    [...labels.keys()].filter((name) => !asked.has(name)).filter((name) => !/_step_calls_/.test(name)),
    [],
    'every counter is shown',
  );
});

test('panels do not overlap and have numbers of their own', () => {
  const { panels } = grafanaDashboard();
  assert.is(new Set(panels.map(({ id }) => id)).size, panels.length);
  const places = panels.map(({ gridPos: { x, y, w } }) => ({ x, y, end: x + w }));
  for (const { x, y, end } of places) {
    assert.ok(end <= 24);
    assert.is(places.filter((other) => other.y === y && other.x < end && other.end > x).length, 1);
  }
});

test.run();
