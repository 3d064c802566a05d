import { groupBy } from '../../utils/groupBy.ts';
import { createIdGenerator } from '../ids/createIdGenerator.ts';
import type { KvetchStats } from '../KvetchStats.ts';
import type { ObjectRow, OutboxNote } from '../shards/rows.ts';
import type { ShardStore } from '../shards/ShardStore.ts';
import type { Shards } from '../shards/Shards.ts';

/** Notes of writes that end at the same time are settled together. */
const SETTLE_MS = 20;
const BATCH = 500;

/** The notes of this process' own writes: made before a write, and settled some milliseconds after it has ended. */
export class Outbox {
  readonly #shards: Shards;
  readonly #stats: KvetchStats;
  readonly #needs: Pick<OutboxNote, 'needsCache' | 'needsListener'>;
  readonly #isWatched: boolean;
  readonly #ids = createIdGenerator({ clock: Date.now });
  #done = new Map<ShardStore, string[]>();
  #failed = new Map<ShardStore, string[]>();
  #forgotten: ObjectRow[] = [];
  #hurried = new Set<ShardStore>();
  #look: (store: ShardStore) => void = () => {};
  #timer: NodeJS.Timeout | null = null;

  /** `isWatched`: every write leaves a note, for a cache say; else only those with derived rows. */
  constructor(
    shards: Shards,
    stats: KvetchStats,
    needs: Pick<OutboxNote, 'needsCache' | 'needsListener'>,
    isWatched: boolean,
  ) {
    this.#isWatched = isWatched;
    this.#shards = shards;
    this.#stats = stats;
    this.#needs = needs;
  }

  /** The note of a write to a shard that will have changed these keys; none where nothing is left to do behind it. */
  note(shard: number, keys: readonly string[], hasDerived: boolean): OutboxNote | undefined {
    if (!this.#isWatched && !hasDerived) return undefined;
    return { id: this.#ids.next(shard), shard, keys, ...this.#needs };
  }

  /**
   * A write has ended. When something of it is not done, others see to it at once: where it has left children, the relay of
   * this process.
   */
  end(note: OutboxNote | undefined, isDone: boolean, hasChildren = false): void {
    if (note === undefined) return;
    const { id, shard } = note;
    const notes = isDone && !hasChildren ? this.#done : this.#failed;
    const store = this.#shards.storeOf(shard);
    const ids = notes.get(store);
    if (ids === undefined) notes.set(store, [id]);
    else ids.push(id);
    if (hasChildren) this.#hurried.add(store);
    this.#flushSoon();
  }

  /** `look`: looks in the outbox of a store. */
  whenHurried(look: (store: ShardStore) => void): void {
    this.#look = look;
  }

  /** The decision of a unit is applied: its row goes with the next notes. */
  forget(row: ObjectRow): void {
    this.#forgotten.push(row);
    this.#flushSoon();
  }

  #flushSoon(): void {
    this.#timer ??= setTimeout(() => void this.flush(), SETTLE_MS).unref();
  }

  /** Settles the notes at the stores. A note that cannot be settled is relayed after its grace, which does no harm. */
  async flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const [done, failed] = [this.#done, this.#failed];
    this.#done = new Map();
    this.#failed = new Map();
    const hurried = this.#hurried;
    this.#hurried = new Set();
    const rows = this.#forgotten.splice(0);
    const forgotten = groupBy(rows, ({ shard }) => this.#shards.storeOf(shard));
    await Promise.all([
      this.#tell(forgotten, (store, objects) => store.purge({ objects, edges: [], entries: [] })),
      this.#tell(failed, (store, ids) => store.postponeNotes(ids, 0)),
      this.#tell(done, (store, ids) => store.settleNotes(ids)),
    ]);
    for (const store of hurried) this.#look(store);
  }

  async #tell<T>(
    parts: ReadonlyMap<ShardStore, readonly T[]>,
    tell: (store: ShardStore, ids: readonly T[]) => unknown,
  ): Promise<void> {
    const all = [...parts].map(async ([store, ids]) => {
      try {
        for (let at = 0; at < ids.length; at += BATCH) await tell(store, ids.slice(at, at + BATCH));
      } catch {
        this.#stats.failure(store.name);
      }
    });
    await Promise.all(all);
  }
}
