/** Which plans an engine saves, how fast, and which of a store it runs. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'graphql';
import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { createExecutor } from '../../src/engine/createExecutor.ts';
import type { Engine } from '../../src/engine/Engine.ts';
import { PlanqlError } from '../../src/errors/PlanqlError.ts';
import { constant, lambda, makeSchema } from '../../src/execute.ts';
import type { PlanDocument } from '../../src/plan/PlanDocument.ts';
import type { PlanStore } from '../../src/plan/PlanStore.ts';
import { filePlanStore, memoryPlanStore, redisPlanStore } from '../../src/plan-stores.ts';
import { needs } from '../support/needs.ts';
import { redisForTests } from '../support/redisServer.ts';
import { operations, planned, request, schema } from './library.ts';

const saves = suite('plan stores: saving and signatures');
const endings: Array<() => unknown> = [];
saves.after.each(async () => {
  for (const end of endings.splice(0)) await end();
});

/** A store in memory that notes the keys of its writes. */
function noting(): PlanStore & { readonly writes: string[] } {
  const store = memoryPlanStore();
  const writes: string[] = [];
  const set = (key: string, plan: PlanDocument): void => {
    writes.push(key);
    void store.set(key, plan);
  };
  return { ...store, set, writes };
}

const reader = (index: number) => parse(`query Q${index} { reader }`);
const ask = async (
  engine: Engine,
  document = reader(0),
  variableValues: Record<string, unknown> = request.variableValues,
) => engine.execute({ document, ...request, variableValues });

async function until(holds: () => boolean): Promise<void> {
  for (let turns = 0; turns < 1_000 && !holds(); turns++) await sleep(5);
  assert.ok(holds(), `${holds}`);
}

saves('300 operations that came once are not saved [3.10.5]', async () => {
  const planStore = noting();
  const engine = createEngine({ schema, planStore, planStoreOptions: { settleMs: 0 } });
  for (let index = 0; index < 300; index++) await ask(engine, reader(index));
  await sleep(20);
  await engine.saved();
  assert.equal(planStore.writes, []);
});

saves('an operation that came again is saved once, however often it comes [3.10.5]', async () => {
  const planStore = noting();
  const engine = createEngine({ schema, planStore, planStoreOptions: { settleMs: 5 } });
  for (let time = 0; time < 50; time++) await ask(engine);
  await until(() => engine.stats().planStore?.saved === 1);
  for (let time = 0; time < 50; time++) await ask(engine);
  await engine.saved();
  assert.is(planStore.writes.length, 1);
});

saves('an operation comes again also where its plan has left the cache', async () => {
  const planStore = noting();
  const engine = createEngine({ schema, planStore, planCache: { max: 8 } });
  for (let time = 0; time < 2; time++) {
    await ask(engine, reader(0));
    for (let index = 1; index < 20; index++) await ask(engine, reader(100 * time + index));
  }
  await ask(engine, reader(0));
  await engine.saved();
  assert.ok(planStore.writes.length <= 1, `${planStore.writes}`);
});

saves('writes of a minute are bounded; what is beyond waits [3.10.7]', async () => {
  const planStore = noting();
  const engine = createEngine({ schema, planStore, planStoreOptions: { settleMs: 1, savesPerMinute: 10 } });
  for (let time = 0; time < 2; time++) {
    for (let index = 0; index < 300; index++) await ask(engine, reader(index));
  }
  await until(() => planStore.writes.length >= 10);
  await sleep(100);
  assert.ok(planStore.writes.length <= 11, `${planStore.writes.length} writes`);
  await engine.saved();
  assert.is(planStore.writes.length, 300, 'saved() saves what waits');
});

saves('a plan larger than the bound is not saved, and that is counted and told [3.10.7]', async () => {
  const planStore = noting();
  const told: unknown[] = [];
  const planStoreOptions = { maxPlanBytes: 20_000, onError: (error: unknown) => told.push(error) };
  const engine = createEngine({ schema, planStore, planStoreOptions });
  const large = parse(`{ ${Array.from({ length: 500 }, (_, index) => `r${index}: reader`).join(' ')} }`);
  for (const document of [large, large, reader(0), reader(0)]) await ask(engine, document);
  await engine.saved();
  assert.equal([planStore.writes.length, engine.stats().planStore?.unsaved], [1, 1]);
  assert.match(String(told[0]), /maxPlanBytes/);
});

saves('all object types of a large interface do not make a plan that is used larger than may be saved', async () => {
  const names = Array.from({ length: 300 }, (_, index) => `T${index}`);
  const many = makeSchema({
    typeDefs: `interface Node { id: ID } ${names.map((name) => `type ${name} implements Node { id: ID }`).join(' ')} type Query { node(name: String): Node }`,
    objects: {
      Query: {
        plans: { node: { resolve: (_: unknown, { name }: { name: string }) => ({ __typename: name, id: name }) } },
      },
    },
  } as never);
  const planStore = noting();
  const engine = createEngine({ schema: many, planStore, planStoreOptions: { maxPlanBytes: 100_000 } });
  const document = parse('query ($name: String) { node(name: $name) { id } }');
  const node = async (name: string) => engine.execute({ document, variableValues: { name } });
  await node('T0');
  await node('T0');
  await engine.saved();
  assert.equal([planStore.writes.length, engine.stats().planStore?.unsaved], [0, 1]);
  assert.equal(JSON.parse(JSON.stringify(await node('T7'))), { data: { node: { id: 'T7' } } });
  assert.ok(engine.stats().planCache.bytes < 60_000, `${engine.stats().planCache.bytes} bytes`);
});

saves('a growing plan is planned once and saved once, when it has settled [3.10.5]', async () => {
  const planStore = noting();
  const engine = createEngine({ schema, planStore, planStoreOptions: { settleMs: 200 } });
  const document = parse('query ($id: ID!) { book(id: $id) { loud } }');
  const cost = async (of: Engine): Promise<number> => {
    const before = planned.count;
    for (const id of ['0', '1', '2', '0']) await ask(of, document, { id });
    return planned.count - before;
  };
  const expected = await cost(createEngine({ schema }));
  const before = planned.count;
  await cost(engine);
  assert.is(planStore.writes.length, 0, 'it has just grown');
  await until(() => planStore.writes.length > 0);
  await ask(engine, document, { id: '1' });
  await engine.saved();
  assert.equal([planStore.writes.length, planned.count - before], [1, expected], 'as often as without a store');
});

saves('a plan with closures is refused before its branches are planned', async () => {
  const told: string[] = [];
  const closed = makeSchema({
    typeDefs: 'type Query { a: Int }',
    objects: { Query: { plans: { a: () => lambda(constant(1), (n) => n) as never } } },
  });
  const planStoreOptions = { onError: (error: unknown) => told.push((error as Error).message) };
  const engine = createEngine({ schema: closed, planStore: memoryPlanStore(), planStoreOptions });
  for (let time = 0; time < 9; time++) await engine.execute({ document: parse('{ a }') });
  await engine.saved();
  assert.is(told.length, 1, 'once');
  assert.is(engine.stats().planStore?.unsaved, 1);
});

saves('a store that is away is tried again, and one that is silent does not hold saved()', async () => {
  const good = noting();
  let failures = 1;
  const flaky: PlanStore = {
    ...good,
    set: (key, plan) => (failures-- > 0 ? Promise.reject(new Error('Redis is away.')) : good.set(key, plan)),
  };
  const told: unknown[] = [];
  const onError = (error: unknown) => told.push(error);
  const engine = createEngine({ schema, planStore: flaky, planStoreOptions: { settleMs: 1, onError } });
  for (let time = 0; time < 2; time++) await ask(engine);
  await until(() => good.writes.length === 1);
  assert.is(told.length, 1);

  const silent: PlanStore = { ...good, set: () => new Promise(() => {}) };
  const other = createEngine({ schema, planStore: silent, planStoreOptions: { timeoutMs: 5, onError } });
  for (let time = 0; time < 2; time++) await ask(other, reader(7));
  await other.saved();
  assert.match(String(told.at(-1)), /no answer for 5 ms/);
});

const redis = await redisForTests();
const places: Record<string, () => PlanStore> = {
  memory: memoryPlanStore,
  files: () => filePlanStore({ folder: temporaryFolder(), release: 'v1' }),
  Redis: () => {
    const prefix = redis.newPrefix();
    const client = new Redis(redis.url);
    endings.push(async () => {
      await client.del(`${prefix}v1`);
      client.disconnect();
    });
    return redisPlanStore({ client, release: 'v1', prefix, ttlSeconds: 600 });
  },
};

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'planql-signed-'));
  endings.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const secret = 'a secret of at least sixteen bytes';

async function fill(planStore: PlanStore, options = {}): Promise<void> {
  const engine = createEngine({ schema, planStore, planStoreOptions: options });
  const document = parse(operations.one as string);
  for (let time = 0; time < 2; time++) await engine.execute({ document, ...request });
  await engine.saved();
  assert.is(engine.stats().planStore?.saved, 1);
}

for (const [name, open] of Object.entries(places)) {
  const onStore = name === 'Redis' ? needs(saves, redis) : saves;
  onStore(`${name}: plans run with the right secret only, and refusals are counted [3.10.8]`, async () => {
    const planStore = open();
    await fill(planStore, { secret });
    const document = parse(operations.one as string);
    for (const [given, expected] of [
      [secret, [1, 0]],
      ['another secret of sixteen bytes', [0, 1]],
      [undefined, [0, 1]],
    ] as const) {
      const told: unknown[] = [];
      const planStoreOptions = { onError: (error: unknown) => told.push(error), ...(given && { secret: given }) };
      const executor = createExecutor({ schema, planStore, planStoreOptions });
      const { imported, refused } = await executor.warmUp();
      assert.equal([imported, refused], expected, `warm-up with ${given}`);
      const other = createEngine({ schema, planStore, planStoreOptions });
      await other.execute({ document, ...request });
      const stats = other.stats().planStore;
      assert.equal([stats?.imported, stats?.refused], expected, `request with ${given}`);
      assert.is(told.length, expected[1] * 2);
    }
  });

  onStore(`${name}: plans without a signature do not run where there is a secret [3.10.8]`, async () => {
    const planStore = open();
    await fill(planStore);
    const executor = createExecutor({ schema, planStore, planStoreOptions: { secret } });
    assert.equal(await executor.warmUp(), { imported: 0, refused: 1 });
  });
}

saves(
  'files: one that was tampered with is refused, whatever its hash says; a torn one is told and left out',
  async () => {
    const folder = temporaryFolder();
    const planStore = filePlanStore({ folder, release: 'v1' });
    await fill(planStore, { secret });
    const [name] = readdirSync(join(folder, 'v1')) as [string];
    const file = join(folder, 'v1', name);
    const whole = readFileSync(file, 'utf8');
    const { planHash } = await import('../../src/plan/PlanDocument.ts');
    const { signature, ...plan } = JSON.parse(whole);
    const changed = { ...plan, places: plan.places };
    changed.steps = structuredClone(plan.steps);
    changed.steps[0].coordinate = 'Query.reader';
    const { hash: _, ...content } = changed;
    const rehashed = { ...content, hash: planHash(content) };
    const texts = {
      tampered: JSON.stringify({ ...rehashed, signature }),
      'with a short signature': JSON.stringify({ ...plan, signature: signature.slice(2) }),
      'with no text as signature': JSON.stringify({ ...plan, signature: [signature] }),
      'with more than was signed': JSON.stringify({ ...plan, signature, more: 1 }),
      torn: whole.slice(0, 40),
      'no plan': 'null',
      empty: '',
    };
    for (const [what, text] of Object.entries(texts)) {
      writeFileSync(file, text);
      const told: unknown[] = [];
      const planStoreOptions = { secret, onError: (error: unknown) => told.push(error) };
      const { imported, refused } = await createExecutor({ schema, planStore, planStoreOptions }).warmUp();
      assert.equal([imported, refused, told.length], [0, 1, 1], what);
      const engine = createEngine({ schema, planStore, planStoreOptions });
      const { data } = await engine.execute({ document: parse(operations.one as string), ...request });
      assert.ok(data, what);
    }
    writeFileSync(file, whole);
    const { imported } = await createExecutor({ schema, planStore, planStoreOptions: { secret } }).warmUp();
    assert.is(imported, 1);
  },
);

saves('options that cannot be are refused with their name', () => {
  for (const [options, expected] of [
    [{ secret: '' }, /secret/],
    [{ secret: 'short' }, /secret.*16 bytes/],
    [{ savesPerMinute: -1 }, /savesPerMinute/],
    [{ maxPlanBytes: Number.NaN }, /maxPlanBytes/],
    [{ settleMs: -1 }, /settleMs/],
  ] as const) {
    try {
      createEngine({ schema, planStore: memoryPlanStore(), planStoreOptions: options });
      assert.unreachable(JSON.stringify(options));
    } catch (error) {
      assert.instance(error, PlanqlError);
      assert.match(String(error), expected);
    }
  }
});

saves.run();
