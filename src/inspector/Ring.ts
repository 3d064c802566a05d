/** An entry of a ring. */
export interface Kept {
  /** How many bytes it takes, at most. */
  bytes: number;
}

/** The last records, bounded by their number and by their bytes: the oldest leave. */
export class Ring<T extends Kept> {
  /** From the oldest to the newest. */
  readonly #records: T[] = [];
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
    return this.#records.length;
  }

  add(record: T): void {
    this.#records.push(record);
    this.#bytes += record.bytes;
    this.#makeRoom();
  }

  /** A record becomes larger; once it has left, it does not count. */
  grow(record: T, bytes: number): void {
    record.bytes += bytes;
    if (!this.#records.includes(record)) return;
    this.#bytes += bytes;
    this.#makeRoom();
  }

  /** From the newest to the oldest. */
  newest(): T[] {
    return this.#records.slice().reverse();
  }

  #makeRoom(): void {
    while (!(this.#records.length <= this.#max && this.#bytes <= this.#maxBytes)) {
      const record = this.#records.shift();
      if (record === undefined) return;
      this.#bytes -= record.bytes;
      this.dropped++;
      this.#onLeave(record);
    }
  }
}
