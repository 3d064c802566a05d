import { createConnection } from 'mysql2/promise';
import * as assert from 'uvu/assert';
import { sumRows } from '../../../src/kvetch/mysql/move/sumRows.ts';
import type { MysqlShardStore } from '../../../src/kvetch-mysql.ts';
import { edgeRow, entryRow, mysqlSuite, newStore, objectRow } from './rows.ts';

mysqlSuite('kvetch mysql: what the rows of shards amount to', (test, server) => {
  const ids = Array.from({ length: 30 }, (_, n) => n + 1);

  async function filled(): Promise<MysqlShardStore> {
    const store = newStore(server);
    await store.insertObjects(ids.map((n) => ({ row: objectRow(n, { body: `\n{"n":${n}}` }), edges: [] })));
    const row = (from: number) => (to: number) => edgeRow(from, to, { body: to % 2 === 0 ? null : 'x' });
    const puts = [1, 2, 3].flatMap((from) => ids.map(row(from)));
    await store.putEdges(puts.map((edge) => ({ row: edge, keepPosition: false })));
    const entries = ids.map((n) => ({ row: entryRow(`s${n % 4}`, n), unique: false }));
    await store.putEntries(entries);
    return store;
  }

  test('is the same in one statement or in many, and in every copy', async () => {
    const [one, other] = [await filled(), await filled()];
    const whole = await sumRows(await one.database(), [0, 4095]);
    assert.is(whole.get(0)?.split(' ').length, 3, 'objects and edges');
    assert.ok(whole.size > 1);
    for (const atOnce of [1, 2, 7, 29, 30, 31]) {
      assert.equal(await sumRows(await one.database(), [0, 4095], atOnce), whole, `${atOnce} rows a statement`);
      assert.equal(await sumRows(await other.database(), [0, 4095], atOnce), whole);
    }
  });

  test('is another for each thing that differs', async () => {
    const store = await filled();
    const whole = await sumRows(await store.database(), [0, 4095]);
    const changed = edgeRow(1, 5, { body: 'x', srcVersion: 2 });
    await store.putEdges([{ row: changed, keepPosition: false }]);
    const after = await sumRows(await store.database(), [0, 4095], 10);
    assert.equal(
      [...after].filter(([shard, sum]) => whole.get(shard) !== sum).map(([shard]) => shard),
      [changed.shard],
    );
  });

  test('takes no locks: rows that somebody writes to are not waited for', async () => {
    const store = await filled();
    const database = await store.database();
    const [name] = (await database.read((session) => session.rows('SELECT DATABASE()')))[0] as [string];
    const writer = await createConnection({ uri: server.uri, database: name });
    try {
      await writer.beginTransaction();
      await writer.query('SELECT * FROM kvetch_objects FOR UPDATE');
      assert.ok((await sumRows(database, [0, 4095], 10)).size > 1);
    } finally {
      await writer.end();
    }
  });
});
