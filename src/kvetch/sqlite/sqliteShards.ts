import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { anything, checkOptions, integer, type OptionTable } from '../../errors/checkOptions.ts';
import { KvetchOptionError } from '../errors.ts';
import { LOGICAL_SHARDS } from '../ids/routing.ts';
import type { ShardStore } from '../shards/ShardStore.ts';
import { openDatabase, type SqliteDriver } from './openDatabase.ts';
import { SqliteShardStore } from './SqliteShardStore.ts';

/** The options of `sqliteShards`. */
export interface SqliteShardsOptions {
  /** The directory of the files `kvetch-0.db`, …; it is made when it is not there. */
  readonly directory?: string;
  /** One file instead, or `:memory:`. */
  readonly file?: string;
  /** How many files. Fixed once they exist. Default 1. */
  readonly count?: number;
  /** The package that reads the files. Default `auto`: the first that is installed of `node:sqlite`, `better-sqlite3`, `libsql`. */
  readonly driver?: SqliteDriver;
}

const sqliteOptions: OptionTable<SqliteShardsOptions> = {
  directory: anything,
  file: anything,
  count: (count) =>
    integer(1)(count) === null && count <= LOGICAL_SHARDS ? null : `must be an integer from 1 to ${LOGICAL_SHARDS}`,
  driver: anything,
};

/**
 * Makes shards in SQLite files: `count` stores, among which the logical shards are divided evenly. Spec 6.
 *
 * @throws KvetchOptionError for wrong options, for a driver that is not installed, and for a file that belongs to another count.
 */
export function sqliteShards(options: SqliteShardsOptions): readonly ShardStore[] {
  checkOptions('sqliteShards', options, sqliteOptions, KvetchOptionError);
  const { directory, file, count = 1, driver = 'auto' } = options;
  if ((directory === undefined) === (file === undefined)) {
    throw new KvetchOptionError('sqliteShards needs either a "directory" or a "file".');
  }
  if (file !== undefined && file !== ':memory:' && count > 1) {
    throw new KvetchOptionError('sqliteShards: a "file" holds one store; give a "directory" for more.');
  }
  if (directory !== undefined) mkdirSync(directory, { recursive: true });
  const stores: SqliteShardStore[] = [];
  try {
    for (let at = 0; at < count; at++)
      stores.push(openStore(file ?? join(directory ?? '', `kvetch-${at}.db`), at, count, driver));
  } catch (error) {
    for (const store of stores) store.close();
    throw error;
  }
  return stores;
}

/** A file that was one of three must not be opened as one of four: ids would be looked for where they are not. */
function openStore(file: string, at: number, count: number, driver: SqliteDriver): SqliteShardStore {
  const store = new SqliteShardStore(`sqlite-${at}`, openDatabase(file, driver));
  const place = `${at + 1} of ${count}, format 2, ${LOGICAL_SHARDS} logical shards`;
  const was = store.meta('place', place);
  if (was === place) return store;
  store.close();
  throw new KvetchOptionError(`The SQLite store ${at} was made as "${was}" and cannot be opened as "${place}".`);
}
