/**
 * Takes dependency keys that begin alike: `prefix` before each name is one. `given` has, by place, the key or request for
 * which each was looked at; null: they concern all. None of the lists is written to afterwards.
 */
export type RecordDependencies = (prefix: string, names: readonly string[], given: readonly unknown[] | null) => void;

/** The rows that the name at a place of such a list concerns; null: all of them. */
export type RowsOfName = (at: number) => readonly number[] | null;
