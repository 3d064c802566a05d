/**
 * The origin of a step's values, as far as it is known without running the step. A load that may start ahead of its turn
 * is given keys that are found this way: too many of them, if any, and never others.
 */
export type StepOrigin =
  /** They are those of a dependency, in some of the rows. `isMade`: they are made of them, with the same attributes. */
  | { readonly kind: 'same'; readonly of: number; readonly isMade?: true }
  /** Each is a part of a dependency's value. */
  | { readonly kind: 'part'; readonly of: number; readonly path: ReadonlyArray<string | number> }
  /** Each is a tuple, or a record with these names, of the values of the dependencies. */
  | { readonly kind: 'parts'; readonly names: readonly string[] | null }
  /** Lists with some of the items of a dependency's lists. */
  | { readonly kind: 'someItems'; readonly of: number }
  /** Lists of the values that a dependency yields in the rows of a layer below. */
  | { readonly kind: 'collected'; readonly of: number }
  /** Lists of records, in which `name` is an item of the list at `list` in a dependency's value. */
  | { readonly kind: 'wrapped'; readonly of: number; readonly list: string; readonly name: string };
