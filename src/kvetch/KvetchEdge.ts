/** An edge as readers see it: a frozen record. `data` is `null` unless a plain edge was given some. */
export interface KvetchEdge<TToId extends string = string> {
  /** The number of the edge type. */
  readonly edgeId: number;
  /** The object that has the list. */
  readonly fromId: string;
  /** The object in the list. */
  readonly toId: TToId;
  /** The value of `after` for the page behind this edge. Opaque. */
  readonly cursor: string;
  /** The data of a plain edge; null where it has none. */
  readonly data: unknown;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}
