/** A change of one list among many fetches that list, and nothing of the others (spec 11.5.3.3, 11.6.5, 12.2). */
import * as assert from 'uvu/assert';
import { at, casesOf } from './cases.ts';
import { addItem, bytesOf, changesOf, costOf, OVERHEAD, openLists } from './costs.ts';
import { queryOf, SHAPES } from './smallest.ts';
import { watch } from './world.ts';

const { test, open } = casesOf('client, one list of many');

const ITEMS = 20;
const LISTS = 50;

const ITEM_COST = 130;

test('50 lists of 20 items, one item added: the bytes and the store calls of one list [11.5.3.3]', async () => {
  const world = await openLists(open, LISTS, ITEMS);
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
    const world = await openLists(open, 10, 8);
    const { ada, client } = world;
    const query = queryOf(shape);
    const shown = watch(client(), query, { id: ada });
    await world.showsFresh(shown, query, ada);
    for (const [what, [change, lists]] of Object.entries(changesOf(world))) {
      const cost = await costOf(world, shown, query, change);
      if (cost.refetch.length === 0) continue; // nothing of it is shown
      const smallest = await bytesOf(world, shape, lists);
      const most = 3 * (smallest + OVERHEAD);
      assert.ok(
        cost.bytes <= most,
        `${name} ${what}: ${cost.bytes} bytes, ${smallest} for ${JSON.stringify(cost.refetch)}`,
      );
      assert.ok(cost.keys <= 30, `${name} ${what}: ${cost.keys} keys for ${JSON.stringify(cost.refetch)}`);
    }
  });
}

test('generated fields with Pent: an item more in one list fetches that list, and reads nothing else', async () => {
  const world = await open(10);
  const { ada, listIds, client } = world;
  const query = queryOf('todoItems { id text }');
  const shown = watch(client(), query, { id: ada });
  await world.showsFresh(shown, query, ada);
  const list = at(listIds, 7);
  const cost = await costOf(world, shown, query, () => addItem(world, list));
  assert.equal(cost.refetch, [{ at: 'todoUser.todoLists.*', ids: [list], fields: ['todoItems'] }]);
  assert.ok(cost.bytes < 1200, `${cost.bytes} bytes`);
  assert.equal([cost.calls, cost.keys], [3, 4]); // the list, its edges, two items
});

test.run();
