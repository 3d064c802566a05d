import { Kind, type SelectionSetNode } from 'graphql';
import { ask } from '../ask.ts';
import type { ByHand, Store, Workload } from '../Workload.ts';
import { todo } from './todo.ts';

/** One of 48 shapes, under an alias that no other turn has: nothing that saw an earlier turn knows this document. */
function document(turn: number): string {
  const user = ['id', 'name', 'id name'][turn % 3];
  const list = ['id', 'title', 'id title', 'title id'][(turn >> 1) % 4];
  const item = ['', ' items { id }', ' items { text done }', ' items { id priority text }'][(turn >> 3) % 4];
  return `query Q${turn}($id: ID!) { user(id: $id) { a${turn}: name ${user} lists { ${list}${item} } } }`;
}

/** What somebody would write who has to answer just these operations: one walk over the selections, loads in batches. */
const byHand: ByHand = {
  bytes: null,

  async objects(store, variables, document) {
    const data: Record<string, unknown> = {};
    for (const definition of document.definitions) {
      if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
      const users = (await ask(store, 'usersByIds', [variables.id])) as readonly object[];
      for (const selection of definition.selectionSet.selections) {
        if (selection.kind !== Kind.FIELD || selection.selectionSet === undefined) continue;
        const [user] = await select(store, users, selection.selectionSet);
        data[selection.alias?.value ?? selection.name.value] = user;
      }
    }
    return data;
  },
};

async function select(
  store: Store,
  rows: readonly object[],
  { selections }: SelectionSetNode,
): Promise<readonly Record<string, unknown>[]> {
  const results = rows.map((): Record<string, unknown> => ({}));
  for (const selection of selections) {
    if (selection.kind !== Kind.FIELD) continue;
    const name = selection.name.value;
    const key = selection.alias?.value ?? name;
    if (selection.selectionSet === undefined) {
      for (let i = 0; i < rows.length; i++) (results[i] as Record<string, unknown>)[key] = attribute(rows[i], name);
      continue;
    }
    const batch = name === 'lists' ? 'listsOfUsers' : 'itemsOfLists';
    const lists = (await ask(
      store,
      batch,
      rows.map((row) => attribute(row, 'id')),
    )) as readonly (readonly object[])[];
    const children = await select(store, lists.flat(), selection.selectionSet);
    let from = 0;
    for (let i = 0; i < rows.length; i++) {
      const { length } = lists[i] as readonly object[];
      (results[i] as Record<string, unknown>)[key] = children.slice(from, from + length);
      from += length;
    }
  }
  return results;
}

function attribute(row: unknown, name: string): unknown {
  return (row as Record<string, unknown>)[name];
}

/** An operation that was never seen, planned and run once; parsed before. */
export const cold: Workload = {
  ...todo,
  name: 'cold',
  title: 'a never-seen small operation, planned and run once (parsed before)',
  mode: 'fresh',
  byHand,
  document,
};

/** As a process with many clients is: whatever is compiled for one operation has to share its call sites with the others. */
export const mixed: Workload = {
  ...cold,
  name: 'mixed',
  title: '200 small operations in turn, all seen before',
  mode: 'mixed',
};

/** The same, parsing included. */
export const coldText: Workload = {
  ...cold,
  name: 'cold-text',
  title: 'the same from its text (parsing included)',
  mode: 'freshText',
};
