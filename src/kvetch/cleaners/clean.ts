import { KvetchOptionError, quote } from '../errors.ts';
import { LOGICAL_SHARDS } from '../ids/routing.ts';
import type { KvetchContext } from '../KvetchContext.ts';
import type { ShardStore } from '../shards/ShardStore.ts';
import { type CleanCounters, newCounters } from './CleanCounters.ts';
import { forwardPass } from './forwardPass.ts';
import { purgePasses } from './purgePasses.ts';
import { reverseEdgesPass, reverseEntriesPass } from './reversePass.ts';
import { type CleanPass, runPass } from './runPass.ts';

export interface CleanOptions {
  /** Logical shards, both ends included. Default all. */
  readonly shards?: readonly [number, number];
  /** `full` looks at every row and purges; `recent` at those that changed since the last recent run. Default `full`. */
  readonly mode?: 'full' | 'recent';
  /** Rows younger than this may belong to a write that is under way, and are left alone. Default 10 s. */
  readonly graceMs?: number;
  /** How long tombstones are kept. Default 24 h. */
  readonly retentionMs?: number;
  /** Counts what would be done and does nothing. */
  readonly dryRun?: boolean;
  readonly pageSize?: number;
  /** Waits between pages so as not to look at more rows than this. Default no limit. */
  readonly maxRowsPerSecond?: number;
  /** Who holds the leases. Default a name for this process. */
  readonly owner?: string;
  readonly leaseMs?: number;
  /** How to wait, for tests. */
  readonly sleep?: (ms: number) => Promise<void>;
}

export interface CleanReport extends CleanCounters {
  /** Whether every node was looked at to the end: none was down, and no lease was somebody else's. */
  readonly complete: boolean;
}

export type CleanSettings = Required<CleanOptions>;

/** The order matters: what is missing is added before what is left over is removed, and purged last of all. */
const passes: readonly CleanPass[] = [forwardPass, reverseEdgesPass, reverseEntriesPass];

/** One run of the cleaners over the nodes that hold the range. A second run right after changes nothing. */
export async function clean(context: KvetchContext, options: CleanOptions = {}): Promise<CleanReport> {
  const settings = checkOptions(options);
  const counters = newCounters();
  let complete = true;
  const stores = storesOf(context, settings.shards);
  for (const pass of passes) {
    for (const store of stores) complete = (await runPass(context, store, pass, settings, counters)) && complete;
  }
  // a tombstone may only go when every node was seen without what it buries
  if (complete && counters.errors === 0 && settings.mode === 'full') {
    for (const pass of purgePasses) {
      for (const store of stores) complete = (await runPass(context, store, pass, settings, counters)) && complete;
    }
  }
  return { ...counters, complete };
}

function storesOf({ shards }: KvetchContext, [from, to]: readonly [number, number]): readonly ShardStore[] {
  const stores = shards.ranges.filter((range) => range.from <= to && range.to >= from).map(({ store }) => store);
  return [...new Set(stores)];
}

function checkOptions(options: CleanOptions): CleanSettings {
  const settings: CleanSettings = {
    shards: [0, LOGICAL_SHARDS - 1],
    mode: 'full',
    graceMs: 10_000,
    retentionMs: 24 * 3600 * 1000,
    dryRun: false,
    pageSize: 500,
    maxRowsPerSecond: Number.POSITIVE_INFINITY,
    owner: `cleaner-${process.pid}`,
    leaseMs: 60_000,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    ...options,
  };
  const [from, to] = settings.shards;
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to >= LOGICAL_SHARDS || from > to) {
    throw new KvetchOptionError(`"shards" is [${from}, ${to}] and must be a range within 0..${LOGICAL_SHARDS - 1}.`);
  }
  if (!Number.isInteger(settings.pageSize) || settings.pageSize < 1) {
    throw new KvetchOptionError(`"pageSize" is ${quote(settings.pageSize)} and must be an integer of 1 or more.`);
  }
  return settings;
}
