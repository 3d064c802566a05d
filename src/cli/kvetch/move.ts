import type { MoveProgress } from '../../kvetch/mysql/move/moveOptions.ts';
import { UsageError } from '../Command.ts';
import { Progress } from '../Progress.ts';
import { untilStopped } from '../untilStopped.ts';
import type { Action, Values } from './kvetchCommand.ts';
import { clusterOf } from './loadConfig.ts';
import { positive } from './positive.ts';

export const move: Action = {
  summary: 'Moves a range of shards to another server while they are read and written.',
  help: `  --from <server>   the names that servers have in the configuration
  --to <server>
  --range <a-b>     logical shards, both ends included, within 0-4095
  --resume          goes on with a move that was interrupted
  --abort           gives back what has not arrived yet; what has arrived stays
  --chunk <n>       shards that are frozen together, default 64: fewer make writers wait less, and the move longer
  --keep            leaves the rows at the source, where nobody sees them any more
  --json            one JSON document a step`,
  options: {
    from: { type: 'string' },
    to: { type: 'string' },
    range: { type: 'string' },
    resume: { type: 'boolean' },
    abort: { type: 'boolean' },
    chunk: { type: 'string' },
    keep: { type: 'boolean' },
    json: { type: 'boolean' },
  },
  async run(config, values, print) {
    const { from, to } = values;
    if (typeof from !== 'string' || typeof to !== 'string') throw new UsageError('--from and --to name two servers.');
    if (values.resume === true && values.abort === true)
      throw new UsageError('--resume and --abort exclude each other.');
    const mode = values.abort === true ? 'abort' : values.resume === true ? 'resume' : 'start';
    const isJson = values.json === true;
    const shards = rangeOf(values);
    const progress = new Progress('shards');
    const stop = (): void => {
      progress.clear();
      if (!isJson) print('Stopping behind the shards that are under way. Interrupted again, it leaves them frozen.');
    };
    const onProgress = ({ stage, shards: [first, last], rows }: MoveProgress): void => {
      progress.clear();
      const line = `${stage.padEnd(7)} ${`${first}-${last}`.padEnd(10)} ${rows} rows`;
      print(isJson ? JSON.stringify({ stage, from: first, to: last, rows }) : line);
      progress.show(first - shards[0], shards[1] - shards[0] + 1);
    };
    const options = {
      from,
      to,
      mode,
      shards,
      keep: values.keep === true,
      chunk: positive(values, 'chunk', 64),
    } as const;
    const cluster = clusterOf(config);
    const report = await untilStopped((signal) => cluster.move({ ...options, signal, onProgress }), stop);
    progress.clear();
    if (isJson) print(JSON.stringify(report));
    else if (mode === 'abort') print(`${report.shards} shards were given back to ${from}.`);
    else
      print(
        `${report.shards} shards moved, ${report.rows} rows; writes waited ${Math.ceil(report.frozenMs)} ms at most.`,
      );
    return 0;
  },
};

function rangeOf({ range }: Values): readonly [number, number] {
  const [, from, to] = /^(\d+)-(\d+)$/.exec(String(range)) ?? [];
  if (from === undefined || to === undefined) {
    throw new UsageError(`--range is ${range === undefined ? 'missing' : `"${range}"`} and must look like 0-511.`);
  }
  return [Number(from), Number(to)];
}
