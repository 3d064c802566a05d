/**
 * One full run of the cleaners in a process of its own, as `kvetch clean` does it. Prints how long it took, how much CPU (its
 * own) and how many rows it saw.
 */
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
const before = process.cpuUsage();
const tell = (): void => {
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ ms: performance.now() - begin, cpuMs: (user + system) / 1000, scanned }));
};
// A run beside others may take longer than anybody wants to measure it.
const stop = (): void => {
  tell();
  process.exit();
};
const timer = Number(limitMs) > 0 ? setTimeout(stop, Number(limitMs)) : undefined;
await kvetch.clean({ maxLoad: Number(maxLoad), graceMs: 0, owner: 'bench', onProgress });
clearTimeout(timer);
tell();
await kvetch.close();
