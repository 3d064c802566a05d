/**
 * How many files and functions of planql answer one request: what somebody reads who has to understand it, and what a young
 * process runs in V8's interpreter.
 *
 *   npm run bench:touched -- [--list]
 */
import { parse } from 'graphql';
import { createEngine, get, loader, loadOne, makeSchema } from '../src/index.ts';
import { createKvetch, defineKvetchSchema, memoryShards } from '../src/kvetch.ts';
import { redisCache } from '../src/kvetch-redis.ts';
import { CallCounter, type Called } from '../test/support/CallCounter.ts';
import { redisForTests } from '../test/support/redisServer.ts';
import { contenderNamed } from './contenders/index.ts';
import { workloadNamed } from './workloads/index.ts';

const isListed = process.argv.includes('--list');
const counter = new CallCounter();
await counter.start();

async function count(what: string, ask: () => unknown): Promise<void> {
  await counter.take();
  await ask();
  print(what, await counter.take());
}

function print(what: string, called: Called): void {
  const functions = [...called.values()].reduce((sum, list) => sum + list.length, 0);
  console.log(`${what.padEnd(24)} ${String(called.size).padStart(4)} files ${String(functions).padStart(5)} functions`);
  if (!isListed) return;
  for (const [file, list] of [...called].sort(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`    ${file}: ${list.map(({ name }) => name).join(' ')}`);
}

/** So many requests make a plan hot (decision execution-writers), where the event loop turns between them. */
const UNTIL_HOT = 300;

const turn = () => new Promise((resolve) => setTimeout(resolve, 1));

async function countTodo(): Promise<void> {
  const workload = workloadNamed('todo');
  const answer = (await contenderNamed('planql')).prepare(workload, await workload.makeStore());
  if (answer === null) throw new Error('planql does not answer the workload.');
  const document = parse(workload.document(0));
  const ask = () => answer(document, workload.variables(0));
  await count('todo view, first', ask);
  await ask();
  await count('todo view, warm', ask);
  for (let asked = 0; asked < UNTIL_HOT; asked++) {
    await ask();
    await turn();
  }
  await count('todo view, hot', ask);
}

async function countRedis(): Promise<void> {
  const { url, newPrefix, isThere } = await redisForTests();
  if (!isThere) return console.log('Without Redis its hit and miss are not counted.');
  const cache = redisCache({ url, prefix: newPrefix() });
  while (!cache.isReady) await turn();
  const kvetch = createKvetch({
    schema: defineKvetchSchema({ objects: [{ typeId: 1, name: 'User' }] }),
    shards: memoryShards(1),
    cache,
  });
  const ids = await Promise.all(['Ada', 'Grace', 'Edsger'].map((name) => kvetch.createObject('User', { name })));
  const read = (id: string | undefined) => () => kvetch.getObject(id as string);
  // Fills go on when the answer is there.
  const rest = () => new Promise((resolve) => setTimeout(resolve, 200));
  for (const id of [ids[0], ids[0], ids[1]]) {
    await read(id)();
    await rest();
  }
  await count('Redis, miss', read(ids[2]));
  await rest();
  await count('Redis, hit', read(ids[2]));
  await kvetch.close();
}

async function countLateType(): Promise<void> {
  const pets = loader({
    name: 'bench.pets',
    load: async (kinds: readonly unknown[]) => kinds.map((kind) => ({ kind, name: 'Tom', lives: 9, tricks: 3 })),
  });
  const schema = makeSchema({
    typeDefs: `
      type Query { pet(kind: String!): Pet }
      interface Pet { name: String! }
      type Cat implements Pet { name: String! lives: Int! }
      type Dog implements Pet { name: String! tricks: Int! }
    `,
    // biome-ignore lint/suspicious/noExplicitAny: a schema without types
    objects: { Query: { plans: { pet: (_$root: any, { $kind }: any): any => loadOne($kind, pets) } } },
    // biome-ignore lint/suspicious/noExplicitAny: as above
    interfaces: { Pet: { planType: ($pet: any) => ({ $__typename: get($pet, 'kind') }) } },
  });
  const engine = createEngine({ schema });
  const document = parse(
    'query($kind: String!) { pet(kind: $kind) { name ... on Cat { lives } ... on Dog { tricks } } }',
  );
  const ask = (kind: string) => () => engine.execute({ document, variableValues: { kind } });
  for (let asked = 0; asked < 3; asked++) await ask('Cat')();
  await count('type met late', ask('Dog'));
}

await countTodo();
await countRedis();
await countLateType();
counter.stop();
process.exit(0);
