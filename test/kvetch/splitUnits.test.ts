import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { shardOfId } from '../../src/kvetch/ids/routing.ts';
import type { FaultPoint } from '../../src/kvetch/KvetchContext.ts';
import { NodeFailure } from '../../src/kvetch/shards/NodeFailure.ts';
import type { ObjectRow } from '../../src/kvetch/shards/rows.ts';
import type { ObjectInsert, ShardStore } from '../../src/kvetch/shards/ShardStore.ts';
import { type Decision, isDecision, isPrepared, rowOfDecision } from '../../src/kvetch/writes/unit/prepared.ts';
import {
  create,
  deleteEdge,
  deleteIndexEntry,
  increment,
  insertEdge,
  insertIndexEntry,
  type Kvetch,
  type KvetchError,
  memoryShards,
  type UnitResult,
  update,
} from '../../src/kvetch.ts';
import { wrapStore } from './backends.ts';
import { manualClock, rejection, todoStore } from './todo.ts';

const test = suite('units over several servers');

/** An object of each of two stores. */
async function pairOf(kvetch: Kvetch): Promise<readonly [string, string]> {
  const ids = [null, null].map((_, at) => {
    for (;;) {
      const id = kvetch.newId('User');
      if (shardOfId(id) < 2048 === (at === 0)) return id;
    }
  });
  const [one = '', two = ''] = await Promise.all(ids.map((id) => kvetch.createObject('User', { n: 0 }, { id })));
  return [one, two];
}

const isDecided = (inserts: readonly ObjectInsert[]): boolean => inserts.some(({ row }) => isDecision(row));

for (const [name, fails, isApplied, answer] of [
  ['once, the unit is written', 1, true, null],
  ['always, it may be written, and cleaners apply it', 100, true, 'unknown'],
  ['and the row never came, cleaners abort it', 100, false, 'unknown'],
] as const) {
  test(`where the answer to the decision is lost ${name}`, async () => {
    let open: number = fails;
    const wrapped = memoryShards(2).map((store) =>
      wrapStore(store, async (method, run, args) => {
        const isLost = method === 'insertObjects' && isDecided(args[0] as readonly ObjectInsert[]) && open-- > 0;
        if (!isLost) return run();
        if (isApplied) await run();
        throw new NodeFailure('unknown', new Error('the connection has gone'));
      }),
    );
    const clock = manualClock();
    const kvetch = todoStore(wrapped as readonly ShardStore[], { clock });
    const pair = await pairOf(kvetch);
    const unit = kvetch.write(pair.map((id) => update(id, { n: increment() })));
    if (answer === null) await unit;
    else assert.is(((await rejection(unit)) as KvetchError).effect, answer);
    open = 0;
    clock.ms += 1; // a row of this millisecond is young to cleaners
    assert.is((await kvetch.clean({ graceMs: 0 })).errors, 0);
    for (const id of pair) assert.is((await kvetch.getObject(id))?.n, isApplied ? 1 : 0);
    await kvetch.close();
  });
}

test('a unit of rows by hand alone', async () => {
  const kvetch: Kvetch = todoStore(memoryShards(2));
  const [one, two] = await pairOf(kvetch);
  const edges = [
    { fromId: one, toId: two },
    { fromId: two, toId: one },
  ];
  const entries = [one, two].map((targetId, at) => ({ value: `tag ${at}`, targetId }));
  const seen = async (): Promise<readonly number[]> => [
    ...(await Promise.all([one, two].map(async (id) => (await kvetch.getEdges('friends', id)).edges.length))),
    ...(await Promise.all([0, 1].map(async (at) => (await kvetch.queryIndex('tags', `tag ${at}`)).ids.length))),
  ];
  await kvetch.write([
    ...edges.map((edge) => insertEdge('friends', edge)),
    ...entries.map((entry) => insertIndexEntry('tags', entry)),
  ]);
  assert.equal(await seen(), [1, 1, 1, 1]);
  await kvetch.write([
    ...edges.map((edge) => deleteEdge('friends', edge)),
    ...edges.map((edge) => insertEdge('friends', edge)),
    ...edges.map((edge) => deleteEdge('friends', edge)),
    ...entries.map((entry) => deleteIndexEntry('tags', entry)),
  ]);
  assert.equal(await seen(), [0, 0, 0, 0]);
  await kvetch.close();
});

test('the id of a create that was taken back can be used again', async () => {
  const stores = memoryShards(2);
  const clock = manualClock();
  const dying: Kvetch = todoStore(stores, {
    clock,
    faults(point: FaultPoint) {
      if (point === 'afterPrepare') throw new Error('the process has died');
    },
  });
  const kvetch: Kvetch = todoStore(stores, { clock });
  const pair = await pairOf(kvetch);
  const ways: ReadonlyArray<(id: string) => Promise<unknown>> = [
    (id) => kvetch.createObject('User', { n: 2 }, { id }),
    (id) => kvetch.write([create('User', { n: 2 }, { id })]),
    (id) => kvetch.write([create('User', { n: 2 }, { id }), ...pair.map((one) => update(one, { n: 2 }))]),
  ];
  for (const isCleaned of [true, false]) {
    for (const again of ways) {
      const id = kvetch.newId('User');
      await rejection(dying.write([create('User', { n: 1 }, { id }), ...pair.map((one) => update(one, { n: 1 }))]));
      clock.ms += 1;
      if (isCleaned) await kvetch.clean({ graceMs: 0 });
      await again(id);
      assert.is((await kvetch.getObject(id))?.n, 2);
      const list = await kvetch.browse('User', { first: 100 });
      assert.ok(list.objects.some((object) => !(object instanceof Error) && object.id === id));
      await kvetch.updateObject(id, { n: increment() });
      await kvetch.deleteObject(id);
      assert.is(await kvetch.getObject(id), null);
    }
  }
  await kvetch.close();
});

for (const isAway of [false, true]) {
  const then = isAway ? ', and takes it back where it cannot ask for the other one' : '';
  test(`a unit in turn that meets another one at its second server keeps what it has prepared at the first${then}`, async () => {
    const stores = memoryShards(2);
    const units = [stopped(), stopped()];
    let [begun, calls, failsToRead] = [0, 0, false];
    const first: Kvetch = todoStore(stores, {
      faults: (point: FaultPoint) => (point === 'afterPrepare' ? units[begun++]?.stop() : undefined),
    });
    const [one, two] = await pairOf(first);
    const [other] = await pairOf(first);
    const addTo = (kvetch: Kvetch, ids: readonly string[]): Promise<UnitResult> =>
      kvetch.write(ids.map((id) => update(id, { n: increment() })));
    const written: Array<Promise<unknown>> = [];
    const wrapped = stores.map((store) =>
      wrapStore(store, (method, run) => {
        if (failsToRead && method === 'readObjects') throw new NodeFailure('not-applied', new Error('away'));
        return run();
      }),
    );
    const second: Kvetch = todoStore(wrapped, {
      async faults(point: FaultPoint) {
        if (point !== 'beforePrepare') return;
        calls++;
        if (calls === 2) setTimeout(() => units[0]?.goOn(), 20); // it has asked both servers at once
        if (calls !== 4) return;
        written.push(addTo(first, [other, two]));
        await units[1]?.hasStopped;
        failsToRead = isAway;
        setTimeout(() => units[1]?.goOn(), 100);
      },
    });
    written.push(addTo(first, [other, two]));
    await units[0]?.hasStopped;
    const adding = addTo(second, [one, two]);
    if (isAway) {
      const { code, effect } = (await rejection(adding)) as KvetchError;
      assert.equal([code, effect], ['SHARD_UNAVAILABLE', 'not-applied']);
    } else {
      const { objects } = await adding;
      assert.equal([objects[0]?.n, objects[1]?.n], [1, 3]);
      assert.is(objects[0]?.version, 4, 'created, taken back by the try side by side, and two more');
    }
    await Promise.all(written);
    assert.is(written.length, 2);
    const [row] = (await stores[0]?.readObjects([one])) ?? [];
    assert.not(isPrepared(row as ObjectRow));
    await first.close();
    await second.close();
  });
}

test('units that wait for each other, as where a shard moves, are all written', async () => {
  const stores = memoryShards(2);
  const backwards = stores.map((store, at) => named(store, stores[1 - at]?.name ?? ''));
  const both: readonly Kvetch[] = [todoStore(stores), todoStore(backwards)];
  const [one] = both as readonly [Kvetch];
  const pair = await pairOf(one);
  for (let round = 0; round < 20; round++)
    await Promise.all(both.map((kvetch) => kvetch.write(pair.map((id) => update(id, { n: increment() })))));
  for (const id of pair) assert.is((await one.getObject(id))?.n, 40);
  for (const kvetch of both) await kvetch.close();
});

/** The store under another name. */
function named(store: ShardStore, name: string): ShardStore {
  return new Proxy(store, {
    get(target, key) {
      const value: unknown = key === 'name' ? name : Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Somebody who stops once, until he may go on. */
function stopped(): { stop(): Promise<void>; goOn(): void; readonly hasStopped: Promise<void> } {
  let [stop, goOn] = [() => {}, () => {}];
  const hasStopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const mayGoOn = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  return {
    hasStopped,
    goOn: () => goOn(),
    stop() {
      stop();
      return mayGoOn;
    },
  };
}

test('a unit that is too large to be decided is taken back', async () => {
  const stores = memoryShards(2).map((store) =>
    wrapStore(store, async (method, run, args) => {
      if (method === 'insertObjects' && isDecided(args[0] as readonly ObjectInsert[]))
        throw new NodeFailure('not-applied', new Error('too large'));
      return run();
    }),
  );
  const kvetch: Kvetch = todoStore(stores as readonly ShardStore[]);
  const pair = await pairOf(kvetch);
  const error = (await rejection(kvetch.write(pair.map((id) => update(id, { n: 1 }))))) as KvetchError;
  assert.is(error.effect, 'not-applied');
  for (const row of await Promise.all(pair.map((id) => kvetch.stores[shardOfId(id) < 2048 ? 0 : 1]?.readObjects([id]))))
    assert.not(isPrepared(row?.[0] as ObjectRow));
  for (const id of pair) assert.is((await kvetch.updateObject(id, { x: 1 })).n, 0);
  await kvetch.close();
});

test('a server that is away: the open work of the others is counted, and it may be more', async () => {
  let isAway = false;
  const [first, second] = memoryShards(2);
  const stores = [
    first,
    wrapStore(second as ShardStore, (_method, run) => {
      if (isAway) throw new NodeFailure('not-applied', new Error('away'));
      return run();
    }),
  ] as readonly ShardStore[];
  const clock = manualClock();
  const kvetch: Kvetch = todoStore(stores, {
    clock,
    faults(point: FaultPoint) {
      if (point === 'afterPrepare') throw new Error('the process has died');
    },
  });
  const pair = await pairOf(kvetch);
  await rejection(kvetch.write(pair.map((id) => update(id, { n: 1 }))));
  const open = async () => {
    const { prepared, preparedUs, isMore } = await kvetch.openWork();
    return { prepared, atMs: Math.floor((preparedUs ?? 0) / 1000), isMore };
  };
  assert.equal(await open(), { prepared: 2, atMs: clock.ms, isMore: false });
  isAway = true;
  assert.equal(await open(), { prepared: 1, atMs: clock.ms, isMore: true });
  isAway = false;
  await kvetch.close();
});

test('a decision that cannot be read costs no other row its cleaning, and is not purged', async () => {
  const stores = memoryShards(2);
  const clock = manualClock();
  const kvetch: Kvetch = todoStore(stores, { clock });
  const [one] = await pairOf(kvetch);
  const id = kvetch.newId('User', {}, { near: one });
  const [store] = stores as readonly [ShardStore];
  const unit: Decision = { unit: id, verdict: 'aborted', ids: [], edges: [], entries: [] };
  const row = { ...rowOfDecision(unit, clock.ms * 1000), body: '\n{"verdict' };
  await store.insertObjects([{ row, edges: [], note: undefined }]);
  clock.ms += 20_000;
  const { errors, scanned } = await kvetch.clean({ graceMs: 0, retentionMs: 10_001 });
  assert.ok(errors > 0 && scanned >= 3, `${errors} errors, ${scanned} rows`);
  assert.is(((await store.readObjects([id]))[0] as ObjectRow).id, id);
  await kvetch.close();
});

test.run();
