import { inspect } from '../../utils/inspect.ts';
import type { DependencyKey } from '../keys/dependencyKeys.ts';
import { FollowError } from './errors.ts';

/** The columns of a row, by name. Their values are those that `mysql2` reads, or those in the JSON of Debezium. */
export type ChangedRow = Readonly<Record<string, unknown>>;

/** A change that another program made to a table. */
export interface RowChange {
  readonly database: string;
  /** Its name, without the database: `orders`, or `public.orders` where databases have schemas. */
  readonly table: string;
  /** `table`: all rows may have changed, for the table was truncated, altered, renamed or dropped. */
  readonly kind: 'insert' | 'update' | 'delete' | 'table';
  /** The row before an update or delete. Null: there was none, or the source does not tell it. */
  readonly before: ChangedRow | null;
  /** The row after an insert or update. */
  readonly after: ChangedRow | null;
}

/** The options that all followers of tables share. */
export interface RowOptions {
  /**
   * The keys that a change concerns, as steps record them: those of the row before and of the row after. Null: nobody knows,
   * and all clients fetch again. Of a change of kind `table` no row is known.
   */
  readonly keysOf: (change: RowChange) => readonly (DependencyKey | string)[] | null;
  /** Told of each failure, and of each time that changes were missed. Default: a warning of the process. */
  readonly onError?: (error: unknown) => void;
}

/** How a follower that is started again finds its place. */
export interface PlaceOptions {
  /** The place that `save` was given last; null where there is none: then all clients fetch again, once. */
  readonly load: () => Promise<string | null> | string | null;
  /** Keeps a place, when all changes before it were told. Called in order, one call at a time. */
  readonly save: (place: string) => unknown;
  /** Ends the follower. */
  readonly signal?: AbortSignal;
}

/** Some changes, and the place behind them; null: none that could be kept. */
export interface Batch {
  /** Null: changes were missed. */
  readonly changes: readonly RowChange[] | null;
  readonly place: string | null;
}

/** @throws FollowError if `keysOf` is no function: all clients would fetch again at each change. */
export function checkKeysOf(owner: string, keysOf: unknown): void {
  if (typeof keysOf === 'function') return;
  throw new FollowError(
    'FOLLOW_OPTIONS',
    `${owner}: "keysOf" is ${inspect(keysOf)}. Give a function: ({ before, after }) => ["order:7", …].`,
  );
}

/** The keys of some changes, each once. Null: nobody knows those of one of them, or `keysOf` failed. */
export function keysOfBatch(
  { changes }: Batch,
  { keysOf, onError }: Required<RowOptions>,
): readonly (DependencyKey | string)[] | null {
  if (changes === null) return null;
  const all = new Set<DependencyKey | string>();
  for (const change of changes) {
    try {
      const keys = keysOf(change);
      if (keys === null) return null;
      for (const key of keys) {
        if (typeof key !== 'string') throw new TypeError(`"keysOf" gave the key ${inspect(key)}. Give texts.`);
        all.add(key);
      }
    } catch (error) {
      // It would fail again and again, and clients hear of nothing.
      onError(error);
      return null;
    }
  }
  return [...all];
}
