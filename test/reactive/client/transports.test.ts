/** One suite over all transports: what clients show follows what is stored (spec 11.8, 12.5). */
import { suite } from 'uvu';
import { until } from '../../support/until.ts';
import { fresh, openClient, openTodo, type ServerOptions, transports, watch } from './world.ts';

const LISTS =
  'query ($id: UUID!) { todoUser(id: $id) { id name todoLists { id name todoItems { id text todoItemStatus } } } }';

for (const [name, transport] of Object.entries(transports)) {
  const test = suite(`client over ${name}`);
  const ends: (() => unknown)[] = [];
  test.after.each(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  const open = async (options: ServerOptions = {}) => {
    const todo = await openTodo(options);
    ends.push(() => todo.end());
    const ada = await todo.kvetch.createObject('TodoUser', { name: 'Ada', username: 'ada' });
    const list = await todo.kvetch.createObject('TodoList', { name: 'Garden', owner: ada });
    const item = await todo.kvetch.createObject('TodoItem', { text: 'dig', todoItemStatus: 'OPEN', todoList: list });
    const client = openClient(todo.port, { transport: transport(todo.port), keepMs: 50 });
    ends.push(() => client.close());
    const shown = watch(client, LISTS, { id: ada });
    const isFresh = async (): Promise<void> => {
      const expected = JSON.stringify(await fresh(todo.port, LISTS, { id: ada }));
      await until('it shows what is stored', () => JSON.stringify(shown.now()) === expected);
    };
    await isFresh();
    return { todo, ada, list, item, client, shown, isFresh };
  };

  test('changes of others are shown', async () => {
    const { todo, list, item, isFresh } = await open();
    await todo.kvetch.updateObject(item, { text: 'dig deep' });
    await isFresh();
    await todo.kvetch.createObject('TodoItem', { text: 'sow', todoItemStatus: 'OPEN', todoList: list });
    await isFresh();
    await todo.kvetch.deleteObject(item);
    await isFresh();
  });

  test('several queries share a connection; what nobody watches is let go', async () => {
    const { todo, ada, client, shown, isFresh } = await open();
    const user = watch(client, 'query ($id: UUID!) { todoUser(id: $id) { id name } }', { id: ada });
    await until('it is there', () => user.now() !== undefined);
    await todo.kvetch.updateObject(ada, { name: 'Ada L.' });
    await isFresh();
    await until('the other, too', () => JSON.stringify(user.now())?.includes('Ada L.') === true);
    user.stop();
    shown.stop();
    await until('nothing is kept', () => client.size.queries === 0 && client.size.records === 0);
    await until('nothing is watched', () => todo.reactive.watches.size.watches === 0);
  });

  test('a server that was away tells what has changed meanwhile', async () => {
    const { todo, item, isFresh } = await open();
    await todo.away();
    await todo.kvetch.updateObject(item, { text: 'while nobody heard' });
    await todo.back();
    await isFresh();
    await todo.kvetch.updateObject(item, { text: 'heard again' });
    await isFresh();
  });

  test('a grant that ends is renewed by fetching again', async () => {
    const { todo, item, isFresh } = await open({ grantSeconds: 1, limits: { heartbeatMs: 100 } });
    await until('the first grant has ended', () => todo.asked.length > 1);
    await todo.kvetch.updateObject(item, { text: 'with another grant' });
    await isFresh();
  });

  test.run();
}
