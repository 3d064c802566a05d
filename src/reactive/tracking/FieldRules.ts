/** What the application says of fields, by `Type.field`: it holds for what is below them, too. */
export interface FieldRules {
  /** Nobody is told to depend on their data. */
  readonly off: ReadonlySet<string>;
  /** What they depend on is told at most once in so many milliseconds. */
  readonly everyMs: ReadonlyMap<string, number>;
}

export const NO_FIELD_RULES: FieldRules = { off: new Set(), everyMs: new Map() };
