/** A change of one list among many fetches that list, and nothing of the others (spec 11.5.3.3, 11.6.5, 12.2). */
import * as assert from 'uvu/assert';
import { until } from '../../support/until.ts';
import { at, casesOf, type Opened, pause } from './cases.ts';
import { plansSchema, queryOf, SHAPES, smallestOf } from './smallest.ts';
import { fresh, type Watched, watch } from './world.ts';

const { test, open } = casesOf('client, one list of many');

const ITEMS = 20;
const LISTS = 50;

async function openLists(lists: number, items: number, schema = plansSchema): Promise<Opened> {
  const world = await open(lists, { schema });
  for (const list of world.listIds) {
    for (let n = 1; n < items; n++) await addItem(world, list, `item ${n}`);
  }
  return world;
}

const addItem = ({ kvetch }: Opened, todoList: string, text = 'new'): Promise<string> =>
  kvetch.createObject('TodoItem', { text, todoItemStatus: 'OPEN', todoList });

interface Cost {
  readonly refetch: readonly unknown[];
  readonly bytes: number;
  readonly calls: number;
  readonly keys: number;
}

/** What one change costs: the bytes of answers, and calls and keys of the store. */
async function costOf(world: Opened, shown: Watched, query: string, change: () => Promise<unknown>): Promise<Cost> {
  const { todo, kvetch, ada } = world;
  todo.asked.length = 0;
  let before = kvetch.stats.snapshot();
  await change();
  before = kvetch.stats.snapshot();
  await Promise.race([
    until('the client has asked', () => todo.asked.some(({ isOfClient }) => isOfClient)),
    pause(1000),
  ]);
  await pause(200);
  const after = kvetch.stats.snapshot();
  const asked = todo.asked.filter(({ isOfClient }) => isOfClient);
  await world.showsFresh(shown, query, ada);
  return {
    refetch: asked.flatMap(({ refetch }): readonly unknown[] => refetch ?? ['all']),
    bytes: asked.reduce((sum, { bytes }) => sum + bytes, 0),
    calls: after.storeCalls - before.storeCalls,
    keys: after.keys - before.keys,
  };
}

/** The bytes of some lists alone. */
async function bytesOf({ port }: Opened, shape: string, ids: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const id of ids) bytes += JSON.stringify(await fresh(port, smallestOf(shape), { id })).length;
  return bytes;
}

const ITEM_COST = 130;
const OVERHEAD = 200;

test('50 lists of 20 items, one item added: the bytes and the store calls of one list [11.5.3.3]', async () => {
  const world = await openLists(LISTS, ITEMS);
  const { ada, listIds, client } = world;
  const query = queryOf(at(Object.values(SHAPES), 0));
  const shown = watch(client(), query, { id: ada });
  await world.showsFresh(shown, query, ada);
  const whole = world.todo.asked.find(({ isOfClient }) => isOfClient)?.bytes ?? 0;
  assert.ok(whole > 100_000, `${whole} bytes`);
  for (let n = 1; n <= 3; n++) {
    const list = at(listIds, 7);
    const cost = await costOf(world, shown, query, () => addItem(world, list));
    assert.equal(cost.refetch, [{ at: 'todoUser.todoLists.*', ids: [list], fields: ['todoItems'] }]);
    assert.ok(cost.bytes <= 3000 + n * ITEM_COST, `${cost.bytes} of ${whole} bytes`);
    assert.equal([cost.calls, cost.keys], [3, 1 + 1 + ITEMS + n]);
  }
});

for (const [name, shape] of Object.entries(SHAPES)) {
  test(`${name}: an item is added, changed, moved, filtered out and in, and deleted: no change costs more than 3 times its lists [12.2.4.2]`, async () => {
    const world = await openLists(10, 8);
    const { kvetch, ada, listIds, itemIds, client } = world;
    const query = queryOf(shape);
    const shown = watch(client(), query, { id: ada });
    await world.showsFresh(shown, query, ada);
    const [a = '', b = ''] = listIds;
    const [item = ''] = itemIds;
    const changes: Readonly<Record<string, () => Promise<unknown>>> = {
      'is added': () => addItem(world, a),
      'is renamed': () => kvetch.updateObject(item, { text: 'renamed' }),
      'is filtered out': () => kvetch.updateObject(item, { todoItemStatus: 'COMPLETED' }),
      'is filtered in': () => kvetch.updateObject(item, { todoItemStatus: 'OPEN' }),
      moves: () => kvetch.updateObject(item, { todoList: b }),
      'is deleted': () => kvetch.deleteObject(item),
    };
    for (const [what, change] of Object.entries(changes)) {
      const cost = await costOf(world, shown, query, change);
      if (cost.refetch.length === 0) continue; // nothing of it is shown
      const smallest = await bytesOf(world, shape, what === 'moves' ? [a, b] : [what === 'is deleted' ? b : a]);
      // Names and versions of keys, and the grant, are of the same size for every list.
      const most = 3 * (smallest + OVERHEAD);
      assert.ok(
        cost.bytes <= most,
        `${name} ${what}: ${cost.bytes} bytes, ${smallest} for ${JSON.stringify(cost.refetch)}`,
      );
      assert.ok(cost.keys <= 30, `${name} ${what}: ${cost.keys} keys for ${JSON.stringify(cost.refetch)}`);
    }
  });
}

test('generated fields with Pent: an item more in one list fetches that list', async () => {
  const world = await open(10);
  const { ada, listIds, client } = world;
  const query = queryOf('todoItems { id text }');
  const shown = watch(client(), query, { id: ada });
  await world.showsFresh(shown, query, ada);
  const list = at(listIds, 7);
  const cost = await costOf(world, shown, query, () => addItem(world, list));
  assert.equal(cost.refetch, [{ at: 'todoUser.todoLists.*', ids: [list], fields: ['todoItems'] }]);
  assert.ok(cost.bytes < 1200, `${cost.bytes} bytes`);
});

test.run();
