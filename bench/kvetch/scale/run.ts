/**
 * What a store of a million objects costs: two MariaDB servers, and a third one for a move. npm run bench:kvetch:scale
 * [-- --objects 1000000 --long 100000]. Each task is a process of its own, bundled as one would deploy it, so that its
 * memory is its own. A quarter of an hour on two cores.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startRedis } from '../../../test/support/redisServer.ts';
import { startMariadb } from '../../../test/support/servers.ts';
import { circumstances, repository } from '../../circumstances.ts';
import { optionsOrExit } from '../../options.ts';
import { markdown } from '../../report/table.ts';
import { bundleChild, runTask } from '../../runTask.ts';
import { type Done, type ScaleTask, taskNames } from './ScaleTask.ts';

const usage = `npm run bench:kvetch:scale -- [options]
  --objects <n>  all objects; each is in one list (1000000)
  --long <n>     how many of them one list has (100000)
  --only <names> of ${taskNames.join(', ')}; "fill" goes first in any case`;

const { objects, long, only } = optionsOrExit((argv) => {
  const { values } = parseArgs({
    args: [...argv],
    options: { objects: { type: 'string' }, long: { type: 'string' }, only: { type: 'string' } },
  });
  return {
    objects: Number(values.objects ?? 1_000_000),
    long: Number(values.long ?? 100_000),
    only: values.only?.split(',') ?? taskNames,
  };
}, usage);

/** Longer than any of them takes on a busy machine. */
const PATIENCE_MS = 3_600_000;

const { machine, node, revision } = circumstances();
console.log(`${machine}, Node ${node}, ${revision}: ${objects} objects, ${long} of them in one list\n`);
const settings = ['--skip-log-bin', '--innodb-buffer-pool-size=1G'];
const servers = [await startMariadb(settings), await startMariadb(settings), await startMariadb(settings)];
const redis = await startRedis();
const folder = join(repository, '.tmp', `scale-${process.pid}`);
mkdirSync(folder, { recursive: true });
const bundle = await bundleChild(join(repository, 'src'), 'bench/kvetch/scale/child.ts');
const rows: (readonly string[])[] = [];
try {
  for (const name of taskNames) {
    if (name !== 'fill' && !only.includes(name)) continue;
    const task: ScaleTask = { name, objects, long, folder, servers: servers.map(({ uri }) => uri), redis: redis.url };
    const done = await runTask<ScaleTask, Done>(bundle, task, PATIENCE_MS);
    if ('reason' in done) throw new Error(`${name}: ${done.reason}`);
    for (const { what, seconds, note } of done.measured) {
      rows.push([what, timeOf(seconds), seconds === null ? '' : `${done.megabytes}`, note]);
      console.log(rows.at(-1)?.join(' | '));
    }
  }
  console.log(`\n${markdown(['task', 'time', 'peak memory of its process, MB', ''], rows)}`);
} finally {
  await Promise.all([...servers.map((server) => server.remove()), redis.kill()]);
  bundle.remove();
  rmSync(folder, { recursive: true, force: true });
}

function timeOf(seconds: number | null): string {
  if (seconds === null) return '';
  return seconds < 1 ? `${(seconds * 1000).toFixed(1)} ms` : `${seconds.toFixed(1)} s`;
}
