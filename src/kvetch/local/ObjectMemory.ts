import { LRUCache } from 'lru-cache';
import type { ObjectRow } from '../shards/rows.ts';

/**
 * The options of the process cache (`createKvetch({ processCache })`). Spec 9.5, docs/consistency.md.
 * @inline
 */
export interface ProcessCacheOptions {
  /** How many objects are kept at most. Default 10,000. */
  readonly maxEntries?: number;
  /** How much memory their bodies may take, roughly. Default 32 MiB. */
  readonly maxBytes?: number;
  /** For how long writes of other processes may go unseen, in milliseconds. Default 1,000. */
  readonly ttlMs?: number;
}

const ROW_BYTES = 300;

/** Object rows that this process has seen a moment ago, the newest version of each. */
export class ObjectMemory {
  readonly #rows: LRUCache<string, ObjectRow>;

  constructor({ maxEntries = 10_000, maxBytes = 32 << 20, ttlMs = 1000 }: ProcessCacheOptions) {
    this.#rows = new LRUCache({
      ...{ max: maxEntries, maxSize: maxBytes, ttl: ttlMs },
      sizeCalculation: ({ body }) => ROW_BYTES + 2 * body.length,
    });
  }

  get(id: string): ObjectRow | undefined {
    return this.#rows.get(id);
  }

  /**
   * Puts a written row in place of an older one. If there is no older one, nothing is put: a newer one may have been
   * there and been evicted.
   */
  replace(row: ObjectRow): void {
    if (this.#rows.peek(row.id) !== undefined) this.put(row);
  }

  /** Keeps a row that was read, unless a newer one is there. */
  put(row: ObjectRow): void {
    const there = this.#rows.peek(row.id);
    if (there === undefined || there.version <= row.version) this.#rows.set(row.id, row);
  }

  remove(id: string): void {
    this.#rows.delete(id);
  }
}
