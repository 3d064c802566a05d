import { shardOfId, shardOfValue } from '../ids/routing.ts';
import type { Batch, ReadKey, ReadKind, ReadOptions, ReadRow, ShardStore } from '../shards/ShardStore.ts';

/** How one kind of row is asked for: where a key lives, and which method of a store reads keys of this kind alone. */
export interface KindOfRead<TKey, TRow> {
  readonly shardOf: (key: TKey) => number;
  readonly call: (store: ShardStore, keys: readonly TKey[], options: ReadOptions) => Batch<TRow>;
}

export const readKinds: { readonly [K in ReadKind]: KindOfRead<ReadKey<K>, ReadRow<K>> } = {
  objects: { shardOf: shardOfId, call: (store, keys, options) => store.readObjects(keys, options) },
  pages: {
    shardOf: ({ fromId }) => shardOfId(fromId),
    call: (store, keys, options) => store.readEdgePages(keys, options),
  },
  counts: {
    shardOf: ({ fromId }) => shardOfId(fromId),
    call: (store, keys, options) => store.countEdges(keys, options),
  },
  entries: {
    shardOf: ({ value }) => shardOfValue(value),
    call: (store, keys, options) => store.readEntryPages(keys, options),
  },
};

export function kindOf<K extends ReadKind>(kind: K): KindOfRead<ReadKey<K>, ReadRow<K>> {
  return readKinds[kind];
}
