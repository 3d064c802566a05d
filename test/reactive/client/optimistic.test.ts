/** Optimistic changes: what users see, value by value (design 1.12, spec 12.4). */
import * as assert from 'uvu/assert';
import type { Draft } from '../../../src/reactive-client.ts';
import { until } from '../../support/until.ts';
import { ADD_ITEM, at, casesOf, LISTS, type Lists, lists, pause, SET_ITEM } from './cases.ts';
import { document, watch } from './world.ts';

const { test, open, ends } = casesOf('client, optimistic changes');

test('two tabs: the one that writes shows it at once, the other when it is told', async () => {
  const { todo, ada, itemIds, client, showsFresh } = await open(1);
  const [mine, theirs] = [client(), client()];
  const [left, right] = [watch(mine, LISTS, { id: ada }), watch(theirs, LISTS, { id: ada })];
  await showsFresh(left, LISTS, ada);
  await showsFresh(right, LISTS, ada);
  todo.before = ({ query }) => (query.startsWith('mutation') ? pause(50) : undefined);
  const id = at(itemIds, 0);
  const done = mine.mutate(
    document(SET_ITEM),
    { id, data: { text: 'mine' } },
    {
      optimistic: (draft) => draft.set({ __typename: 'TodoItem', id }, { text: 'mine' }),
    },
  );
  assert.is(lists(left)[0]?.todoItems[0]?.text, 'mine');
  assert.is(lists(right)[0]?.todoItems[0]?.text, 'item 0');
  await done;
  await showsFresh(right, LISTS, ada);
  await showsFresh(left, LISTS, ada);
});

test('row 12: optimistic changes never flicker, with several queries, slow answers and one mutation after the other (12.4.2)', async () => {
  const { todo, ada, listIds, itemIds, client, showsFresh } = await open(2);
  const one = client();
  const [id, list] = [at(itemIds, 0), at(listIds, 0)];
  const ITEMS = 'query ($id: UUID!) { todoList(id: $id) { id name todoItems { id text } } }';
  const shown = [watch(one, LISTS, { id: ada }), watch(one, ITEMS, { id: list })] as const;
  await showsFresh(shown[0], LISTS, ada);
  await showsFresh(shown[1], ITEMS, list);
  let wait = 0;
  todo.after = () => pause([40, 5, 60, 20][wait++ % 4] as number);
  const texts = [0, 1].map((n) => {
    const seen: string[] = [];
    const read = (): void => {
      const data = shown[n]?.data() as { todoUser?: { todoLists: Lists['todoUser']['todoLists'] }; todoList?: unknown };
      const items = (data.todoUser?.todoLists[0] ?? data.todoList) as Lists['todoUser']['todoLists'][0];
      const text = items.todoItems.map((item) => item.text).join(', ');
      if (seen.at(-1) !== text) seen.push(text);
    };
    read();
    const query = n === 0 ? one.watch(document(LISTS), { id: ada }) : one.watch(document(ITEMS), { id: list });
    ends.push(query.subscribe(read));
    return seen;
  });
  const set = (text: string) =>
    one.mutate(
      document(SET_ITEM),
      { id, data: { text } },
      {
        optimistic: (draft) => draft.set({ __typename: 'TodoItem', id }, { text }),
      },
    );
  await set('x');
  // Requests may pass each other: the server runs the last one last.
  todo.before = async ({ query, variables }) => {
    if (query.startsWith('mutation') && variables.data?.text === 'z') {
      await until('y was run', () => todo.asked.filter(({ isMutation }) => isMutation).length === 2);
    }
  };
  await Promise.all([set('y'), pause(10).then(() => set('z'))]);
  await one.mutate(
    document(ADD_ITEM),
    { text: 'new', list },
    {
      optimistic: (draft) =>
        draft.update(document(ITEMS) as never, { id: list }, (data: { todoList: { todoItems: object[] } }) => ({
          todoList: {
            ...data.todoList,
            todoItems: [
              ...data.todoList.todoItems,
              { __typename: 'TodoItem', id: 'soon', text: 'new', todoItemStatus: 'OPEN' },
            ],
          },
        })),
    },
  );
  todo.after = () => undefined;
  await showsFresh(shown[0], LISTS, ada);
  await showsFresh(shown[1], ITEMS, list);
  await pause(200);
  for (const seen of texts) assert.equal(seen, ['item 0', 'x', 'y', 'z', 'z, new']);
});

test('a mutation that fails takes its optimistic changes back (12.4.2)', async () => {
  const { ada, itemIds, client, showsFresh } = await open(1);
  const errors: unknown[] = [];
  const one = client({ onError: (error) => errors.push(error) });
  const shown = watch(one, LISTS, { id: ada });
  await showsFresh(shown, LISTS, ada);
  const id = at(itemIds, 0);
  const optimistic = (draft: Parameters<NonNullable<NonNullable<Parameters<typeof one.mutate>[2]>['optimistic']>>[0]) =>
    draft.set({ __typename: 'TodoItem', id }, { text: 'hoped for' });
  const { errors: refused } = await one.mutate(
    document('mutation { updateTodoItem(id: "no id", data: {}) { todoItem { id } } }'),
    {},
    { optimistic },
  );
  assert.ok(refused);
  assert.is(lists(shown)[0]?.todoItems[0]?.text, 'item 0');
  const failing = client({ fetch: () => Promise.reject(new Error('offline')) });
  const message = await failing.mutate(document(SET_ITEM), { id, data: {} }, { optimistic }).catch(String);
  assert.match(String(message), 'offline');
});

test('a patch that changes nothing: what another client has written shows no old value again, though nobody tells of it (12.4.2)', async () => {
  const { kvetch, ada, itemIds, client, showsFresh } = await open(1);
  const one = client({ transport: () => ({ add: () => {}, remove: () => {}, close: () => {} }) });
  const shown = watch(one, LISTS, { id: ada });
  await showsFresh(shown, LISTS, ada);
  const seen: (string | undefined)[] = [];
  const read = (): void => {
    const text = lists(shown)[0]?.todoItems[0]?.text;
    if (seen.at(-1) !== text) seen.push(text);
  };
  read();
  ends.push(one.watch(document(LISTS), { id: ada }).subscribe(read));
  const id = at(itemIds, 0);
  await kvetch.updateObject(id, { text: 'same' });
  const optimistic = (draft: Draft): void => draft.set({ __typename: 'TodoItem', id }, { text: 'same' });
  const { errors } = await one.mutate(document(SET_ITEM), { id, data: { text: 'same' } }, { optimistic });
  assert.is(errors, undefined);
  await showsFresh(shown, LISTS, ada);
  assert.equal(seen, ['item 0', 'same']);
});

test.run();
