import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  anything,
  atLeast,
  checkOptions,
  integer,
  type OptionTable,
  oneOf,
  positive,
} from '../../errors/checkOptions.ts';
import { KvetchOptionError } from '../errors.ts';
import { LOGICAL_SHARDS } from '../ids/routing.ts';
import type { KvetchLimits } from '../KvetchContext.ts';

/** The options of `kvetch.clean`. */
export interface CleanOptions {
  /** Logical shards, both ends included. Default all. */
  readonly shards?: readonly [number, number];
  /** `full` looks at every row and purges; `recent` at those that changed since the last recent run. Default `full`. */
  readonly mode?: 'full' | 'recent';
  /** Rows younger than this may belong to a write that is under way, and are left alone. Default 10 s. */
  readonly graceMs?: number;
  /**
   * How long tombstones are kept, milliseconds. Default 24 h. It must be above `limits.updateWaitMs`: for so long the writer of
   * a unit may ask what was decided of it. Spec 6.8.
   */
  readonly retentionMs?: number;
  /** Counts the repairs and makes none. */
  readonly dryRun?: boolean;
  /** How many rows are looked at together, at most. Default 1,000. */
  readonly pageSize?: number;
  /**
   * How many edges and index entries that objects ask for a full run may remember, some 220 bytes each, so that no row is
   * read twice. For those beyond, rows are looked up. Default 500,000.
   */
  readonly maxRemembered?: number;
  /** Waits between pages so as not to look at more rows than this. Default no limit. */
  readonly maxRowsPerSecond?: number;
  /**
   * The share of its time in which a pass may work on a store that other programs use, too: 0.1 is a tenth. While no
   * other program uses the store, a pass never pauses. Otherwise it also takes smaller pages. Other work of this
   * process does not count. Default 1: it never pauses.
   */
  readonly maxLoad?: number;
  /** The owner of the leases. Default a name for this process. */
  readonly owner?: string;
  /** How long a pass is reserved for this run, by the clock of the store, if it is not renewed. Milliseconds; default 60,000. */
  readonly leaseMs?: number;
  /**
   * Called when a pass ended early on a store, which the next run takes up again, and for each object that cannot be read
   * or whose attributes no row can be made of: `place.id` is its id then. Without it `errors` counts them.
   */
  readonly onError?: (error: Error, place: CleanPlace) => void;
  /** Called with each value of a unique index that a second object has. Without it `conflicts` counts them. */
  readonly onConflict?: (conflict: UniqueConflict) => void;
  /** Called with each stored id of a `mustExist` edge that names no object of its type. Without it `danglingIds` counts them. */
  readonly onDangling?: (dangling: { readonly edge: string; readonly id: string; readonly storedId: string }) => void;
  /** Called after each page with the number of rows that this run has looked at, in all passes. */
  readonly onProgress?: (place: CleanPlace, rows: number) => void;
  /** Ends the run after the page that it is at, and gives its leases back: the next run goes on from there. */
  readonly signal?: AbortSignal;
  /** How to wait, for tests. */
  readonly sleep?: (ms: number) => Promise<void>;
}

/** Two objects with one value of a unique index: it leads to the owner, and the cleaner cannot know which is right. */
export interface UniqueConflict {
  readonly index: string;
  readonly ownerId: string;
  /** The object that is not found by the value. */
  readonly id: string;
}

/** The place of a cleaner's work. */
export interface CleanPlace {
  readonly store: string;
  readonly pass: string;
  /** In `onError`: the object that it is about. */
  readonly id?: string;
}

export type CheckedOptions = Required<CleanOptions>;

export interface CleanSettings extends CheckedOptions {
  /** Marks of the edges and indexes that this run fills in. */
  readonly fills: readonly string[];
}

/** Numbers of processes repeat from machine to machine, and in containers most are 1. */
const PROCESS = `cleaner-${randomUUID()}`;

const DAY_MS = 24 * 3600 * 1000;

/** A time that is no number would make all tombstones old enough to be purged. */
const cleanOptions: OptionTable<CleanOptions> = {
  shards: ([from, to]) =>
    Number.isInteger(from) && Number.isInteger(to) && 0 <= from && from <= to && to < LOGICAL_SHARDS
      ? null
      : `must be a range within 0..${LOGICAL_SHARDS - 1}`,
  mode: oneOf('full', 'recent'),
  graceMs: atLeast(0),
  retentionMs: atLeast(0),
  dryRun: anything,
  pageSize: integer(1),
  maxRemembered: integer(0),
  maxRowsPerSecond: positive,
  maxLoad: (value) => (typeof value === 'number' && value > 0 && value <= 1 ? null : 'must be above 0 and at most 1'),
  owner: anything,
  leaseMs: positive,
  onError: anything,
  onConflict: anything,
  onDangling: anything,
  onProgress: anything,
  signal: anything,
  sleep: anything,
};

/** The options with their defaults. Throws `KvetchOptionError` for values that cannot be meant. */
export function withDefaults(options: CleanOptions, { updateWaitMs }: KvetchLimits): CheckedOptions {
  checkOptions('kvetch.clean', options, cleanOptions, KvetchOptionError);
  const { signal = new AbortController().signal, retentionMs = DAY_MS } = options;
  if (retentionMs <= updateWaitMs)
    throw new KvetchOptionError(
      `kvetch.clean: "retentionMs" is ${retentionMs} and must be above "limits.updateWaitMs" of createKvetch, ${updateWaitMs}: the writer of a unit may ask for so long what was decided. Give a longer retention, or writers less time.`,
    );
  // All stores may pause at once. Node would warn of so many listeners on the signal of the caller.
  const pauses = AbortSignal.any([signal]);
  setMaxListeners(0, pauses);
  return {
    shards: [0, LOGICAL_SHARDS - 1],
    mode: 'full',
    graceMs: 10_000,
    retentionMs,
    dryRun: false,
    pageSize: 1000,
    maxRemembered: 500_000,
    maxRowsPerSecond: Number.POSITIVE_INFINITY,
    maxLoad: 1,
    owner: PROCESS,
    leaseMs: 60_000,
    onError: () => {},
    onConflict: () => {},
    onDangling: () => {},
    onProgress: () => {},
    signal,
    sleep: (ms) => sleepUntil(pauses, ms),
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  };
}

async function sleepUntil(signal: AbortSignal, ms: number): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
