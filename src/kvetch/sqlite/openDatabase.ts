import { createRequire } from 'node:module';
import { KvetchOptionError } from '../errors.ts';

/** What a column can hold. */
export type SqlValue = string | number | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** The part of a prepared statement that `node:sqlite` and `better-sqlite3` have in common. */
export interface SqlStatement {
  run(...values: SqlValue[]): { readonly changes: number | bigint };
  all(...values: SqlValue[]): unknown[];
}

/** The part of a database that both drivers have in common. */
export interface SqlDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): SqlStatement;
  close(): unknown;
}

/** Which driver to use; `auto` prefers the one that comes with Node. */
export type SqliteDriver = 'auto' | 'node' | 'better-sqlite3';

type Open = (file: string) => SqlDatabase;

/** Opens a database file with the driver that is there. */
export function openDatabase(file: string, driver: SqliteDriver): SqlDatabase {
  const open = (driver === 'better-sqlite3' ? null : nodeDriver()) ?? (driver === 'node' ? null : packageDriver());
  if (open === null) {
    throw new KvetchOptionError(
      'There is no SQLite driver: use Node 22.13 or newer, or install the package "better-sqlite3" next to planql.',
    );
  }
  return open(file);
}

/** `node:sqlite`, asked for at run time, because bundlers and older versions of Node do not know it. */
function nodeDriver(): Open | null {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 13)) return null; // behind a flag before
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite') as {
    DatabaseSync: new (file: string) => SqlDatabase;
  };
  return (file) => new DatabaseSync(file);
}

function packageDriver(): Open | null {
  // a CommonJS build has a file name and no import.meta.url
  const require = createRequire(typeof __filename === 'string' ? __filename : import.meta.url);
  try {
    const Database = require('better-sqlite3') as new (file: string) => SqlDatabase;
    return (file) => new Database(file);
  } catch {
    return null;
  }
}
