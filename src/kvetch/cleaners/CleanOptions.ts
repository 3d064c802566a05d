import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { KvetchOptionError, quote } from '../errors.ts';
import { LOGICAL_SHARDS } from '../ids/routing.ts';

export interface CleanOptions {
  /** Logical shards, both ends included. Default all. */
  readonly shards?: readonly [number, number];
  /** `full` looks at every row and purges; `recent` at those that changed since the last recent run. Default `full`. */
  readonly mode?: 'full' | 'recent';
  /** Rows younger than this may belong to a write that is under way, and are left alone. Default 10 s. */
  readonly graceMs?: number;
  /** How long tombstones are kept. Default 24 h. */
  readonly retentionMs?: number;
  /** Counts the repairs and makes none. */
  readonly dryRun?: boolean;
  readonly pageSize?: number;
  /**
   * How many edges and index entries that objects ask for a full run may remember, some 220 bytes each, so that no row is
   * read twice. For those beyond, rows are looked up. Default 500,000.
   */
  readonly maxRemembered?: number;
  /** Waits between pages so as not to look at more rows than this. Default no limit. */
  readonly maxRowsPerSecond?: number;
  /**
   * The share of time in which a pass may work on a store where others are always at work: 0.1 is a tenth. Where it is
   * alone it never waits. Beside others pages are smaller, too. Other work of this process is not seen.
   * Default 1: it never waits.
   */
  readonly maxLoad?: number;
  /** The owner of the leases. Default a name for this process. */
  readonly owner?: string;
  readonly leaseMs?: number;
  /** Called when a pass ended early on a store, which the next run takes up again. Without it `errors` counts them. */
  readonly onError?: (error: Error, place: CleanPlace) => void;
  /** Called with each value of a unique index that a second object has. Without it `conflicts` counts them. */
  readonly onConflict?: (conflict: UniqueConflict) => void;
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
}

export type CheckedOptions = Required<CleanOptions>;

export interface CleanSettings extends CheckedOptions {
  /** Marks of the edges and indexes that this run fills in. */
  readonly fills: readonly string[];
}

/** Numbers of processes repeat from machine to machine, and in containers most are 1. */
const PROCESS = `cleaner-${randomUUID()}`;

/** A time that is no number would make all tombstones old enough to be purged. */
const numbers: ReadonlyArray<readonly [keyof CleanOptions, (value: number) => boolean, wanted: string]> = [
  ['pageSize', (value) => Number.isInteger(value) && value >= 1, 'an integer of 1 or more'],
  ['maxRemembered', (value) => Number.isInteger(value) && value >= 0, 'an integer of 0 or more'],
  ['maxLoad', (value) => value > 0 && value <= 1, 'above 0 and at most 1'],
  ['maxRowsPerSecond', (value) => value > 0, 'above 0'],
  ['graceMs', (value) => value >= 0, '0 or more'],
  ['retentionMs', (value) => value >= 0, '0 or more'],
  ['leaseMs', (value) => value > 0, 'above 0'],
];

/** The options with their defaults. Throws `KvetchOptionError` for values that cannot be meant. */
export function checkOptions(options: CleanOptions): CheckedOptions {
  const { signal = new AbortController().signal } = options;
  const settings: CheckedOptions = {
    shards: [0, LOGICAL_SHARDS - 1],
    mode: 'full',
    graceMs: 10_000,
    retentionMs: 24 * 3600 * 1000,
    dryRun: false,
    pageSize: 1000,
    maxRemembered: 500_000,
    maxRowsPerSecond: Number.POSITIVE_INFINITY,
    maxLoad: 1,
    owner: PROCESS,
    leaseMs: 60_000,
    onError: () => {},
    onConflict: () => {},
    onProgress: () => {},
    signal,
    sleep: (ms) => sleepUntil(signal, ms),
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  };
  const [from, to] = settings.shards;
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to >= LOGICAL_SHARDS || from > to) {
    throw new KvetchOptionError(`"shards" is [${from}, ${to}] and must be a range within 0..${LOGICAL_SHARDS - 1}.`);
  }
  for (const [name, isRight, wanted] of numbers) {
    const value: unknown = settings[name];
    if (typeof value === 'number' && isRight(value)) continue;
    throw new KvetchOptionError(`"${name}" is ${quote(value)} and must be ${wanted}.`);
  }
  return settings;
}

async function sleepUntil(signal: AbortSignal, ms: number): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
