/** What the entry `planql` may cost its user; a commit that raises a number says why. */
export const budgets = {
  /** Its ESM files, those of its dependencies not counted, each gzipped. */
  coreGzipBytes: 234_000,
  /** The same of `planql/execute`, which holds no planner. */
  executeGzipBytes: 200_000,
  /** `planql/reactive/client` as a page loads it: bundled and minified (test/reactive/client). */
  clientGzipBytes: 13_900,
} as const;

/** The packages that only the programs `planql` and `kvetch` load. */
export const ofPrograms: readonly string[] = ['diff'];

/** The packages that each entry may load; `node:` stands for every module of Node. */
export const externals: Readonly<Record<string, ReadonlyArray<string>>> = {
  '.': ['graphql', 'lru-cache'],
  './execute': ['graphql', 'lru-cache'],
  './explain': ['node:'],
  './plan-stores': ['node:'],
  './telemetry': ['node:'],
  './kvetch': ['graphql', 'lru-cache', 'node:'],
  './kvetch/mysql': ['graphql', 'lru-cache', 'mysql2', 'node:'],
  './kvetch/redis': ['graphql', 'lru-cache', 'ioredis', 'node:'],
  './kvetch/sqlite': ['graphql', 'lru-cache', 'better-sqlite3', 'libsql', 'node:'],
  './pent': ['graphql', 'lru-cache', 'node:'],
  './grapple': ['graphql', 'node:'],
  // `ws`, `ioredis`, `mysql2` and `@vlasky/zongji` are imported when a function that needs them is called.
  './reactive': ['graphql', 'node:', 'ws', 'ioredis', 'mysql2', '@vlasky/zongji'],
  './reactive/apollo': [],
  './reactive/react': ['react'],
  './reactive/urql': [],
  './reactive/client': [],
  './reactive/client/documents': [],
  './reactive/client/offline': [],
  './reactive/client/panel': [],
  './reactive/redis': ['ioredis', 'node:'],
  './inspector': ['graphql', 'node:'],
  './server': ['graphql', 'lru-cache', 'node:'],
};
