/** Issue 18: when it is quiet, every watcher shows what a fresh query gives. More seeds: `npm run property:client`. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { needs } from '../../support/needs.ts';
import { storeKinds } from '../versionStores.ts';
import { openPair, runSchemaSeed, runSeed } from './property.ts';

/** So many run at a time. */
const WORKERS = 4;

const test = suite('client, property');

/** So many in a test: a runner hears of each test, and takes one that is silent for minutes for one that hangs. */
const SEEDS = 10;

for (const [at, kind] of [...(await storeKinds())].reverse().entries()) {
  const onStore = needs(test, ...kind.servers);
  const seeds = at === 0 ? 30 : 10;
  for (let from = 0; from < seeds; from += SEEDS) {
    onStore(
      `after random mutations by three clients on two servers every watcher is fresh: ${kind.name}, from ${from}`,
      async () => {
        const { stores, end } = await kind.open();
        const servers = await openPair(stores);
        let seed = from;
        const work = async (): Promise<void> => {
          while (seed < from + SEEDS) await runSeed(servers, seed++);
        };
        try {
          await Promise.all(Array.from({ length: WORKERS }, work));
        } finally {
          for (const server of servers) await server.end();
          await end();
        }
        assert.is(seed, from + SEEDS);
      },
    );
  }
  for (let from = 0; from < seeds * 2; from += SEEDS) {
    onStore(`the same over random schemas: ${kind.name}, from ${from}`, async () => {
      const { stores, end } = await kind.open();
      let seed = from;
      const work = async (): Promise<void> => {
        while (seed < from + SEEDS) await runSchemaSeed(stores, seed++);
      };
      try {
        await Promise.all(Array.from({ length: WORKERS }, work));
      } finally {
        await end();
      }
      assert.is(seed, from + SEEDS);
    });
  }
}

test.run();
