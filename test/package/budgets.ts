/** What the entry `planql` may cost its user; raise a number only by a decision, see 0250. */
export const budgets = {
  /** Its ESM files, those of its dependencies not counted, each gzipped. */
  coreGzipBytes: 210_000,
  /** The same of `planql/execute`, which holds no planner. */
  executeGzipBytes: 180_000,
  /** `planql/reactive/client` as a page loads it: bundled and minified (test/reactive/client). */
  clientGzipBytes: 12_000,
} as const;

/** The packages that only the programs `planql` and `kvetch` load. */
export const ofPrograms: readonly string[] = ['diff', 'ws'];

/** The packages that each entry may load; `node:` stands for every module of Node. */
export const externals: Readonly<Record<string, ReadonlyArray<string>>> = {
  '.': ['graphql', 'lru-cache', 'fast-json-stable-stringify', 'node:'],
  './execute': ['graphql', 'lru-cache', 'fast-json-stable-stringify', 'node:'],
  './explain': ['fast-json-stable-stringify', 'node:'],
  './plan-stores': ['node:'],
  './telemetry': ['node:'],
  './kvetch': ['graphql', 'lru-cache', 'fast-json-stable-stringify', 'node:'],
  './kvetch/mysql': ['graphql', 'lru-cache', 'fast-json-stable-stringify', 'mysql2', 'node:'],
  './kvetch/redis': ['graphql', 'lru-cache', 'fast-json-stable-stringify', 'ioredis', 'node:'],
  './kvetch/sqlite': ['graphql', 'lru-cache', 'fast-json-stable-stringify', 'better-sqlite3', 'libsql', 'node:'],
  './pent': ['graphql', 'lru-cache', 'fast-json-stable-stringify', 'node:'],
  './grapple': ['graphql', 'fast-json-stable-stringify', 'node:'],
  './reactive': ['graphql', 'node:'],
  './reactive/apollo': [],
  './reactive/urql': [],
  './reactive/client': [],
  './reactive/client/documents': [],
  './reactive/redis': ['ioredis', 'node:'],
  './inspector': ['graphql', 'fast-json-stable-stringify', 'node:'],
  './server': ['graphql', 'lru-cache', 'fast-json-stable-stringify', 'node:'],
};
