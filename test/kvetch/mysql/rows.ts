import { suite, type Test } from 'uvu';
import { shardOfId, shardOfValue } from '../../../src/kvetch/ids/routing.ts';
import type { EdgeRow, EntryRow, ObjectRow } from '../../../src/kvetch/shards/rows.ts';
import type { MysqlShardOptions, MysqlShardStore } from '../../../src/kvetch-mysql.ts';
import * as mysql from '../../../src/kvetch-mysql.ts';
import { needs, type Requirement, type SharedServer } from '../../support/needs.ts';
import { type MysqlTestServer, mysqlForTests } from '../../support/servers.ts';

const opened = new Set<MysqlShardStore>();
const server: MysqlTestServer = await mysqlForTests();

/** A suite that needs the server for tests. */
export function mysqlSuite(name: string, define: (test: Test, server: MysqlTestServer) => void): void {
  mysqlSuiteWith([], name, define);
}

/** One that needs others, too. */
export function mysqlSuiteWith(
  others: ReadonlyArray<Requirement | SharedServer>,
  name: string,
  define: (test: Test, server: MysqlTestServer) => void,
): void {
  const test = needs(suite(name), server, ...others);
  define(test, server);
  // what a failed test left open would keep the run from ending
  test.after(async () => void (await Promise.all([...opened].map((store) => store.close()))));
  test.run();
}

/** The functions of the package, whose stores are closed at the end of the suite that runs if they are not before. */
export const mysqlShard: typeof mysql.mysqlShard = (options) =>
  track([mysql.mysqlShard(options)])[0] as MysqlShardStore;
export const mysqlShards: typeof mysql.mysqlShards = (...args) => track(mysql.mysqlShards(...args));

function track(stores: readonly MysqlShardStore[]): readonly MysqlShardStore[] {
  for (const store of stores) opened.add(store);
  return stores;
}

/** A store in a database of its own. */
export function newStore(from: MysqlTestServer, options: MysqlShardOptions = {}): MysqlShardStore {
  return mysqlShard({ uri: from.uri, database: from.newDatabase(), createDatabase: true, ...options });
}

export function idOf(n: number): string {
  return `00000000-0000-8000-8000-${String(n).padStart(12, '0')}`;
}

export function objectRow(n: number, more: Partial<ObjectRow> = {}): ObjectRow {
  const id = more.id ?? idOf(n);
  const times = { createdUs: n, updatedUs: n };
  return {
    ...{ id, shard: shardOfId(id), typeId: 1, version: 1, state: 1, codec: 1, ...times, body: '{}', record: null },
    ...more,
  };
}

export function edgeRow(from: number, to: number, more: Partial<EdgeRow> = {}): EdgeRow {
  return {
    ...{
      edgeId: 5,
      fromId: idOf(from),
      toId: idOf(to),
      shard: shardOfId(idOf(from)),
      pos: to,
      srcVersion: 1,
      state: 1,
    },
    ...{ createdUs: to, updatedUs: to, codec: 1, body: null, record: null },
    ...more,
  };
}

export function entryRow(value: string, to: number, more: Partial<EntryRow> = {}): EntryRow {
  return {
    ...{ index: 'name', value, targetId: idOf(to), shard: shardOfValue(value), srcVersion: 1, state: 1 },
    ...{ createdUs: to, updatedUs: to },
    ...more,
  };
}
