/** What a change of one list among many costs a client that shows all of them: for tests, and for the bench. */
import type { GraphQLSchema } from 'graphql';
import { until } from '../../support/until.ts';
import { type Cases, type Opened, pause } from './cases.ts';
import { plansSchema, smallestOf } from './smallest.ts';
import { fresh, type Watched } from './world.ts';

/** A user with so many lists of so many items. */
export async function openLists(
  open: Cases['open'],
  lists: number,
  items: number,
  schema: GraphQLSchema | null = plansSchema,
): Promise<Opened> {
  const world = await open(lists, schema === null ? {} : { schema });
  for (const list of world.listIds) {
    for (let n = 1; n < items; n++) await addItem(world, list, `item ${n}`);
  }
  return world;
}

export const addItem = ({ kvetch }: Opened, todoList: string, text = 'new'): Promise<string> =>
  kvetch.createObject('TodoItem', { text, todoItemStatus: 'OPEN', todoList });

export interface Cost {
  readonly refetch: readonly unknown[];
  readonly bytes: number;
  readonly calls: number;
  readonly keys: number;
}

/** What one change costs: the bytes of answers, and calls and keys of the store. */
export async function costOf(
  world: Opened,
  shown: Watched,
  query: string,
  change: () => Promise<unknown>,
): Promise<Cost> {
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
export async function bytesOf({ port }: Opened, shape: string, ids: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const id of ids) bytes += JSON.stringify(await fresh(port, smallestOf(shape), { id })).length;
  return bytes;
}

/** Changes of the first list, in this order, and the lists that each of them changes. */
export function changesOf(
  world: Opened,
): Readonly<Record<string, readonly [() => Promise<unknown>, readonly string[]]>> {
  const { kvetch, listIds, itemIds } = world;
  const [a = '', b = ''] = listIds;
  const [item = ''] = itemIds;
  return {
    'is added': [() => addItem(world, a), [a]],
    'is renamed': [() => kvetch.updateObject(item, { text: 'renamed' }), [a]],
    'is filtered out': [() => kvetch.updateObject(item, { todoItemStatus: 'COMPLETED' }), [a]],
    'is filtered in': [() => kvetch.updateObject(item, { todoItemStatus: 'OPEN' }), [a]],
    moves: [() => kvetch.updateObject(item, { todoList: b }), [a, b]],
    'is deleted': [() => kvetch.deleteObject(item), [b]],
  };
}

/** Names and versions of keys, and the grant, are of about this size for every list. */
export const OVERHEAD = 200;
