/** An edge as readers see it: a frozen record. `data` is `null` unless a plain edge was given some. */
export interface KvetchEdge<TToId extends string = string> {
  readonly edgeId: number;
  readonly fromId: string;
  readonly toId: TToId;
  /** The value of `after` for the page behind this edge. Opaque. */
  readonly cursor: string;
  readonly data: unknown;
  readonly createdAt: number;
}
