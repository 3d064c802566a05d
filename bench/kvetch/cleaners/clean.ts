/** One full run of the cleaners in a process of its own, as `kvetch clean` does it. Prints how long it took and what it saw. */
import { createKvetch } from '../../../src/kvetch.ts';
import { mysqlShards } from '../../../src/kvetch-mysql.ts';
import { schema } from '../data.ts';

const [uris = '', maxLoad = '1', limitMs = '0'] = process.argv.slice(2);
const kvetch = createKvetch({ schema, shards: mysqlShards(uris.split(',')) });
let scanned = 0;
const onProgress = (_place: unknown, rows: number): void => {
  scanned = rows;
};
const begin = performance.now();
const tell = (): void => console.log(JSON.stringify({ ms: performance.now() - begin, scanned }));
// A run beside others may take longer than anybody wants to measure it.
if (Number(limitMs) > 0) {
  setTimeout(() => {
    tell();
    process.exit();
  }, Number(limitMs));
}
await kvetch.clean({ maxLoad: Number(maxLoad), graceMs: 0, owner: 'bench', onProgress });
tell();
await kvetch.close();
