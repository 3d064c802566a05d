import type { MaybePromise } from '../../utils/MaybePromise.ts';
import { ComposedStore, type StoreParts } from './ComposedStore.ts';
import type { StoredRows } from './rows.ts';
import type {
  Batch,
  ChangeStore,
  PurgeRequest,
  ReadOptions,
  ShardSpan,
  ShardStore,
  UnitStamps,
  UnitWrite,
} from './ShardStore.ts';

/** A read that wants nothing in particular. */
export const plainRead: ReadOptions = { fresh: null, isTracked: false, trace: null };

/** A store in front of another, whose answers it hands on: a cache overrides its own calls. */
export class ForwardingStore extends ComposedStore<StoreParts> {
  readonly store: ShardStore;
  readonly changes?: ChangeStore;

  constructor(store: ShardStore) {
    super(store.name, { objects: store, edges: store, entries: store, leases: store, outbox: store });
    this.store = store;
    if (store.changes !== undefined) this.changes = store.changes;
  }

  override snapshot(shards: ShardSpan, visit: (rows: StoredRows) => Promise<void>): Promise<void> {
    return Promise.resolve(this.store.snapshot(shards, visit));
  }

  othersPerSecond(): MaybePromise<number> {
    return this.store.othersPerSecond?.() ?? 0;
  }

  writeUnits(units: readonly UnitWrite[]): Batch<UnitStamps> {
    return this.store.writeUnits(units);
  }

  purge(request: PurgeRequest): MaybePromise<number> {
    return this.store.purge(request);
  }

  close(): MaybePromise<void> {
    return this.store.close();
  }
}
