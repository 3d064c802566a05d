import { randomBytes } from 'node:crypto';
import { Listeners } from './Listeners.ts';
import type { Change, KeyState, Moment, Reading, VersionListener, VersionStore } from './VersionStore.ts';

export interface MemoryVersionsOptions {
  /** How many bytes of counters are kept; the oldest go first. Default 64 MiB. */
  readonly maxBytes?: number;
}

const UNKNOWN: KeyState = { version: 0, seq: 0 };
/** What an entry takes beside two bytes a character of its key: measured on Node 20. */
const ENTRY_BYTES = 120;

/** Makes a version store for one process. It answers at once. */
export function memoryVersions(options: MemoryVersionsOptions = {}): VersionStore {
  return new MemoryVersions(options);
}

class MemoryVersions implements VersionStore {
  readonly #epoch = randomBytes(9).toString('base64url');
  /** The key that was invalidated longest ago is the first. */
  readonly #states = new Map<string, KeyState>();
  readonly #listeners = new Listeners();
  readonly #maxBytes: number;
  #bytes = 0;
  #seq = 0;
  #floor = 0;

  constructor({ maxBytes = 64 << 20 }: MemoryVersionsOptions) {
    this.#maxBytes = maxBytes;
  }

  get seen(): Moment {
    return { epoch: this.#epoch, seq: this.#seq };
  }

  read(keys: readonly string[]): Reading {
    const states = keys.map((key) => this.#states.get(key) ?? UNKNOWN);
    return { epoch: this.#epoch, seq: this.#seq, floor: this.#floor, states };
  }

  invalidate(given: readonly string[]): Change {
    const keys = [...new Set(given)];
    if (keys.length === 0) return { ...this.seen, keys, versions: [] };
    const seq = ++this.#seq;
    const versions = keys.map((key) => {
      const known = this.#states.get(key);
      // A key that was forgotten had at most as many changes as there were batches then.
      const version = (known?.version ?? this.#floor) + 1;
      if (known === undefined) this.#bytes += bytesOf(key);
      else this.#states.delete(key);
      this.#states.set(key, { version, seq });
      return version;
    });
    this.#trim();
    const change = { epoch: this.#epoch, seq, keys, versions };
    this.#listeners.change(change);
    return change;
  }

  listen(listener: VersionListener): () => void {
    return this.#listeners.add(listener);
  }

  close(): void {
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
