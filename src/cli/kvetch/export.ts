import { join } from 'node:path';
import { createKvetch } from '../../kvetch/createKvetch.ts';
import { LOGICAL_SHARDS } from '../../kvetch/ids/routing.ts';
import { UsageError } from '../Command.ts';
import { Progress } from '../Progress.ts';
import {
  checkDump,
  filesOf,
  type Manifest,
  namesIn,
  readManifest,
  writeDump,
  writeManifest,
} from './dump/dumpFiles.ts';
import type { Action } from './kvetchCommand.ts';
import { positive } from './positive.ts';

export const exportData: Action = {
  summary:
    'Writes all rows into files of JSON lines; each shard as it was at one moment. An interrupted export goes on when it is repeated.',
  help: `  --to <folder>   a file for each part of the shards; one that is finished ends with its checksum
  --part <n>      shards a file, default 64: they are read at one moment
  --json          prints a JSON document for each file instead of a line`,
  options: { to: { type: 'string' }, part: { type: 'string' }, json: { type: 'boolean' } },
  async run(config, values, print) {
    const folder = values.to;
    if (typeof folder !== 'string' || folder === '') throw new UsageError('--to names a folder.');
    const kvetch = createKvetch(config);
    const manifest = await manifestOf(folder, positive(values, 'part', 64));
    const files = filesOf(manifest);
    const parts = files.length;
    const progress = new Progress('rows');
    let rows = 0;
    let kept = 0;
    const finished = await namesIn(folder);
    for (const [at, [shards, name]] of files.entries()) {
      const path = join(folder, name);
      const known = finished.has(name) ? await checkDump(path, shards) : 'it is new';
      if (typeof known === 'number') {
        kept++;
        continue;
      }
      const lines = await writeDump(path, (write) =>
        kvetch.exportShards(shards, async (some) => {
          await write(some);
          rows += some.length;
          progress.show(rows, at === 0 ? null : Math.round((rows / (at + 1 - kept)) * (parts - kept)));
        }),
      );
      progress.clear();
      if (values.json === true) print(JSON.stringify({ file: name, rows: lines }));
      else if (lines > 0) print(`${name} ${lines} rows`);
    }
    const summary = { parts, kept, rows, rowsPerSecond: Math.round(progress.rate(rows)) };
    if (values.json === true) print(JSON.stringify(summary));
    else
      print(
        `${rows} rows were exported${kept > 0 ? `; ${kept} of ${parts} files were there already, and are whole` : ''}.`,
      );
    return 0;
  },
};

async function manifestOf(folder: string, part: number): Promise<Manifest> {
  const known = await readManifest(folder);
  if (known !== null) return known; // an export that goes on keeps its parts
  if (!Number.isInteger(part) || part > LOGICAL_SHARDS)
    throw new UsageError(`--part is "${part}" and must be an integer from 1 to ${LOGICAL_SHARDS}.`);
  const manifest: Manifest = { format: 1, logicalShards: LOGICAL_SHARDS, part, begunAt: new Date().toISOString() };
  await writeManifest(folder, manifest);
  return manifest;
}
