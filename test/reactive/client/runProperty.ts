/** `npm run property:client -- --seed 1 --count 5000`: the property test of the client, over the todo schema and one of the seed's own, over Redis where there is one. */
import { parseArgs } from 'node:util';
import { storeKinds } from '../versionStores.ts';
import { openPair, runSchemaSeed, runSeed } from './property.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, count: { type: 'string', default: '5000' } },
});
const kind = (await storeKinds()).findLast(({ servers }) => servers.every(({ isThere }) => isThere));
if (kind === undefined) throw new Error('There is no version store.');
const { stores, end } = await kind.open();
const servers = await openPair(stores);
const first = Number(values.seed);
for (let seed = first; seed < first + Number(values.count); seed++) {
  await runSeed(servers, seed);
  await runSchemaSeed(stores, seed);
  if (seed % 100 === 0) console.log(`seed ${seed} is right (${kind.name})`);
}
for (const server of servers) await server.end();
await end();
