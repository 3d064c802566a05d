import { randomBytes } from 'node:crypto';
import { checkOptions, integer } from '../../errors/checkOptions.ts';
import { Listeners } from './Listeners.ts';
import type { Change, KeyState, Moment, Reading, VersionListener, VersionStore } from './VersionStore.ts';

/** The options of `memoryVersions`. */
export interface MemoryVersionsOptions {
  /** How many bytes of counters are kept; the oldest go first. Default 64 MiB. */
  readonly maxBytes?: number;
}

interface CountedKey extends KeyState {
  /** When it was counted with a throttle, in milliseconds; -1: without. */
  readonly atMs: number;
}

const UNKNOWN: KeyState = { version: 0, seq: 0 };
/** The bytes of an entry beside two bytes a character of its key: measured on Node 20. */
const ENTRY_BYTES = 128;
/** More keys than this are not owed: they are counted at once. */
const MAX_OWED = 100_000;
/** Debts are looked through no more often. */
const PAY_MS = 10;

/** Makes a version store in memory, for one process: its calls return values, not promises. Spec 11.2. */
export function memoryVersions(options: MemoryVersionsOptions = {}): VersionStore {
  checkOptions('memoryVersions', options, { maxBytes: integer(0) });
  return new MemoryVersions(options);
}

class MemoryVersions implements VersionStore {
  #epoch = randomBytes(9).toString('base64url');
  /** The key that was invalidated longest ago is the first. */
  readonly #states = new Map<string, CountedKey>();
  readonly #listeners = new Listeners();
  readonly #maxBytes: number;
  #bytes = 0;
  #seq = 0;
  #floor = 0;
  /** Keys that are to be counted, with the moment of it. */
  readonly #owed = new Map<string, number>();
  #timer: NodeJS.Timeout | null = null;

  constructor({ maxBytes = 64 << 20 }: MemoryVersionsOptions) {
    this.#maxBytes = maxBytes;
  }

  get isCurrent(): boolean {
    return true;
  }

  get seen(): Moment {
    return { epoch: this.#epoch, seq: this.#seq };
  }

  read(keys: readonly string[]): Reading {
    const states = keys.map((key) => this.#states.get(key) ?? UNKNOWN);
    return { epoch: this.#epoch, seq: this.#seq, floor: this.#floor, states };
  }

  invalidate(given: readonly string[], everyMs = 0): Change {
    const all = [...new Set(given)];
    return everyMs === 0 ? this.#count(all, -1) : this.#countOrOwe(all, everyMs, performance.now());
  }

  #countOrOwe(all: readonly string[], everyMs: number, now: number): Change {
    const due: string[] = [];
    for (const key of all) {
      const { atMs } = this.#states.get(key) ?? { atMs: -1 };
      if (atMs === -1 || now >= atMs + everyMs) due.push(key);
      else if (this.#owed.has(key)) continue;
      else if (this.#owed.size < MAX_OWED) this.#owed.set(key, atMs + everyMs);
      else due.push(key);
    }
    this.#payLater(now);
    return this.#count(due, now);
  }

  #payLater(now: number): void {
    if (this.#timer !== null || this.#owed.size === 0) return;
    let next = Number.POSITIVE_INFINITY;
    for (const atMs of this.#owed.values()) if (atMs < next) next = atMs;
    this.#timer = setTimeout(() => this.#pay(), Math.max(PAY_MS, Math.ceil(next - now))).unref();
  }

  #pay(): void {
    this.#timer = null;
    const now = performance.now();
    const due: string[] = [];
    for (const [key, atMs] of this.#owed) if (atMs <= now) due.push(key);
    this.#count(due, now);
    this.#payLater(now);
  }

  /** `atMs`: when it is, where a throttle counts; else -1. */
  #count(keys: readonly string[], atMs: number): Change {
    if (keys.length === 0) return { ...this.seen, keys, versions: [] };
    const seq = ++this.#seq;
    const versions = keys.map((key) => {
      this.#owed.delete(key);
      const known = this.#states.get(key);
      // A key that was forgotten had at most as many changes as there were batches then.
      const version = (known?.version ?? this.#floor) + 1;
      if (known === undefined) this.#bytes += bytesOf(key);
      else this.#states.delete(key);
      this.#states.set(key, { version, seq, atMs });
      return version;
    });
    this.#trim();
    const change = { epoch: this.#epoch, seq, keys, versions };
    this.#listeners.change(change);
    return change;
  }

  beginEpoch(): void {
    this.#epoch = randomBytes(9).toString('base64url');
    this.#states.clear();
    this.#owed.clear();
    this.#bytes = 0;
    this.#seq = 0;
    this.#floor = 0;
    this.#listeners.gap();
  }

  listen(listener: VersionListener): () => void {
    return this.#listeners.add(listener);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  #trim(): void {
    for (const [key, { seq }] of this.#states) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#states.delete(key);
      this.#bytes -= bytesOf(key);
      this.#floor = seq;
    }
  }
}

function bytesOf(key: string): number {
  return 2 * key.length + ENTRY_BYTES;
}
