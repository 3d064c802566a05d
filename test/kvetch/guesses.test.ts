import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TargetIds } from '../../src/kvetch/reads/KvetchReads.ts';
import {
  createKvetch,
  type EdgeObjectsPage,
  type Kvetch,
  type KvetchOptions,
  memoryShards,
  type ObjectPage,
} from '../../src/kvetch.ts';
import { wrapStore } from './backends.ts';
import { todoSchema } from './todo.ts';

interface Fixture {
  /** Reads, in a process of its own. */
  readonly reader: Kvetch;
  readonly writer: Kvetch;
  readonly user: string;
  readonly lists: string[];
  /** Reads fail that these say. */
  readonly failing: Set<string>;
}

async function open(options: Partial<KvetchOptions> = {}): Promise<Fixture> {
  const failing = new Set<string>();
  const shards = memoryShards(2);
  const late = shards.map((shard) =>
    wrapStore(shard, async (method, run) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (failing.has(method)) throw new Error('down');
      return run();
    }),
  );
  const writer = createKvetch({ schema: todoSchema, shards });
  const user = await writer.createObject('User', { username: 'anne' });
  const lists: string[] = [];
  for (let n = 0; n < 5; n++) lists.push(await writer.createObject('List', { owner: user, n }));
  const reader = createKvetch({ ...options, schema: todoSchema, shards: late });
  return { reader, writer, user, lists, failing };
}

/** What one request finds, and how many rounds it takes. */
async function read({ reader, user }: Fixture, extra: object = {}, first?: number) {
  reader.stats.reset();
  const request = { edge: 'user_to_list', fromId: user, first };
  const [page] = await reader.forRequest().reads.edgeObjects([request], extra);
  const { objects, stale = 0 } = page as EdgeObjectsPage;
  return {
    ids: objects.map((object) => (object as { id: string }).id),
    stale,
    rounds: reader.stats.rounds,
    wasted: reader.stats.aheadWasted,
    keys: reader.stats.keys,
  };
}

const test = suite('guesses: a list is read together with what it named last [10.3.6]');

test('a list that was read before takes one round, and asks for nothing twice', async () => {
  const fixture = await open();
  const { lists: ids } = fixture;
  assert.equal(await read(fixture), { ids, stale: 0, rounds: 2, wasted: 0, keys: 6 });
  for (let times = 0; times < 2; times++)
    assert.equal(await read(fixture), { ids, stale: 0, rounds: 1, wasted: 0, keys: 6 });
});

test('what was written meanwhile is shown, and what was guessed wrong is not', async () => {
  const fixture = await open();
  const { writer, user, lists } = fixture;
  await read(fixture);
  const [gone = '', moved = '', changed = '', ...rest] = lists;
  await writer.deleteObject(gone);
  const other = await writer.createObject('User', { username: 'bert' });
  await writer.updateObject(moved, { owner: other });
  await writer.updateObject(changed, { n: 77 });
  const added = await writer.createObject('List', { owner: user, n: 5 });
  const ids = [changed, ...rest, added];
  const found = await read(fixture);
  assert.equal(found, { ids, stale: 0, rounds: 2, wasted: 2, keys: 7 });
  const [page] = await fixture.reader.forRequest().reads.edgeObjects([{ edge: 'user_to_list', fromId: user }]);
  assert.is(((page as EdgeObjectsPage).objects[0] as { n?: unknown }).n, 77);
  assert.equal(await read(fixture), { ids, stale: 0, rounds: 1, wasted: 0, keys: 5 });
});

test('a list that changes all the time is not guessed, until it has calmed down', async () => {
  const fixture = await open();
  const { writer, user } = fixture;
  await read(fixture);
  let ids: string[] = [];
  for (const [round, wasted] of [5, 0, 0].entries()) {
    for (const id of round === 0 ? fixture.lists : ids) await writer.deleteObject(id);
    ids = [];
    for (let n = 0; n < 3; n++) ids.push(await writer.createObject('List', { owner: user, n }));
    assert.equal(await read(fixture), { ids, stale: 0, rounds: 2, wasted, keys: 4 + wasted });
  }
  assert.equal(await read(fixture), { ids, stale: 0, rounds: 2, wasted: 0, keys: 4 });
  assert.equal(await read(fixture), { ids, stale: 0, rounds: 1, wasted: 0, keys: 4 });
});

test('windows are told apart', async () => {
  const fixture = await open();
  const { lists } = fixture;
  await read(fixture, {}, 2);
  assert.equal(await read(fixture, {}, 4), { ids: lists.slice(0, 4), stale: 0, rounds: 2, wasted: 0, keys: 5 });
  assert.equal(await read(fixture, {}, 2), { ids: lists.slice(0, 2), stale: 0, rounds: 1, wasted: 0, keys: 3 });
});

test('the values of an index are guessed, and a number is not the text that it reads like', async () => {
  const fixture = await open();
  const { reader, user, lists } = fixture;
  const ask = async (value: unknown) => {
    reader.stats.reset();
    const [page] = await reader.forRequest().reads.indexObjects([{ index: 'username', value }]);
    return page instanceof Error
      ? page.name
      : (page as ObjectPage).objects.map((object) => (object as { id: string }).id);
  };
  assert.equal(await ask('anne'), [user]);
  assert.is(reader.stats.rounds, 2);
  assert.equal(await ask('anne'), [user]);
  assert.is(reader.stats.rounds, 1);
  assert.equal(await ask('nobody'), []);
  assert.is(reader.stats.ahead, 0);
  assert.ok(lists.length > 0);
});

test('nobody hears of what was only guessed: neither dependencies nor hooks', async () => {
  const read: string[] = [];
  const fixture = await open({ onRead: (key) => read.push(key) });
  const { reader, writer, user, lists } = fixture;
  const request = { edge: 'user_to_list', fromId: user };
  await reader.forRequest().reads.edgeObjects([request]);
  const [gone = '', ...rest] = lists;
  await writer.deleteObject(gone);
  read.length = 0;
  const recorded: string[] = [];
  await reader.forRequest().reads.edgeObjects([request], { recordDependency: (key) => recorded.push(key) });
  const expected = [`e:10000:${user}`, ...rest.map((id) => `o:${id}`)].sort();
  assert.equal(recorded.sort(), expected);
  assert.equal(read.sort(), expected);
});

test('loads that start with ids are told those that were guessed, and of the list what was not', async () => {
  const fixture = await open();
  const { writer, user, lists } = fixture;
  const told: string[][] = [];
  const onTargets = (pages: ReadonlyArray<TargetIds | Error>): void => {
    told.push(...pages.map((page) => (page instanceof Error ? [] : page.objects.map(({ id }) => id))));
  };
  await read(fixture, { onTargets });
  assert.equal(told.splice(0), [lists]);
  await read(fixture, { onTargets });
  assert.equal(told.splice(0), [lists]);
  const added = await writer.createObject('List', { owner: user, n: 5 });
  await read(fixture, { onTargets });
  assert.equal(told.splice(0), [lists, [...lists, added]]);
});

test('what fails ahead of its list is asked for again', async () => {
  const fixture = await open();
  await read(fixture);
  // What goes together fails: the list, and what was guessed of it.
  fixture.failing.add('read');
  fixture.failing.add('readEdgePages');
  const [page] = await fixture.reader.forRequest().reads.edgeObjects([{ edge: 'user_to_list', fromId: fixture.user }]);
  assert.instance(page, Error);
  fixture.failing.clear();
  assert.is((await read(fixture)).rounds, 1);
});

test('reads without a request guess nothing, nor does a store that must not', async () => {
  const fixture = await open({ guessedIds: 0 });
  for (let times = 0; times < 2; times++) assert.is((await read(fixture)).rounds, 2);
  const other = await open();
  const request = { edge: 'user_to_list', fromId: other.user };
  for (let times = 0; times < 2; times++) {
    other.reader.stats.reset();
    await other.reader.reads.edgeObjects([request]);
    assert.is(other.reader.stats.rounds, 2);
  }
});

test('what is remembered is bounded', async () => {
  const fixture = await open({ guessedIds: 7 });
  const { reader, writer } = fixture;
  const other = await writer.createObject('User', { username: 'bert' });
  await writer.createObject('List', { owner: other });
  await read(fixture);
  await reader.forRequest().reads.edgeObjects([{ edge: 'user_to_list', fromId: other }]);
  assert.is((await read(fixture)).rounds, 2);
});

test('a number of ids that is none is refused', () => {
  const { shards, schema } = { shards: memoryShards(1), schema: todoSchema };
  for (const guessedIds of [-1, 1.5, Number.NaN]) {
    assert.throws(
      () => createKvetch({ schema, shards, guessedIds }),
      ({ message }: Error) => /"guessedIds" is .* must be an integer of 0 or more/.test(message),
    );
  }
});

test('limits with which no shared call would ever begin, or none would end, are refused', () => {
  const { shards, schema } = { shards: memoryShards(1), schema: todoSchema };
  const odd = [{ maxSize: 0 }, { maxSize: Number.NaN }, { maxCalls: 0 }, { maxWaitMs: '5' }, { maxWait: 5 }];
  for (const batching of odd as never[]) {
    const [name] = Object.keys(batching);
    assert.throws(
      () => createKvetch({ schema, shards, batching }),
      ({ message }: Error) => message.includes(`"batching.${name}"`),
    );
  }
});

test.run();
