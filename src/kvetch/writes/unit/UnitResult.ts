import type { KvetchObject } from '../../KvetchObject.ts';
import type { ConsistencyToken } from '../../shards/ConsistencyToken.ts';

/** The answer to a unit. */
export interface UnitResult {
  /** For each member the new record of its object; `null` for what was deleted, and for edges and entries. */
  readonly objects: ReadonlyArray<KvetchObject | null>;
  /** Reads of `kvetch.with({ freshness })` show the unit: its last 32 rows, objects first. */
  readonly freshness: ConsistencyToken;
  /** Whether this call wrote it, and no earlier one with its idempotency key. */
  readonly isNew: boolean;
}
