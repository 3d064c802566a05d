import * as assert from 'uvu/assert';
import { shardOfId } from '../../../src/kvetch/ids/routing.ts';
import { check, type Kvetch, update } from '../../../src/kvetch.ts';
import { rejection, todoStore } from '../todo.ts';
import { mysqlSuite, newStore } from './rows.ts';
import { unitRace } from './unitRace.ts';

mysqlSuite('kvetch mysql: units', (test, server) => {
  // unitSoak.ts does the same for as long as it is told
  test('under kills and moves units are whole, nothing is lost, and one of two has what both want', async () => {
    const report = await unitRace(server, { units: 400, kills: 2, processes: 3 });
    assert.equal(report.violations, []);
    assert.ok(report.written > 100 && report.moves > 0 && report.kills === 2, JSON.stringify(report));
  });

  test('a unit neither writes nor looks at a shard that is not open', async () => {
    const store = newStore(server);
    const kvetch: Kvetch = todoStore([store], { limits: { shardMoveWaitMs: 50 } });
    const id = await kvetch.createObject('User', { n: 1 });
    const other = await kvetch.createObject('User', { n: 1 });
    const setState = async (state: number): Promise<void> => {
      const database = await store.database();
      await database.write((session) =>
        session.write(`UPDATE kvetch_shards SET state = ${state} WHERE shard = ${shardOfId(id)}`),
      );
    };
    await setState(3);
    for (const member of [check(id), check(id, { if: { n: 2 } }), update(id, { n: 2 })]) {
      const error = await rejection(kvetch.write([update(other, { n: 2 }), member]));
      assert.is(error.code, 'SHARD_MOVED', error.message);
    }
    assert.is((await kvetch.getObject(other))?.n, 1);
    await setState(1);
    await kvetch.write([update(other, { n: 2 }), update(id, { n: 2 }), check(id)]);
    assert.equal([(await kvetch.getObject(other))?.n, (await kvetch.getObject(id))?.n], [2, 2]);
    await kvetch.close();
  });
});
