import { itemAt } from '../../utils/itemAt.ts';
import type { EntryRow, ObjectRow, OutboxNote } from '../shards/rows.ts';
import type { ObjectReplacement } from '../shards/ShardStore.ts';

/** The claims of an object that is about to be written, and which of them its own transaction has confirmed. */
export interface ClaimsOfWrite {
  readonly claims: readonly EntryRow[];
  readonly confirmed: Set<EntryRow>;
}

/** A new row of an object, and the other parts of its transaction. */
export interface ObjectChange {
  readonly row: ObjectRow;
  /** Its changes, as dependency keys. */
  readonly keys: readonly string[];
  readonly note: OutboxNote | undefined;
  readonly claims: ClaimsOfWrite;
}

/** Changes, each of the row that the one before makes, as one replacement. */
export function replacementOf(changes: readonly ObjectChange[], expectedVersion: number): ObjectReplacement {
  const { row } = itemAt(changes, changes.length - 1);
  return { row, expectedVersion, notes: changes.flatMap(({ note }) => note ?? []) };
}
