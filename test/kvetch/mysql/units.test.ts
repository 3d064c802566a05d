import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { shardOfId } from '../../../src/kvetch/ids/routing.ts';
import { idLiteral } from '../../../src/kvetch/mysql/literals.ts';
import { insertObject } from '../../../src/kvetch/mysql/MysqlObjects.ts';
import { objectValues } from '../../../src/kvetch/mysql/rowMapping.ts';
import type { Session } from '../../../src/kvetch/mysql/Session.ts';
import { ARRIVING, CLOSED, FROZEN, OPEN } from '../../../src/kvetch/mysql/shardStates.ts';
import { insertRows } from '../../../src/kvetch/mysql/upsert.ts';
import type { ObjectRow } from '../../../src/kvetch/shards/rows.ts';
import type { UnitRows } from '../../../src/kvetch/shards/ShardStore.ts';
import { check, insertEdge, type Kvetch, type KvetchError, NotFoundError, update } from '../../../src/kvetch.ts';
import type { MysqlTestServer } from '../../support/servers.ts';
import { rejection, todoStore } from '../todo.ts';
import { mysqlSuite, newStore, objectRow } from './rows.ts';
import { unitRace } from './unitRace.ts';

mysqlSuite('kvetch mysql: units', (test, server) => {
  // unitSoak.ts does the same for as long as it is told
  test('under kills and moves units are whole, nothing is lost, and one of two has what both want', async () => {
    const report = await unitRace(server, { units: 400, kills: 2, processes: 3 });
    assert.equal(report.violations, []);
    assert.ok(report.written > 100 && report.moves > 0 && report.kills === 2, JSON.stringify(report));
  });

  test('the same of units over two servers', async () => {
    const report = await unitRace(server, { units: 200, kills: 2, processes: 2, isSpread: true });
    assert.equal(report.violations, []);
    assert.ok(report.written > 50 && report.moves > 0 && report.kills === 2, JSON.stringify(report));
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

  test('[6.8] an edge to an object that is deleted while the unit waits for a lock is refused', async () => {
    const store = newStore(server);
    const kvetch: Kvetch = todoStore([store]);
    const [id, end] = [await kvetch.createObject('User', { n: 1 }), await kvetch.createObject('User', { n: 1 })];
    const [isHeld, isDeleted] = [signal(), signal()];
    const database = await store.database();
    const holder = database.transaction(async (session) => {
      await session.rows(`SELECT obj_id FROM kvetch_objects WHERE obj_id = ${idLiteral(id)} FOR UPDATE`);
      isHeld.give();
      await isDeleted.given;
    });
    await isHeld.given;
    const refused = rejection(kvetch.write([update(id, { n: 2 }), insertEdge('friends', { fromId: id, toId: end })]));
    await sleep(100); // it waits for the lock
    await kvetch.deleteObject(end);
    isDeleted.give();
    await holder;
    const error = (await refused) as KvetchError;
    assert.equal([error.code, error.member], ['NOT_FOUND', 1]);
    assert.is((await kvetch.getObject(id))?.n, 1);
    await kvetch.close();
  });

  test('[6.8] a unit believes an end only where its shard can be read', async () => {
    const store = newStore(server);
    const kvetch: Kvetch = todoStore([store], { limits: { shardMoveWaitMs: 50 } });
    const [id, end] = [await kvetch.createObject('User', { n: 1 }), await kvetch.createObject('User', { n: 1 })];
    const write = (): Promise<unknown> =>
      kvetch.write([update(id, { n: 2 }), insertEdge('friends', { fromId: id, toId: end })]);
    const database = await store.database();
    const setState = (state: number): Promise<number> =>
      database.write((session) =>
        session.write(`UPDATE kvetch_shards SET state = ${state} WHERE shard = ${shardOfId(end)}`),
      );
    for (const state of [CLOSED, ARRIVING]) {
      await setState(state);
      assert.is((await rejection(write())).code, 'SHARD_MOVED');
    }
    assert.is((await kvetch.getObject(id))?.n, 1);
    await setState(FROZEN);
    await write();
    assert.is((await kvetch.getObject(id))?.n, 2);
    await setState(OPEN);
    await kvetch.close();
  });

  test('a unit sees an object that arrives after its first look', async () => {
    const looks = await writeDuringArrival(server, (row) => {
      if (row === undefined) throw new NotFoundError(objectRow(1).id);
    });
    assert.equal(looks, [false, true]);
  });

  test('a unit that leaves a missing object alone sees it, too', async () => {
    assert.equal(await writeDuringArrival(server, () => {}), [false, true]);
  });
});

/**
 * Writes a unit that replaces an object if it is there. The object comes, and its shard is opened, between the unit's look
 * at the row and its hold of the shard. Returns for each look whether the row was there.
 */
async function writeDuringArrival(
  server: MysqlTestServer,
  judge: (row: ObjectRow | undefined) => void,
): Promise<readonly boolean[]> {
  const store = newStore(server);
  const arriving = objectRow(1);
  const database = await store.database();
  const setState = (session: Session, state: number): Promise<number> =>
    session.write(`UPDATE kvetch_shards SET state = ${state} WHERE shard = ${arriving.shard}`);
  await database.write((session) => setState(session, CLOSED));
  const [isOpening, hasLooked] = [signal(), signal()];
  const move = database.transaction(async (session) => {
    await setState(session, OPEN);
    isOpening.give();
    await hasLooked.given;
    await insertRows(session, insertObject, [objectValues(arriving)]);
  });
  await isOpening.given;
  const looks: boolean[] = [];
  const plan = (rows: ReadonlyMap<string, ObjectRow>): UnitRows => {
    const row = rows.get(arriving.id);
    looks.push(row !== undefined);
    hasLooked.give();
    judge(row);
    const replacements = row === undefined ? [] : [{ ...row, version: 2 }];
    return { inserts: [], replacements, claims: [], edges: [], entries: [] };
  };
  const answers = await store.writeUnits([{ ids: [arriving.id], ends: [], shards: [arriving.shard], plan }]);
  await move;
  assert.equal(answers, [{ edges: [], entries: [] }]);
  const [row] = await store.readObjects([arriving.id]);
  assert.is(row instanceof Error ? row : row?.version, 2);
  await store.close();
  return looks;
}

function signal(): { readonly given: Promise<void>; readonly give: () => void } {
  let give = (): void => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give };
}
