import type { KvetchObject } from '../KvetchObject.ts';
import type { Entry } from '../shards/ShardStore.ts';

/** A committed change of an object or of a plain edge. */
export type StoredChange = ChangedObject | ChangedEdge;

interface Change {
  /** Resumes behind this change, in any process: the `from` of `kvetch.changes`. Opaque. */
  readonly position: string;
  /** When it was written, by the clock of its server: milliseconds since 1970. */
  readonly at: number;
}

interface ChangedObject extends Change {
  readonly kind: 'object';
  readonly id: string;
  /** The name of its type; null where it is not known any more. */
  readonly type: string | null;
  /** As it was when the change was read: null where it is deleted, an `Error` where its row cannot be decoded. */
  readonly object: Entry<KvetchObject | null>;
}

interface ChangedEdge extends Change {
  readonly kind: 'edge';
  /** The name of the edge; null where the schema does not define it. */
  readonly edge: string | null;
  readonly fromId: string;
  readonly toId: string;
  /** Whether it was there when the change was read. */
  readonly isThere: boolean;
  /** Its data then; null where it has none. */
  readonly data: unknown;
}

/** The options of `kvetch.changes`. */
export interface ChangesOptions {
  /** Where to begin: behind this position. Default: with the oldest change that is kept. */
  readonly from?: string;
  /** Whether to wait for more changes at the end. Default true. */
  readonly follow?: boolean;
  /** Milliseconds between two looks for more. Default 500. */
  readonly pollMs?: number;
  /** Ends the changes. */
  readonly signal?: AbortSignal;
}
