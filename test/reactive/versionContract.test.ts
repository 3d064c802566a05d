/** What every version store must do (spec 11.2). The same cases run over memory and over a real Redis. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Change, heldVersion, isStale, type Moment, type VersionStore } from '../../src/reactive.ts';
import { itemAt } from '../../src/utils/itemAt.ts';
import { needs } from '../support/needs.ts';
import { until } from '../support/until.ts';
import { storeKinds } from './versionStores.ts';

for (const { name, servers, open } of await storeKinds()) {
  const test = needs(suite(`versions: ${name}`), ...servers);
  let ends: (() => Promise<void>)[] = [];
  test.after.each(async () => {
    for (const end of ends) await end();
    ends = [];
  });
  const two = async (limits?: { maxKeys: number }): Promise<[VersionStore, VersionStore]> => {
    const { stores, end } = await open(limits);
    ends.push(end);
    return stores;
  };
  const versionsOf = async (store: VersionStore, keys: readonly string[]): Promise<readonly number[]> =>
    (await store.read(keys)).states.map(({ version }) => version);

  test('a key that was never invalidated has version 0 [11.2.1]', async () => {
    const [store] = await two();
    assert.equal(await versionsOf(store, ['a', 'b']), [0, 0]);
    assert.equal(await versionsOf(store, []), []);
  });

  test('row 1: versions count changes of all origins [11.2.1]', async () => {
    const [one, other] = await two();
    await one.invalidate(['a']);
    await other.invalidate(['a', 'b']);
    await one.invalidate(['a']);
    for (const store of [one, other]) assert.equal(await versionsOf(store, ['a', 'b', 'c']), [3, 1, 0]);
  });

  test('a batch counts each key once and tells its new versions [11.2.2]', async () => {
    const [store] = await two();
    const first = await store.invalidate(['a', 'b', 'a']);
    assert.equal(
      [first.keys, first.versions],
      [
        ['a', 'b'],
        [1, 1],
      ],
    );
    const next = await store.invalidate(['b']);
    assert.equal([next.versions, next.seq - first.seq, next.epoch], [[2], 1, first.epoch]);
    const nothing = await store.invalidate([]);
    assert.equal([nothing.keys, nothing.versions, nothing.seq], [[], [], next.seq]);
  });

  test('a new epoch makes stale all that was read before, for all who share the store [11.2.6]', async () => {
    const [one, other] = await two();
    await one.invalidate(['a']);
    const asOf = other.seen as Moment;
    const before = await other.read(['a', 'b']);
    let gaps = 0;
    other.listen({ onChange: () => undefined, onGap: () => gaps++ });
    await one.beginEpoch();
    assert.is.not(one.seen?.epoch, before.epoch);
    const after = await other.read(['a', 'b']);
    assert.is(after.epoch, one.seen?.epoch);
    for (const [at, held] of [1, 0].entries()) assert.ok(isStale({ ...asOf, epoch: before.epoch }, held, after, at));
    await until('the others hear of it', () => gaps > 0 && other.seen?.epoch === after.epoch);
    assert.equal((await one.invalidate(['a'])).versions, [1]);
    assert.equal(await versionsOf(other, ['a']), [1]);
  });

  test('keys are texts of any kind', async () => {
    const [store] = await two();
    const keys = ['', '#epoch!', 'm:Zoë ❤ "x"', 'a'.repeat(10_000), '__proto__', 'constructor'];
    await store.invalidate(keys);
    assert.equal(await versionsOf(store, keys), [1, 1, 1, 1, 1, 1]);
  });

  test('names of keys are read as other texts are, in any number, counted or not', async () => {
    const [one] = await two();
    const names = Array.from({ length: 6000 }, (_, n) => `n${n}`.padEnd(16, '-_'));
    await one.invalidate([0, 1, 4999, 5000].map((n) => names[n] as string));
    await one.invalidate([names[1] as string]);
    const known = (await one.read(names)).states.flatMap(({ version, seq }, n) =>
      version > 0 ? [[n, version, seq]] : [],
    );
    const first = known[0]?.[2] as number;
    assert.equal(known, [
      [0, 1, first],
      [1, 2, first + 1],
      [4999, 1, first],
      [5000, 1, first],
    ]);
    const wide = 'é'.repeat(16);
    await one.invalidate([wide]);
    const mixed = await one.read([names[1] as string, wide, names[2] as string]);
    assert.equal(
      mixed.states.map(({ version }) => version),
      [2, 1, 0],
    );
  });

  test('many keys are one call of the caller [11.2.2]', async () => {
    const [store] = await two();
    const keys = Array.from({ length: 4321 }, (_, n) => `key ${n}`);
    const { versions } = await store.invalidate(keys);
    assert.is(versions.length, 4321);
    await store.invalidate(keys.slice(0, 2500));
    const now = await versionsOf(store, keys);
    assert.equal([now[0], now[2499], now[2500], now[4320]], [2, 2, 1, 1]);
  });

  test('both hear of all changes; a listener that throws disturbs nobody', async () => {
    const [one, other] = await two();
    const heard: Change[] = [];
    other.listen({
      onChange: () => {
        throw new Error('a listener that throws');
      },
      onGap: () => undefined,
    });
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    const unlisten = other.listen({ onChange: (change) => void heard.push(change), onGap: () => undefined });
    await one.invalidate(['a', 'b']);
    await until('the other has heard', () => heard.length > 0);
    assert.equal(
      [heard[0]?.keys, heard[0]?.versions],
      [
        ['a', 'b'],
        [1, 1],
      ],
    );
    await until('the defect is told', () => warnings.length > 0);
    process.off('warning', onWarning);
    unlisten();
    const { length } = heard;
    const { seq } = await one.invalidate(['c']);
    await until('the other has seen it', () => (other.seen?.seq ?? 0) >= seq);
    assert.is(heard.length, length);
  });

  test('what is seen is never later than the truth, and comes up to it [11.2.4]', async () => {
    const [one, other] = await two();
    const { seq } = await one.invalidate(['a']);
    await until('the other has seen it', () => other.seen?.seq === seq);
    assert.is((await other.read([])).seq, seq);
  });

  test('a change after the beginning of a read makes what was read stale (design 3.3) [11.2.4, 11.2.5]', async () => {
    const [store] = await two();
    await store.invalidate(['a']);
    const asOf = store.seen as Moment;
    const before = await store.read(['a']);
    assert.is(heldVersion(asOf, before, 0), 1);
    await store.invalidate(['a']);
    const after = await store.read(['a']);
    assert.is(heldVersion(asOf, after, 0), 1, 'one less than there is');
    assert.ok(isStale(asOf, 1, after, 0));
    assert.is(heldVersion({ ...asOf, epoch: 'another' }, after, 0), 1, 'of another epoch all has changed');
    assert.ok(isStale({ ...asOf, epoch: 'another' }, 2, after, 0));
  });

  test('forgotten keys: who is older than the floor is stale, and a new version is above all old ones [11.2.5, 11.2.7]', async () => {
    const [store] = await two({ maxKeys: 3 });
    for (let n = 0; n < 5; n++) await store.invalidate(['aaaaa']);
    const old = store.seen as Moment;
    const held = heldVersion(old, await store.read(['aaaaa']), 0);
    assert.is(held, 5);
    for (const key of ['bbbbb', 'ccccc', 'ddddd']) await store.invalidate([key]);
    const now = await store.read(['aaaaa', 'ddddd']);
    assert.equal([now.states[0], now.floor], [{ version: 0, seq: 0 }, 5], 'forgotten');
    assert.not.ok(isStale(old, held, now, 0), 'it has not changed since');
    assert.ok(isStale({ ...old, seq: 4 }, 4, now, 0), 'it may have changed since the fourth batch');
    assert.is(heldVersion({ ...old, seq: 4 }, now, 0), -1);
    await store.invalidate(['aaaaa']);
    assert.ok(isStale(old, held, await store.read(['aaaaa']), 0));
  });

  test('row 13: a throttled key is counted once in a window, and the last change always [11.2.10]', async () => {
    const stores = await two();
    const [one, other] = stores;
    const counted = new Set<number>(); // changes may be told twice
    const onChange = ({ keys, seq }: Change): void => {
      if (keys.includes('a')) counted.add(seq);
    };
    other.listen({ onChange, onGap: () => undefined });
    const everyMs = 150;
    const begin = performance.now();
    let asOf = one.seen as Moment;
    let held = 0;
    for (let n = 0; n < 1000; n++) {
      asOf = one.seen as Moment;
      held = heldVersion(asOf, await one.read(['a']), 0);
      await itemAt(stores, n % 2).invalidate(['a'], everyMs);
      if (n % 100 === 99) await new Promise((resolve) => setTimeout(resolve, 80));
    }
    await until('the last change is told', async () => isStale(asOf, held, await other.read(['a']), 0));
    const windows = Math.ceil((performance.now() - begin) / everyMs);
    const [version = 0] = await versionsOf(other, ['a']);
    assert.ok(version >= 2 && version <= windows + 1, `${version} in ${windows} windows`);
    await until('all are heard', () => counted.size >= version);
    assert.is(counted.size, version);
  });

  test('row 13: what is not throttled, or was not counted lately, is counted at once [11.2.10]', async () => {
    const [one] = await two();
    assert.equal((await one.invalidate(['a', 'b'], 60_000)).keys, ['a', 'b']);
    const { seq } = await one.invalidate(['a', 'b'], 60_000);
    const mixed = await one.invalidate(['a', 'c'], 60_000);
    assert.equal([mixed.keys, mixed.versions, mixed.seq - seq], [['c'], [1], 1], 'what is owed is no batch');
    assert.equal((await one.invalidate(['a'])).versions, [2], 'without a throttle');
    assert.equal((await one.invalidate(['a'], 60_000)).versions, [3], 'counted without one');
  });

  test('4,000 adversarial races of read and write: none is missed (design 3) [11.2.4]', async () => {
    const [reader, writer] = await two();
    let data = 0;
    let missed = 0;
    let missedWithoutRule = 0;
    for (let race = 0; race < 4000; race++) {
      const key = `race ${race % 7}`;
      const turns = Array.from({ length: 4 }, () => Math.floor(Math.random() * 4));
      const [beforeRead = 0, beforeVersion = 0, beforeWrite = 0, beforeBump = 0] = turns;
      const read = async (): Promise<{ value: number; asOf: Moment; version: number; naive: number }> => {
        await pause(beforeRead);
        const asOf = reader.seen as Moment;
        const value = data; // the load
        await pause(beforeVersion);
        const reading = await reader.read([key]);
        return { value, asOf, version: heldVersion(asOf, reading, 0), naive: reading.states[0]?.version ?? 0 };
      };
      const write = async (): Promise<void> => {
        await pause(beforeWrite);
        data++; // the commit
        await pause(beforeBump);
        await writer.invalidate([key]);
      };
      const [{ value, asOf, version, naive }] = await Promise.all([read(), write()]);
      if (value === data) continue;
      const now = await reader.read([key]);
      if (!isStale(asOf, version, now, 0)) missed++;
      if (!isStale(asOf, naive, now, 0)) missedWithoutRule++;
    }
    assert.is(missed, 0);
    assert.ok(missedWithoutRule > 0, 'these are races: the version alone, read behind the data, loses some');
  });

  test.run();
}

async function pause(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    if (turn === 2) await new Promise((resolve) => setImmediate(resolve));
    else await null;
  }
}
