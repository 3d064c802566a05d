/** Live runs (spec 11.7). */
import { type ExecutionResult, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type AnyStep, createEngine, get, makeSchema } from '../../src/index.ts';
import { createKvetch, defineKvetchSchema, memoryShards } from '../../src/kvetch.ts';
import { createReactive, memoryVersions, VersionsUnavailableError } from '../../src/reactive.ts';
import { loadEdges, loadObject, loadObjects } from '../../steps/kvetch/index.ts';
import { until } from '../support/until.ts';

const test = suite('live runs');

const schema = makeSchema({
  typeDefs: /* GraphQL */ `
    type Query { user(id: ID!): User runs: Int }
    type Mutation { nothing: Int }
    type User { name: String lists: [List!]! }
    type List { title: String items: [Item!]! }
    type Item { text: String }
  `,
  objects: {
    Query: {
      plans: {
        user: (_root, { $id }) => loadObject($id as AnyStep),
        runs: { resolve: (_root, _args, context) => context.runs },
      },
    },
    User: { plans: { lists: ($user) => loadObjects(loadEdges('lists', get($user, 'id') as AnyStep)) } },
    List: { plans: { items: ($list) => loadObjects(loadEdges('items', get($list, 'id') as AnyStep)) } },
  },
});

function open() {
  const versions = memoryVersions();
  const engine = createEngine({ schema });
  const reactive = createReactive({
    engine,
    versions,
    secrets: [{ id: 'a', secret: 'a secret of sufficient length' }],
  });
  const kvetch = createKvetch({
    schema: defineKvetchSchema({
      objects: [
        { typeId: 1, name: 'User' },
        { typeId: 2, name: 'List' },
        { typeId: 3, name: 'Item' },
      ],
      edges: [
        { edgeId: 10, name: 'lists', from: 'User', storedOn: 'List', storedIdAttr: 'owner' },
        { edgeId: 11, name: 'items', from: 'List', storedOn: 'Item', storedIdAttr: 'list' },
      ],
    }),
    shards: memoryShards(2),
    changes: reactive.changes,
    outboxPollMs: 0,
  });
  let runs = 0;
  const context = (): object => ({ kvetch: kvetch.forRequest(), runs: ++runs });
  const document = parse('query ($id: ID!) { user(id: $id) { name lists { title items { text } } } }');
  const args = (id: string) => ({ document, variableValues: { id }, context });
  const fresh = async (id: string): Promise<string> =>
    text(await engine.execute({ document, variableValues: { id }, contextValue: { kvetch: kvetch.forRequest() } }));
  return { versions, reactive, kvetch, args, fresh, engine, runs: () => runs };
}

function text(result: ExecutionResult | undefined): string {
  return JSON.stringify(result);
}

/** Follows a live query: the last result, and how many there were. */
function follow(generator: AsyncGenerator<ExecutionResult>): {
  last: string;
  count: number;
  readonly over: Promise<void>;
} {
  const seen = { last: '', count: 0, over: Promise.resolve() };
  seen.over = (async () => {
    for await (const result of generator) {
      seen.last = text(result);
      seen.count++;
    }
  })();
  return seen;
}

test('a result follows each change of what was read, in a context of its own [11.7.1, 11.7.3]', async () => {
  const { reactive, kvetch, args, runs, fresh } = open();
  const [ann, bob] = [
    await kvetch.createObject('User', { name: 'Ann' }),
    await kvetch.createObject('User', { name: 'Bob' }),
  ];
  const live = reactive.live(args(ann));
  assert.is(runs(), 0, 'nothing runs before it is asked for');
  const first = await live.next();
  assert.is(text(first.value as ExecutionResult), '{"data":{"user":{"name":"Ann","lists":[]}}}');
  const next = live.next();
  await kvetch.updateObject(bob, { name: 'Bobby' });
  await kvetch.updateObject(ann, { name: 'Anna' });
  assert.is(text((await next).value as ExecutionResult), await fresh(ann));
  assert.is(runs(), 2, "what others read is nobody's business");
  await live.return();
  assert.equal(await live.next(), { value: undefined, done: true });
  assert.equal(reactive.watches.size, { keys: 0, watches: 0 });
});

test('row 11: 500 random changes, and after each the last result equals a fresh answer', async () => {
  const { reactive, kvetch, args, fresh } = open();
  const ann = await kvetch.createObject('User', { name: 'Ann' });
  const live = reactive.live(args(ann));
  const seen = follow(live);
  const lists: string[] = [];
  const items: string[] = [];
  const any = (ids: string[]): string | undefined => ids[Math.floor(Math.random() * ids.length)];
  for (let n = 0; n < 500; n++) {
    const list = any(lists);
    const item = any(items);
    const kind = n % 7;
    if (kind === 0 || list === undefined) lists.push(await kvetch.createObject('List', { owner: ann, title: `${n}` }));
    else if (kind < 3) items.push(await kvetch.createObject('Item', { list, text: `${n}` }));
    else if (kind === 3) await kvetch.updateObject(list, { title: `${n}` });
    else if (kind === 4 && item !== undefined) await kvetch.updateObject(item, { list });
    else if (kind === 5 && item !== undefined) await kvetch.updateObject(item, { text: `${n}` });
    else if (item !== undefined) {
      await kvetch.deleteObject(item);
      items.splice(items.indexOf(item), 1);
    }
    const expected = await fresh(ann);
    await until(`change ${n} is seen`, () => seen.last === expected);
  }
  assert.ok(seen.count > 100);
  await live.return();
  await seen.over;
});

test('changes while a run is under way are one more run [11.7.2]', async () => {
  const { reactive, kvetch, args, fresh } = open();
  const ann = await kvetch.createObject('User', { name: 'Ann' });
  const seen = follow(reactive.live(args(ann)));
  await until('there is a result', () => seen.count === 1);
  for (let n = 0; n < 50; n++) void kvetch.updateObject(ann, { name: `Ann ${n}` });
  await until('all are done', async () => (await kvetch.getObject(ann))?.name === 'Ann 49');
  const expected = await fresh(ann);
  await until('the last is seen', () => seen.last === expected);
});

test('a result that is the same is not given again [11.7.3]', async () => {
  const { reactive, kvetch, args, runs } = open();
  const ann = await kvetch.createObject('User', { name: 'Ann', secret: 1 });
  const seen = follow(reactive.live(args(ann)));
  await until('there is a result', () => seen.count === 1);
  await kvetch.updateObject(ann, { secret: 2 });
  await until('it was run again', () => runs() === 2);
  await kvetch.updateObject(ann, { name: 'Anna' });
  await until('the change is seen', () => seen.last.includes('Anna'));
  assert.is(seen.count, 2);
});

test('closing while it waits, or while it runs, ends it at once; so does an abort [11.7.5]', async () => {
  const { reactive, kvetch, args } = open();
  const ann = await kvetch.createObject('User', { name: 'Ann' });
  const waiting = reactive.live(args(ann));
  await waiting.next();
  const pending = waiting.next();
  await waiting.return();
  assert.is((await pending).done, true);
  let signal: AbortSignal | undefined;
  const { prepare } = createEngine({ schema });
  const stuck = createReactive({
    engine: {
      ...{ schema, prepare, executeIncrementally: () => ({}), subscribe: () => ({}) },
      execute: ({ abortSignal }) => new Promise(() => (signal = abortSignal ?? undefined)),
      executePositions: () => ({}),
    },
    versions: memoryVersions(),
    secrets: [{ id: 'a', secret: 'a secret of sufficient length' }],
  }).live({ document: parse('{ runs }') });
  const running = stuck.next();
  await until('it runs', () => signal !== undefined);
  await stuck.return();
  assert.is((await running).done, true);
  assert.ok(signal?.aborted);
  const controller = new AbortController();
  const aborted = reactive.live({ ...args(ann), abortSignal: controller.signal });
  await aborted.next();
  const last = aborted.next();
  controller.abort();
  assert.is((await last).done, true);
  assert.equal(reactive.watches.size, { keys: 0, watches: 0 });
});

test('dependencies are in the results where they are asked for', async () => {
  const { reactive, kvetch, args } = open();
  const ann = await kvetch.createObject('User', {});
  const { value: plain } = await reactive.live(args(ann)).next();
  assert.equal(Object.keys(plain as object), ['data']);
  const { value } = await reactive.live({ ...args(ann), extensions: { reactive: { v: 1 } } }).next();
  assert.is((value as { extensions: { reactive: { status: string } } }).extensions.reactive.status, 'full');
});

test('what cannot be watched is run again after a while [11.7.4]', async () => {
  const { reactive, versions, kvetch, args } = open();
  const ann = await kvetch.createObject('User', { name: 'Ann' });
  const { read } = versions;
  versions.read = () => {
    throw new VersionsUnavailableError();
  };
  const live = reactive.live(args(ann));
  await live.next();
  versions.read = read;
  await kvetch.updateObject(ann, { name: 'Anna' });
  assert.match(text((await live.next()).value as ExecutionResult), 'Anna');
  await live.return();
});

test('only queries are live [11.7.1]', () => {
  const { reactive } = open();
  for (const source of ['mutation { nothing }', 'query a { runs } query b { runs }']) {
    assert.throws(
      () => reactive.live({ document: parse(source) }),
      (error: { code?: string }) => error.code === 'LIVE_QUERY',
    );
  }
});

test.run();
