import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExecutionResult, parse } from 'graphql';
import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import { createExecutor } from '../../src/engine/createExecutor.ts';
import type { PlanStore } from '../../src/plan/PlanStore.ts';
import { filePlanStore, memoryPlanStore, redisPlanStore } from '../../src/plan-stores.ts';
import { needs } from '../support/needs.ts';
import { redisForTests } from '../support/redisServer.ts';
import { operations, planned, request, schema } from './library.ts';

const endings: Array<() => unknown> = [];

interface Backend {
  readonly name: string;
  /** Two stores of one place, as two processes have them. */
  open(release?: string): { readonly one: PlanStore; readonly two: PlanStore };
}

const memory: Backend = {
  name: 'memory',
  open() {
    const one = memoryPlanStore();
    return { one, two: one };
  },
};

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'planql-plans-'));
  endings.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const files: Backend = {
  name: 'files',
  open(release = 'v1/2') {
    const folder = temporaryFolder();
    return { one: filePlanStore({ folder, release }), two: filePlanStore({ folder, release }) };
  },
};

const redis = await redisForTests();
const inRedis: Backend = {
  name: 'Redis',
  open(release = 'v1') {
    const prefix = redis.newPrefix();
    const clients = [new Redis(redis.url), new Redis(redis.url)] as const;
    endings.push(async () => {
      await clients[0].del(`${prefix}${release}`);
      for (const client of clients) client.disconnect();
    });
    const [one, two] = clients.map((client) => redisPlanStore({ client, release, prefix, ttlSeconds: 600 }));
    return { one: one as PlanStore, two: two as PlanStore };
  },
};

const stores = suite('plan stores');
stores.after.each(async () => {
  for (const end of endings.splice(0)) await end();
});

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const documents = Object.entries(operations)
  .filter(([name]) => name !== 'arrived')
  .map(([name, text]) => ({ name, document: parse(text) }));
const answers = new Map(
  await Promise.all(
    documents.map(async ({ name, document }) => {
      const result = await createEngine({ schema }).execute({ document, ...request });
      return [name, plain(result)] as const;
    }),
  ),
);

for (const backend of [memory, files, inRedis]) {
  const onStore = backend === inRedis ? needs(stores, redis) : stores;
  const check = (what: string, run: () => Promise<void>) => onStore(`${backend.name}: ${what}`, run);

  check('what one process planned, another runs without planning [R21 3.10.2]', async () => {
    const { one, two } = backend.open();
    const first = createEngine({ schema, planStore: one });
    for (const { name, document } of [...documents, ...documents]) {
      assert.equal(plain(await first.execute({ document, ...request })), answers.get(name), name);
    }
    await first.saved();
    assert.is(first.stats().planStore?.saved, documents.length);

    const before = planned.count;
    const second = createEngine({ schema, planStore: two });
    for (const { name, document } of documents) {
      assert.equal(plain(await second.execute({ document, ...request })), answers.get(name), name);
    }
    assert.is(planned.count, before, 'no plan resolver ran');
    assert.is(second.stats().planCache.misses, 0);
    assert.is(second.stats().planStore?.imported, documents.length);
  });

  check('after warm-up requests are answered at once, also where nothing can be planned [3.10.4]', async () => {
    const { one, two } = backend.open();
    const first = createEngine({ schema, planStore: one });
    for (const { document } of [...documents, ...documents]) await first.execute({ document, ...request });
    await first.saved();
    const executor = createExecutor({ schema, planStore: two });
    assert.equal(await executor.warmUp(), { imported: documents.length, refused: 0 });
    const { document } = documents[0] as (typeof documents)[number];
    const answer = executor.execute({ document, ...request });
    assert.not.instance(answer, Promise);
    assert.equal(plain(answer), answers.get('one'));
    const unknown = await executor.execute({ document: parse('query Other { reader }') });
    assert.equal(plain(unknown), {
      data: null,
      errors: [
        {
          message: 'This executor has no plan for operation "Other", and does not plan.',
          extensions: { code: 'PLAN_NOT_IMPORTED' },
        },
      ],
    });
  });

  check('an unknown key is null, and an empty store has no plans', async () => {
    const { one } = backend.open();
    assert.is(await one.get('none'), null);
    for await (const plan of one.all()) assert.unreachable(String(plan));
  });
}

stores('a stampede of requests asks the store once, and plans once [3.10.3]', async () => {
  const store = memoryPlanStore();
  let gets = 0;
  const counted: PlanStore = {
    ...store,
    get: async (key) => {
      gets++;
      return store.get(key);
    },
  };
  const engine = createEngine({ schema, planStore: counted });
  const results = await Promise.all(
    Array.from({ length: 200 }, async () => engine.execute({ document: parse(operations.one as string), ...request })),
  );
  for (const result of results) assert.equal(plain(result), answers.get('one'));
  assert.equal([gets, engine.stats().planCache.misses], [1, 1]);
  await engine.saved();
});

stores('a plan in use gets the branches of all object types when it is saved, and not before [R7 3.10.5]', async () => {
  const engine = createEngine({ schema, planStore: memoryPlanStore() });
  const document = parse(operations.one as string);
  const branches = (): string[] =>
    engine
      .prepare(document)
      .plan.outputs.flatMap((output) => (output.kind === 'abstract' ? output.branches.map(({ type }) => type) : []));
  for (let time = 0; time < 2; time++) await engine.execute({ document, ...request });
  assert.equal(branches(), ['Manual']);
  await engine.saved();
  assert.equal(branches().sort(), ['Manual', 'Map', 'Novel']);
  assert.equal(plain(await engine.execute({ document, ...request })), answers.get('one'));
});

stores('plans of another release, or of another schema, are not used [3.10.6]', async () => {
  const folder = temporaryFolder();
  const document = parse(operations.one as string);
  const errors: string[] = [];
  const planStoreOptions = { onError: (error: unknown) => errors.push((error as Error).message) };
  const first = createEngine({ schema, planStore: filePlanStore({ folder, release: 'a' }), planStoreOptions });
  for (let time = 0; time < 2; time++) await first.execute({ document, ...request });
  await first.saved();
  const other = createEngine({ schema, planStore: filePlanStore({ folder, release: 'b' }), planStoreOptions });
  for (let time = 0; time < 2; time++) await other.execute({ document, ...request });
  await other.saved();
  assert.equal(other.stats().planStore, { imported: 0, missed: 1, refused: 0, saved: 1, unsaved: 0 });
  assert.equal(errors, []);
});

stores('a store that fails, gives nonsense or is silent costs planning, and is told [3.10.6]', async () => {
  const document = parse(operations.one as string);
  const good = memoryPlanStore();
  const donor = createEngine({ schema, planStore: good });
  const donated = { document: parse(operations.nested as string), ...request };
  for (let time = 0; time < 2; time++) await donor.execute(donated);
  await donor.saved();
  let another: unknown = null;
  for await (const plan of good.all()) another = plan;

  const cases: ReadonlyArray<readonly [string, () => unknown, RegExp]> = [
    ['fails', () => Promise.reject(new Error('Redis is down.')), /Redis is down/],
    ['gives nonsense', () => ({ document: operations.one, operationName: 'One', resolvers: {} }), /cannot be imported/],
    ['gives another plan', () => another, /plan of another operation/],
    ['gives text', () => 'text', /another operation/],
    ['gives null in a box', () => ({ document: null, resolvers: null }), /another operation/],
    ['is silent', () => new Promise(() => {}), /no answer for 5 ms/],
  ];
  for (const [what, get, expected] of cases) {
    const errors: unknown[] = [];
    const planStore: PlanStore = { get, set: () => {}, all: good.all };
    const planStoreOptions = { timeoutMs: 5, onError: (error: unknown) => errors.push(error) };
    const engine = createEngine({ schema, planStore, planStoreOptions });
    assert.equal(plain(await engine.execute({ document, ...request })), answers.get('one'), what);
    assert.match(String(errors[0]), expected, what);
    await engine.saved();
  }
});

stores('a file that was cut off is told, and its operation planned again', async () => {
  const folder = temporaryFolder();
  const planStore = filePlanStore({ folder, release: 'r' });
  const document = parse(operations.one as string);
  const first = createEngine({ schema, planStore });
  for (let time = 0; time < 2; time++) await first.execute({ document, ...request });
  await first.saved();
  const [name, ...others] = readdirSync(join(folder, 'r'));
  assert.equal(others, [], 'no draft is left behind');
  writeFileSync(join(folder, 'r', name as string), '{"version":');
  const errors: unknown[] = [];
  const planStoreOptions = { onError: (error: unknown) => errors.push(error) };
  const second = createEngine({ schema, planStore, planStoreOptions });
  assert.equal(plain(await second.execute({ document, ...request })), answers.get('one'));
  assert.match(String(errors[0]), /another operation/);
  assert.is(second.stats().planStore?.refused, 1);
  await second.execute({ document, ...request });
  await second.saved();
  const third = createEngine({ schema, planStore });
  await third.execute({ document, ...request });
  assert.is(third.stats().planStore?.imported, 1, 'the second saved it again');
});

stores(
  'a request whose conditions cannot be decided is planned for itself, and its plan is not kept [3.8.4]',
  async () => {
    const undecided = parse('query ($if: Boolean = true) { reader @include(if: $if) }');
    const store = memoryPlanStore();
    const saved = async (): Promise<number> => {
      let count = 0;
      for await (const _ of store.all()) count++;
      return count;
    };
    const engine = createEngine({ schema, planStore: store });
    const ask = (given: Record<string, unknown>) => ({ ...request, document: undecided, variableValues: given });
    const refused = plain(await engine.execute(ask({ if: null })));
    await engine.saved();
    assert.equal([await saved(), engine.stats().planCache.plans], [0, 0]);
    for (let time = 0; time < 2; time++) {
      assert.equal(plain(await engine.execute(ask({}))), { data: { reader: 'Ada' } });
    }
    await engine.saved();
    assert.equal([await saved(), engine.stats().planCache.plans], [1, 1]);
    assert.equal(plain(await engine.execute(ask({ if: null }))), refused);

    const executor = createExecutor({ schema, planStore: store });
    assert.equal(plain(await executor.execute(ask({}))), { data: { reader: 'Ada' } });
    const { errors } = (await executor.execute(ask({ if: null }))) as ExecutionResult;
    assert.equal(
      errors?.map(({ message }) => message),
      [
        'This executor has no plan for this operation where a condition of @skip or @include is no boolean, and does not plan.',
      ],
    );
  },
);

stores('an operation with closures is planned in each process, and says why [R22]', async () => {
  const errors: string[] = [];
  const { makeSchema, lambda, constant } = await import('../../src/execute.ts');
  const closed = makeSchema({
    typeDefs: 'type Query { a: Int }',
    objects: { Query: { plans: { a: () => lambda(constant(1), (n) => n) as never } } },
  });
  const engine = createEngine({
    schema: closed,
    planStore: memoryPlanStore(),
    planStoreOptions: { onError: (error) => errors.push((error as Error).message) },
  });
  for (let time = 0; time < 2; time++) await engine.execute({ document: parse('{ a }') });
  await engine.saved();
  assert.match(errors[0] ?? '', /Step lambda planned for "Query.a" captures a closure as "f". Name it with/);
});

stores('files: a torn file is told, and left out of the warm-up', async () => {
  const place = { folder: temporaryFolder(), release: 'v1' };
  const engine = createEngine({ schema, planStore: filePlanStore(place) });
  for (const { document } of [...documents, ...documents]) await engine.execute({ document, ...request });
  await engine.saved();
  const home = join(place.folder, place.release);
  const names = readdirSync(home);
  writeFileSync(join(home, names[0] as string), '{"version": 1, "st');
  const told: unknown[] = [];
  const planStoreOptions = { onError: (error: unknown) => told.push(error) };
  const { imported, refused } = await createExecutor({
    schema,
    planStore: filePlanStore(place),
    planStoreOptions,
  }).warmUp();
  assert.equal({ imported, refused, told: told.length }, { imported: names.length - 1, refused: 1, told: 1 });
});

stores('files: one that cannot be read is told, and left out of the warm-up', async () => {
  const place = { folder: temporaryFolder(), release: 'v1' };
  const engine = createEngine({ schema, planStore: filePlanStore(place) });
  for (const { document } of [...documents, ...documents]) await engine.execute({ document, ...request });
  await engine.saved();
  const home = join(place.folder, place.release);
  const { length } = readdirSync(home);
  mkdirSync(join(home, '0-a-folder.json'));
  const told: unknown[] = [];
  const planStoreOptions = { onError: (error: unknown) => told.push(error) };
  const executor = createExecutor({ schema, planStore: filePlanStore(place), planStoreOptions });
  assert.equal(await executor.warmUp(), { imported: length, refused: 1 });
  assert.match(String(told[0]), /EISDIR/);
});

stores('an onError that throws, or rejects, does no harm', async () => {
  const rejections: unknown[] = [];
  const note = (reason: unknown): unknown => rejections.push(reason);
  process.on('unhandledRejection', note);
  const refuse = () => {
    throw new Error('down');
  };
  for (const onError of [refuse, async () => refuse()]) {
    const planStore: PlanStore = { get: refuse, set: refuse, async *all() {} };
    const engine = createEngine({ schema, planStore, planStoreOptions: { onError, settleMs: 0 } });
    const [{ document }] = documents as [(typeof documents)[number]];
    for (let time = 0; time < 3; time++) {
      const { errors } = (await engine.execute({ document, ...request })) as ExecutionResult;
      assert.is(errors, undefined);
    }
    await engine.saved();
  }
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  assert.equal(rejections, []);
});

stores.run();
