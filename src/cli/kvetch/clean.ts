import { setTimeout as sleep } from 'node:timers/promises';
import type { CleanPlace } from '../../kvetch/cleaners/CleanOptions.ts';
import type { CleanReport } from '../../kvetch/cleaners/clean.ts';
import { createKvetch } from '../../kvetch/createKvetch.ts';
import { withCauses } from '../../utils/withCauses.ts';
import type { Action } from './kvetchCommand.ts';
import { positive } from './positive.ts';

const FULL_EVERY_MS = 24 * 3600 * 1000;

export const clean: Action = {
  summary: 'Finds and repairs what crashes left wrong, and removes old tombstones.',
  help: `  --watch        goes on until it is interrupted: recent changes at once, everything once a day
  --every <s>    with --watch: seconds between runs, default 2
  --recent       only what changed since the last such run
  --dry-run      counts what would be done, and does nothing
  --rate <n>     at most so many rows a second`,
  options: {
    watch: { type: 'boolean' },
    every: { type: 'string' },
    recent: { type: 'boolean' },
    'dry-run': { type: 'boolean' },
    rate: { type: 'string' },
  },
  async run(config, values, print) {
    const kvetch = createKvetch(config);
    const everyMs = positive(values, 'every', 2) * 1000;
    const options = {
      dryRun: values['dry-run'] === true,
      maxRowsPerSecond: positive(values, 'rate', Number.POSITIVE_INFINITY),
    };
    const isRecent = values.recent === true;
    const cleanAndTell = async (mode: 'full' | 'recent'): Promise<CleanReport> => {
      const problems = new Set<string>(); // one a server, not one a pass
      const onError = (error: Error, { store }: CleanPlace): void =>
        void problems.add(`${store}: ${withCauses(error)}`);
      const report = await kvetch.clean({ ...options, mode, onError });
      for (const problem of problems) print(problem);
      return report;
    };
    if (values.watch !== true) {
      const report = await cleanAndTell(isRecent ? 'recent' : 'full');
      print(textOf(report));
      return report.complete && report.errors === 0 ? 0 : 1;
    }
    const stopping = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
    let fullAt = isRecent ? Number.POSITIVE_INFINITY : 0;
    while (!stopping.signal.aborted) {
      const isFull = Date.now() >= fullAt;
      if (isFull) fullAt = Date.now() + FULL_EVERY_MS;
      const report = await cleanAndTell(isFull ? 'full' : 'recent');
      if (isFull || hasWork(report))
        print(`${new Date().toISOString()} ${isFull ? 'full' : 'recent'}: ${textOf(report)}`);
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
    return 0;
  },
};

function hasWork({ scanned: _scanned, complete, ...counters }: CleanReport): boolean {
  return !complete || Object.values(counters).some((count) => count > 0);
}

function textOf({ complete, ...counters }: CleanReport): string {
  const counts = Object.entries(counters).map(([name, count]) => `${name} ${count}`);
  return `${counts.join(', ')}${complete ? '' : '; not complete: a server is down, or another cleaner is at work'}`;
}
