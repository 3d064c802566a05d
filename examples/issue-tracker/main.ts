/**
 * The table of a project's issues, three ways: `npm run example:issue-tracker`.
 *
 * Prints the answer's size, what each way asked of the store, and the plan with what started ahead of its turn.
 */
import { execute as executeWithGraphQL } from 'graphql';
import { createEngine } from 'planql';
import { createKvetch, memoryShards } from 'planql/kvetch';
import { issueTableByHand } from './byHand.ts';
import { Loaders } from './resolvers.ts';
import { resolverSchema, schema } from './schema.ts';
import { type StoreCounts, slowStore } from './slowStore.ts';
import { fill, smallSize, storeSchema } from './store.ts';
import { issueTable } from './views.ts';

const MILLISECONDS = 4;
const counts: StoreCounts = { calls: 0, keys: 0, waits: 0 };
const shards = memoryShards(1);
const { userIds } = await fill(createKvetch({ schema: storeSchema, shards }), smallSize(1000));
const kvetch = createKvetch({
  schema: storeSchema,
  shards: shards.map((store) => slowStore(store, MILLISECONDS, counts)),
});
const viewerId = userIds[0] as string;
const variableValues = { key: 'P1' };
const engine = createEngine({ schema });

await show('plans', () => engine.execute({ document: issueTable, contextValue: { kvetch, viewerId }, variableValues }));
await show('graphql-js and DataLoader', () =>
  executeWithGraphQL({
    schema: resolverSchema,
    document: issueTable,
    contextValue: new Loaders(kvetch, viewerId),
    variableValues,
  }),
);
await show('by hand', () => issueTableByHand(kvetch, 'P1', viewerId));
console.log(`\n${engine.prepare(issueTable).explain('text')}`);
await kvetch.close();

async function show(name: string, ask: () => unknown): Promise<void> {
  await ask(); // the first time makes plans and loads code
  Object.assign(counts, { calls: 0, keys: 0, waits: 0 });
  const start = performance.now();
  const answer = await ask();
  const ms = performance.now() - start;
  const { calls, keys, waits } = counts;
  const bytes = Buffer.byteLength(JSON.stringify(answer));
  console.log(`${name.padEnd(26)} ${waits} waits, ${calls} calls, ${keys} keys, ${ms.toFixed(1)} ms, ${bytes} bytes`);
}
