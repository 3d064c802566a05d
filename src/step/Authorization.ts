/** How authorization rules of the schema hide the objects of a connection. */
export interface NodeAuthorization<TStep> {
  /** The object types with `authorize` that its nodes may be of. */
  readonly types: ReadonlySet<string>;
  /** Represents whether an object may be seen; null where it is known that all may. */
  isVisible($object: TStep): TStep | null;
}

/** The authorization rules of a schema, for steps that choose the objects of a field. */
export interface Authorization<TStep> {
  /**
   * For the connection that the field at a coordinate gives or is a part of; null where all of its nodes may be seen, or
   * where the field is no such field.
   */
  ofNodes(coordinate: string): NodeAuthorization<TStep> | null;
}
