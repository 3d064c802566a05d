/** Issue 18: when it is quiet, every watcher shows what a fresh query gives. More seeds: `npm run property:client`. */
import { suite } from 'uvu';
import { needs } from '../../support/needs.ts';
import { storeKinds } from '../versionStores.ts';
import { openPair, runSchemaSeed, runSeed } from './property.ts';

/** So many run at a time. */
const WORKERS = 4;

const test = suite('client, property');

/** So many on each store. */
const SEEDS = 10;

for (const [at, kind] of (await storeKinds()).entries()) {
  const onStore = needs(test, ...kind.servers);
  const from = at * SEEDS; // other ones on each store
  onStore(`after random mutations by three clients on two servers every watcher is fresh: ${kind.name}`, async () => {
    const { stores, end } = await kind.open();
    const servers = await openPair(stores);
    try {
      await eachSeed(from, (seed) => runSeed(servers, seed));
    } finally {
      for (const server of servers) await server.end();
      await end();
    }
  });

  onStore(`the same over random schemas: ${kind.name}`, async () => {
    const { stores, end } = await kind.open();
    try {
      await eachSeed(from, (seed) => runSchemaSeed(stores, seed));
    } finally {
      await end();
    }
  });
}

async function eachSeed(from: number, run: (seed: number) => Promise<void>): Promise<void> {
  let seed = from;
  const work = async (): Promise<void> => {
    while (seed < from + SEEDS) await run(seed++);
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
}

test.run();
