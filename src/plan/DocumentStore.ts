/** Documents that a server knows, by the ids that clients send in their place (docs/trusted-documents.md). */
export interface DocumentStore {
  /** The texts by id. Another map as soon as documents have changed: a map that was given out stays as it is. */
  readonly documents: ReadonlyMap<string, string>;
}
