/** How the objects of a connection are hidden by what the schema says of their types. */
export interface NodeAuthorization<TStep> {
  /** The object types with `authorize` that its nodes may be of. */
  readonly types: ReadonlySet<string>;
  /** Represents whether an object may be seen; null where it is known that all may. */
  isVisible($object: TStep): TStep | null;
}

/** What a schema says of who may see objects, for steps that choose which objects a field shows. */
export interface Authorization<TStep> {
  /**
   * For the connection that the field at a coordinate gives or is a part of; null where all of its nodes may be seen, or
   * where the field is no such field.
   */
  ofNodes(coordinate: string): NodeAuthorization<TStep> | null;
}
