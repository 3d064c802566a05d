import * as assert from 'uvu/assert';
import type { EdgeRow, EntryRow, ObjectRow, RowState } from '../../../src/kvetch/shards/rows.ts';
import type { EdgePut, EntryPut } from '../../../src/kvetch/shards/ShardStore.ts';
import type { ShardStore } from '../../../src/kvetch.ts';
import { memoryShards } from '../../../src/kvetch.ts';
import type { MysqlShardStore } from '../../../src/kvetch-mysql.ts';
import { edgeRow, entryRow, idOf, mysqlShard, mysqlSuite, newStore, objectRow } from './rows.ts';

/** Numbers that look random and are the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function shuffled<T>(items: readonly T[], random: (below: number) => number): T[] {
  const out = [...items];
  for (let at = out.length - 1; at > 0; at--) {
    const other = random(at + 1);
    [out[at], out[other]] = [out[other] as T, out[at] as T];
  }
  return out;
}

const numbered = (length: number): number[] => Array.from({ length }, (_, n) => n);

mysqlSuite('kvetch mysql: writers', (test, server) => {
  test('sixteen writers of shuffled batches: nobody sees a deadlock, the highest versions stay', async () => {
    const database = server.newDatabase();
    const place = { uri: server.uri, database, createDatabase: true, connectionLimit: 8 };
    const stores = [mysqlShard(place), mysqlShard(place)] as const;
    await stores[0].init();
    const random = numbers(7);
    const errors: unknown[] = [];
    const note = (answers: readonly unknown[]): void =>
      void errors.push(...answers.filter((one) => one instanceof Error));
    const version = (writer: number, batch: number): number => 1 + batch * 16 + writer;
    await Promise.all(
      numbered(16).map(async (writer) => {
        const store = stores[writer % 2] as MysqlShardStore;
        for (const batch of numbered(12)) {
          const srcVersion = version(writer, batch);
          const state = (srcVersion % 3 && 1) as RowState;
          const edges = shuffled(numbered(60), random).map((n) =>
            edgeRow(n % 6, n, { srcVersion, state, pos: srcVersion }),
          );
          const entries = shuffled(numbered(40), random).map((n) => entryRow(`s${n % 4}`, n, { srcVersion, state }));
          note(await store.putEdges(edges.map((row) => ({ row, keepPosition: false }))));
          note(await store.putEntries(entries.map((row) => ({ row, unique: false }))));
          const inserts = shuffled(numbered(20), random).map((n) => ({ row: objectRow(n), edges: [] }));
          note(await store.insertObjects(inserts));
          const claims = shuffled(numbered(20), random).map((n) => ({
            row: entryRow(`s${n}`, writer, { index: 'unique' }),
            replaces: null,
          }));
          note(await store.claimEntries(claims));
        }
      }),
    );
    assert.equal(errors.map(String), []);
    const last = version(15, 11);
    const live = (last % 3 && 1) as RowState;
    const edges = (await stores[0].readEdges(numbered(60).map((n) => edgeRow(n % 6, n)))) as EdgeRow[];
    assert.ok(edges.every((row) => row.srcVersion === last && row.state === live));
    const entries = (await stores[1].readEntries(numbered(40).map((n) => entryRow(`s${n % 4}`, n)))) as EntryRow[];
    assert.ok(entries.every((row) => row.srcVersion === last && row.state === live));
    const holders = (await stores[0].readHolders(
      numbered(20).map((n) => ({ index: 'unique', value: `s${n}` })),
    )) as EntryRow[];
    const again = await stores[1].claimEntries(
      holders.map((row) => ({ row: { ...row, targetId: idOf(99) }, replaces: null })),
    );
    assert.equal(again, holders, 'one holder each, and everybody sees the same');
    await Promise.all(stores.map((store) => store.close()));
  });

  test('racing compare-and-set: every version once', async () => {
    const store = newStore(server, { connectionLimit: 8 });
    await store.insertObjects([{ row: objectRow(1), edges: [] }]);
    let wins = 0;
    await Promise.all(
      numbered(16).map(async (writer) => {
        for (let tries = 0; tries < 10; tries++) {
          const [row] = (await store.readObjects([idOf(1)])) as [ObjectRow];
          const next = { ...row, version: row.version + 1, body: `\n{"by":${writer}}` };
          if ((await store.replaceObjects([{ row: next, expectedVersion: row.version }]))[0] === true) wins++;
        }
      }),
    );
    const [row] = (await store.readObjects([idOf(1)])) as [ObjectRow];
    assert.is(row.version, 1 + wins);
    await store.close();
  });

  test('a random history leaves the rows that it leaves in memory', async () => {
    const [memory] = memoryShards(1) as [ShardStore];
    const stores = [newStore(server), memory] as const;
    const random = numbers(42);
    for (let round = 0; round < 150; round++) {
      const size = 1 + random(6);
      const edges: EdgePut[] = numbered(size).map(() => {
        const to = random(4);
        const [srcVersion, state, pos] = [1 + random(6), random(2) as RowState, random(100)];
        const more = { edgeId: 5 + (to % 2), srcVersion, state, pos, createdUs: pos, updatedUs: round };
        const row = edgeRow(random(2), to, { ...more, body: state === 1 && random(2) === 1 ? `${round}` : null });
        return { row, keepPosition: to % 2 === 0 };
      });
      const entries: EntryPut[] = numbered(size).map(() => {
        const [srcVersion, state, createdUs] = [1 + random(6), random(2) as RowState, random(100)];
        return { row: entryRow(`s${random(2)}`, random(3), { srcVersion, state, createdUs }), unique: false };
      });
      const claim = { row: entryRow('su', random(3), { index: 'u', srcVersion: 1 + random(6), createdUs: round }) };
      const seen = (await memory.readHolders([claim.row]))[0] as EntryRow | null;
      const replaces = random(4) === 0 ? seen : null;
      const release = { ...claim.row, targetId: idOf(random(3)), state: 0 as RowState, updatedUs: 1000 + round };
      const answers = await Promise.all(
        stores.map(async (store) => [
          await store.putEdges(edges),
          await store.putEntries(entries),
          await store.claimEntries([{ ...claim, replaces }]),
          await store.putEntries([{ row: release, unique: true }]),
          await store.readEdges(numbered(8).map((n) => edgeRow(n >> 2, n % 4, { edgeId: 5 + (n % 2) }))),
          await store.readEntries(numbered(6).map((n) => entryRow(`s${n % 2}`, n >> 1))),
          await store.readHolders([claim.row]),
        ]),
      );
      assert.equal(answers[0], answers[1], `round ${round}`);
    }
    await stores[0].close();
  });
});
