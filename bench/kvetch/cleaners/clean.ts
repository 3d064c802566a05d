/** Full runs of the cleaners in a process of its own that stays, as `kvetch clean --watch` does, at its priority. */
import { lowerPriority } from '../../../src/cli/kvetch/lowerPriority.ts';
import { createKvetch } from '../../../src/kvetch.ts';
import { mysqlShards } from '../../../src/kvetch-mysql.ts';
import { schema } from '../data.ts';
import type { CleanAsk, Cleaning } from './messages.ts';

const [uris = ''] = process.argv.slice(2);
lowerPriority();
const kvetch = createKvetch({ schema, shards: mysqlShards(uris.split(',')), limits: { updateWaitMs: 0 } });

process.on('message', async ({ maxLoad, limitMs }: CleanAsk) => {
  const [begin, before] = [performance.now(), process.cpuUsage()];
  const signal = AbortSignal.timeout(limitMs);
  // no unit is written beside it, so nobody asks late: rows are as old as those of a store of yesterday: all are looked at, and tombstones are purged
  const { scanned, errors } = await kvetch.clean({ maxLoad, signal, graceMs: 0, retentionMs: 1, owner: 'bench' });
  if (errors > 0) throw new Error(`${errors} pages could not be cleaned.`);
  const { user, system } = process.cpuUsage(before);
  const cleaning: Cleaning = { ms: performance.now() - begin, cpuMs: (user + system) / 1000, scanned };
  process.send?.(cleaning);
});
process.on('disconnect', () => process.exit());
