import { setTimeout as sleep } from 'node:timers/promises';
import type { CleanOptions, CleanPlace } from '../../kvetch/cleaners/CleanOptions.ts';
import type { CleanReport } from '../../kvetch/cleaners/clean.ts';
import { createKvetch } from '../../kvetch/createKvetch.ts';
import type { MysqlCluster } from '../../kvetch/mysql/MysqlCluster.ts';
import { withCauses } from '../../utils/withCauses.ts';
import { Progress } from '../Progress.ts';
import { untilStopped } from '../untilStopped.ts';
import type { Action, Values } from './kvetchCommand.ts';
import type { Config } from './loadConfig.ts';
import { lowerPriority } from './lowerPriority.ts';
import { positive } from './positive.ts';

/** More dangling ids, and objects with errors, are only counted. */
const MAX_NAMED = 20;
const FULL_EVERY_MS = 24 * 3600 * 1000;

export const clean: Action = {
  summary: 'Finds and repairs rows that crashes left wrong, and removes old tombstones.',
  help: `  --watch        goes on until it is interrupted: recent changes at once, everything once a day
  --every <s>    with --watch: seconds between runs, default 2
  --recent       only what changed since the last such run
  --dry-run      counts what would be done, and does nothing
  --rate <n>     at most so many rows a second
  --max-load <%> the share of time to work in while others are at work on the servers, default 12; 100: never wait
  --json         one JSON document a run`,
  options: {
    watch: { type: 'boolean' },
    every: { type: 'string' },
    recent: { type: 'boolean' },
    'dry-run': { type: 'boolean' },
    rate: { type: 'string' },
    'max-load': { type: 'string' },
    json: { type: 'boolean' },
  },
  async run(config, values, print) {
    lowerPriority(); // nobody waits for it
    return untilStopped((signal) => cleanStore(config, values, print, signal));
  },
};

async function cleanStore(
  config: Config,
  values: Values,
  print: (line: string) => void,
  signal: AbortSignal,
): Promise<number> {
  const kvetch = createKvetch(config);
  const everyMs = positive(values, 'every', 2) * 1000;
  const options = {
    dryRun: values['dry-run'] === true,
    maxRowsPerSecond: positive(values, 'rate', Number.POSITIVE_INFINITY),
    maxLoad: positive(values, 'max-load', 12) / 100,
  };
  const isRecent = values.recent === true;
  const isJson = values.json === true;
  const cleanAndTell = async (mode: Run['mode']): Promise<Run> => {
    const problems = new Set<string>(); // one a server, not one a pass
    const onError = (error: Error, { store, id }: CleanPlace): void => {
      const what = id === undefined ? store : `${store}, object ${id}`;
      if (id === undefined || problems.size < MAX_NAMED) problems.add(`${what}: ${withCauses(error)}`);
    };
    const progress = new Progress('rows');
    const total = mode === 'full' ? await rowsOf(config) : null;
    const begin = performance.now();
    const dangling: string[] = [];
    const onDangling: NonNullable<CleanOptions['onDangling']> = ({ edge, id, storedId }) => {
      if (dangling.length < MAX_NAMED) dangling.push(`edge "${edge}": ${id} names ${storedId}, which is not there`);
    };
    const onProgress = (_place: CleanPlace, rows: number): void => progress.show(rows, total);
    const report = await kvetch.clean({ ...options, mode, onError, onDangling, onProgress, signal });
    progress.clear();
    const tookMs = Math.round(performance.now() - begin);
    if (!isJson) for (const line of [...problems, ...dangling]) print(line);
    return { ...report, mode, tookMs, problems: [...problems], dangling, stopped: signal.aborted };
  };
  const tell = (report: Run): void => {
    const head = values.watch === true ? `${new Date().toISOString()} ${report.mode}: ` : '';
    print(isJson ? JSON.stringify({ at: new Date().toISOString(), ...report }) : `${head}${textOf(report)}`);
  };
  if (values.watch !== true) {
    const report = await cleanAndTell(isRecent ? 'recent' : 'full');
    tell(report);
    return report.complete && report.errors === 0 ? 0 : 1;
  }
  let fullAt = isRecent ? Number.POSITIVE_INFINITY : 0;
  while (!signal.aborted) {
    const isFull = Date.now() >= fullAt;
    if (isFull) fullAt = Date.now() + FULL_EVERY_MS;
    const report = await cleanAndTell(isFull ? 'full' : 'recent');
    if (isFull || hasWork(report)) tell(report);
    await sleep(everyMs, undefined, { signal }).catch(() => {});
  }
  return 0;
}

interface Run extends CleanReport {
  readonly mode: 'full' | 'recent';
  readonly tookMs: number;
  /** Why servers and objects were left out. */
  readonly problems: readonly string[];
  /** The first stored ids that name no object. */
  readonly dangling: readonly string[];
  /** Whether it was interrupted. */
  readonly stopped: boolean;
}

/** About how many rows a full run looks at; `null` where the servers cannot be asked for an estimate. */
async function rowsOf({ shards }: Config): Promise<number | null> {
  if (Array.isArray(shards) || !('stats' in shards)) return null;
  const servers = await (shards as MysqlCluster).stats();
  return servers.flatMap(({ rows }) => Object.values(rows)).reduce((sum, count) => sum + count, 0);
}

function hasWork({ scanned: _scanned, tookMs: _tookMs, mode: _mode, stopped: _stopped, ...run }: Run): boolean {
  const { problems, dangling: _dangling, complete, tooYoung: _tooYoung, ...counters } = run;
  return problems.length > 0 || !complete || Object.values(counters).some((count) => count > 0);
}

function textOf({
  complete,
  mode: _mode,
  tookMs,
  problems: _problems,
  dangling: _dangling,
  stopped,
  tooYoung,
  ...counters
}: Run): string {
  const counts = Object.entries(counters).map(([name, count]) => `${name} ${count}`);
  const rate = Math.round((counters.scanned * 1000) / Math.max(1, tookMs));
  const why = stopped
    ? 'the next run goes on from here'
    : 'a server is down, another cleaner is at work, or shards are moving';
  const young =
    tooYoung === 0 ? '' : `; at least ${tooYoung} rows are younger than 10 s and were left: they may be being written`;
  return `${counts.join(', ')}${young}; ${rate} rows/s${complete ? '' : `; not complete: ${why}`}`;
}
