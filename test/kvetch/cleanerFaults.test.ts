import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CleanPlace } from '../../src/kvetch/cleaners/CleanOptions.ts';
import { shardOfId, shardOfValue } from '../../src/kvetch/ids/routing.ts';
import { evenSpan } from '../../src/kvetch/shards/ranges.ts';
import type { EdgeRow, EntryRow, ObjectRow } from '../../src/kvetch/shards/rows.ts';
import { type Kvetch, type KvetchObject, memoryShards, type ShardStore } from '../../src/kvetch.ts';
import { needs } from '../support/needs.ts';
import { fewBackends, wrapStore } from './backends.ts';
import { idsOf, manualClock, rejection, todoStore, work } from './todo.ts';

/**
 * Faults of every kind, planted in the rows themselves. A run that remembers what objects ask for must find what one finds
 * that looks everything up: all of them, and nothing else.
 */
const test = suite('cleaners: planted faults');

const MINUTE = 60_000;
const GHOST = '00000000-0000-4000-8000-00000000dead';
const nothing = { objects: [], edges: [], entries: [] };

/** Rows as they lie in the stores. */
class Rows {
  readonly #stores: readonly ShardStore[];

  constructor(stores: readonly ShardStore[]) {
    this.#stores = stores;
  }

  #at(shard: number): ShardStore {
    const { length } = this.#stores;
    return this.#stores.find((_, at) => shard <= evenSpan(at, length)[1]) as ShardStore;
  }

  async object(id: string): Promise<ObjectRow> {
    return one(await this.#at(shardOfId(id)).readObjects([id], { fresh: 'store', isTracked: false, trace: null }));
  }

  async edge(edgeId: number, fromId: string, toId: string): Promise<EdgeRow> {
    return one(await this.#at(shardOfId(fromId)).readEdges([{ edgeId, fromId, toId }]));
  }

  async entry(index: string, value: string, targetId: string): Promise<EntryRow> {
    return one(await this.#at(shardOfValue(value)).readEntries([{ index, value, targetId }]));
  }

  async putEdge(row: EdgeRow): Promise<void> {
    const shard = shardOfId(row.fromId);
    const [answer] = await this.#at(shard).putEdges([{ row: { ...row, shard }, keepPosition: false }]);
    assert.is(answer, null);
  }

  async putEntry(row: EntryRow, unique = false): Promise<void> {
    const shard = shardOfValue(row.value);
    const [answer] = await this.#at(shard).putEntries([{ row: { ...row, shard }, unique }]);
    assert.is(answer, null);
  }

  async insert(row: ObjectRow): Promise<void> {
    const shard = shardOfId(row.id);
    assert.is((await this.#at(shard).insertObjects([{ row: { ...row, shard }, edges: [] }]))[0], null);
  }

  async claim(row: EntryRow, replaces: EntryRow): Promise<void> {
    assert.is((await this.#at(row.shard).claimEntries([{ row, replaces }]))[0], null);
  }

  async purge(rows: { readonly edges?: readonly EdgeRow[]; readonly entries?: readonly EntryRow[] }): Promise<void> {
    for (const store of this.#stores) await store.purge({ ...nothing, ...rows });
  }
}

function one<T>(answers: ReadonlyArray<T | Error | null>): T {
  const [answer] = answers;
  if (answer === undefined || answer === null || answer instanceof Error) throw answer ?? new Error('There is no row.');
  return answer;
}

/** Some of everything, and what it is called. */
async function fill(kvetch: Kvetch) {
  const make = async (type: string, data: readonly object[]): Promise<string[]> =>
    idsOf(
      await kvetch.createObjects(
        type,
        data.map((one) => ({ data: { ...one } })),
      ),
    );
  const users = await make(
    'User',
    Array.from({ length: 12 }, (_, n) => ({ username: `u${n}`, city: `c${n % 3}\n"`, age: n })),
  );
  const user = (n: number): string => users[n] as string;
  const lists = await make(
    'List',
    Array.from({ length: 24 }, (_, n) => ({ owner: user(n % 12), n })),
  );
  const items = await make(
    'Item',
    Array.from({ length: 60 }, (_, n) => ({ text: `t${n}`, list: lists[n % 24], done: n % 2 === 0, due: new Date(n) })),
  );
  for (let n = 0; n < 11; n++) await kvetch.insertEdge('friends', { fromId: user(n), toId: user(n + 1) });
  for (let n = 0; n < 6; n++) await kvetch.insertIndexEntry('tags', { value: `tag${n}`, targetId: user(n) });
  // some were moved and renamed, so that their last writes have taken rows away
  for (let n = 0; n < 6; n++) await kvetch.updateObject(lists[n] as string, { owner: user(11 - n) });
  for (let n = 0; n < 9; n++) await kvetch.updateObject(items[n] as string, { done: n % 2 === 1, text: 'new' });
  return {
    users,
    lists,
    items,
    user,
    list: (n: number) => lists[n] as string,
    item: (n: number) => items[n] as string,
  };
}

const OWNED = 10000;
const LISTED = 10001;
type World = Awaited<ReturnType<typeof fill>>;

/** Each with what a run counts for it. */
const faults: Record<string, { readonly counts: object; plant(rows: Rows, world: World): Promise<void> }> = {
  'an edge is a tombstone': {
    counts: { missingEdges: 1 },
    plant: async (rows, { user, list }) => rows.putEdge({ ...(await rows.edge(OWNED, user(7), list(7))), state: 0 }),
  },
  'an edge was never written': {
    counts: { missingEdges: 1 },
    async plant(rows, { user, list }) {
      const row = { ...(await rows.edge(OWNED, user(8), list(8))), state: 0 as const };
      await rows.putEdge(row);
      await rows.purge({ edges: [row] });
    },
  },
  'an edge lies at another position': {
    counts: { missingEdges: 1 },
    async plant(rows, { list, item }) {
      const row = await rows.edge(LISTED, list(3), item(27));
      await rows.putEdge({ ...row, pos: row.pos + 1 });
    },
  },
  'a list that does not have it has it': {
    counts: { orphanEdges: 1 },
    plant: async (rows, { user, list }) =>
      rows.putEdge({ ...(await rows.edge(OWNED, user(9), list(9))), fromId: user(10) }),
  },
  'the edge of a former owner came back': {
    counts: { orphanEdges: 1 },
    async plant(rows, { user, list }) {
      const now = await rows.edge(OWNED, user(11), list(0));
      await rows.putEdge({ ...now, fromId: user(0) });
    },
  },
  'an edge of a write that is under way': {
    counts: {},
    async plant(rows, { user, list }) {
      const row = await rows.edge(OWNED, user(9), list(21));
      await rows.putEdge({ ...row, fromId: user(2), srcVersion: row.srcVersion + 5 });
    },
  },
  'an edge to nothing': {
    counts: { orphanEdges: 1 },
    plant: async (rows, { user, list }) => rows.putEdge({ ...(await rows.edge(OWNED, user(9), list(9))), toId: GHOST }),
  },
  'an edge to an object of another type': {
    counts: { orphanEdges: 1 },
    plant: async (rows, { user, list, item }) =>
      rows.putEdge({ ...(await rows.edge(OWNED, user(9), list(9))), toId: item(2) }),
  },
  'a plain edge to nothing, and one from nothing': {
    counts: { orphanEdges: 2 },
    async plant(rows, { user }) {
      const row = await rows.edge(10002, user(3), user(4));
      await rows.putEdge({ ...row, toId: GHOST });
      await rows.putEdge({ ...row, fromId: GHOST });
    },
  },
  'an entry is a tombstone, and one was never written': {
    counts: { missingIndex: 2 },
    async plant(rows, { user }) {
      await rows.putEntry({ ...(await rows.entry('city', 'sc1\n"', user(4))), state: 0 });
      const row = { ...(await rows.entry('age', 'i5', user(5))), state: 0 as const };
      await rows.putEntry(row);
      await rows.purge({ entries: [row] });
    },
  },
  'entries of a value that the object does not have, or of nothing': {
    counts: { staleIndex: 2 },
    async plant(rows, { user }) {
      const row = await rows.entry('city', 'sc2\n"', user(5));
      await rows.putEntry({ ...row, value: 'selsewhere' });
      await rows.putEntry({ ...row, targetId: GHOST });
    },
  },
  'an entry kept by hand of nothing': {
    counts: { staleIndex: 1 },
    plant: async (rows, { user }) =>
      rows.putEntry({ ...(await rows.entry('tags', 'stag1', user(1))), targetId: GHOST }),
  },
  'a unique value was let go of': {
    counts: { missingIndex: 1 },
    plant: async (rows, { user }) =>
      rows.putEntry({ ...(await rows.entry('username', 'su6', user(6))), state: 0 }, true),
  },
  'a unique value belongs to an object that never came': {
    counts: { staleIndex: 1, missingIndex: 1 },
    async plant(rows, { user }) {
      const holder = await rows.entry('username', 'su7', user(7));
      await rows.claim({ ...holder, targetId: GHOST, srcVersion: 9 }, holder);
    },
  },
  'rows that the schema does not know': {
    counts: { unknown: 3 },
    async plant(rows, { user, list }) {
      await rows.putEdge({ ...(await rows.edge(OWNED, user(9), list(9))), edgeId: 77 });
      await rows.putEntry({ ...(await rows.entry('age', 'i9', user(9))), index: 'gone' });
      await rows.insert({ ...(await rows.object(user(9))), id: '00000000-0000-4000-8000-000000000077', typeId: 77 });
    },
  },
  'an object that cannot be read': {
    counts: { errors: 1 },
    plant: async (rows, { user }) =>
      rows.insert({ ...(await rows.object(user(9))), id: '00000000-0000-4000-8000-000000000078', body: '\n{' }),
  },
};

for (const backend of fewBackends) {
  const all = Object.keys(faults);
  // where rows lie in memory each by itself, too
  const plans = backend.name.startsWith('memory') ? [...all.map((name) => [name]), all] : [all];
  for (const maxRemembered of [0, 30, 500_000]) {
    needs(test, ...backend.servers)(
      `${backend.name}: each is found, and once, remembering ${maxRemembered}`,
      async () => {
        for (const planted of plans) {
          const { shards, ...cache } = backend.open();
          const clock = manualClock();
          const kvetch = todoStore(shards, { ...cache, clock, outboxPollMs: 0, strictDerived: true });
          const world = await fill(kvetch);
          const counts: Record<string, number> = {};
          for (const name of planted) {
            await faults[name]?.plant(new Rows(shards), world);
            for (const [counter, n] of Object.entries(faults[name]?.counts ?? {}))
              counts[counter] = (counts[counter] ?? 0) + n;
          }
          clock.ms += MINUTE;
          const dry = work(await kvetch.clean({ dryRun: true, maxRemembered: 500_000 }));
          assert.equal(dry, counts, `a dry run: ${planted.join()}`);
          const found = work(await kvetch.clean({ maxRemembered, pageSize: 5 }));
          assert.equal(found, takenOver(kvetch, counts, found), planted.join());
          const names = Object.entries(counts).filter(([name]) => name === 'unknown' || name === 'errors');
          for (const again of [500_000, 0])
            assert.equal(work(await kvetch.clean({ maxRemembered: again })), Object.fromEntries(names), 'once');
          await kvetch.close();
        }
      },
    );
  }
}

for (const backend of fewBackends.filter(({ name }) => !name.startsWith('redis'))) {
  needs(test, ...backend.servers)(
    `${backend.name}: beside writers each is found, and nothing of theirs is harmed`,
    async () => {
      const { shards } = backend.open();
      const kvetch = todoStore(shards, { outboxPollMs: 0, strictDerived: true });
      const world = await fill(kvetch);
      const counts: Record<string, number> = {};
      for (const { counts: own, plant } of Object.values(faults)) {
        await plant(new Rows(shards), world);
        for (const [counter, n] of Object.entries(own)) counts[counter] = (counts[counter] ?? 0) + n;
      }
      const [graceMs, users, begin] = [300, world.users.slice(0, 4), performance.now()];
      const lists = idsOf(
        await kvetch.createObjects(
          'List',
          users.map((owner) => ({ data: { owner } })),
        ),
      );
      let writing = true;
      const writer = async (own: number): Promise<void> => {
        for (let n = own; writing; n++) {
          const list = lists[own] as string;
          await kvetch.updateObject(list, { owner: users[n % 4], n });
          const item = await kvetch.createObject('Item', { text: `w${n}`, list: lists[n % 4], done: n % 2 === 0 });
          await kvetch.updateObject(item, { done: n % 2 === 1 });
          if (n % 3 === 0) await kvetch.deleteObject(item);
          await sleep(1); // stores in memory would let nobody else come
        }
      };
      const writers = lists.map((_, own) => writer(own));
      await sleep(graceMs + 100);
      const found: Record<string, number> = {};
      do {
        const report = work(await kvetch.clean({ graceMs, pageSize: 50 }));
        for (const [counter, n] of Object.entries(report)) found[counter] = Math.max(found[counter] ?? 0, n);
      } while (performance.now() - begin < 1_500);
      writing = false;
      await Promise.all(writers);
      for (const [counter, n] of Object.entries(takenOver(kvetch, counts, found)))
        assert.ok((found[counter] ?? 0) >= n, `${counter}: ${found[counter]}`);
      await sleep(graceMs + 100);
      const names = Object.entries(counts).filter(([name]) => name === 'unknown' || name === 'errors');
      const left = work(await kvetch.clean({ graceMs, maxRemembered: 0, dryRun: true }));
      assert.equal(left, Object.fromEntries(names));
      const owned = await Promise.all(users.map((fromId) => kvetch.getEdges('user_to_list', fromId)));
      const objects = await kvetch.getObjects(lists);
      for (const [at, list] of lists.entries()) {
        const owners = users.filter((_, n) => owned[n]?.edges.some(({ toId }) => toId === list));
        assert.equal(owners, [(objects[at] as KvetchObject).owner], 'one list has it, the one that it names');
      }
      await kvetch.close();
    },
  );
}

test('a healthy store is read once: only objects of plain rows and holders of unique values are looked up', async () => {
  const used = fewBackends.filter(
    ({ name, servers }) => !name.startsWith('redis') && servers.every((one) => one.isThere),
  );
  for (const backend of used) {
    const calls: Record<string, number> = {};
    const shards = backend.open().shards.map((store) =>
      wrapStore(store, (method, run) => {
        calls[method] = (calls[method] ?? 0) + 1;
        return run();
      }),
    );
    const clock = manualClock();
    const kvetch = todoStore(shards, { clock, outboxPollMs: 0 });
    await fill(kvetch);
    clock.ms += 2 * 24 * 60 * MINUTE;
    const looked = ['readObjects', 'readEdges', 'readEntries', 'readHolders'];
    const run = async (maxRemembered: number) => {
      for (const method of Object.keys(calls)) delete calls[method];
      const { purged, ...report } = await kvetch.clean({ maxRemembered, pageSize: 20 });
      const scans = Object.entries(calls).filter(([method]) => method.startsWith('scan'));
      return {
        ...{ purged, rest: work({ purged: 0, ...report }) },
        pages: scans.reduce((sum, [, count]) => sum + count, 0),
        looked: looked.filter((method) => (calls[method] ?? 0) > 0),
      };
    };
    const [first, again, without] = [await run(500_000), await run(500_000), await run(0)];
    assert.ok(first.purged > 0, 'tombstones of the moves and renames');
    const looksUp = ['readObjects', 'readHolders']; // plain edges and entries kept by hand have no attribute
    assert.equal([first.rest, first.looked, again.looked], [{}, looksUp, looksUp], backend.name);
    assert.equal(without.looked, looked);
    assert.ok(again.pages < without.pages, `${again.pages} pages, ${without.pages} without memory`);
    await kvetch.close();
  }
});

test('a run that goes on behind rows that could not be read is not complete: the next one begins anew', async () => {
  let isDown = false;
  const shards = memoryShards(1).map((store) =>
    wrapStore(store, (method, run) => {
      if (isDown && method === 'readEdges') throw new Error('down');
      return run();
    }),
  );
  const clock = manualClock();
  const kvetch = todoStore(shards, { clock, outboxPollMs: 0 });
  const world = await fill(kvetch);
  await faults['an edge was never written']?.plant(new Rows(shards), world);
  clock.ms += MINUTE;
  const settings = { maxRemembered: 0, pageSize: 50 };
  const stopping = new AbortController();
  isDown = true;
  const onProgress = ({ pass }: CleanPlace): void => {
    if (pass === 'forward') stopping.abort();
  };
  const stopped = await kvetch.clean({ ...settings, signal: stopping.signal, onProgress });
  assert.equal([stopped.complete, stopped.errors > 0], [false, true]);
  isDown = false;
  const rest = await kvetch.clean(settings);
  assert.equal([rest.complete, work(rest)], [false, {}], 'it has not seen the rows before');
  const again = await kvetch.clean(settings);
  assert.equal([again.complete, work(again)], [true, { missingEdges: 1 }]);
  await kvetch.close();
});

test('remembering is bounded by a number that can be meant', async () => {
  const backend = fewBackends[0];
  const kvetch = todoStore(backend?.open().shards ?? []);
  for (const maxRemembered of [-1, 0.5, Number.NaN, '7' as never])
    assert.match((await rejection(kvetch.clean({ maxRemembered }))).message, /"maxRemembered" is .* of 0 or more\./);
  await kvetch.close();
});

test.run();

/**
 * The counts, less the entry in the way of a unique value where a relay was there first: a slow machine lets the notes of
 * the filling become due, and their relay takes the value over without a look at the entry.
 */
function takenOver(
  { stats }: Kvetch,
  counts: Readonly<Record<string, number>>,
  found: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const { staleIndex = 0, ...others } = counts;
  if (stats.relayed === 0 || (found.staleIndex ?? 0) !== staleIndex - 1) return counts;
  return staleIndex === 1 ? others : { ...counts, staleIndex: staleIndex - 1 };
}
