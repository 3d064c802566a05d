/** Issue 18: when it is quiet, every watcher shows what a fresh query gives. More seeds: `npm run property:client`. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { storeKinds } from '../versionStores.ts';
import { openPair, runSeed } from './property.ts';

/** So many run at a time. */
const WORKERS = 4;

const test = suite('client, property');

const kinds = await storeKinds();
for (const [at, kind] of kinds.entries()) {
  const seeds = at === kinds.length - 1 ? 200 : 30;
  test(`after random mutations by three clients on two servers every watcher is fresh: ${kind.name}`, async () => {
    const { stores, end } = await kind.open();
    const servers = await openPair(stores);
    let seed = 0;
    const work = async (): Promise<void> => {
      while (seed < seeds) await runSeed(servers, seed++);
    };
    await Promise.all(Array.from({ length: WORKERS }, work));
    assert.is(seed, seeds);
    for (const server of servers) await server.end();
    await end();
  });
}

test.run();
