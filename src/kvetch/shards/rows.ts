import type { KvetchEdge } from '../KvetchEdge.ts';
import type { KvetchObject } from '../KvetchObject.ts';

/** A row is live, or a tombstone: gone for readers, kept for cleaners and late writes until it is purged. */
export const LIVE = 1;
export const TOMBSTONE = 0;
export type RowState = typeof LIVE | typeof TOMBSTONE;

/** How a body is written: JSON, or JSON with tagged values. */
export const CODEC_JSON = 1;
export const CODEC_TAGGED = 2;
/**
 * Added to the codec of an object that a unit over several servers has prepared: readers see the attributes that it had,
 * and writers settle the unit first. Programs that do not know units cannot decode the row, and so cannot drop its change.
 */
export const PREPARED = 4;

/** An object as a store keeps it. Rows are never changed: a write puts a new row in the old one's place. */
export interface ObjectRow {
  readonly id: string;
  readonly shard: number;
  readonly typeId: number;
  readonly version: number;
  readonly state: RowState;
  readonly codec: number;
  readonly createdUs: number;
  readonly updatedUs: number;
  /** The encoded attributes and system envelope; for a tombstone the envelope alone. */
  readonly body: string;
  /** The record decoded from this row by the facade, so that kept rows are decoded once. Stores set `null`, but for the Redis cache, which decodes what it found. */
  record: KvetchObject | null;
}

/** An edge as a store keeps it, on the shard of `fromId`. Lists are ordered by `key` or `pos`, then `toId`. */
export interface EdgeRow {
  readonly edgeId: number;
  readonly fromId: string;
  readonly toId: string;
  readonly shard: number;
  /** 0 in an ordered list. */
  readonly pos: number;
  /** The place in an ordered list (see `orderKey`); other edges have none. */
  readonly key?: string;
  /** The version of the object that this edge follows from; for plain edges the time of the write. */
  readonly srcVersion: number;
  readonly state: RowState;
  readonly createdUs: number;
  readonly updatedUs: number;
  readonly codec: number;
  readonly body: string | null;
  record: KvetchEdge | null;
}

/** The rows of one list, in its order. */
export interface EdgeRows extends ReadonlyArray<EdgeRow> {
  /**
   * The frozen records of the first rows, as they were shown last: a page that is read again touches nothing else of its
   * rows. `null` before that; left out by stores that never give the same list twice.
   */
  shown?: readonly KvetchEdge[] | null;
}

/** An index entry as a store keeps it, on the shard of its value. Pages are ordered by `targetId`. */
export interface EntryRow {
  readonly index: string;
  /** The index key, see `indexKey`. */
  readonly value: string;
  readonly targetId: string;
  readonly shard: number;
  readonly srcVersion: number;
  readonly state: RowState;
  readonly createdUs: number;
  readonly updatedUs: number;
}

/**
 * A note that a write leaves in its own transaction, and removes when its derived rows and caches are done. A note that
 * is older than a moment is somebody's unfinished work, which any process can finish.
 */
export interface OutboxNote {
  /** No two are equal. */
  readonly id: string;
  /** The shard that the write was to: the note lies where that shard was then. */
  readonly shard: number;
  /** The changes of the write, as dependency keys: `o:<id>`, `e:<edgeId>:<fromId>`, `i:<index>:<key>`, `t:<typeId>`. */
  readonly keys: readonly string[];
  /** The writer has a cache: only a process with it, too, can finish the work. */
  readonly needsCache: boolean;
  /** The writer's changes are listened to: only a process with the same listeners can finish the work. */
  readonly needsListener: boolean;
}

/** Rows of all kinds. */
export interface StoredRows {
  readonly objects: readonly ObjectRow[];
  readonly edges: readonly EdgeRow[];
  readonly entries: readonly EntryRow[];
}
