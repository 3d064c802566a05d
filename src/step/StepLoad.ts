/** The calls that a step makes to a store. */
export interface StepLoad {
  /** How many keys it asks for in one row. */
  readonly keys: number;
  /** How many keys one call takes at most; null: any number. */
  readonly maxKeys: number | null;
}

export const ONE_CALL: StepLoad = { keys: 1, maxKeys: null };

/** How many items the lists of a field have at most, as its definition says: a number, or the value of an argument. */
export type FieldRows =
  | number
  | 'unbounded'
  | { readonly coordinate: string; readonly node: number; readonly argument: string };
