/** Where the bench's data is: as a task tells it to a process. */
export interface Places {
  /** Kvetch's databases, on a server each. */
  readonly mysql: readonly string[];
  /** The same data in ordinary tables, on the first of the servers. */
  readonly relational: string;
  readonly redis: string;
}
