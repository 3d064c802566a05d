import { LOGICAL_SHARDS } from '../../../src/kvetch/ids/routing.ts';
import { type CleanOptions, type CleanReport, KvetchError } from '../../../src/kvetch.ts';
import { SKEW_MS } from './Faults.ts';
import type { Fleet, Program } from './Fleet.ts';
import type { History } from './History.ts';
import type { ShardWatch } from './ShardWatch.ts';
import { below, latestWallMs, pause, random, virtualNow } from './virtualTime.ts';

/** What the cleaners have done. */
export interface CleaningCounts {
  runs: number;
  complete: number;
  died: number;
  /** Runs that began while another one was under way. */
  together: number;
  repaired: number;
  cascaded: number;
  expired: number;
  purged: number;
  /** How long after faults end the last row was gone, less what clocks, grace and retention ask for, in periods. */
  periods: number;
}

type Job = Pick<CleanOptions, 'mode' | 'shards'>;

const CLEANERS = 3;
/** Every cleaner makes a full run over all shards once in this time. */
const PERIOD_MS = 20_000;
const HALF = LOGICAL_SHARDS / 2;
/** Runs of different modes and ranges are at the same shards at the same time. */
const schedule: readonly Job[] = [
  { mode: 'full' },
  { mode: 'recent' },
  { mode: 'full', shards: [0, HALF - 1] },
  { mode: 'full', shards: [HALF, LOGICAL_SHARDS - 1] },
];
const GRACE_MS = 10_000;
/** Clocks jump farther than that: tombstones go sooner than they may. */
const RETENTION_MS = 15_000;
const LEASE_MS = 5000;
/** A run takes some seconds, so that others come meanwhile. */
const ROWS_PER_SECOND = 300;
/** So many periods after the last row is old enough, it is gone. */
const PERIODS = 3;

/** What happened to cleaners. */
const ABOUT = 'cleaners';

const tablesOfRows = ['kvetch_objects', 'kvetch_edges', 'kvetch_ordered', 'kvetch_entries'];

/** Processes that clean, each by a schedule of its own. They are suspended in the middle of a page, and die. */
export class Cleaning {
  readonly counts: CleaningCounts = {
    ...{ runs: 0, complete: 0, died: 0, together: 0, repaired: 0, cascaded: 0, expired: 0, purged: 0, periods: 0 },
  };
  readonly #fleet: Fleet;
  readonly #history: History;
  readonly #watch: ShardWatch;
  readonly #lanes: Promise<void>[];
  #names = 0;
  #underWay = 0;
  #isCalm = false;
  #isOver = false;

  constructor(fleet: Fleet, history: History, watch: ShardWatch) {
    [this.#fleet, this.#history, this.#watch] = [fleet, history, watch];
    this.#lanes = Array.from({ length: CLEANERS }, () => this.#run());
  }

  /** Ends with the first error of a cleaner. */
  get lanes(): Promise<unknown> {
    return Promise.all(this.#lanes);
  }

  /** Nothing happens to cleaners any more. */
  calm(): void {
    this.#isCalm = true;
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      const program = this.#fleet.program(`cleaner-${this.#names++}`, { outboxPollMs: 0 });
      for (let turn = below(schedule.length); !this.#isOver && !program.process.isDead; turn++) {
        await pause((random() * 2 * PERIOD_MS) / schedule.length);
        await this.#clean(program, schedule[turn % schedule.length] as Job);
      }
      if (!program.process.isDead) this.#fleet.close(program);
    }
  }

  async #clean(program: Program, job: Job): Promise<void> {
    const { kvetch, process } = program;
    const end = new AbortController();
    this.counts.runs++;
    if (this.#underWay++ > 0) this.counts.together++;
    try {
      const report = await kvetch.clean({
        ...job,
        ...{ graceMs: GRACE_MS, retentionMs: RETENTION_MS, leaseMs: LEASE_MS, owner: process.name },
        ...{
          pageSize: 5 + below(40),
          maxRowsPerSecond: ROWS_PER_SECOND,
          signal: end.signal,
          onProgress: () => this.#disturb(program, end),
        },
      });
      this.#count(report);
      const { shards = [0, LOGICAL_SHARDS - 1] } = job;
      this.#history.note(`${process.name} cleaned ${shards.join('-')}, ${job.mode}: ${textOf(report)}`, ABOUT);
    } catch (error) {
      if (!(error instanceof KvetchError)) throw error;
      this.#history.note(`${process.name} cannot clean: ${error.message}`, ABOUT);
    } finally {
      this.#underWay--;
    }
  }

  /** Lets a cleaner stop behind a page, perhaps for longer than its lease, or for ever. */
  #disturb({ process }: Program, end: AbortController): void {
    if (this.#isCalm || process.isDead) return;
    const dice = random();
    if (dice < 0.04) {
      const ms = 100 + below(3 * LEASE_MS);
      process.pausedUntil = virtualNow() + ms;
      this.#history.note(`${process.name} is suspended for ${ms} ms`, ABOUT);
    } else if (dice < 0.06) {
      process.isDead = true;
      this.counts.died++;
      this.#history.note(`${process.name} dies`, ABOUT);
      end.abort();
    }
  }

  #count(report: CleanReport): void {
    const { counts } = this;
    if (report.complete) counts.complete++;
    counts.repaired += repairsOf(report);
    for (const name of ['cascaded', 'expired', 'purged'] as const) counts[name] += report[name];
  }

  /** When nothing fails any more, all that ought to go is gone in some periods. */
  async finish(): Promise<void> {
    // rows have the times of their writers, whose clocks were ahead
    const aheadMs = latestWallMs() - Date.now() + 2 * SKEW_MS;
    await pause(aheadMs + RETENTION_MS + GRACE_MS + LEASE_MS);
    const begin = virtualNow();
    for (let left = this.#left(); left !== null; left = this.#left()) {
      if (virtualNow() > begin + PERIODS * PERIOD_MS)
        this.#history.fail(`The cleaners have left ${left} for ${PERIODS} periods.`, ABOUT);
      await Promise.race([pause(1000), this.lanes]);
    }
    this.counts.periods = Number(((virtualNow() - begin) / PERIOD_MS).toFixed(1));
    this.#isOver = true;
    await this.lanes;
  }

  /** A row that ought to be gone. Shards that have moved leave rows, which movers remove. */
  #left(): string | null {
    for (const server of this.#fleet.servers) {
      const here = (shard: unknown): boolean => this.#watch.placeOf(Number(shard)) === server;
      for (const table of tablesOfRows) {
        for (const row of server.rowsOf(table)) {
          if (row.state === 0 && here(row.shard)) return `a tombstone in ${table} on ${server.name}`;
        }
      }
      for (const { shard } of server.rowsOf('kvetch_outbox')) if (here(shard)) return `a note on ${server.name}`;
    }
    return null;
  }
}

/** What a run has repaired, but for what is to go by itself. */
export function repairsOf(report: CleanReport): number {
  const { missingEdges, orphanEdges, missingIndex, staleIndex, conflicts, errors } = report;
  return missingEdges + orphanEdges + missingIndex + staleIndex + conflicts + errors;
}

function textOf(report: CleanReport): string {
  return JSON.stringify(Object.fromEntries(Object.entries(report).filter(([, value]) => value !== 0)));
}
