import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { type ExecutionResult, parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine, get, lambda, loader, loadOne, makeSchema } from '../../../src/index.ts';
import { type Kvetch, loadEdges, loadIndex, loadObject, loadObjects, memoryShards } from '../../../src/kvetch.ts';
import { needs } from '../../support/needs.ts';
import { redisForTests, sleep } from '../../support/redisServer.ts';
import { TcpProxy } from '../../support/tcpProxy.ts';
import { wrapStore } from '../backends.ts';
import { endAll, endings, fillTodos, openWorld, ownRedis, shared, view } from './world.ts';

const redis = await redisForTests();
const test = needs(suite('async context of requests whose reads share a reply of Redis'), redis, 'redis-server');
test.after.each(endAll);

const requests = new AsyncLocalStorage<string>();

/** Each place where code of the application runs behind a read answers with the request that it sees. */
const seen = loader<string>({ name: 'seen', load: (keys) => keys.map(() => String(requests.getStore())) });
const seenLater = loader<string>({
  name: 'seenLater',
  load: async (keys) => keys.map(() => String(requests.getStore())),
});

/** Lists whose code runs when they are read, which may be before the output writes them (rule R27). */
function* generated(): Generator<string> {
  yield String(requests.getStore());
}
const iterable: Iterable<string> = { [Symbol.iterator]: () => generated() };

const schema = makeSchema({
  typeDefs: `
    type Query { user(id: ID!): User users(username: String!): [User] }
    type User {
      lambda: String loader: String later: String resolver: String generator: [String] iterable: [String]
      lists(first: Int = 20): [List]
    }
    type List { lambda: String loader: String resolver: String generator: [String] }
  `,
  objects: {
    Query: {
      plans: {
        user: (_$root, { $id }) => loadObject($id),
        users: (_$root, { $username }) => loadObjects(loadIndex('username', $username)),
      },
    },
    User: {
      plans: {
        lambda: ($user) => lambda(get($user, 'id'), () => String(requests.getStore())),
        loader: ($user) => loadOne(get($user, 'id'), seen),
        later: ($user) => loadOne(get($user, 'id'), seenLater),
        generator: ($user) => lambda(get($user, 'id'), generated),
        iterable: ($user) => lambda(get($user, 'id'), () => iterable),
        lists: ($user, { $first }) => loadObjects(loadEdges('user_to_list', get($user, 'id'), { $first })),
      },
    },
    List: {
      plans: {
        lambda: ($list) => lambda(get($list, 'id'), () => String(requests.getStore())),
        loader: ($list) => loadOne(get($list, 'id'), seen),
        generator: ($list) => lambda(get($list, 'id'), generated),
      },
    },
  },
});
for (const name of ['User', 'List']) {
  const type = schema.getType(name);
  if (type !== undefined && 'getFields' in type) {
    const field = type.getFields().resolver;
    if (field !== undefined && 'args' in field) field.resolve = () => String(requests.getStore());
  }
}

const documents = [
  '{ user(id: $id) { lambda loader later resolver } }',
  '{ user(id: $id) { lists { lambda loader resolver } } }',
  '{ user(id: $id) { lambda lists { loader } later } }',
  '{ user(id: $id) { generator later lists { loader } } }',
  '{ user(id: $id) { iterable lists { generator } later } }',
].map((text) => parse(`query ($id: ID!) ${text}`));
const byName = parse('{ users(username: "jane") { lambda loader later lists { loader lambda } } }');

for (const codegen of ['never', 'always'] as const) {
  for (const batching of [false, { maxWaitMs: 2 }]) {
    const calls = batching === false ? '' : ', requests share calls';
    test(`code behind a read sees its own request: codegen ${codegen}${calls}`, async () => {
      const { store: kvetch } = await openWorld(shared(), { kvetch: { batching } });
      const id = await fillTodos(kvetch);
      const { execute } = createEngine({ schema, codegen });
      for (let turn = 0; turn < 4; turn++) {
        await Promise.all(
          Array.from({ length: 24 }, (_, n) =>
            requests.run(`request ${n}`, async () => {
              const document = [...documents, byName][n % 6] ?? byName;
              const recorders = new Set<string | undefined>();
              const result: ExecutionResult = await execute({
                document,
                variableValues: { id },
                contextValue: { kvetch },
                recordDependency: () => void recorders.add(requests.getStore()),
              });
              assert.equal([...recorders], [`request ${n}`]);
              assert.is(result.errors, undefined);
              const names = new Set(JSON.stringify(result.data).match(/request \d+|undefined/g));
              assert.equal([...names], [`request ${n}`]);
              assert.is(requests.getStore(), `request ${n}`);
            }),
          ),
        );
      }
    });
  }
}

test('tracers hear of the end of each read, answered by Redis or not', async () => {
  const open = new Set<number>();
  let begun = 0;
  const hook = createHook({
    init(id, type) {
      if (type !== 'planql.reading') return;
      open.add(id);
      begun++;
    },
    destroy: (id) => void open.delete(id),
  }).enable();
  try {
    const { store: kvetch } = await openWorld(shared());
    const id = await fillTodos(kvetch);
    for (let round = 0; round < 5; round++) await view(kvetch, id); // some are misses
    for (let turn = 0; turn < 3; turn++) await sleep(1); // Node tells of destroyed resources in another turn
  } finally {
    hook.disable();
  }
  assert.ok(begun > 2, `${begun} reads`);
  assert.is(open.size, 0);
});

for (const isDown of [false, true]) {
  test(`stores are asked in the context of their reader${isDown ? ', also while Redis is away' : ''}`, async () => {
    const asked: string[] = [];
    const shards = memoryShards(1).map((shard) =>
      wrapStore(shard, async (method, run) => {
        asked.push(`${method} ${requests.getStore()}`);
        await new Promise((resolve) => setImmediate(resolve));
        return run();
      }),
    );
    const server = await ownRedis();
    const { store: kvetch } = await openWorld({ url: server.url, timeoutMs: 10_000 }, { shards });
    const ids: string[] = [];
    for (let n = 0; n < 8; n++) ids.push(await kvetch.createObject('User', { username: `user ${n}` }));
    if (isDown) await server.kill();
    asked.length = 0;
    const names = ids.map((_, n) => `request ${n}`);
    const users = names.map((name, n) => requests.run(name, () => kvetch.forRequest().getObjects([ids[n] as string])));
    assert.ok((await Promise.all(users)).flat().every((user) => user !== null && !(user instanceof Error)));
    assert.equal(
      [...new Set(asked)].sort(),
      names.map((name) => `readObjects ${name}`),
    );
  });
}

for (const batching of [false, { maxWaitMs: 1 }]) {
  const calls = batching === false ? '' : ', requests share calls';
  test(`each request has its own answer while Redis is slow, cut off, away and back${calls}`, async () => {
    const server = await ownRedis();
    const proxy = await TcpProxy.open(server.port);
    endings.push(() => proxy.close());
    const url = `redis://127.0.0.1:${proxy.port}`;
    const { store: kvetch, truth } = await openWorld({ url, timeoutMs: 60 }, { kvetch: { batching }, delay: 2 });
    const id = await fillTodos(truth);
    const { execute } = createEngine({ schema });
    const ask = async (n: number, store: Kvetch): Promise<string> =>
      requests.run(`request ${n}`, async () => {
        await sleep(Math.random() * 40);
        const document = [...documents, byName][n % 4] ?? byName;
        const contextValue = { kvetch: store.forRequest() };
        return JSON.stringify(await execute({ document, variableValues: { id }, contextValue }));
      });
    const all = (store: Kvetch): Promise<string[]> => Promise.all(Array.from({ length: 40 }, (_, n) => ask(n, store)));
    const right = await all(truth);
    const during: Readonly<Record<string, () => unknown>> = {
      cold: () => undefined,
      slow: () => {
        proxy.delayMs = 50;
      },
      'cut off': () => {
        proxy.delayMs = 0;
        proxy.cutAll();
      },
      'cut again and again': () => {
        let chunks = 0;
        proxy.rule((from) => (from === 'server' && ++chunks % 3 === 0 ? 'cut' : 'pass'));
      },
      away: () => server.kill(),
      back: async () => {
        proxy.heal();
        await server.start();
      },
    };
    for (const [phase, begin] of Object.entries(during)) {
      const answers = all(kvetch);
      await sleep(20);
      await begin();
      assert.equal(await answers, right, phase);
      assert.equal(await all(kvetch), right, phase);
    }
  });
}

test.run();
