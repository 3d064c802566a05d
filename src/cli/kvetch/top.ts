import { setTimeout as sleep } from 'node:timers/promises';
import { errorOf } from '../../errors/errorOf.ts';
import type { MysqlShardStore } from '../../kvetch/mysql/MysqlShardStore.ts';
import { type Sample, sample } from '../../kvetch/mysql/sample.ts';
import { withCauses } from '../../utils/withCauses.ts';
import { untilStopped } from '../untilStopped.ts';
import type { Action } from './kvetchCommand.ts';
import { clusterOf } from './loadConfig.ts';
import { positive } from './positive.ts';

interface Failed {
  readonly server: string;
  readonly error: string;
}

export const top: Action = {
  summary: 'Shows the load of each server: rates, statements that run long, lists and objects that are written most.',
  help: `  --every <s>  seconds between two looks, default 2
  --times <n>  ends after so many, default never
  --json       one JSON document a look`,
  options: { every: { type: 'string' }, times: { type: 'string' }, json: { type: 'boolean' } },
  async run(config, values, print) {
    const { stores } = clusterOf(config);
    const everyMs = positive(values, 'every', 2) * 1000;
    const times = positive(values, 'times', Number.POSITIVE_INFINITY);
    let before = await Promise.all(stores.map(look));
    await untilStopped(async (signal) => {
      for (let n = 0; n < times && !signal.aborted; n++) {
        await sleep(everyMs, undefined, { signal }).catch(() => {}); // it was interrupted: the last look
        const now = await Promise.all(stores.map(look));
        const seen = now.map((one, at) => ratesOf(before[at], one));
        before = now;
        if (values.json === true) print(JSON.stringify({ at: new Date().toISOString(), servers: seen }));
        else for (const line of seen.flatMap(linesOf)) print(line);
      }
    });
    return before.some((one) => 'error' in one) ? 1 : 0;
  },
};

async function look(store: MysqlShardStore): Promise<Sample | Failed> {
  try {
    return await sample(store, Date.now());
  } catch (error) {
    return { server: store.name, error: withCauses(errorOf(error)) };
  }
}

interface Rates extends Omit<Sample, 'counts'> {
  readonly queriesPerSecond: number;
  readonly readsPerSecond: number;
  readonly writesPerSecond: number;
  readonly lockWaitsPerSecond: number;
}

function ratesOf(before: Sample | Failed | undefined, now: Sample | Failed): Rates | Failed {
  if ('error' in now) return now;
  const { counts, ...rest } = now;
  // a server that was away has counted from nothing
  const old =
    before === undefined || 'error' in before || before.counts.queries > counts.queries ? counts : before.counts;
  const seconds = Math.max(0.001, (counts.atMs - old.atMs) / 1000);
  const rate = (name: 'queries' | 'reads' | 'writes' | 'lockWaits'): number =>
    Math.round((counts[name] - old[name]) / seconds);
  return {
    ...rest,
    queriesPerSecond: rate('queries'),
    readsPerSecond: rate('reads'),
    writesPerSecond: rate('writes'),
    lockWaitsPerSecond: rate('lockWaits'),
  };
}

function linesOf(seen: Rates | Failed): readonly string[] {
  if ('error' in seen) return [`${seen.server.padEnd(12)} ${seen.error}`];
  const { server, queriesPerSecond, readsPerSecond, writesPerSecond, lockWaitsPerSecond, running, slow, hot } = seen;
  return [
    `${server.padEnd(12)} ${queriesPerSecond} queries/s, ${readsPerSecond} reads/s, ${writesPerSecond} writes/s, ${lockWaitsPerSecond} lock waits/s, ${running} running`,
    ...slow
      .filter(({ seconds }) => seconds > 0)
      .map(({ seconds, statement }) => `  ${seconds} s  ${statement.replace(/\s+/g, ' ')}`),
    ...hot.map(({ key, writes }) => `  ${String(writes).padStart(6)} writes  ${key}`),
  ];
}
