import { randomUUID } from 'node:crypto';
import type { ChangeStore, ChangesPage, KeptChange } from '../shards/ShardStore.ts';

/** The changes of one memory store. */
export class MemoryChanges implements ChangeStore {
  #feed = randomUUID();
  #retentionMs = 0;
  #gone = 0;
  #kept: KeptChange[] = [];

  keep(retentionMs: number): void {
    if (retentionMs === 0) this.#feed = randomUUID(); // of the feed that may begin again
    this.#retentionMs = retentionMs;
  }

  add(keys: readonly string[]): void {
    if (this.#retentionMs > 0 && keys.length > 0) this.#kept.push({ number: this.end() + 1, atMs: Date.now(), keys });
  }

  read(after: number, limit: number): ChangesPage {
    const start = Math.max(0, after - this.#gone);
    const feed = this.#retentionMs === 0 ? null : this.#feed;
    return { feed, gone: this.#gone, end: this.end(), changes: this.#kept.slice(start, start + limit) };
  }

  end(): number {
    return this.#gone + this.#kept.length;
  }

  drop(): number {
    const before = Date.now() - this.#retentionMs;
    const young = this.#kept.findIndex(({ atMs }) => atMs >= before);
    const old = young === -1 ? this.#kept.length : young;
    this.#kept = this.#kept.slice(old);
    this.#gone += old;
    return old;
  }
}
