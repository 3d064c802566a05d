/**
 * Asks Kvetch for the table of the issue tracker again and again, and prints how many bytes a request leaves to the
 * collector of the old generation: what outlives collections of the young one though its request was answered.
 *   node --expose-gc --import tsx test/memory/answered.program.ts
 */
import { parse } from 'graphql';
import { createEngine } from 'planql';
import { createKvetch, memoryShards } from 'planql/kvetch';
import { redisCache } from 'planql/kvetch/redis';
import { Loaders } from '../../examples/issue-tracker/resolvers.ts';
import { schema } from '../../examples/issue-tracker/schema.ts';
import { slowStore } from '../../examples/issue-tracker/slowStore.ts';
import { fill, smallSize, storeSchema } from '../../examples/issue-tracker/store.ts';
import { issueTable } from '../../examples/issue-tracker/views.ts';
import { redisForTests } from '../support/redisServer.ts';

const REQUESTS = 200;
const collect = globalThis.gc as unknown as (options?: { type: 'minor' }) => void;

const shards = memoryShards(1);
const { userIds, projectIds } = await fill(createKvetch({ schema: storeSchema, shards }), smallSize(400));
const viewerId = userIds[0] as string;
const counts = { calls: 0, keys: 0, waits: 0 };
const waiting = createKvetch({ schema: storeSchema, shards: shards.map((store) => slowStore(store, 0, counts)) });
const atOnce = createKvetch({ schema: storeSchema, shards });
const engine = createEngine({ schema });

const plans = (kvetch: typeof waiting) => () =>
  engine.executeToBuffer({
    document: issueTable,
    variableValues: { key: 'P1' },
    contextValue: { kvetch, viewerId },
  });

/** Each is new. The cache is full, so no plan is kept. */
const flooded = createEngine({ schema, planCache: { max: 2 } });
let turn = 0;
const newOperations = (): unknown =>
  flooded.executeToBuffer({
    document: parse(`query New${turn++} { project(key: "P1") { id name issues(first: 2) { id title } } }`),
    contextValue: { kvetch: atOnce, viewerId },
  });

const left = {
  ...(await leftBehindRedis()),
  'plans on a store that waits': await leftBy(plans(waiting)),
  'plans on a store that answers at once': await leftBy(plans(atOnce)),
  'operations that are new': await leftBy(newOperations),
  'reads by forRequest()': await leftBy(() =>
    new Loaders(atOnce.forRequest(), viewerId).listed({ edge: 'project_issues', fromId: projectIds[0] as string }),
  ),
};
console.log(JSON.stringify(left));

/** Nothing where there is no Redis. */
async function leftBehindRedis(): Promise<Record<string, number>> {
  const redis = await redisForTests();
  if (!redis.isThere) return {};
  const cache = redisCache({ url: redis.url, prefix: redis.newPrefix() });
  await cache.ready();
  const behindRedis = createKvetch({ schema: storeSchema, shards, cache });
  const bytes = await leftBy(plans(behindRedis));
  cache.close();
  return { 'plans on a store behind Redis': bytes };
}

async function leftBy(ask: () => unknown): Promise<number> {
  // V8 compiles: what that leaves is nobody's.
  for (let i = 0; i < 3 * REQUESTS; i++) await ask();
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < REQUESTS; i++) await ask();
  for (let i = 0; i < 3; i++) collect({ type: 'minor' });
  return (process.memoryUsage().heapUsed - before) / REQUESTS;
}
