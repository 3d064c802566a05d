import { createRequire } from 'node:module';
import { hasCode } from '../../utils/hasCode.ts';
import { KvetchOptionError } from '../errors.ts';

/** The value of a column. */
export type SqlValue = string | number | null;

/** The part of a prepared statement that all drivers have in common. */
export interface SqlStatement {
  run(...values: SqlValue[]): { readonly changes: number | bigint };
  all(...values: SqlValue[]): unknown[];
}

/** The part of a database that all drivers have in common. */
export interface SqlDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): SqlStatement;
  close(): unknown;
}

type DatabaseClass = new (file: string) => SqlDatabase;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

/** The driver to use. `auto` takes the first that is installed: `node:sqlite`, `better-sqlite3`, `libsql`. */
export type SqliteDriver = 'auto' | 'node' | 'better-sqlite3' | 'libsql';

/** In order of preference. Each gives its class, or null where it is not installed. */
const drivers: Readonly<Record<Exclude<SqliteDriver, 'auto'>, () => DatabaseClass | null>> = {
  node: nodeDriver,
  'better-sqlite3': betterSqlite3,
  libsql: () => optional('libsql'),
};

/** Opens a database file. Throws a `KvetchOptionError` where the driver is not installed. */
export function openDatabase(file: string, driver: SqliteDriver): SqlDatabase {
  const candidates = driver === 'auto' ? Object.values(drivers) : [drivers[driver]];
  for (const candidate of candidates) {
    const Database = candidate();
    if (Database !== null) return new Database(file);
  }
  const missing = driver === 'auto' ? 'No SQLite driver is' : `The SQLite driver "${driver}" is not`;
  throw new KvetchOptionError(`${missing} installed. Run "npm install libsql", or use Node 22.13 or newer.`);
}

/** `node:sqlite`, asked for at run time, because bundlers and older versions of Node do not know it. */
function nodeDriver(): DatabaseClass | null {
  if (major < 22 || (major === 22 && minor < 13)) return null; // behind a flag before
  return (process.getBuiltinModule('node:sqlite') as { DatabaseSync: DatabaseClass }).DatabaseSync;
}

/** Version 13 is made for Node 22 and newer: it ends an older process with a segmentation fault. */
function betterSqlite3(): DatabaseClass | null {
  if (major >= 22) return optional('better-sqlite3');
  const installed = optional<{ readonly version: string }>('better-sqlite3/package.json');
  return installed === null || Number.parseInt(installed.version, 10) >= 13 ? null : optional('better-sqlite3');
}

/** Requires a package that may be missing. */
function optional<T>(name: string): T | null {
  // a CommonJS build has a file name and no import.meta.url
  const require = createRequire(typeof __filename === 'string' ? __filename : import.meta.url);
  try {
    return require(name) as T;
  } catch (error) {
    if (hasCode(error, 'MODULE_NOT_FOUND')) return null;
    throw error; // it is installed, but broken: its own message has the reason
  }
}
