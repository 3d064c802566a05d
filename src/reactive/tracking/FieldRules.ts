/** The application's rules for fields, by `Type.field`: they hold for fields below, too. */
export interface FieldRules {
  /** Responses do not depend on their data. */
  readonly off: ReadonlySet<string>;
  /** Their dependencies are told at most once in so many milliseconds. */
  readonly everyMs: ReadonlyMap<string, number>;
}

export const NO_FIELD_RULES: FieldRules = { off: new Set(), everyMs: new Map() };
