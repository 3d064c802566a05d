import { join } from 'node:path';
import { createKvetch } from '../../kvetch/createKvetch.ts';
import { LOGICAL_SHARDS } from '../../kvetch/ids/routing.ts';
import { type ImportCounters, newImportCounters } from '../../kvetch/transfer/importRows.ts';
import { UsageError } from '../Command.ts';
import { Progress } from '../Progress.ts';
import { checkDump, filesOf, namesIn, readDump, readManifest } from './dump/dumpFiles.ts';
import type { Action } from './kvetchCommand.ts';

const GROUP = 500;
const OBJECT = '{"kind":"object"';

export const importData: Action = {
  summary:
    'Makes the store have the rows of an export: writes rows that differ and are not newer, and reads them again.',
  help: `  --from <folder>  the folder of "kvetch export"; all files must be there and whole before a row is written
  --check          only looks whether they are
  --json           prints one JSON document
Repeated, it goes on: what is there already is only read.`,
  options: { from: { type: 'string' }, check: { type: 'boolean' }, json: { type: 'boolean' } },
  async run(config, values, print) {
    const folder = values.from;
    if (typeof folder !== 'string' || folder === '') throw new UsageError('--from names a folder.');
    const { names, lines, problems } = await checkAll(folder);
    for (const problem of problems) print(problem);
    if (problems.length > 0) return 1;
    if (values.check === true) {
      print(values.json === true ? JSON.stringify({ rows: lines }) : `The export is whole: ${lines} rows.`);
      return 0;
    }
    const kvetch = createKvetch(config);
    const progress = new Progress('rows');
    const counters: ImportCounters = newImportCounters();
    let done = 0;
    // objects first: they decide about the other rows
    for (const isObject of [true, false]) {
      for (const name of names) {
        for await (const group of readDump(join(folder, name), GROUP)) {
          const some = group.filter((line) => line.startsWith(OBJECT) === isObject);
          await kvetch.importLines(some, counters);
          done += some.length;
          progress.show(done, lines);
        }
      }
    }
    progress.clear();
    if (values.json === true) print(JSON.stringify(counters));
    else
      print(
        Object.entries(counters)
          .map(([name, count]) => `${name} ${count}`)
          .join(', '),
      );
    return counters.conflicts === 0 ? 0 : 1;
  },
};

/** The files that an export consists of. */
interface Files {
  readonly names: readonly string[];
  readonly lines: number;
  readonly problems: readonly string[];
}

/** Reads all files once: how many rows they have, and everything that is wrong with them. */
async function checkAll(folder: string): Promise<Files> {
  const manifest = await readManifest(folder);
  if (manifest === null) throw new UsageError(`"${folder}" has no export.json: it is no folder of "kvetch export".`);
  const problems: string[] = [];
  if (manifest.logicalShards !== LOGICAL_SHARDS)
    problems.push(`The export has ${manifest.logicalShards} logical shards, and this store ${LOGICAL_SHARDS}.`);
  const there = await namesIn(folder);
  const files = filesOf(manifest);
  let lines = 0;
  for (const [shards, name] of files) {
    const found = there.has(name) ? await checkDump(join(folder, name), shards) : 'it is missing: run the export again';
    if (typeof found === 'number') lines += found;
    else problems.push(`${name}: ${found}.`);
  }
  return { names: files.map(([, name]) => name), lines, problems };
}
