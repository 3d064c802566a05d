import { memoryVersions } from '../../src/reactive.ts';
import { openView, type View } from './view.ts';

const LISTS = 20;
const ITEMS = 49;

/** What one request costs. */
interface Cost {
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly calls: number;
  readonly keys: number;
}

type Refetch = readonly { readonly at: string; readonly ids?: readonly string[] }[];

/**
 * What it costs to show a change of a query of 1,001 objects again: the whole operation, the position, the object. Bytes of
 * request and response, calls of the store, and keys that these ask for; counts, so a busy machine gives the same.
 */
export async function refetch(): Promise<Record<string, string>> {
  const view = await openView(memoryVersions(), LISTS, ITEMS);
  const { kvetch, lists, items } = view;
  const list = lists[7] ?? '';
  const item = items[7 * ITEMS] ?? '';
  const ways: Readonly<Record<string, { change(): Promise<unknown>; ways: Record<string, Refetch | null> }>> = {
    'a list is renamed': {
      change: () => kvetch.updateObject(list, { title: 'renamed' }),
      ways: { whole: null, position: [{ at: 'user.lists' }], object: [{ at: 'user.lists.*', ids: [list] }] },
    },
    'the text of an item changes': {
      change: () => kvetch.updateObject(item, { text: 'changed' }),
      ways: {
        whole: null,
        position: [{ at: 'user.lists.*.items' }],
        object: [{ at: 'user.lists.*.items.*', ids: [item] }],
      },
    },
    'an item is added': {
      change: () => kvetch.createObject('Item', { list, text: 'new', done: false, position: 99 }),
      ways: { whole: null, position: [{ at: 'user.lists.*.items' }] },
    },
    'the user is renamed': {
      change: () => kvetch.updateObject(view.user, { name: 'Anna' }),
      ways: { whole: null, object: [{ at: 'user', ids: [view.user] }] },
    },
  };
  const figures: Record<string, string> = {};
  for (const [what, { change, ways: own }] of Object.entries(ways)) {
    await change();
    for (const [way, wanted] of Object.entries(own)) {
      const { bytesUp, bytesDown, calls, keys } = await ask(view, wanted);
      figures[`${what}, ${way}`] = `1 request, ${bytesUp} B up, ${bytesDown} B down, ${calls} calls, ${keys} keys`;
    }
  }
  return figures;
}

async function ask({ kvetch, reactive, document, text, user }: View, wanted: Refetch | null): Promise<Cost> {
  const variables = { id: user };
  const extensions = { reactive: { v: 1, ...(wanted !== null && { refetch: wanted }) } };
  let calls = 0;
  let keys = 0;
  const { reads } = kvetch.forRequest();
  const counted = new Proxy(reads.forRequest(), {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function' || name === 'forRequest') return method;
      return (given: readonly unknown[], ...rest: readonly unknown[]) => {
        calls++;
        keys += given.length;
        return method.call(target, given, ...rest);
      };
    },
  });
  const contextValue = { kvetch: { reads: { ...reads, forRequest: () => counted } } };
  const args = { document, variableValues: variables, contextValue, extensions, subject: 'bench' };
  const result = await reactive.execute(args);
  if (result.errors !== undefined) throw new Error(JSON.stringify(result.errors));
  return {
    ...{ bytesUp: JSON.stringify({ query: text, variables, extensions }).length, calls, keys },
    bytesDown: JSON.stringify(result).length,
  };
}
