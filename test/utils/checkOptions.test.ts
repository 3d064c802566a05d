/** Options objects with unknown keys or impossible values are refused, in every room (rule R35). */

import { parse } from 'graphql';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { generate, migrate, writeProject } from '../../src/grapple.ts';
import {
  assertNotNull,
  connection,
  constant,
  createEngine,
  exportPlan,
  inhibitOnEmpty,
  inhibitOnNull,
  loader,
  loadMany,
  loadOne,
  makeSchema,
  TRAP_ERROR,
  trap,
} from '../../src/index.ts';
import { createInspector } from '../../src/inspector.ts';
import {
  append,
  browseObjects,
  check,
  countEdges,
  countIndex,
  create,
  createKvetch,
  defineKvetchSchema,
  deleteObject,
  hasEdge,
  insertEdge,
  kvetchBrowseConnection,
  kvetchConnection,
  kvetchIndexConnection,
  kvetchSteps,
  loadEdgeObjects,
  loadEdges,
  loadIndex,
  loadIndexObjects,
  loadObject,
  memoryShards,
  update,
} from '../../src/kvetch.ts';
import { mysqlCluster, mysqlShard } from '../../src/kvetch-mysql.ts';
import { redisCache } from '../../src/kvetch-redis.ts';
import { sqliteShards } from '../../src/kvetch-sqlite.ts';
import { definePents, Pent, PentContext, readEdgeList, writeTogether } from '../../src/pent.ts';
import { fileDocumentStore, filePlanStore, redisPlanStore } from '../../src/plan-stores.ts';
import {
  attachReactive,
  createInvalidationServer,
  createInvalidator,
  createLiveQueries,
  createReactive,
  followChanges,
  forGraphqlSse,
  forGraphqlWs,
  invalidateField,
  memoryVersions,
  useLiveQueries,
} from '../../src/reactive.ts';
import { makeReactive } from '../../src/reactive-apollo.ts';
import { createReactiveClient, eventStream, polling, webSocket } from '../../src/reactive-client.ts';
import { refetchByDocument } from '../../src/reactive-client-documents.ts';
import { offline } from '../../src/reactive-client-offline.ts';
import { fetchPanel } from '../../src/reactive-client-panel.ts';
import { reactiveHooks } from '../../src/reactive-react.ts';
import { redisVersions } from '../../src/reactive-redis.ts';
import { reactiveExchange } from '../../src/reactive-urql.ts';
import { maskErrors, planqlGateway, usePlanql } from '../../src/server.ts';

const test = suite('options [R35]');

const schema = makeSchema({ typeDefs: 'type Query { one: Int }' });
const engine = createEngine({ schema });
const kvetch = createKvetch({
  schema: defineKvetchSchema({ objects: [{ typeId: 1, name: 'User' }] }),
  shards: memoryShards(1),
});
const listSteps = kvetchSteps(
  defineKvetchSchema({
    objects: [{ typeId: 1, name: 'User' }],
    edges: [{ edgeId: 1, name: 'friends', from: 'User', to: 'User' }],
    indexes: [{ name: 'city', type: 'User', attr: 'city', kind: 'string' }],
  }),
);
const id = '018f0000-0000-8000-8000-000000000000';

// biome-ignore lint/suspicious/noExplicitAny: options that no type allows
type Wrong = any;

const document = parse('{ one }');
const users = loader({ name: 'app.optionUsers', load: (ids: readonly number[]) => ids });
const client = () => createReactiveClient({ url: '/', transport: Number as Wrong });

/** The error with which a field cannot be planned. */
async function planned(plan: () => unknown): Promise<void> {
  const failing = makeSchema({
    typeDefs: 'type Query { one: Int }',
    objects: { Query: { plans: { one: plan as Wrong } } },
  });
  const { errors } = await createEngine({ schema: failing }).execute({ document });
  const error = errors?.[0]?.originalError;
  throw error?.cause ?? error ?? errors?.[0] ?? new Error('it was planned');
}

/** Calls with an option, or a nested option, that does not exist. */
const unknown: Readonly<Record<string, (wrong: Wrong) => unknown>> = {
  createEngine: (wrong) => createEngine({ schema, ...wrong }),
  'createEngine limits.': (wrong) => createEngine({ schema, limits: wrong }),
  'createEngine limits.speculation.': (wrong) => createEngine({ schema, limits: { speculation: wrong } }),
  'createEngine planCache.': (wrong) => createEngine({ schema, planCache: wrong }),
  'createEngine documents.': (wrong) => createEngine({ schema, documents: wrong }),
  'createEngine planStoreOptions.': (wrong) => createEngine({ schema, planStoreOptions: wrong }),
  'loader "app.users"': (wrong) => loader({ name: 'app.users', load: () => [], ...wrong }),
  'loader "app.users" batch.': (wrong) => loader({ name: 'app.users', load: () => [], batch: wrong }),
  fileDocumentStore: (wrong) => fileDocumentStore({ file: 'documents.json', ...wrong }),
  filePlanStore: (wrong) => filePlanStore({ folder: 'plans', release: '1', ...wrong }),
  redisPlanStore: (wrong) => redisPlanStore({ client: {}, release: '1', ...wrong }),
  maskErrors: (wrong) => maskErrors({}, wrong),
  usePlanql: (wrong) => usePlanql(engine, wrong),
  planqlGateway: (wrong) => planqlGateway({ schema, ...wrong }),
  'createInspector show.': (wrong) => createInspector({ engine, show: wrong }),
  createInspector: (wrong) => createInspector({ engine, ...wrong }),
  'createKvetch changeFeed.': (wrong) =>
    createKvetch({ schema: kvetch.schema, shards: memoryShards(1), changeFeed: wrong }),
  createKvetch: (wrong) => createKvetch({ schema: kvetch.schema, shards: memoryShards(1), ...wrong }),
  'createKvetch limits.': (wrong) => createKvetch({ schema: kvetch.schema, shards: memoryShards(1), limits: wrong }),
  'createKvetch batching.': (wrong) =>
    createKvetch({ schema: kvetch.schema, shards: memoryShards(1), batching: wrong }),
  'createKvetch processCache.': (wrong) =>
    createKvetch({ schema: kvetch.schema, shards: memoryShards(1), processCache: wrong }),
  mysqlShard: (wrong) => mysqlShard({ database: 'x', ...wrong }),
  mysqlCluster: (wrong) => mysqlCluster({ servers: {}, ...wrong }),
  'mysqlShard breaker.': (wrong) => mysqlShard({ database: 'x', breaker: wrong }),
  'mysqlShard replicas': (wrong) => mysqlShard({ database: 'x', replicas: [{ host: 'b', ...wrong }] }),
  'mysqlCluster breaker.': (wrong) => mysqlCluster({ servers: { a: { database: 'x' } }, breaker: wrong }),
  'mysqlCluster servers': (wrong) => mysqlCluster({ servers: { a: { database: 'x', ...wrong } } }),
  'mysqlCluster map': (wrong) =>
    mysqlCluster({ servers: { a: { database: 'x' } }, map: [{ from: 0, to: 4095, server: 'a', ...wrong }] }),
  'redisCache sentinel.': (wrong) => redisCache({ sentinel: { master: 'm', nodes: ['h:1'], ...wrong } }),
  'redisVersions sentinel.': (wrong) => redisVersions({ sentinel: { master: 'm', nodes: ['h:1'], ...wrong } }),
  redisCache: (wrong) => redisCache({ url: 'redis://127.0.0.1', ...wrong }),
  sqliteShards: (wrong) => sqliteShards({ file: ':memory:', ...wrong }),
  'kvetch.with': (wrong) => kvetch.with(wrong),
  'kvetch.createObject': (wrong) => kvetch.createObject('User', {}, wrong),
  'kvetch.createOnce': (wrong) => kvetch.createOnce('User', {}, { idempotencyKey: 'a', ...wrong }),
  'kvetch.createObjects': (wrong) => kvetch.createObjects('User', [{ data: {}, ...wrong }]),
  'kvetch.updateObject': (wrong) => kvetch.updateObject(id, {}, wrong),
  'kvetch.deleteObject': (wrong) => kvetch.deleteObject(id, wrong),
  'kvetch.insertEdge': (wrong) => kvetch.insertEdge('x', { fromId: id, toId: id, ...wrong }),
  'kvetch.deleteEdge': (wrong) => kvetch.deleteEdge('x', { fromId: id, toId: id, ...wrong }),
  'kvetch.getEdges': (wrong) => kvetch.getEdges('x', id, wrong),
  'kvetch.getEdgeLists': (wrong) => kvetch.getEdgeLists([{ edge: 'x', fromId: id, ...wrong }]),
  'kvetch.countEdgeLists': (wrong) => kvetch.countEdgeLists([{ edge: 'x', fromId: id, ...wrong }]),
  'kvetch.insertIndexEntry': (wrong) => kvetch.insertIndexEntry('x', { value: 1, targetId: id, ...wrong }),
  'kvetch.deleteIndexEntry': (wrong) => kvetch.deleteIndexEntry('x', { value: 1, targetId: id, ...wrong }),
  'kvetch.queryIndex': (wrong) => kvetch.queryIndex('x', 1, wrong),
  'kvetch.queryIndexes': (wrong) => kvetch.queryIndexes([{ index: 'x', value: 1, ...wrong }]),
  'kvetch.browse': (wrong) => kvetch.browse('User', wrong),
  'kvetch.changes': (wrong) => kvetch.changes(wrong).next(),
  'kvetch.clean': (wrong) => kvetch.clean(wrong),
  'kvetch.write': (wrong) => kvetch.write([], wrong),
  'kvetch.findUnit': (wrong) => kvetch.findUnit([], wrong),
  writeTogether: (wrong) =>
    writeTogether(
      new PentContext({ kvetch, model: definePents({ schema: kvetch.schema, pents: [] }), viewer: null }),
      [],
      wrong,
    ),
  'kvetch.countEdges': (wrong) => kvetch.countEdges('x', id, wrong),
  'kvetch.countIndex': (wrong) => kvetch.countIndex('x', 1, wrong),
  countEdges: (wrong) => planned(() => countEdges('x', constant(id), wrong)),
  countIndex: (wrong) => planned(() => countIndex('x', constant(1), wrong)),
  attachReactive: (wrong) => attachReactive({} as never, wrong),
  'attachReactive limits.': (wrong) => attachReactive({} as never, { limits: wrong } as Wrong),
  'kvetch.newId': (wrong) => kvetch.newId('User', {}, wrong),
  append: (wrong) => append(1, wrong),
  check: (wrong) => check(id, wrong),
  create: (wrong) => create('User', {}, wrong),
  deleteObject: (wrong) => deleteObject(id, wrong),
  insertEdge: (wrong) => insertEdge('x', { fromId: id, toId: id, ...wrong }),
  update: (wrong) => update(id, {}, wrong),
  createReactive: (wrong) => createReactive({ engine, versions: memoryVersions(), secrets: [], ...wrong } as never),
  createInvalidator: (wrong) => createInvalidator({ versions: memoryVersions(), secrets: [], ...wrong }),
  createInvalidationServer: (wrong) => createInvalidationServer(wrong),
  'createInvalidationServer limits.': (wrong) => createInvalidationServer({ limits: wrong } as Wrong),
  createLiveQueries: (wrong) => createLiveQueries(wrong),
  'createLiveQueries limits.': (wrong) => createLiveQueries({ limits: wrong } as Wrong),
  memoryVersions: (wrong) => memoryVersions(wrong),
  redisVersions: (wrong) => redisVersions({ url: 'redis://127.0.0.1', ...wrong }),
  followChanges: (wrong) =>
    followChanges({ tell: async () => true, tellEverything: async () => true }, async function* () {}, wrong),
  'followChanges.debezium': (wrong) =>
    followChanges.debezium({ tell: async () => true, tellEverything: async () => true }, wrong),
  'followChanges.debezium.http': (wrong) =>
    followChanges.debezium.http({ tell: async () => true, tellEverything: async () => true }, wrong),
  invalidateField: (wrong) => invalidateField(wrong),
  forGraphqlWs: (wrong) => forGraphqlWs({} as never, wrong),
  forGraphqlSse: (wrong) => forGraphqlSse({} as never, wrong),
  useLiveQueries: (wrong) => useLiveQueries({} as never, wrong),
  generate: (wrong) => generate([], wrong),
  writeProject: (wrong) => writeProject('nowhere', { files: new Map(), stubs: new Map() } as never, wrong),
  migrate: (wrong) => migrate({ kvetch, lock: {}, ...wrong } as never),
  'engine.prepare': (wrong) => engine.prepare(document, null, wrong),
  'engine.exportPlan': (wrong) => engine.exportPlan(engine.prepare(document), wrong),
  exportPlan: (wrong) => exportPlan(engine.prepare(document), wrong),
  'engine.executeToChunks': (wrong) => engine.executeToChunks({ document }, wrong).next(),
  loadOne: (wrong) => planned(() => loadOne(constant(1) as Wrong, users as Wrong, null as Wrong, wrong)),
  loadMany: (wrong) => planned(() => loadMany(constant(1) as Wrong, users as Wrong, null as Wrong, wrong)),
  connection: (wrong) => planned(() => connection(constant([1]) as Wrong, wrong)),
  kvetchConnection: (wrong) => planned(() => kvetchConnection('x', constant(id), {}, wrong)),
  assertNotNull: (wrong) => planned(() => assertNotNull(constant(1), 'It is not there.', wrong)),
  inhibitOnNull: (wrong) => planned(() => inhibitOnNull(constant(1), wrong)),
  inhibitOnEmpty: (wrong) => planned(() => inhibitOnEmpty(constant([]), wrong)),
  trap: (wrong) => planned(() => trap(constant(1), TRAP_ERROR, wrong)),
  loadObject: (wrong) => planned(() => loadObject(constant(id), wrong)),
  hasEdge: (wrong) => planned(() => hasEdge('x', constant(id), constant(id), wrong)),
  kvetchIndexConnection: (wrong) => planned(() => kvetchIndexConnection('x', constant(1), {}, wrong)),
  kvetchBrowseConnection: (wrong) => planned(() => kvetchBrowseConnection('User', {}, wrong)),
  'kvetchSteps.browseObjects': (wrong) => planned(() => listSteps.browseObjects('User', wrong)),
  'kvetchSteps.loadEdges': (wrong) => planned(() => listSteps.loadEdges('friends', constant(id), wrong)),
  'kvetchSteps.loadEdgeObjects': (wrong) => planned(() => listSteps.loadEdgeObjects('friends', constant(id), wrong)),
  'kvetchSteps.countEdges': (wrong) => planned(() => listSteps.countEdges('friends', constant(id), wrong)),
  'kvetchSteps.loadIndex': (wrong) => planned(() => listSteps.loadIndex('city', constant('a'), wrong)),
  'kvetchSteps.loadIndexObjects': (wrong) => planned(() => listSteps.loadIndexObjects('city', constant('a'), wrong)),
  'kvetchSteps.countIndex': (wrong) => planned(() => listSteps.countIndex('city', constant('a'), wrong)),
  loadEdges: (wrong) => planned(() => loadEdges('x', constant(id), wrong)),
  loadEdgeObjects: (wrong) => planned(() => loadEdgeObjects('x', constant(id), wrong)),
  loadIndex: (wrong) => planned(() => loadIndex('x', constant(1), wrong)),
  loadIndexObjects: (wrong) => planned(() => loadIndexObjects('x', constant(1), wrong)),
  browseObjects: (wrong) => planned(() => browseObjects('User', wrong)),
  definePents: (wrong) => definePents({ schema: kvetch.schema, pents: [], ...wrong }),
  'PentContext.newId': (wrong) => {
    class User extends Pent {
      static override readonly definition = { name: 'User', typeId: kvetch.schema.type('User').typeId };
    }
    const model = definePents({ schema: kvetch.schema, pents: [User] });
    return new PentContext({ kvetch, model, viewer: null }).newId(User, {}, wrong);
  },
  PentContext: (wrong) =>
    new PentContext({ kvetch, model: definePents({ schema: kvetch.schema, pents: [] }), viewer: null, ...wrong }),
  readEdgeList: (wrong) =>
    readEdgeList(
      {
        $context: { current: {}, kvetch, model: { schema: { edge: () => ({ order: [], where: [], fields: [] }) } } },
      } as Wrong,
      'x',
      wrong,
    ),
  'mysqlCluster.move': (wrong) =>
    mysqlCluster({ servers: { a: { database: 'x' } } } as Wrong).move({
      from: 'a',
      to: 'a',
      mode: 'start',
      ...wrong,
    } as Wrong),
  'planqlGateway.incrementalDelivery': (wrong) => planqlGateway({ schema }).incrementalDelivery(wrong),
  createReactiveClient: (wrong) => createReactiveClient({ url: '/', transport: Number, ...wrong } as Wrong),
  'reactiveClient.watch': (wrong) => client().watch('{ one }' as Wrong, {}, wrong),
  'reactiveClient.mutate': (wrong) => client().mutate('mutation { one }' as Wrong, {}, wrong),
  webSocket: (wrong) => webSocket({ url: '/', ...wrong }),
  eventStream: (wrong) => eventStream({ url: '/', ...wrong }),
  polling: (wrong) => polling({ url: '/', ...wrong }),
  makeReactive: (wrong) => makeReactive({} as Wrong, { transport: Number, ...wrong } as Wrong),
  // In a component: the hook itself is one of React.
  'reactiveHooks.useLive': (wrong) =>
    renderToString(createElement(() => reactiveHooks(client()).useLive('{ one }' as Wrong, {}, wrong).status)),
  reactiveExchange: (wrong) => (reactiveExchange({ transport: Number, ...wrong } as Wrong) as Wrong)({}),
  offline: (wrong) => offline({ user: 'ann', ...wrong }),
  'reactiveClient.mutate offline': (wrong) =>
    createReactiveClient({ url: '/', transport: Number, offline: offline({ user: 'ann' }) } as Wrong).mutate(
      document as Wrong,
      {},
      { offline: wrong },
    ),
  fetchPanel: (wrong) => fetchPanel(wrong),
  refetchByDocument: (wrong) => refetchByDocument({ nodeTypes: [], ...wrong }),
};

const thrownBy = async (run: () => unknown): Promise<Error> => {
  try {
    await run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was refused');
};

for (const [name, call] of Object.entries(unknown)) {
  test(`an unknown option is refused: ${name}`, async () => {
    const error = await thrownBy(() => call({ frist: 2 }));
    assert.is((error as { code?: string }).code, 'BAD_OPTION', error.message);
    assert.match(error.message, /^(Loader "|[\w.]+).* has no option "[\w.]*frist"\./);
  });
}

test('the option that was meant is named', async () => {
  assert.match((await thrownBy(() => kvetch.getEdges('x', id, { frist: 2 } as Wrong))).message, 'Did you mean "first"');
  const engineOf = (options: Wrong) => thrownBy(() => createEngine({ schema, ...options }));
  assert.match(
    (await engineOf({ limits: { maxdepth: 3 } })).message,
    'no option "limits.maxdepth". Did you mean "maxDepth"',
  );
});

test('options that only others have are refused: of a replica, of a server with a name', async () => {
  for (const [call, message] of [
    [
      () => mysqlShard({ database: 'x', replicas: [{ host: 'b', createDatabase: true } as Wrong] }),
      'mysqlShard: mysql replica-0 has no option "createDatabase".',
    ],
    [
      () => mysqlCluster({ servers: { a: { database: 'x', name: 'b' } as Wrong } }),
      'mysqlCluster: the server "a" has no option "name".',
    ],
  ] as const)
    assert.match((await thrownBy(call)).message, message);
});

test('values that an option cannot have are refused', async () => {
  for (const [options, message] of [
    [{ codegen: 'allways' }, 'createEngine: "codegen" is "allways" and must be "auto" or "always" or "never".'],
    [{ limits: { planMs: -1 } }, 'createEngine: "limits.planMs" is -1 and must be 0 or more.'],
    [{ limits: { maxDepth: Number.NaN } }, 'createEngine: "limits.maxDepth" is NaN and must be 0 or more.'],
    [{ responseObjects: null }, '"responseObjects" is null and must be "ordinary" or "null-prototype".'],
    [
      { disabledPasses: ['hoistStep'] },
      'createEngine has no pass "hoistStep" in "disabledPasses". Did you mean "hoistSteps"?',
    ],
  ] as const) {
    assert.match((await thrownBy(() => createEngine({ schema, ...(options as Wrong) }))).message, message);
  }
});

test('an option whose getter throws is refused, with its name', async () => {
  const boom = (name: string): Wrong =>
    Object.defineProperty({}, name, {
      enumerable: true,
      get: () => {
        throw new RangeError('boom');
      },
    }) as Wrong;
  for (const [call, message] of [
    [() => kvetch.getEdges('x', id, boom('first')), 'kvetch.getEdges: "first" cannot be read: boom'],
    [() => kvetch.createObject('User', {}, boom('near')), 'kvetch.createObject: "near" cannot be read: boom'],
    [() => mysqlShard(boom('uri')), 'mysqlShard: "uri" cannot be read: boom'],
    [
      () => createEngine({ schema, limits: boom('maxDepth') } as Wrong),
      'createEngine: "limits.maxDepth" cannot be read: boom',
    ],
  ] as const) {
    const error = await thrownBy(call);
    assert.equal([(error as { code?: string }).code, error.message], ['BAD_OPTION', message]);
  }
});

test('undefined is as absent, and inherited options count', async () => {
  createEngine({ schema, codegen: undefined, limits: undefined } as Wrong);
  assert.match((await thrownBy(() => createEngine(Object.create({ schema, codegne: 1 })))).message, '"codegne"');
  assert.match((await thrownBy(() => createEngine({ schema, constructor: 1 } as Wrong))).message, '"constructor"');
});

test('a connection refuses unknown options at plan time', async () => {
  const planned = makeSchema({
    typeDefs: 'type Query { list: C } type C { totalCount: Int }',
    objects: {
      Query: { plans: { list: () => connection(constant([1]) as Wrong, { fisrt: constant(1) } as Wrong) as Wrong } },
    },
  });
  const { errors } = await createEngine({ schema: planned }).execute({
    document: (await import('graphql')).parse('{ list { totalCount } }'),
  });
  assert.match(errors?.[0]?.message ?? '', 'connection has no option "fisrt". Did you mean "first"');
});

test.run();
