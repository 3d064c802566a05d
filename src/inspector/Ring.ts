/** What a ring keeps. */
export interface Kept {
  /** How many bytes it takes, at most. */
  readonly bytes: number;
}

/** The last records, bounded by their number and by their bytes: the oldest leave. */
export class Ring<T extends Kept> {
  readonly #records = new Set<T>();
  readonly #max: number;
  readonly #maxBytes: number;
  readonly #onLeave: (record: T) => void;
  #bytes = 0;
  /** How many have left, or never came in as they were too large. */
  dropped = 0;

  constructor(max: number, maxBytes: number, onLeave: (record: T) => void = () => undefined) {
    this.#max = max;
    this.#maxBytes = maxBytes;
    this.#onLeave = onLeave;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#records.size;
  }

  add(record: T): void {
    this.#records.add(record);
    this.#bytes += record.bytes;
    this.#makeRoom();
  }

  /** A record has become larger. */
  grew(record: T, bytes: number): void {
    if (!this.#records.has(record)) return;
    this.#bytes += bytes;
    this.#makeRoom();
  }

  /** From the newest to the oldest. */
  newest(): T[] {
    return [...this.#records].reverse();
  }

  #makeRoom(): void {
    for (const record of this.#records) {
      if (this.#records.size <= this.#max && this.#bytes <= this.#maxBytes) return;
      this.#records.delete(record);
      this.#bytes -= record.bytes;
      this.dropped++;
      this.#onLeave(record);
    }
  }
}
