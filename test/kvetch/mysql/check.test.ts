import { createConnection } from 'mysql2/promise';
import * as assert from 'uvu/assert';
import { type MysqlCluster, mysqlCluster } from '../../../src/kvetch-mysql.ts';
import { mysqlSuite } from './rows.ts';

/** What somebody may do to a table by hand, and what is told of it. */
const damages: ReadonlyArray<readonly [change: string, told: string]> = [
  [
    'ALTER TABLE kvetch_objects MODIFY version INT UNSIGNED NOT NULL',
    'Table kvetch_objects of "a": column "version" is "int unsigned not null" and must be "bigint unsigned not null".',
  ],
  [
    'ALTER TABLE kvetch_edges MODIFY body MEDIUMBLOB NOT NULL',
    'Table kvetch_edges of "a": column "body" is "mediumblob not null" and must be "mediumblob null".',
  ],
  [
    'ALTER TABLE kvetch_entries MODIFY value VARCHAR(1040) CHARACTER SET ascii NOT NULL',
    'Table kvetch_entries of "a": column "value" is "varchar(1040) not null" and must be "varbinary(1040) not null".',
  ],
  [
    'ALTER TABLE kvetch_cleaner DROP scan_cursor',
    'Table kvetch_cleaner of "a": column "scan_cursor" is missing and must be "blob null".',
  ],
  [
    'ALTER TABLE kvetch_objects ADD note INT NOT NULL DEFAULT 0',
    'Table kvetch_objects of "a": column "note" is none of the store\'s.',
  ],
  [
    'ALTER TABLE kvetch_entries DROP PRIMARY KEY, ADD PRIMARY KEY (index_name, value, target_id)',
    'Table kvetch_entries of "a": the primary key is "unique (index_name, value, target_id)" and must be "unique (index_name, value, slot)".',
  ],
  [
    'ALTER TABLE kvetch_edges DROP KEY kvetch_edges_list',
    'Table kvetch_edges of "a": key "kvetch_edges_list" is missing and must be "(edge_id, from_id, state, pos, to_id)".',
  ],
  [
    'ALTER TABLE kvetch_edges DROP KEY kvetch_edges_scan, ADD UNIQUE KEY kvetch_edges_scan (updated_us, edge_id)',
    'Table kvetch_edges of "a": key "kvetch_edges_scan" is "unique (updated_us, edge_id)" and must be "(updated_us, edge_id, from_id, to_id)".',
  ],
  [
    'ALTER TABLE kvetch_objects DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci',
    'Table kvetch_objects of "a": the collation is "utf8mb4_general_ci" and must be "utf8mb4_bin".',
  ],
  [
    'ALTER TABLE kvetch_shards ROW_FORMAT=COMPACT',
    'Table kvetch_shards of "a": the storage is "ENGINE=InnoDB ROW_FORMAT=COMPACT" and must be "ENGINE=InnoDB ROW_FORMAT=DYNAMIC".',
  ],
];

mysqlSuite('kvetch mysql: checking tables', (test, server) => {
  const databases = { a: server.newDatabase(), b: server.newDatabase() };
  const cluster: MysqlCluster = mysqlCluster({
    servers: { a: { database: databases.a }, b: { database: databases.b } },
    ...{ uri: server.uri, createDatabase: true },
  });
  test.before(() => cluster.init());
  test.after(() => cluster.close());

  async function run(sql: string): Promise<void> {
    const connection = await createConnection({ uri: `${server.uri}/${databases.a}` });
    await connection.query(sql).finally(() => connection.end());
  }

  for (const [change, told] of damages) {
    test(`told, with a statement that mends it: ${change}`, async () => {
      assert.equal(await cluster.check(), []);
      await run(change);
      const problems = await cluster.check();
      assert.is(problems.length, 1);
      const [problem = '', mend = ''] = (problems[0] ?? '').split(/ (?=ALTER TABLE)/);
      assert.is(problem, told);
      await run(mend);
      assert.equal(await cluster.check(), []);
    });
  }

  test('a table that is gone is told, and created by init', async () => {
    await run('DROP TABLE kvetch_entries');
    assert.equal(await cluster.check(), [
      'Server "a" has no table kvetch_entries, or its user has no rights on it: "kvetch init" creates it, and a restored backup or "kvetch clean" fills it.',
    ]);
    await cluster.init();
    assert.equal(await cluster.check(), []);
  });
});
