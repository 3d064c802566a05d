import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { createExecutor } from '../../src/engine/createExecutor.ts';
import type { Engine } from '../../src/engine/Engine.ts';
import type { EngineOptions } from '../../src/engine/EngineOptions.ts';
import { fn, get, lambda, loader, loadOne, makeSchema } from '../../src/index.ts';
import type { Plan } from '../../src/plan/Plan.ts';
import { plain } from '../conformance/roads.ts';

const COUNT = 200;
const typeNames = Array.from({ length: COUNT }, (_, index) => `T${index}`);
const fields = typeNames.map((name, index) => `... on ${name} { only${index} }`).join(' ');
const document = parse(`query Things($ids: [Int!]!) { things(ids: $ids) { __typename ${fields} } }`);

/** Types whose fields were planned, in this process. */
const planned: string[] = [];

const things = loader<object[], readonly number[]>({
  name: 'branches.things',
  load: async (lists) => lists.map((ids) => ids.map((id) => ({ __typename: `T${id}`, id }))),
});
const square = loader<number, number>({
  name: 'branches.square',
  load: async (ids) => {
    await new Promise((resolve) => setImmediate(resolve));
    return ids.map((id) => id * id);
  },
});
const kind = fn('branches.kind', (thing: { __typename: string }) => thing.__typename);

// biome-ignore lint/suspicious/noExplicitAny: plan resolvers of a test schema without a type map
type Any = any;
const schema = makeSchema({
  typeDefs: `
    type Query { things(ids: [Int!]!): [Thing] }
    union Thing = ${typeNames.join(' | ')}
    ${typeNames.map((name, index) => `type ${name} { id: Int only${index}: Int }`).join('\n')}
  `,
  objects: {
    Query: { plans: { things: (_$root: Any, { $ids }: Any) => loadOne($ids, things) } },
    ...Object.fromEntries(
      typeNames.map((name, index) => [
        name,
        {
          plans: {
            [`only${index}`]: ($thing: Any) => {
              planned.push(name);
              return loadOne(get($thing, 'id'), square);
            },
          },
        },
      ]),
    ),
  },
  unions: { Thing: { planType: ($thing: Any) => ({ $__typename: lambda($thing, kind) }) } },
} as Any);

const branches = suite('branches of a union of 200 types');
branches.before.each(() => {
  planned.length = 0;
});

function ask(engine: Engine, ids: readonly number[]): Promise<unknown> {
  return (async () => JSON.parse(JSON.stringify(plain(await engine.execute({ document, variableValues: { ids } })))))();
}
function answer(ids: readonly number[]): unknown {
  return { data: { things: ids.map((id) => ({ __typename: `T${id}`, [`only${id}`]: id * id })) } };
}
function branchesOf({ outputs }: Plan): string[] {
  return outputs.flatMap((output) => (output.kind === 'abstract' ? output.branches.map(({ type }) => type) : []));
}

branches('three that occur cost three, however often they do [R7]', async () => {
  const engine = createEngine({ schema });
  const before = engine.prepare(document).plan.steps.length;
  assert.equal(planned, []);
  for (const ids of [[7, 100, 7], [100, 199], [199]]) assert.equal(await ask(engine, ids), answer(ids));
  assert.equal(planned, ['T7', 'T100', 'T199']);
  const { plan } = engine.prepare(document);
  assert.equal(branchesOf(plan), ['T7', 'T100', 'T199']);
  assert.ok(plan.steps.length <= before + 3 * 4, `${plan.steps.length} steps, ${before} before`);
  assert.is(engine.stats().planCache.misses, 1);
});

branches('requests at the same time, of one type or of many, plan each type once [R7]', async () => {
  const engine = createEngine({ schema });
  const asked = Array.from({ length: 60 }, (_, index) => [index % 10, (index * 7) % 20, 150]);
  const answers = await Promise.all(asked.map((ids) => ask(engine, ids)));
  assert.equal(answers, asked.map(answer));
  assert.is(planned.length, new Set(asked.flat()).size);
  assert.is(new Set(planned).size, planned.length);
});

branches('all can be planned beforehand: then nothing is planned by requests [R7]', async () => {
  const engine = createEngine({ schema });
  const { plan } = engine.prepare(document, null, { branches: 'all' });
  assert.is(branchesOf(plan).length, COUNT);
  assert.is(planned.length, COUNT);
  assert.equal(await ask(engine, [3, 4]), answer([3, 4]));
  assert.is(planned.length, COUNT);
});

branches('exported are all, or those that were met [R21 3.8.2]', async () => {
  const engine = createEngine({ schema });
  await ask(engine, [5]);
  const met = engine.exportPlan(engine.prepare(document), { branches: 'met' });
  const all = engine.exportPlan(engine.prepare(document));
  assert.equal([branchesOf(met), branchesOf(all).length], [['T5'], COUNT]);
  const executor = createExecutor({ schema });
  executor.importPlan(JSON.parse(JSON.stringify(all)));
  assert.equal(await ask(executor, [0, 199]), answer([0, 199]));
  const small = createExecutor({ schema });
  small.importPlan(JSON.parse(JSON.stringify(met)));
  const { data, errors } = (await ask(small, [5, 6])) as { data: unknown; errors: { message: string }[] };
  assert.equal(data, { things: [{ __typename: 'T5', only5: 25 }, null] });
  assert.match(errors[0]?.message ?? '', /T6/);
});

branches('more types than limits.maxBranches are errors where they stand; the rest is served [R7 R8]', async () => {
  const limits: EngineOptions['limits'] = { maxBranches: 2 };
  const engine = createEngine({ schema, limits });
  for (let round = 0; round < 2; round++) {
    const { data, errors } = (await ask(engine, [1, 2, 3, 1])) as { data: Any; errors: Any[] };
    assert.equal(data.things, [...(answer([1, 2]) as Any).data.things, null, (answer([1]) as Any).data.things[0]]);
    assert.is(errors.length, 1);
    assert.is(errors[0].message, 'This operation meets more than 2 object types (limits.maxBranches).');
    assert.equal(errors[0].path, ['things', 2]);
  }
  assert.equal(planned, ['T1', 'T2']);
  assert.throws(() => engine.exportPlan(engine.prepare(document)), /limits\.maxBranches/);
  assert.throws(() => createEngine({ schema, limits }).prepare(document, null, { branches: 'all' }), /maxBranches/);
});

branches('the cache counts what plans have grown to', async () => {
  const engine = createEngine({ schema });
  await ask(engine, [1]);
  await ask(engine, [1]);
  const { bytes } = engine.stats().planCache;
  await ask(
    engine,
    Array.from({ length: 50 }, (_, index) => index),
  );
  await ask(engine, [1]);
  assert.ok(engine.stats().planCache.bytes > 2 * bytes, `${engine.stats().planCache.bytes} after ${bytes}`);
});

branches.run();
